-- One row per line of a landed shop order row: typed, and the line rule it breaks.
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
    )
}}

with lines_unnested as (
    select
        {{ landed_row_id() }} as row_id,
        _file_sha256,
        order_type,
        {{ json_elements('lines', 'line_json', 'line_position') }}
    from {{ source('shop', 'orders') }}
    {{ files_not_yet_typed() }}
),

lines_typed as (
    select
        row_id,
        _file_sha256,
        line_position,
        trim(order_type) as order_type,
        {{ safe_integer(json_text('line_json', 'line_number')) }} as line_number,
        {{ blank_to_null(json_text('line_json', 'sku')) }} as sku,
        {{ blank_to_null(json_text('line_json', 'product_name')) }} as product_name,
        {{ blank_to_null(json_text('line_json', 'category')) }} as category,
        {{ safe_integer(json_text('line_json', 'quantity')) }} as quantity,
        {{ safe_unit_price(json_text('line_json', 'unit_price')) }} as unit_price
    from lines_unnested
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
    case
        when line_number is null then 'line_number_invalid'
        when sku is null then 'line_sku_missing'
        when quantity is null or quantity = 0 then 'line_quantity_invalid'
        when unit_price is null or unit_price < 0 then 'line_price_invalid'
        when order_type = 'sale' and quantity < 0 then 'line_sign_wrong'
        when order_type = 'return' and quantity > 0 then 'line_sign_wrong'
    end as line_reason_code
from lines_typed
