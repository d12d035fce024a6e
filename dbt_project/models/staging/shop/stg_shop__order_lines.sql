-- One row per line of a shop order's latest accepted version.
{{ replace_touched('stg_shop__orders_touched', 'order_id_shop') }}

with lines_typed as (
    select * from {{ ref('stg_shop__order_lines_typed') }}
),

orders as (
    select
        order_id_shop,
        currency_code,
        row_id
    from {{ ref('stg_shop__orders') }}
    where {{ is_touched('order_id_shop') }}
)

select
    'shop:' || orders.order_id_shop || ':'
    || cast(lines_typed.line_number as {{ type_text() }}) as order_line_id,
    orders.order_id_shop,
    lines_typed.line_number,
    lines_typed.sku,
    lines_typed.product_name,
    lines_typed.category,
    'product' as line_type,
    true as is_revenue,
    lines_typed.quantity,
    lines_typed.unit_price,
    lines_typed.discount_amount,
    cast(
        round(lines_typed.quantity * lines_typed.unit_price, 2)
        - lines_typed.discount_amount as decimal(18, 2)
    ) as line_amount,
    orders.currency_code
from lines_typed
inner join orders on lines_typed.row_id = orders.row_id
