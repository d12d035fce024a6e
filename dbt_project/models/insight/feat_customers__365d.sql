-- One row per feature day and customer with a sale up to that day.
{{ config(tags=['block_insight']) }}
{{ replace_touched('int_features_touched', 'customer_id, as_of_on') }}

with feature_dates as (
    select * from {{ ref('int_feature_dates') }}
),

customers_touched as (
    select * from {{ ref('int_customers_touched') }}
),

orders_windowed as (
    select * from {{ ref('int_orders_windowed') }}
),

days_windowed as (
    select * from {{ ref('int_sale_days_windowed') }}
),

sale_lines_known as (
    select
        order_lines.customer_id,
        order_lines.ordered_on,
        order_lines.product_id,
        order_lines.quantity,
        customers_touched.customer_id is not null as is_touched
    from {{ ref('fct_order_lines') }} as order_lines
    left join customers_touched
        on order_lines.customer_id = customers_touched.customer_id
    where
        order_lines.customer_id is not null
        and order_lines.order_type = 'sale'
        and order_lines.line_type = 'product'
),

lines_windowed as (
    select
        sale_lines_known.customer_id,
        feature_dates.as_of_on,
        cast(sum(sale_lines_known.quantity) as bigint) as items_count_365d,
        count(distinct sale_lines_known.product_id)
            as distinct_products_count_365d
    from sale_lines_known
    inner join feature_dates
        on
            sale_lines_known.ordered_on <= feature_dates.as_of_on
            and sale_lines_known.ordered_on > feature_dates.after_365d_on
            and (feature_dates.is_for_everyone or sale_lines_known.is_touched)
    group by sale_lines_known.customer_id, feature_dates.as_of_on
)

select
    orders_windowed.customer_id,
    orders_windowed.as_of_on,
    {{ days_between('orders_windowed.last_ordered_on', 'orders_windowed.as_of_on') }}
        as recency_days,
    {{ days_between('orders_windowed.first_ordered_on', 'orders_windowed.as_of_on') }}
        as tenure_days,
    orders_windowed.orders_count_30d,
    orders_windowed.orders_count_90d,
    orders_windowed.orders_count_365d,
    coalesce(days_windowed.active_days_count_365d, 0) as active_days_count_365d,
    coalesce(lines_windowed.items_count_365d, 0) as items_count_365d,
    cast(orders_windowed.net_revenue_amount_90d as decimal(18, 2))
        as net_revenue_amount_90d,
    cast(orders_windowed.net_revenue_amount_365d as decimal(18, 2))
        as net_revenue_amount_365d,
    cast(
        orders_windowed.sales_amount_365d
        / nullif(orders_windowed.orders_count_365d, 0)
        as decimal(18, 2)
    ) as average_order_amount_365d,
    orders_windowed.returns_count_365d,
    coalesce(
        cast(orders_windowed.returns_count_365d as double)
        / nullif(
            orders_windowed.returns_count_365d + orders_windowed.orders_count_365d, 0
        ),
        0
    ) as return_share_365d,
    cast(days_windowed.gap_days_sum as double) / nullif(days_windowed.gaps_count, 0)
        as days_between_orders_mean,
    sqrt(
        cast(
            days_windowed.gaps_count * days_windowed.gap_days_squares_sum
            - days_windowed.gap_days_sum * days_windowed.gap_days_sum
            as double
        )
        / nullif(days_windowed.gaps_count * (days_windowed.gaps_count - 1), 0)
    ) as days_between_orders_std,
    coalesce(lines_windowed.distinct_products_count_365d, 0)
        as distinct_products_count_365d,
    '{{ var("reporting_currency_code") }}' as currency_code
from orders_windowed
left join days_windowed
    on
        orders_windowed.customer_id = days_windowed.customer_id
        and orders_windowed.as_of_on = days_windowed.as_of_on
left join lines_windowed
    on
        orders_windowed.customer_id = lines_windowed.customer_id
        and orders_windowed.as_of_on = lines_windowed.as_of_on
