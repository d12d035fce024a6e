-- One row per landed catalogue product row: typed, and what its rules say.
{{ config(materialized='incremental') }}

with products_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(
            contract_columns('catalogue', 'products') + [file_day('_file')]
        ) }} as row_hash
    from {{ source('catalogue', 'products') }}
    {{ files_not_yet_typed() }}
),

products_cleaned as (
    select
        row_id,
        _file_sha256,
        _row_number,
        row_hash,
        {{ blank_to_null('sku') }} as sku,
        {{ blank_to_null('product_name') }} as product_name,
        {{ blank_to_null('category') }} as category,
        {{ blank_to_null('brand') }} as brand,
        {{ safe_amount(plain_decimal('list_price')) }} as list_price_amount,
        {{ safe_amount('cost_price') }} as cost_price_amount,
        cast({{ parse_timestamp('introduced', ['%d/%m/%Y']) }} as date)
            as introduced_on,
        cast({{ parse_timestamp('valid_from', ['%d/%m/%Y']) }} as date)
            as valid_from_on,
        {{ blank_to_null('status') }} as product_status,
        try_cast({{ file_day('_file') }} as date) as listed_on,
        '{{ var("reporting_currency_code") }}' as currency_code
    from products_landed
)

select
    *,
    case
        when sku is null then 'sku_missing'
        when valid_from_on is null then 'valid_from_invalid'
        when list_price_amount is null then 'price_not_a_number'
        when {{ not_accepted('product_status', 'catalogue', 'products', 'status') }}
            then 'product_status_not_accepted'
    end as rejection_reason_code,
    cast(null as {{ type_text() }}) as repair_reason_code
from products_cleaned
