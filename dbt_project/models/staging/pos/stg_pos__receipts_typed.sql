-- One row per landed till receipt line: typed, and what its rules say.
{{ config(materialized='incremental', schema='vault', tags=['pii']) }}

with receipts_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('pos', 'receipts')) }} as row_hash
    from {{ source('pos', 'receipts') }}
    {{ files_not_yet_typed() }}
),

emails as (
    select * from {{ source('standardised', 'emails') }}
),

receipts_cleaned as (
    select
        landed.row_id,
        landed._file_sha256,
        landed._row_number,
        landed.row_hash,
        {{ blank_to_null('landed.receipt_id') }} as receipt_id_pos,
        {{ safe_integer('landed.line_number') }} as line_number,
        {{ blank_to_null('landed.store_id') }} as store_id,
        {{ safe_integer('landed.till_number') }} as till_number,
        {{ blank_to_null('landed.cashier_id') }} as cashier_id_pos,
        {{ local_to_utc('try_cast(landed.sold_at as timestamp)', 'Europe/London') }}
            as sold_at,
        {{ blank_to_null('landed.receipt_type') }} as receipt_type,
        {{ blank_to_null('landed.original_receipt_id') }} as original_receipt_id_pos,
        {{ restored_digits('landed.card_number', 'pos', 'receipts', 'card_number') }}
            as card_number,
        {{ blank_to_null('landed.sku') }} as sku,
        {{ safe_integer('landed.quantity') }} as quantity,
        {{ safe_unit_price('landed.unit_price') }} as unit_price,
        coalesce({{ safe_amount('landed.discount_amount') }}, 0) as discount_amount,
        {{ blank_to_null('landed.currency_code') }} as currency_code,
        {{ blank_to_null('landed.payment_method') }} as payment_method,
        case when emails.is_valid then emails.email_normalised end as receipt_email,
        landed._ingested_at,
        {{ blank_to_null('landed.card_number') }} as card_number_text,
        {{ blank_to_null('landed.receipt_email') }} is not null as has_email_text,
        coalesce(emails.is_repaired, false) as is_email_repaired
    from receipts_landed as landed
    left join emails on landed.receipt_email = emails.email_raw
)

select
    *,
    case
        when receipt_id_pos is null then 'receipt_id_missing'
        when line_number is null then 'line_number_invalid'
        when store_id is null then 'store_missing'
        when sold_at is null then 'sold_at_invalid'
        when {{ landed_too_early('sold_at', '_ingested_at') }} then 'sold_at_in_future'
        when {{ not_accepted('receipt_type', 'pos', 'receipts', 'receipt_type') }}
            then 'receipt_type_not_accepted'
        when coalesce(currency_code, '') <> '{{ var("reporting_currency_code") }}'
            then 'currency_not_accepted'
        when sku is null then 'sku_missing'
        when quantity is null or quantity = 0 then 'quantity_invalid'
        when (receipt_type = 'sale') <> (quantity > 0) then 'sign_wrong'
        when unit_price is null or unit_price < 0 then 'price_invalid'
    end as rejection_reason_code,
    case
        when card_number is null and card_number_text is not null
            then 'card_number_unusable'
        when card_number <> card_number_text then 'card_number_zeros_restored'
        when receipt_email is null and has_email_text then 'email_unusable'
        when is_email_repaired then 'email_repaired'
    end as repair_reason_code
from receipts_cleaned
