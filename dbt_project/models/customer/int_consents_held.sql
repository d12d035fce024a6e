-- One row per contact point, channel and purpose: the consent that holds this night.
with changes as (
    select
        *,
        case contact_type when 'device' then 'device_id' else contact_type end
            as identifier_type,
        {{ hash_text('contact_point') }} as identifier_hash
    from {{ ref('stg_consent__changes') }}
    where
        contact_point is not null
        and {{ business_day('changed_at') }} <= {{ as_of_on() }}
),

strictness as (
    select * from {{ ref('consent_strictness') }}
)

-- The last word counts; of two at one instant the stricter.
select
    changes.identifier_type,
    changes.identifier_hash,
    changes.channel,
    changes.purpose,
    changes.consent_status,
    strictness.strictness_rank,
    strictness.is_consent,
    changes.changed_at,
    changes.policy_version
from changes
inner join strictness on changes.consent_status = strictness.consent_status
qualify
    row_number() over (
        partition by
            changes.identifier_type,
            changes.identifier_hash,
            changes.channel,
            changes.purpose
        order by
            changes.changed_at desc,
            strictness.strictness_rank asc,
            changes.consent_change_id_consent asc
    ) = 1
