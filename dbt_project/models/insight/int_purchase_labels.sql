-- One row per customer and past feature day whose next 90 days are over.
{{ config(tags=['block_insight']) }}

with feature_dates as (
    select
        as_of_on,
        {{ days_after('as_of_on', 90) }} as window_ends_on
    from {{ ref('int_feature_dates') }}
),

customers_known as (
    select
        customer_id,
        as_of_on
    from {{ ref('feat_customers__365d') }}
),

sales as (
    select
        customer_id,
        ordered_on
    from {{ ref('fct_orders') }}
    where customer_id is not null and order_type = 'sale'
),

-- The window opens on the day after the features' day and ends with its 90th day.
purchases_found as (
    select
        sales.customer_id,
        feature_dates.as_of_on
    from sales
    inner join feature_dates
        on
            sales.ordered_on > feature_dates.as_of_on
            and sales.ordered_on <= feature_dates.window_ends_on
    group by sales.customer_id, feature_dates.as_of_on
)

select
    customers_known.customer_id,
    customers_known.as_of_on,
    feature_dates.window_ends_on,
    purchases_found.customer_id is not null as has_purchased_next_90d
from customers_known
inner join feature_dates on customers_known.as_of_on = feature_dates.as_of_on
left join purchases_found
    on
        customers_known.customer_id = purchases_found.customer_id
        and customers_known.as_of_on = purchases_found.as_of_on
where feature_dates.window_ends_on <= {{ as_of_on() }}
