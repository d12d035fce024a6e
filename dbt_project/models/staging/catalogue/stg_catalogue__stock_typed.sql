-- One row per landed stock count: typed, and what its rules say.
{{ config(materialized='incremental') }}

with counts_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('catalogue', 'stock')) }} as row_hash
    from {{ source('catalogue', 'stock') }}
    {{ files_not_yet_typed() }}
),

counts_cleaned as (
    select
        row_id,
        _file_sha256,
        _row_number,
        row_hash,
        {{ blank_to_null('store_id') }} as store_id,
        {{ blank_to_null('sku') }} as sku,
        try_cast(stock_on as date) as stock_on,
        {{ safe_integer('quantity') }} as quantity,
        {{ blank_to_null('counted_by') }} as counted_by
    from counts_landed
)

select
    *,
    case
        when store_id is null then 'store_missing'
        when sku is null then 'sku_missing'
        when stock_on is null then 'stock_on_invalid'
        when quantity is null then 'quantity_invalid'
        when quantity < 0 then 'quantity_negative'
    end as rejection_reason_code,
    cast(null as {{ type_text() }}) as repair_reason_code
from counts_cleaned
