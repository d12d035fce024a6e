"""The newsletter platform's log: sends, opens, clicks, bounces and complaints, as CSV in gzip, American dates in UTC.

Belongs here: what the platform knows of a recipient, which is an address, a number or a device and nothing else.
"""

from orchestration.sample_company.noise import LATE_DAYS_AT_MOST
from orchestration.sample_company.sources.feed import Feed, TextFile

HEADER = (
    "event_id,event_type,event_at,message_id,campaign_id,campaign_name,channel,recipient,bounce_type,link_url,offer_id"
)

_EVENTS = f"""
with happened as (
    select message_id, campaign_id, person_number, channel, bounce_type, 1 as step, 'sent' as event_type,
        sent_at as event_at, sent_at
    from messages
    union all
    select message_id, campaign_id, person_number, channel, bounce_type, 2, 'bounced',
        sent_at + interval 4 second, sent_at
    from messages
    where bounce_type is not null
    union all
    select message_id, campaign_id, person_number, channel, null, 3, 'opened', opened_at, sent_at
    from messages
    where opened_at is not null
    union all
    select message_id, campaign_id, person_number, channel, null, 4, 'clicked', clicked_at, sent_at
    from messages
    where clicked_at is not null
    union all
    select message_id, campaign_id, person_number, channel, null, 5, 'unsubscribed', unsubscribed_at, sent_at
    from messages
    where unsubscribed_at is not null
    union all
    select message_id, campaign_id, person_number, channel, null, 6, 'complained', complained_at, sent_at
    from messages
    where complained_at is not null
    union all
    select null, campaign_effects.campaign_id, person_number, campaigns.channel, null, 7, 'held_out',
        starts_at, starts_at
    from campaign_effects
    join campaigns
        using (campaign_id)
    where is_holdout
),

named as (
    select
        happened.*,
        sent_at::date as sent_to_on,
        if(
            message_id is null,
            'H' || bits_of('newsletter/held out', campaign_id || '/' || person_number),
            'N' || (message_id * 10 + step)
        ) as event_id,
    from happened
),

apps as (
    select person_number, min(device_id) as device_id
    from devices
    where device_type <> 'web'
    group by person_number
),

addressed as (
    select
        named.*,
        case channel
            when 'email' then known_emails.value
            when 'sms' then known_phones.value
            else apps.device_id
        end as recipient,
        days_late(
            bits_of('newsletter/late', event_id), 0, share_newsletter_events_sent_late(), {LATE_DAYS_AT_MOST}
        ) as late_days,
    from named
    asof join known_emails
        on named.person_number = known_emails.person_number and sent_to_on >= known_emails.valid_from_on
    asof join known_phones
        on named.person_number = known_phones.person_number and sent_to_on >= known_phones.valid_from_on
    left join apps
        on named.person_number = apps.person_number
)

select
    event_id as record_key,
    null::varchar as record_id,
    person_number,
    event_at::date + late_days as sent_on,
    [noisy('delivery', if(late_days > 0, 'sent_late', null))] as noises,
    event_id,
    event_type,
    event_at,
    'M' || message_id as message_id,
    addressed.campaign_id,
    campaigns.campaign_name,
    addressed.channel,
    recipient,
    bounce_type,
    if(
        event_type = 'clicked',
        'https://shop.example.com/' || lower(addressed.campaign_id) || '?mid=M' || message_id || '&tags='
        || campaigns.topic || ',' || addressed.channel,
        null
    ) as link_url,
    campaigns.offer_id,
from addressed
join campaigns
    on addressed.campaign_id = campaigns.campaign_id
"""

_LINE = """concat_ws(
    ',',
    if(noise is not distinct from 'event_id_missing', '', event_id),
    if(noise is not distinct from 'event_type_unknown', 'Processed', event_type),
    if(
        noise is not distinct from 'date_impossible',
        strftime(event_at, '02/30/%Y %I:%M:%S %p'),
        strftime(event_at, '%m/%d/%Y %I:%M:%S %p')
    ),
    coalesce(message_id, ''),
    campaign_id,
    csv_cell(campaign_name, ','),
    channel,
    csv_cell(recipient, ','),
    coalesce(bounce_type, ''),
    csv_cell(link_url, ','),
    coalesce(offer_id, '')
)"""

EVENTS = Feed(
    source="newsletter",
    name="events",
    stem="newsletter",
    extension="csv.gz",
    records=_EVENTS,
    order_by="event_at, event_id",
    shape=TextFile(line=_LINE, header=HEADER, delimiter=",", is_gzip=True),
)
FEEDS = (EVENTS,)
