-- One row per landed product review: typed, and what its rules say.
{{ config(materialized='incremental', schema='vault', tags=['pii']) }}

with reviews_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('surveys', 'reviews')) }} as row_hash
    from {{ source('surveys', 'reviews') }}
    {{ files_not_yet_typed() }}
),

reviews_cleaned as (
    select
        row_id,
        _file_sha256,
        _row_number,
        row_hash,
        {{ blank_to_null('review_id') }} as review_id_surveys,
        {{ blank_to_null('sku') }} as sku,
        coalesce(
            {{ safe_integer('rating') }},
            {{ safe_integer(extracted_text('rating', '^ *([0-9]+) *stars? *$')) }}
        ) as star_rating,
        {{ blank_to_null('body') }} as review_text,
        {{ blank_to_null(json_text('author', 'displayName')) }} as display_name,
        {{ blank_to_null(json_text('author', 'accountId')) }} as account_id_shop,
        {{ parse_instant('submitted_at') }} as submitted_at,
        {{ blank_to_null('rating') }} as rating_text
    from reviews_landed
)

select
    *,
    case
        when review_id_surveys is null then 'review_id_missing'
        when sku is null then 'sku_missing'
        when star_rating is null then 'rating_invalid'
        when star_rating not between 1 and 5 then 'rating_out_of_range'
        when submitted_at is null then 'submitted_at_invalid'
    end as rejection_reason_code,
    case
        when not {{ matches_fully('rating_text', '[0-9]+') }}
            then 'rating_read_from_words'
    end as repair_reason_code
from reviews_cleaned
