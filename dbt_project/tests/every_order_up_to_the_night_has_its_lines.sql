-- Fails for each unified order that the facts lost, for want of lines or otherwise.
{{ config(
    tags=['block_customer'],
    meta={'dagster': {'ref': {'name': 'fct_orders'}}},
) }}

with orders_unified as (
    select * from {{ ref('int_orders_unified') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
)

select
    orders_unified.order_id,
    orders_unified.source
from orders_unified
left join orders on orders_unified.order_id = orders.order_id
where orders.order_id is null
