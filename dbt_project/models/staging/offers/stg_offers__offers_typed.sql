-- One row per landed offer row: typed, and what its rules say.
{{ config(materialized='incremental') }}

with offers_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(
            contract_columns('offers', 'offers') + [file_day('_file')]
        ) }} as row_hash
    from {{ source('offers', 'offers') }}
    {{ files_not_yet_typed() }}
),

offers_cleaned as (
    select
        row_id,
        _file_sha256,
        _row_number,
        row_hash,
        {{ blank_to_null('offer_id') }} as offer_id,
        {{ blank_to_null('offer_name') }} as offer_name,
        {{ blank_to_null('category') }} as category,
        cast(
            {{ safe_unit_price(
                extracted_text('discount', '^ *([0-9.]+) *% *$')
            ) }} / 100 as decimal(5, 4)
        ) as discount_share,
        cast({{ parse_timestamp('starts_on', ['%d/%m/%Y']) }} as date) as starts_on,
        cast({{ parse_timestamp('ends_on', ['%d/%m/%Y']) }} as date) as ends_on,
        {{ safe_integer(plain_decimal('quota')) }} as quota_count,
        {{ safe_amount(plain_decimal('min_basket')) }} as minimum_basket_amount,
        {{ blank_to_null('conditions') }} as conditions_text,
        {{ safe_boolean('is_online_only') }} as is_online_only,
        '{{ var("reporting_currency_code") }}' as currency_code,
        try_cast({{ file_day('_file') }} as date) as listed_on,
        lower({{ blank_to_null('quota') }}) as quota_text,
        {{ blank_to_null('min_basket') }} as minimum_basket_text
    from offers_landed
)

select
    *,
    case
        when offer_id is null then 'offer_id_missing'
        when discount_share is null then 'discount_invalid'
        when starts_on is null then 'starts_on_invalid'
        when ends_on is null then 'ends_on_invalid'
        when ends_on < starts_on then 'dates_reversed'
    end as rejection_reason_code,
    case
        when quota_count is null and quota_text <> 'unlimited' then 'quota_unusable'
        when minimum_basket_amount is null and minimum_basket_text is not null
            then 'minimum_basket_unusable'
    end as repair_reason_code
from offers_cleaned
