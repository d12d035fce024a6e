-- One row per order line up to this night; what comes back is negative.
{{ config(contract={'enforced': true}) }}
{{ replace_touched('int_orders_touched', 'order_id') }}

with orders_unified as (
    select *
    from {{ ref('int_orders_unified') }}
    where {{ is_touched('order_id') }}
),

records_linked as (
    select * from {{ ref('int_customer_records_linked') }}
),

lines_unioned as (
    select
        order_line_id,
        'shop:' || order_id_shop as order_id,
        sku as product_id,
        product_name,
        category,
        line_type,
        is_revenue,
        quantity,
        unit_price,
        line_amount,
        currency_code
    from {{ ref('stg_shop__order_lines') }}

    union all

    select
        order_line_id,
        'online_retail:' || invoice_no as order_id,
        stock_code as product_id,
        product_name,
        cast(null as {{ type_text() }}) as category,
        line_type,
        is_revenue,
        quantity,
        unit_price,
        line_amount,
        currency_code
    from {{ ref('stg_online_retail__lines') }}
)

select
    lines_unioned.order_line_id,
    lines_unioned.order_id,
    records_linked.customer_id,
    orders_unified.source,
    orders_unified.order_type,
    orders_unified.ordered_on,
    lines_unioned.product_id,
    lines_unioned.product_name,
    lines_unioned.category,
    lines_unioned.line_type,
    lines_unioned.is_revenue,
    lines_unioned.quantity,
    lines_unioned.unit_price,
    lines_unioned.line_amount,
    lines_unioned.currency_code
from lines_unioned
inner join orders_unified on lines_unioned.order_id = orders_unified.order_id
left join records_linked on orders_unified.record_id = records_linked.record_id
