-- One row per landed shop order row: typed, cleaned, and what its row rules say.
{{ config(materialized='incremental', schema='vault', tags=['pii']) }}

with orders_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('shop', 'orders')) }} as row_hash,
        {{ json_text('customer', 'email') }} as email_raw,
        {{ json_text('customer', 'phone') }} as phone_raw
    from {{ source('shop', 'orders') }}
    {{ files_not_yet_typed() }}
),

emails as (
    select * from {{ source('standardised', 'emails') }}
),

phones as (
    select * from {{ source('standardised', 'phones') }}
),

countries as (
    select * from {{ source('standardised', 'countries') }}
),

-- One code for the whole order: the first by name, so that it is always the same.
lines_checked as (
    select
        row_id,
        count(*) as lines_count,
        count(distinct line_number) as line_numbers_count,
        min(line_reason_code) as line_reason_code
    from {{ ref('stg_shop__order_lines_typed') }}
    {{ files_not_yet_typed() }}
    group by row_id
),

orders_cleaned as (
    select
        landed.row_id,
        landed._file_sha256,
        landed._row_number,
        landed.row_hash,
        {{ blank_to_null('landed.order_id') }} as order_id_shop,
        {{ blank_to_null('landed.order_type') }} as order_type,
        {{ parse_instant('landed.ordered_at') }} as ordered_at,
        {{ parse_instant('landed.updated_at') }} as updated_at,
        {{ blank_to_null(json_text('landed.customer', 'account_id')) }}
            as account_id_shop,
        case when emails.is_valid then emails.email_normalised end as email,
        case when phones.is_valid then phones.phone_e164 end as phone,
        case when countries.is_valid then countries.country_code end as country_code,
        {{ blank_to_null('landed.currency') }} as currency_code,
        {{ blank_to_null('landed.channel') }} as channel,
        {{ blank_to_null('landed.sales_channel') }} as sales_channel,
        {{ blank_to_null('landed.coupon_code') }} as coupon_code,
        {{ blank_to_null('landed.original_order_id') }} as original_order_id_shop,
        {{ blank_to_null('landed.payment_method') }} as payment_method,
        landed._ingested_at,
        lines_checked.lines_count,
        lines_checked.line_numbers_count,
        lines_checked.line_reason_code,
        {{ blank_to_null('landed.email_raw') }} as email_text,
        {{ blank_to_null('landed.phone_raw') }} as phone_text,
        {{ blank_to_null('landed.country') }} as country_text,
        emails.is_repaired as is_email_repaired
    from orders_landed as landed
    left join lines_checked on landed.row_id = lines_checked.row_id
    left join emails on landed.email_raw = emails.email_raw
    left join phones
        on
            landed.phone_raw = phones.phone_raw
            and coalesce(landed.country, '') = phones.country_raw
    left join countries on landed.country = countries.country_raw
)

select
    row_id,
    _file_sha256,
    _row_number,
    row_hash,
    order_id_shop,
    order_type,
    ordered_at,
    updated_at,
    account_id_shop,
    email,
    phone,
    country_code,
    currency_code,
    channel,
    sales_channel,
    coupon_code,
    original_order_id_shop,
    payment_method,
    case
        when order_id_shop is null then 'order_id_missing'
        when coalesce(order_type, '') not in ('sale', 'return')
            then 'order_type_not_accepted'
        when ordered_at is null then 'ordered_at_invalid'
        when {{ landed_too_early('ordered_at', '_ingested_at') }}
            then 'ordered_at_in_future'
        when updated_at is null then 'updated_at_invalid'
        when coalesce(currency_code, '') <> '{{ var("reporting_currency_code") }}'
            then 'currency_not_accepted'
        when lines_count is null then 'lines_missing'
        when line_reason_code is not null then line_reason_code
        when line_numbers_count < lines_count then 'line_number_repeated'
    end as rejection_reason_code,
    case
        when email is null and email_text is not null then 'email_unusable'
        when phone is null and phone_text is not null then 'phone_unusable'
        when country_code is null and country_text is not null then 'country_unusable'
        when is_email_repaired then 'email_repaired'
    end as repair_reason_code
from orders_cleaned
