-- One row per customer, as known this night.
with customers as (
    select * from {{ ref('dim_customers') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

rfm as (
    select * from {{ ref('int_customers_scored_rfm') }}
),

rfm_segments as (
    select * from {{ ref('rfm_segments') }}
),

scores as (
    select * from {{ ref('fct_purchase_scores') }}
),

orders_summed as (
    select
        customer_id,
        min(ordered_on) filter (where order_type = 'sale') as first_ordered_on,
        max(ordered_on) filter (where order_type = 'sale') as last_ordered_on,
        count(*) filter (where order_type = 'sale') as orders_count,
        count(*) filter (where order_type = 'return') as returns_count,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(net_revenue_amount) filter (
            where ordered_on > {{ days_before(as_of_on(), 365) }}
        ) as net_revenue_amount_365d,
        sum(net_revenue_amount) filter (where order_type = 'sale') as sales_amount
    from orders
    where customer_id is not null
    group by customer_id
)

select
    customers.customer_id,
    {{ as_of_on() }} as as_of_on,
    customers.country_code,
    customers.birth_year,
    customers.has_email,
    customers.has_phone,
    customers.records_count,
    customers.sources_count,
    customers.first_seen_on,
    orders_summed.first_ordered_on,
    orders_summed.last_ordered_on,
    {{ days_between('orders_summed.last_ordered_on', as_of_on()) }} as recency_days,
    coalesce(orders_summed.orders_count, 0) as orders_count,
    coalesce(orders_summed.returns_count, 0) as returns_count,
    cast(coalesce(orders_summed.net_revenue_amount, 0) as decimal(18, 2))
        as net_revenue_amount,
    cast(coalesce(orders_summed.net_revenue_amount_365d, 0) as decimal(18, 2))
        as net_revenue_amount_365d,
    cast(
        orders_summed.sales_amount / nullif(orders_summed.orders_count, 0)
        as decimal(18, 2)
    ) as average_order_amount,
    '{{ var("reporting_currency_code") }}' as currency_code,
    rfm.recency_score,
    rfm.frequency_score,
    rfm.monetary_score,
    rfm_segments.segment_code,
    rfm_segments.segment_name,
    scores.purchase_probability_next_90d,
    scores.purchase_reasons_json,
    scores.model_id
from customers
left join orders_summed on customers.customer_id = orders_summed.customer_id
left join rfm on customers.customer_id = rfm.customer_id
inner join rfm_segments
    on coalesce(rfm.segment_code, 'no_purchase_yet') = rfm_segments.segment_code
left join scores on customers.customer_id = scores.customer_id
