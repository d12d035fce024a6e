-- One row per segment, as of this night, also when nobody is in it.
with segments as (
    select * from {{ ref('rfm_segments') }}
),

customers as (
    select * from {{ ref('mart_customer_360') }}
),

-- Exact decimals before the mean, because a sum of floats depends on row order.
customers_summed as (
    select
        segment_code,
        count(*) as customers_count,
        sum(orders_count) as orders_count,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(net_revenue_amount_365d) as net_revenue_amount_365d,
        sum(recency_days) as recency_days_sum,
        count(recency_days) as recency_days_count,
        sum(cast(purchase_probability_next_90d as decimal(18, 9)))
            as purchase_probability_sum,
        count(purchase_probability_next_90d) as scored_customers_count
    from customers
    group by segment_code
),

totals as (
    select
        sum(customers_count) as customers_count,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(net_revenue_amount_365d) as net_revenue_amount_365d
    from customers_summed
)

select
    segments.segment_code,
    {{ as_of_on() }} as as_of_on,
    segments.segment_rank,
    segments.segment_name,
    segments.segment_description,
    coalesce(customers_summed.customers_count, 0) as customers_count,
    coalesce(
        cast(customers_summed.customers_count as double)
        / nullif(cast(totals.customers_count as double), 0),
        0
    ) as customers_share,
    cast(coalesce(customers_summed.orders_count, 0) as bigint) as orders_count,
    cast(coalesce(customers_summed.net_revenue_amount, 0) as decimal(18, 2))
        as net_revenue_amount,
    cast(coalesce(customers_summed.net_revenue_amount_365d, 0) as decimal(18, 2))
        as net_revenue_amount_365d,
    -- A share of what is not positive has no meaning, and is null.
    case
        when totals.net_revenue_amount > 0
            then
                cast(coalesce(customers_summed.net_revenue_amount, 0) as double)
                / cast(totals.net_revenue_amount as double)
    end as net_revenue_share,
    case
        when totals.net_revenue_amount_365d > 0
            then
                cast(coalesce(customers_summed.net_revenue_amount_365d, 0) as double)
                / cast(totals.net_revenue_amount_365d as double)
    end as net_revenue_share_365d,
    '{{ var("reporting_currency_code") }}' as currency_code,
    cast(customers_summed.recency_days_sum as double)
    / nullif(customers_summed.recency_days_count, 0) as recency_days_mean,
    coalesce(customers_summed.scored_customers_count, 0) as scored_customers_count,
    cast(customers_summed.purchase_probability_sum as double)
    / nullif(customers_summed.scored_customers_count, 0)
        as purchase_probability_next_90d_mean
from segments
cross join totals
left join customers_summed on segments.segment_code = customers_summed.segment_code
