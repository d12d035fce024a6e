-- One row per landed request of a data subject: typed, and what its rules say.
{{ config(materialized='incremental', schema='vault', tags=['pii']) }}

with requests_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('privacy_requests', 'requests')) }} as row_hash
    from {{ source('privacy_requests', 'requests') }}
    {{ files_not_yet_typed() }}
),

emails as (
    select * from {{ source('standardised', 'emails') }}
),

phones as (
    select * from {{ source('standardised', 'phones') }}
),

privacy_request_words as (
    select * from {{ ref('privacy_request_words') }}
),

requests_cleaned as (
    select
        landed.row_id,
        landed._file_sha256,
        landed._row_number,
        landed.row_hash,
        {{ blank_to_null('landed.request_id') }} as request_id_privacy_requests,
        {{ local_to_utc(
            parse_timestamp('landed.received_at', ['%d/%m/%Y %H:%M']), 'Europe/London'
        ) }} as received_at,
        privacy_request_words.request_type,
        {{ blank_to_null('landed.name') }} as subject_name,
        case when emails.is_valid then emails.email_normalised end as email,
        case when phones.is_valid then phones.phone_e164 end as phone,
        {{ blank_to_null('landed.contact') }} as contact_text,
        {{ blank_to_null('landed.channel') }} as channel,
        {{ blank_to_null('landed.note') }} as note_text,
        {{ blank_to_null('landed.request_type') }} as request_type_text
    from requests_landed as landed
    left join emails on landed.contact = emails.email_raw
    left join phones
        on
            landed.contact = phones.phone_raw
            and phones.country_raw = 'GB'
    left join privacy_request_words
        on lower(trim(landed.request_type)) = privacy_request_words.words
)

select
    *,
    case
        when request_id_privacy_requests is null then 'request_id_missing'
        when received_at is null then 'received_at_invalid'
        when request_type is null then 'request_type_not_known'
        when contact_text is null then 'contact_missing'
    end as rejection_reason_code,
    case
        when request_type <> request_type_text then 'request_type_read'
        when email is null and phone is null then 'contact_unusable'
    end as repair_reason_code
from requests_cleaned
