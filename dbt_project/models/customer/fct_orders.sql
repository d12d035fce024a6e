-- One row per order, return or adjustment up to this night.
{{ config(contract={'enforced': true}) }}
{{ replace_touched('int_orders_touched', 'order_id') }}

with orders_unified as (
    select *
    from {{ ref('int_orders_unified') }}
    where {{ is_touched('order_id') }}
),

records_linked as (
    select * from {{ ref('int_customer_records_linked') }}
),

order_lines as (
    select *
    from {{ ref('fct_order_lines') }}
    where {{ is_touched('order_id') }}
),

lines_summed as (
    select
        order_id,
        count(*) as lines_count,
        sum(line_amount) as lines_amount,
        coalesce(sum(line_amount) filter (where is_revenue), 0)
            as net_revenue_amount
    from order_lines
    group by order_id
)

select
    orders_unified.order_id,
    records_linked.customer_id,
    orders_unified.source,
    orders_unified.order_type,
    orders_unified.original_order_id,
    orders_unified.ordered_at,
    orders_unified.ordered_on,
    orders_unified.country_code,
    lines_summed.lines_count,
    cast(lines_summed.lines_amount as decimal(18, 2)) as lines_amount,
    cast(lines_summed.net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    orders_unified.currency_code
from orders_unified
inner join lines_summed on orders_unified.order_id = lines_summed.order_id
left join records_linked on orders_unified.record_id = records_linked.record_id
