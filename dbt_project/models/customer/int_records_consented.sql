-- One row per source record and contact point, channel and purpose it gave its word on.
with contact_points_unioned as (
    select
        record_id,
        identifier_type,
        identifier_hash
    from {{ ref('int_identifiers_shown') }}

    union all

    -- Said from within an account: it holds for all who were logged in to it.
    select
        logins.record_id,
        case changes.contact_type
            when 'device' then 'device_id' else changes.contact_type
        end as identifier_type,
        {{ hash_text('changes.contact_point') }} as identifier_hash
    from {{ ref('stg_consent__changes') }} as changes
    inner join {{ ref('int_logins_observed') }} as logins
        on {{ hash_text('changes.account_id_shop') }} = logins.identifier_hash
    where
        logins.identifier_type = 'login_id'
        and logins.is_verified
        and changes.contact_point is not null
        and {{ business_day('changes.changed_at') }} <= {{ as_of_on() }}
),

contact_points as (
    select
        record_id,
        identifier_type,
        identifier_hash
    from contact_points_unioned
    group by record_id, identifier_type, identifier_hash
),

consents_held as (
    select * from {{ ref('int_consents_held') }}
)

select
    contact_points.record_id,
    contact_points.identifier_type,
    contact_points.identifier_hash,
    consents_held.channel,
    consents_held.purpose,
    consents_held.consent_status,
    consents_held.strictness_rank,
    consents_held.is_consent,
    consents_held.changed_at
from contact_points
inner join consents_held
    on
        contact_points.identifier_type = consents_held.identifier_type
        and contact_points.identifier_hash = consents_held.identifier_hash
