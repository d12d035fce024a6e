"""The consent log: every decision per contact point, purpose and channel, as nested JSON lines with epoch milliseconds.

Belongs here: how the log names whom it is about, and its mess.
"""

from orchestration.sample_company.noise import LATE_DAYS_AT_MOST
from orchestration.sample_company.sources.feed import Feed, TextFile

_CHANGES = f"""
with apps as (
    select person_number, min(device_id) as device_id
    from devices
    where device_type <> 'web'
    group by person_number
),

decided as (
    select consents.*, changed_at::date as changed_on, bits_of('consent/change', consent_id) as bits
    from consents
),

known as (
    select
        decided.*,
        coalesce(contact_points.value, apps.device_id, known_emails.value) as contact_point,
        case
            when contact_points.value is not null then contact_points.contact_type
            when apps.device_id is not null then 'device'
            else 'email'
        end as contact_type,
        accounts.account_id,
        noise_consent_changes_changedAt(draw(bits, 0)) as time_kind,
        noise_consent_changes_status(draw(bits, 1)) as status_kind,
        days_late(bits, 2, share_consent_changes_sent_late(), {LATE_DAYS_AT_MOST}) as late_days,
    from decided
    left join contact_points
        on decided.contact_point_id = contact_points.contact_point_id
    left join apps
        on decided.person_number = apps.person_number
    asof join known_emails
        on decided.person_number = known_emails.person_number and changed_on >= known_emails.valid_from_on
    asof left join accounts
        on decided.person_number = accounts.person_number and changed_on >= accounts.valid_from_on
)

select
    'CN' || consent_id as record_key,
    'consent:changes:CN' || consent_id as record_id,
    person_number,
    changed_on + late_days as sent_on,
    [
        noisy('changedAt', time_kind),
        noisy('status', status_kind),
        noisy('delivery', if(late_days > 0, 'sent_late', null)),
    ] as noises,
    'CN' || consent_id as consent_id_text,
    contact_point,
    contact_type,
    account_id,
    purpose,
    channel,
    if(status_kind is null, status, upper(status)) as status,
    changed_at,
    if(time_kind is null, epoch_ms(changed_at), epoch_ms(changed_at) // 1000) as changed_at_number,
    policy_version,
    proof,
from known
"""

_LINE = """to_json({
    consentId: consent_id_text,
    subject: {
        contactPoint: if(noise is not distinct from 'contact_point_missing', null, contact_point),
        contactType: contact_type,
        accountId: account_id
    },
    purpose: purpose,
    channel: channel,
    status: if(noise is not distinct from 'status_unknown', 'maybe', status),
    changedAt: changed_at_number,
    policyVersion: policy_version,
    proof: {type: split_part(proof, ':', 1), reference: proof}
})::varchar"""

CHANGES = Feed(
    source="consent",
    name="changes",
    stem="consent_changes",
    extension="ndjson",
    records=_CHANGES,
    order_by="changed_at, consent_id_text",
    shape=TextFile(line=_LINE),
)
FEEDS = (CHANGES,)
