-- One row per landed change of a consent: typed, and what its rules say.
{{ config(materialized='incremental', schema='vault', tags=['pii']) }}

with changes_landed as (
    select
        *,
        {{ landed_row_id() }} as row_id,
        {{ row_hash(contract_columns('consent', 'changes')) }} as row_hash,
        {{ json_texts('subject', ['contactPoint', 'contactType', 'accountId']) }}
            as subject_texts
    from {{ source('consent', 'changes') }}
    {{ files_not_yet_typed() }}
),

emails as (
    select * from {{ source('standardised', 'emails') }}
),

phones as (
    select * from {{ source('standardised', 'phones') }}
),

changes_cleaned as (
    select
        landed.row_id,
        landed._file_sha256,
        landed._row_number,
        landed.row_hash,
        {{ blank_to_null('landed.consent_id') }} as consent_change_id_consent,
        {{ list_item('landed.subject_texts', 1) }} as contact_type,
        case {{ list_item('landed.subject_texts', 1) }}
            when 'email' then case when emails.is_valid then emails.email_normalised end
            when 'phone' then case when phones.is_valid then phones.phone_e164 end
            else {{ blank_to_null(list_item('landed.subject_texts', 0)) }}
        end as contact_point,
        {{ blank_to_null(list_item('landed.subject_texts', 2)) }} as account_id_shop,
        {{ blank_to_null('landed.purpose') }} as purpose,
        {{ blank_to_null('landed.channel') }} as channel,
        lower({{ blank_to_null('landed.status') }}) as consent_status,
        {{ instant_of_micros(
            "case length(landed.changed_at) when 13 then 1000 when 10 then 1000000 end"
            ~ " * try_cast(landed.changed_at as bigint)"
        ) }} as changed_at,
        {{ blank_to_null('landed.policy_version') }} as policy_version,
        {{ json_text('landed.proof', 'type') }} as proof_type,
        {{ json_text('landed.proof', 'reference') }} as proof_reference,
        {{ blank_to_null('landed.status') }} as status_text,
        length(landed.changed_at) = 10 as is_in_seconds,
        {{ blank_to_null(list_item('landed.subject_texts', 0)) }} as contact_point_text
    from changes_landed as landed
    left join emails on {{ list_item('landed.subject_texts', 0) }} = emails.email_raw
    left join phones
        on
            {{ list_item('landed.subject_texts', 0) }} = phones.phone_raw
            and phones.country_raw = ''
)

select
    *,
    case
        when consent_change_id_consent is null then 'consent_id_missing'
        when contact_point_text is null then 'contact_point_missing'
        when {{ not_accepted('purpose', 'consent', 'changes', 'purpose') }}
            then 'purpose_not_accepted'
        when {{ not_accepted('channel', 'consent', 'changes', 'channel') }}
            then 'channel_not_accepted'
        when {{ not_accepted('consent_status', 'consent', 'changes', 'status') }}
            then 'status_not_accepted'
        when changed_at is null then 'changed_at_invalid'
    end as rejection_reason_code,
    case
        when contact_point is null then 'contact_point_unusable'
        when is_in_seconds then 'changed_at_read_as_seconds'
        when consent_status <> status_text then 'status_case_read'
    end as repair_reason_code
from changes_cleaned
