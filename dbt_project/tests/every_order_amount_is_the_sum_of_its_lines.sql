-- Fails for each order whose amounts or line count are not those of its lines.
{{ config(
    tags=['block_customer'],
    meta={'dagster': {'ref': {'name': 'fct_orders'}}},
) }}

with lines_summed as (
    select
        order_id,
        count(*) as lines_count,
        sum(line_amount) as lines_amount,
        sum(case when is_revenue then line_amount else 0 end) as net_revenue_amount
    from {{ ref('fct_order_lines') }}
    group by order_id
),

orders as (
    select * from {{ ref('fct_orders') }}
)

select
    orders.order_id,
    orders.lines_amount,
    lines_summed.lines_amount as sum_of_lines_amount
from orders
left join lines_summed on orders.order_id = lines_summed.order_id
where
    lines_summed.order_id is null
    or orders.lines_count <> lines_summed.lines_count
    or orders.lines_amount <> lines_summed.lines_amount
    or orders.net_revenue_amount <> lines_summed.net_revenue_amount
