-- One row per feature day and customer whose features are made tonight: order sums.
{{ config(materialized='view', tags=['block_insight']) }}

with feature_dates as (
    select * from {{ ref('int_feature_dates') }}
),

customers_touched as (
    select * from {{ ref('int_customers_touched') }}
),

orders_known as (
    select
        orders.customer_id,
        orders.ordered_on,
        orders.net_revenue_amount,
        orders.order_type = 'sale' as is_sale,
        customers_touched.customer_id is not null as is_touched
    from {{ ref('fct_orders') }} as orders
    left join customers_touched
        on orders.customer_id = customers_touched.customer_id
    where
        orders.customer_id is not null
        and orders.order_type in ('sale', 'return')
),

orders_placed as (
    select
        orders_known.customer_id,
        orders_known.ordered_on,
        orders_known.net_revenue_amount,
        orders_known.is_sale,
        feature_dates.as_of_on,
        orders_known.ordered_on > feature_dates.after_30d_on as is_in_30d,
        orders_known.ordered_on > feature_dates.after_90d_on as is_in_90d,
        orders_known.ordered_on > feature_dates.after_365d_on as is_in_365d
    from orders_known
    inner join feature_dates
        on
            orders_known.ordered_on <= feature_dates.as_of_on
            and (feature_dates.is_for_everyone or orders_known.is_touched)
)

select
    customer_id,
    as_of_on,
    min(ordered_on) filter (where is_sale) as first_ordered_on,
    max(ordered_on) filter (where is_sale) as last_ordered_on,
    count(*) filter (where is_sale) as orders_count,
    count(*) filter (where is_sale and is_in_30d) as orders_count_30d,
    count(*) filter (where is_sale and is_in_90d) as orders_count_90d,
    count(*) filter (where is_sale and is_in_365d) as orders_count_365d,
    count(*) filter (where not is_sale and is_in_365d) as returns_count_365d,
    sum(net_revenue_amount) as net_revenue_amount,
    coalesce(sum(net_revenue_amount) filter (where is_in_90d), 0)
        as net_revenue_amount_90d,
    coalesce(sum(net_revenue_amount) filter (where is_in_365d), 0)
        as net_revenue_amount_365d,
    coalesce(sum(net_revenue_amount) filter (where is_sale and is_in_365d), 0)
        as sales_amount_365d
from orders_placed
group by customer_id, as_of_on
having count(*) filter (where is_sale) > 0
