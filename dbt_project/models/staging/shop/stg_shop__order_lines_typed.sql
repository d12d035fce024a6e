-- One row per line of a landed shop order row: typed, and the line rule it breaks.
{{ config(materialized='incremental') }}

with lines_unnested as (
    select
        {{ landed_row_id() }} as row_id,
        _file_sha256,
        order_type,
        {{ json_elements('lines', 'line_json', 'line_position') }}
    from {{ source('shop', 'orders') }}
    {{ files_not_yet_typed() }}
),

lines_parted as (
    select
        *,
        {{ json_texts('line_json', [
            'line_number', 'sku', 'product_name', 'category', 'quantity', 'unit_price',
            'discount_amount',
        ]) }} as line_texts
    from lines_unnested
),

lines_typed as (
    select
        row_id,
        _file_sha256,
        line_position,
        trim(order_type) as order_type,
        {{ safe_integer(list_item('line_texts', 0)) }} as line_number,
        {{ blank_to_null(list_item('line_texts', 1)) }} as sku,
        {{ blank_to_null(list_item('line_texts', 2)) }} as product_name,
        {{ blank_to_null(list_item('line_texts', 3)) }} as category,
        {{ safe_integer(list_item('line_texts', 4)) }} as quantity,
        {{ safe_unit_price(list_item('line_texts', 5)) }} as unit_price,
        {{ safe_amount("coalesce(" ~ list_item('line_texts', 6) ~ ", '0')") }}
            as discount_amount
    from lines_parted
)

select
    row_id || ':' || cast(line_position as {{ type_text() }}) as landed_line_id,
    row_id,
    _file_sha256,
    line_number,
    sku,
    product_name,
    category,
    quantity,
    unit_price,
    discount_amount,
    case
        when line_number is null then 'line_number_invalid'
        when sku is null then 'line_sku_missing'
        when quantity is null or quantity = 0 then 'line_quantity_invalid'
        when unit_price is null or unit_price < 0 then 'line_price_invalid'
        when discount_amount is null then 'line_discount_invalid'
        when order_type = 'sale' and quantity < 0 then 'line_sign_wrong'
        when order_type = 'return' and quantity > 0 then 'line_sign_wrong'
    end as line_reason_code
from lines_typed
