-- One row per landed shop account row: typed, and what its rules say.
{{ config(materialized='incremental', schema='vault', tags=['pii']) }}

with accounts_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('shop', 'accounts')) }} as row_hash,
        coalesce({{ json_text('address', 'country') }}, '') as country_raw
    from {{ source('shop', 'accounts') }}
    {{ files_not_yet_typed() }}
),

emails as (
    select * from {{ source('standardised', 'emails') }}
),

phones as (
    select * from {{ source('standardised', 'phones') }}
),

names as (
    select * from {{ source('standardised', 'names') }}
),

countries as (
    select * from {{ source('standardised', 'countries') }}
),

accounts_cleaned as (
    select
        landed.row_id,
        landed._file_sha256,
        landed._row_number,
        landed.row_hash,
        {{ blank_to_null('landed.account_id') }} as account_id_shop,
        case when emails.is_valid then emails.email_normalised end as email,
        case when phones.is_valid then phones.phone_e164 end as phone,
        case when first_names.is_valid then first_names.name_normalised end
            as first_name,
        case when last_names.is_valid then last_names.name_normalised end as last_name,
        {{ blank_to_null(json_text('landed.address', 'street')) }} as street,
        {{ blank_to_null(json_text('landed.address', 'house_number')) }}
            as house_number,
        {{ blank_to_null(json_text('landed.address', 'city')) }} as city,
        {{ blank_to_null(json_text('landed.address', 'postcode')) }} as postcode,
        case when countries.is_valid then countries.country_code end as country_code,
        {{ blank_to_null('landed.language') }} as language_code,
        try_cast(landed.birth_date as date) as birthday,
        {{ blank_to_null('landed.company_account_id') }} as company_account_id_shop,
        {{ safe_boolean('landed.is_email_verified') }} as is_email_verified,
        {{ parse_instant('landed.created_at') }} as created_at,
        {{ parse_instant('landed.updated_at') }} as updated_at,
        {{ blank_to_null('landed.email') }} is not null as has_email_text,
        {{ blank_to_null('landed.phone') }} is not null as has_phone_text,
        landed.country_raw <> '' as has_country_text,
        coalesce(emails.is_repaired, false) as is_email_repaired,
        coalesce(first_names.is_repaired, false)
        or coalesce(last_names.is_repaired, false) as is_name_repaired
    from accounts_landed as landed
    left join emails on landed.email = emails.email_raw
    left join phones
        on
            landed.phone = phones.phone_raw
            and landed.country_raw = phones.country_raw
    left join names as first_names on landed.first_name = first_names.name_raw
    left join names as last_names on landed.last_name = last_names.name_raw
    left join countries on landed.country_raw = countries.country_raw
)

select
    *,
    case
        when account_id_shop is null then 'account_id_missing'
        when created_at is null then 'created_at_invalid'
        when updated_at is null then 'updated_at_invalid'
        when updated_at < created_at then 'updated_before_created'
    end as rejection_reason_code,
    case
        when email is null and has_email_text then 'email_unusable'
        when phone is null and has_phone_text then 'phone_unusable'
        when country_code is null and has_country_text then 'country_unusable'
        when is_email_repaired then 'email_repaired'
        when is_name_repaired then 'name_repaired'
    end as repair_reason_code
from accounts_cleaned
