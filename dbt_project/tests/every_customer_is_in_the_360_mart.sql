-- Fails for each customer that the mart lost, for want of a segment or otherwise.
{{ config(
    tags=['block_serving'],
    meta={'dagster': {'ref': {'name': 'mart_customer_360'}}},
) }}

with customers as (
    select customer_id
    from {{ ref('dim_customers') }}
),

customers_published as (
    select customer_id
    from {{ ref('mart_customer_360') }}
)

select customers.customer_id
from customers
left join customers_published
    on customers.customer_id = customers_published.customer_id
where customers_published.customer_id is null
