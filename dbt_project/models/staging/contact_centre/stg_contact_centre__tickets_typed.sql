-- One row per landed contact centre ticket row: typed, and what its rules say.
{{ config(materialized='incremental', schema='vault', tags=['pii']) }}

with tickets_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('contact_centre', 'tickets')) }} as row_hash,
        {{ json_texts('requester', ['name', 'email', 'phone', 'account_id']) }}
            as requester_texts
    from {{ source('contact_centre', 'tickets') }}
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

tickets_cleaned as (
    select
        landed.row_id,
        landed._file_sha256,
        landed._row_number,
        landed.row_hash,
        {{ blank_to_null('landed.ticket_id') }} as ticket_id_contact_centre,
        {{ blank_to_null('landed.channel') }} as channel,
        {{ blank_to_null('landed.status') }} as ticket_status,
        {{ parse_instant('landed.opened_at') }} as opened_at,
        {{ parse_instant('landed.closed_at') }} as closed_at,
        {{ parse_instant('landed.updated_at') }} as updated_at,
        case
            when not {{ not_accepted(
                'landed.topic', 'contact_centre', 'tickets', 'topic'
            ) }}
                then landed.topic
        end as topic,
        case when names.is_valid then names.name_normalised end as requester_name,
        case when emails.is_valid then emails.email_normalised end as email,
        case when phones.is_valid then phones.phone_e164 end as phone,
        {{ blank_to_null(list_item('landed.requester_texts', 3)) }} as account_id_shop,
        {{ blank_to_null('landed.order_ref') }} as order_id,
        {{ blank_to_null('landed.language') }} as language_code,
        {{ blank_to_null('landed.transcript') }} as transcript,
        {{ blank_to_null('landed.topic') }} as topic_text,
        {{ blank_to_null(list_item('landed.requester_texts', 1)) }} is not null
            as has_email_text,
        {{ blank_to_null(list_item('landed.requester_texts', 2)) }} is not null
            as has_phone_text,
        coalesce(emails.is_repaired, false) as is_email_repaired
    from tickets_landed as landed
    left join emails on {{ list_item('landed.requester_texts', 1) }} = emails.email_raw
    left join phones
        on
            {{ list_item('landed.requester_texts', 2) }} = phones.phone_raw
            and phones.country_raw = 'GB'
    left join names on {{ list_item('landed.requester_texts', 0) }} = names.name_raw
)

select
    *,
    case
        when ticket_id_contact_centre is null then 'ticket_id_missing'
        when opened_at is null then 'opened_at_invalid'
        when updated_at is null then 'updated_at_invalid'
        when closed_at < opened_at then 'closed_before_opened'
    end as rejection_reason_code,
    case
        when email is null and has_email_text then 'email_unusable'
        when phone is null and has_phone_text then 'phone_unusable'
        when topic is null and topic_text is not null then 'topic_unusable'
        when is_email_repaired then 'email_repaired'
    end as repair_reason_code
from tickets_cleaned
