-- One row per feature day and customer whose features are made tonight: day sums.
{{ config(materialized='view', tags=['block_insight']) }}

with feature_dates as (
    select * from {{ ref('int_feature_dates') }}
),

customers_touched as (
    select * from {{ ref('int_customers_touched') }}
),

sale_days_grouped as (
    select
        customer_id,
        ordered_on
    from {{ ref('fct_orders') }}
    where customer_id is not null and order_type = 'sale'
    group by customer_id, ordered_on
),

sale_days_lagged as (
    select
        sale_days_grouped.customer_id,
        sale_days_grouped.ordered_on,
        lag(sale_days_grouped.ordered_on) over (
            partition by sale_days_grouped.customer_id
            order by sale_days_grouped.ordered_on
        ) as previous_ordered_on,
        customers_touched.customer_id is not null as is_touched
    from sale_days_grouped
    left join customers_touched
        on sale_days_grouped.customer_id = customers_touched.customer_id
),

-- A gap counts when both of its ends lie in the window.
gaps_placed as (
    select
        sale_days_lagged.customer_id,
        feature_dates.as_of_on,
        case
            when sale_days_lagged.previous_ordered_on > feature_dates.after_365d_on
                then {{ days_between(
                    'sale_days_lagged.previous_ordered_on',
                    'sale_days_lagged.ordered_on',
                ) }}
        end as gap_days
    from sale_days_lagged
    inner join feature_dates
        on
            sale_days_lagged.ordered_on <= feature_dates.as_of_on
            and sale_days_lagged.ordered_on > feature_dates.after_365d_on
            and (feature_dates.is_for_everyone or sale_days_lagged.is_touched)
)

-- Sums of whole numbers, because a sum of floats depends on the order of its rows.
select
    customer_id,
    as_of_on,
    count(*) as active_days_count_365d,
    count(gap_days) as gaps_count,
    cast(coalesce(sum(gap_days), 0) as bigint) as gap_days_sum,
    cast(coalesce(sum(gap_days * gap_days), 0) as bigint) as gap_days_squares_sum
from gaps_placed
group by customer_id, as_of_on
