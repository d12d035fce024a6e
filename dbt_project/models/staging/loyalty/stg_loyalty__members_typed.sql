-- One row per landed loyalty member row: typed, and what its rules say.
{{ config(materialized='incremental', schema='vault', tags=['pii']) }}

with members_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(
            contract_columns('loyalty', 'members') + [file_day('_file')]
        ) }} as row_hash
    from {{ source('loyalty', 'members') }}
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

members_cleaned as (
    select
        landed.row_id,
        landed._file_sha256,
        landed._row_number,
        landed.row_hash,
        {{ extracted_text('landed._file', '^members_(.+)_[0-9]{4}-[0-9]{2}-[0-9]{2}') }}
            as store_id,
        try_cast({{ file_day('landed._file') }} as date) as listed_on,
        {{ restored_digits(
            'landed.card_number', 'loyalty', 'members', 'card_number'
        ) }} as card_number,
        case when last_names.is_valid then last_names.name_normalised end
            as last_name_cell,
        case when first_names.is_valid then first_names.name_normalised end
            as first_name_cell,
        {{ blank_to_null('landed.street') }} as street,
        {{ blank_to_null('landed.city') }} as city,
        {{ blank_to_null('landed.postcode') }} as postcode,
        case when phones.is_valid then phones.phone_e164 end as phone,
        case when emails.is_valid then emails.email_normalised end as email,
        {{ spreadsheet_date('landed.birthday', 'loyalty', 'members', 'birthday') }}
            as birthday,
        {{ spreadsheet_date('landed.joined_on', 'loyalty', 'members', 'joined_on') }}
            as joined_on,
        coalesce(
            {{ safe_amount('landed.points') }},
            {{ safe_amount(plain_decimal('landed.points', ',')) }}
        ) as points,
        {{ blank_to_null('landed.card_number') }} as card_number_text,
        {{ blank_to_null('landed.birthday') }} as birthday_text,
        {{ blank_to_null('landed.joined_on') }} as joined_on_text,
        {{ blank_to_null('landed.points') }} as points_text,
        {{ blank_to_null('landed.phone') }} as phone_text,
        {{ blank_to_null('landed.email') }} as email_text,
        coalesce(emails.is_repaired, false) as is_email_repaired
    from members_landed as landed
    left join emails on landed.email = emails.email_raw
    left join phones
        on
            landed.phone = phones.phone_raw
            and phones.country_raw = 'GB'
    left join names as first_names on landed.first_name = first_names.name_raw
    left join names as last_names on landed.last_name = last_names.name_raw
),

members_repaired as (
    select
        *,
        coalesce(
            first_name_cell, {{ extracted_text('last_name_cell', '^[^,]+, *(.+)$') }}
        ) as first_name,
        case
            when first_name_cell is null
                then {{ extracted_text('last_name_cell', '^([^,]+)') }}
            else last_name_cell
        end as last_name,
        {{ cell_repair('card_number', 'card_number = card_number_text') }}
            as card_number_repair_code,
        {{ cell_repair(
            'birthday', "cast(birthday as " ~ type_text() ~ ") = birthday_text"
        ) }} as birthday_repair_code,
        {{ cell_repair(
            'joined_on', "cast(joined_on as " ~ type_text() ~ ") = joined_on_text"
        ) }} as joined_on_repair_code,
        {{ cell_repair('points', safe_amount('points_text') ~ ' is not null') }}
            as points_repair_code,
        case
            when first_name_cell is null and first_name is not null then 'names_parted'
            when email is null and email_text is not null then 'email_unusable'
            when phone is null and phone_text is not null then 'phone_unusable'
            when is_email_repaired then 'email_repaired'
        end as contact_repair_code
    from members_cleaned
)

select
    *,
    case
        when card_number_text is null then 'card_number_missing'
        when card_number is null then 'card_number_unreadable'
        when {{ cells_shifted() }} then 'cells_shifted'
    end as rejection_reason_code,
    coalesce(
        card_number_repair_code, birthday_repair_code, joined_on_repair_code,
        points_repair_code, contact_repair_code
    ) as repair_reason_code
from members_repaired
