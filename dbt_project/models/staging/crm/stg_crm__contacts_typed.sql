-- One row per landed CRM contact row: typed, cleaned, and what its row rules say.
{{ config(materialized='incremental', schema='vault', tags=['pii']) }}

with contacts_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('crm', 'contacts')) }} as row_hash
    from {{ source('crm', 'contacts') }}
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

contacts_cleaned as (
    select
        landed.row_id,
        landed._file_sha256,
        landed._row_number,
        landed.row_hash,
        {{ blank_to_null('landed.contact_id') }} as contact_id_crm,
        {{ blank_to_null('landed.title') }} as title,
        case when first_names.is_valid then first_names.name_normalised end
            as first_name,
        case when last_names.is_valid then last_names.name_normalised end as last_name,
        case when emails.is_valid then emails.email_normalised end as email,
        case when phones.is_valid then phones.phone_e164 end as phone,
        {{ blank_to_null('landed.street') }} as street,
        {{ blank_to_null('landed.postcode') }} as postcode,
        {{ blank_to_null('landed.city') }} as city,
        case when countries.is_valid then countries.country_code end as country_code,
        cast({{ parse_timestamp('landed.birthday', ['%d.%m.%Y']) }} as date)
            as birthday,
        upper({{ blank_to_null('landed.gender') }}) as gender_code,
        {{ blank_to_null('landed.company_account_id') }} as company_account_id_crm,
        {{ safe_boolean('landed.marketing_flag') }} as has_marketing_note,
        {{ local_to_utc(
            parse_timestamp('landed.created_at', ['%d.%m.%Y %H:%M']), 'Europe/London'
        ) }} as created_at,
        {{ local_to_utc(
            parse_timestamp('landed.updated_at', ['%d.%m.%Y %H:%M']), 'Europe/London'
        ) }} as updated_at,
        {{ blank_to_null('landed.email') }} as email_text,
        {{ blank_to_null('landed.phone') }} as phone_text,
        {{ blank_to_null('landed.country') }} as country_text,
        {{ blank_to_null('landed.birthday') }} as birthday_text,
        {{ blank_to_null('landed.marketing_flag') }} as marketing_flag_text,
        {{ blank_to_null('landed.first_name') }} as first_name_text,
        {{ blank_to_null('landed.last_name') }} as last_name_text,
        emails.is_repaired as is_email_repaired,
        coalesce(first_names.is_repaired, false)
        or coalesce(last_names.is_repaired, false) as is_name_repaired
    from contacts_landed as landed
    left join emails on landed.email = emails.email_raw
    left join phones
        on
            landed.phone = phones.phone_raw
            and coalesce(landed.country, '') = phones.country_raw
    left join names as first_names on landed.first_name = first_names.name_raw
    left join names as last_names on landed.last_name = last_names.name_raw
    left join countries on landed.country = countries.country_raw
)

select
    row_id,
    _file_sha256,
    _row_number,
    row_hash,
    contact_id_crm,
    title,
    first_name,
    last_name,
    email,
    phone,
    street,
    postcode,
    city,
    country_code,
    birthday,
    gender_code,
    company_account_id_crm,
    has_marketing_note,
    created_at,
    updated_at,
    case
        when contact_id_crm is null then 'contact_id_missing'
        when created_at is null then 'created_at_invalid'
        when updated_at is null then 'updated_at_invalid'
    end as rejection_reason_code,
    case
        when email is null and email_text is not null then 'email_unusable'
        when phone is null and phone_text is not null then 'phone_unusable'
        when country_code is null and country_text is not null then 'country_unusable'
        when birthday is null and birthday_text is not null then 'birthday_unusable'
        when first_name is null and first_name_text is not null then 'name_unusable'
        when last_name is null and last_name_text is not null then 'name_unusable'
        when has_marketing_note is null and marketing_flag_text is not null
            then 'marketing_flag_unusable'
        when is_email_repaired then 'email_repaired'
        when is_name_repaired then 'name_repaired'
        when marketing_flag_text not in ('Y', 'N') then 'marketing_flag_read'
    end as repair_reason_code
from contacts_cleaned
