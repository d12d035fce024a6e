-- Fails when the segments do not add up to the customers, or these to their orders.
{{ config(
    tags=['block_serving'],
    meta={'dagster': {'ref': {'name': 'mart_segments'}}},
) }}

with segments_summed as (
    select
        sum(customers_count) as customers_count,
        sum(orders_count) as orders_count,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(net_revenue_amount_365d) as net_revenue_amount_365d
    from {{ ref('mart_segments') }}
),

customers_summed as (
    select
        count(*) as customers_count,
        coalesce(sum(orders_count), 0) as orders_count,
        coalesce(sum(net_revenue_amount), 0) as net_revenue_amount,
        coalesce(sum(net_revenue_amount_365d), 0) as net_revenue_amount_365d
    from {{ ref('mart_customer_360') }}
),

orders_summed as (
    select
        count(*) filter (where order_type = 'sale') as orders_count,
        coalesce(sum(net_revenue_amount), 0) as net_revenue_amount
    from {{ ref('fct_orders') }}
    where customer_id is not null
)

select
    segments_summed.customers_count as segments_customers_count,
    customers_summed.customers_count,
    segments_summed.net_revenue_amount as segments_net_revenue_amount,
    customers_summed.net_revenue_amount,
    orders_summed.net_revenue_amount as orders_net_revenue_amount
from segments_summed
cross join customers_summed
cross join orders_summed
where
    segments_summed.customers_count <> customers_summed.customers_count
    or segments_summed.orders_count <> customers_summed.orders_count
    or segments_summed.net_revenue_amount <> customers_summed.net_revenue_amount
    or segments_summed.net_revenue_amount_365d
    <> customers_summed.net_revenue_amount_365d
    or customers_summed.orders_count <> orders_summed.orders_count
    or customers_summed.net_revenue_amount <> orders_summed.net_revenue_amount
