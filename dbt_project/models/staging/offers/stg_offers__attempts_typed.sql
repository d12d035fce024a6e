-- One row per landed attempt to use a coupon: typed, and what its rules say.
{{ config(materialized='incremental') }}

with attempts_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('offers', 'attempts')) }} as row_hash
    from {{ source('offers', 'attempts') }}
    {{ files_not_yet_typed() }}
),

attempts_cleaned as (
    select
        row_id,
        _file_sha256,
        _row_number,
        row_hash,
        {{ blank_to_null('attempt_id') }} as attempt_id_offers,
        {{ parse_instant('attempted_at') }} as attempted_at,
        lower({{ blank_to_null('coupon_code') }}) as offer_id,
        {{ blank_to_null('channel') }} as channel,
        {{ blank_to_null('store_id') }} as store_id,
        {{ blank_to_null('account_id') }} as account_id_shop,
        {{ restored_digits('card_number', 'offers', 'attempts', 'card_number') }}
            as card_number,
        {{ blank_to_null('outcome') }} as outcome,
        {{ blank_to_null('denial_reason') }} as denial_reason_code,
        {{ blank_to_null('order_id') }} as order_id,
        {{ blank_to_null('card_number') }} as card_number_text,
        coupon_code as coupon_code_text
    from attempts_landed
)

select
    *,
    case
        when attempt_id_offers is null then 'attempt_id_missing'
        when attempted_at is null then 'attempted_at_invalid'
        when {{ not_accepted('outcome', 'offers', 'attempts', 'outcome') }}
            then 'outcome_not_accepted'
    end as rejection_reason_code,
    case
        when card_number is null and card_number_text is not null
            then 'card_number_unusable'
        when card_number <> card_number_text then 'card_number_zeros_restored'
        when upper(offer_id) <> coupon_code_text then 'coupon_code_read'
    end as repair_reason_code
from attempts_cleaned
