-- One row per landed newsletter event: typed, and what its rules say.
{{ config(materialized='incremental', schema='vault', tags=['pii']) }}

with events_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('newsletter', 'events')) }} as row_hash
    from {{ source('newsletter', 'events') }}
    {{ files_not_yet_typed() }}
),

emails as (
    select * from {{ source('standardised', 'emails') }}
),

phones as (
    select * from {{ source('standardised', 'phones') }}
),

events_cleaned as (
    select
        landed.row_id,
        landed._file_sha256,
        landed._row_number,
        landed.row_hash,
        {{ blank_to_null('landed.event_id') }} as event_id_newsletter,
        {{ blank_to_null('landed.event_type') }} as event_type,
        {{ parse_timestamp('landed.event_at', ['%m/%d/%Y %I:%M:%S %p']) }}
            as happened_at,
        {{ blank_to_null('landed.message_id') }} as message_id_newsletter,
        {{ blank_to_null('landed.campaign_id') }} as campaign_id,
        {{ blank_to_null('landed.campaign_name') }} as campaign_name,
        {{ blank_to_null('landed.channel') }} as channel,
        case landed.channel
            when 'email' then case when emails.is_valid then emails.email_normalised end
            when 'sms' then case when phones.is_valid then phones.phone_e164 end
            else {{ blank_to_null('landed.recipient') }}
        end as recipient,
        {{ blank_to_null('landed.bounce_type') }} as bounce_type,
        {{ blank_to_null('landed.link_url') }} as link_url,
        {{ blank_to_null('landed.offer_id') }} as offer_id
    from events_landed as landed
    left join emails on landed.recipient = emails.email_raw
    left join phones
        on
            landed.recipient = phones.phone_raw
            and phones.country_raw = ''
)

select
    *,
    case
        when event_id_newsletter is null then 'event_id_missing'
        when {{ not_accepted('event_type', 'newsletter', 'events', 'event_type') }}
            then 'event_type_not_accepted'
        when happened_at is null then 'event_at_invalid'
        when campaign_id is null then 'campaign_missing'
    end as rejection_reason_code,
    case
        when recipient is null then 'recipient_unusable'
    end as repair_reason_code
from events_cleaned
