-- One row per customer with a sale up to this night: three scores and a segment.
{{ config(tags=['block_insight']) }}

with customers_tonight as (
    select
        customer_id,
        as_of_on,
        last_ordered_on,
        orders_count,
        net_revenue_amount
    from {{ ref('int_orders_windowed') }}
    where as_of_on = {{ as_of_on() }}
),

rfm_grid as (
    select * from {{ ref('rfm_grid') }}
),

-- Over all their days, so that one who bought much and then stayed away shows as such.
-- A percent rank gives equal values equal ranks, so no tie is broken by chance.
customers_ranked as (
    select
        customer_id,
        as_of_on,
        percent_rank() over (order by last_ordered_on) as recency_rank,
        percent_rank() over (order by orders_count) as frequency_rank,
        percent_rank() over (order by net_revenue_amount) as monetary_rank
    from customers_tonight
),

customers_scored as (
    select
        customer_id,
        as_of_on,
        cast(least(5, 1 + floor(5 * recency_rank)) as integer) as recency_score,
        cast(least(5, 1 + floor(5 * frequency_rank)) as integer) as frequency_score,
        cast(least(5, 1 + floor(5 * monetary_rank)) as integer) as monetary_score
    from customers_ranked
)

select
    customers_scored.customer_id,
    customers_scored.as_of_on,
    customers_scored.recency_score,
    customers_scored.frequency_score,
    customers_scored.monetary_score,
    rfm_grid.segment_code
from customers_scored
inner join rfm_grid
    on
        customers_scored.recency_score = rfm_grid.recency_score
        and customers_scored.frequency_score = rfm_grid.frequency_score
        and customers_scored.monetary_score = rfm_grid.monetary_score
