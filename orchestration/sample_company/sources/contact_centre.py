"""The contact centre's tickets: nested JSON lines with a free-text transcript, in local time with its offset.

Belongs here: what an agent writes down about who called, and when a ticket is delivered again because it closed.
"""

from orchestration.sample_company.sources.feed import Feed, TextFile

ACCOUNT_KNOWN_SHARE = 0.5
ORDER_NAMED_SHARE = 0.8

_TICKETS = f"""
with versions as (
    select *, 1 as version, opened_at as updated_at from tickets
    union all
    select *, 2, closed_at from tickets where closed_at::date > opened_at::date
),

sent as (
    select
        versions.* replace (if(closed_at::date > updated_at::date, null, closed_at) as closed_at),
        opened_at::date as opened_on,
        updated_at::date as sent_on,
        bits_of('contact_centre/ticket', ticket_id) as bits,
        bits_of('contact_centre/more', ticket_id) as more_bits,
    from versions
    -- The history holds each ticket once, as it stood.
    where version = 2 or closed_at::date = opened_at::date or closed_at::date > getvariable('ends_on')
),

known as (
    select
        sent.*,
        known_emails.value as email,
        if(sent.channel = 'phone', known_phones.value, null) as phone,
        if(sent.channel <> 'phone' and draw(bits, 0) < {ACCOUNT_KNOWN_SHARE}, accounts.account_id, null) as account_id,
        if(draw(bits, 1) < {ORDER_NAMED_SHARE}, order_ids.order_id, null) as order_ref,
        people.first_name_latin || ' ' || known_names.last_name_latin as requester_name,
        people.language,
        noise_contact_centre_tickets_requester_email(draw(bits, 2)) as email_kind,
        noise_contact_centre_tickets_topic(draw(bits, 3)) as topic_kind,
    from sent
    join people
        using (person_number)
    asof join known_names
        on sent.person_number = known_names.person_number and sent.opened_on >= known_names.valid_from_on
    asof join known_emails
        on sent.person_number = known_emails.person_number and sent.opened_on >= known_emails.valid_from_on
    asof join known_phones
        on sent.person_number = known_phones.person_number and sent.opened_on >= known_phones.valid_from_on
    asof left join accounts
        on sent.person_number = accounts.person_number and sent.opened_on >= accounts.valid_from_on
    left join order_ids
        on sent.cause_order_number = order_ids.order_number
),

written as (
    select *, spoilt_email(email, email_kind, (more_bits >> 34)::bigint) as email_written from known
)

select
    'T' || ticket_id || ':' || version as record_key,
    'contact_centre:tickets:T' || ticket_id as record_id,
    person_number,
    sent_on,
    [
        noisy('requester.email', if(email_written is distinct from email, email_kind, null)),
        noisy('topic', topic_kind),
    ] as noises,
    ticket_id,
    version,
    channel,
    opened_at,
    closed_at,
    updated_at,
    if(topic_kind is null, topic, '??') as topic,
    requester_name,
    email_written,
    phone,
    account_id,
    order_ref,
    language,
    text as transcript,
from written
"""

_LINE = """to_json({
    ticket_id: if(noise is not distinct from 'ticket_id_missing', null, 'T' || ticket_id),
    channel: channel,
    status: if(closed_at is null, 'open', 'closed'),
    opened_at: london_iso(opened_at),
    closed_at: london_iso(
        if(noise is not distinct from 'closed_before_opened', opened_at - interval 2 day, closed_at)
    ),
    updated_at: london_iso(updated_at),
    topic: topic,
    requester: {name: requester_name, email: email_written, phone: phone, account_id: account_id},
    order_ref: order_ref,
    language: language,
    transcript: transcript
})::varchar"""

TICKETS = Feed(
    source="contact_centre",
    name="tickets",
    stem="tickets",
    extension="ndjson",
    records=_TICKETS,
    order_by="updated_at, ticket_id, version",
    shape=TextFile(line=_LINE),
)
FEEDS = (TICKETS,)
