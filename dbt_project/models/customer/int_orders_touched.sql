-- One row per order that may differ from what was built: by files, customer or day.
{%- set orders_before = as_left_before('fct_orders') %}

with orders_unified as (
    select
        order_id,
        record_id,
        ordered_on
    from {{ ref('int_orders_unified') }}
),

records_touched as (
    select records_linked.record_id
    from {{ ref('int_customer_records_linked') }} as records_linked
    inner join {{ ref('int_customers_touched') }} as customers_touched
        on records_linked.customer_id = customers_touched.customer_id
),

orders_before as (
    {% if orders_before -%}
        select
            order_id,
            ordered_on
        from {{ orders_before }}
    {%- else -%}
        select
            order_id,
            ordered_on
        from orders_unified
        where false
    {%- endif %}
),

last_day_before as (
    select max(ordered_on) as ordered_on
    from orders_before
)

select 'shop:' || order_id_shop as order_id
from {{ ref('stg_shop__orders_touched') }}

union

select 'online_retail:' || invoice_no as order_id
from {{ ref('stg_online_retail__invoices_touched') }}

union

select orders_unified.order_id
from orders_unified
inner join records_touched on orders_unified.record_id = records_touched.record_id

union

-- Delivered before their day, and held back until this night.
select orders_unified.order_id
from orders_unified
inner join last_day_before on orders_unified.ordered_on > last_day_before.ordered_on

union

-- Known to a later night, and not to this one.
select order_id
from orders_before
where ordered_on > {{ as_of_on() }}
