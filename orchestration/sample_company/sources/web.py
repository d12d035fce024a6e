"""The web shop's and app's event stream: Segment-style JSON lines in gzip, UTC with milliseconds.

Belongs here: what a browser or app tells about a visit. Events carry source ids, never contact points.
"""

from orchestration.sample_company.noise import LATE_DAYS_AT_MOST
from orchestration.sample_company.sources.feed import Feed, TextFile

_MILLISECONDS = "'%Y-%m-%dT%H:%M:%S.%gZ'"
_SKEW_SECONDS = 4 * 3_600

_EVENTS = f"""
with names as (
    select *
    from (values
        ('product_viewed', 'Product Viewed'), ('products_searched', 'Products Searched'),
        ('product_added', 'Product Added'), ('product_removed', 'Product Removed'), ('cart_viewed', 'Cart Viewed'),
        ('checkout_started', 'Checkout Started'), ('checkout_step_viewed', 'Checkout Step Viewed'),
        ('checkout_step_completed', 'Checkout Step Completed'), ('form_field_filled', 'Form Field Filled'),
        ('form_abandoned', 'Form Abandoned'), ('order_completed', 'Order Completed'),
        ('element_clicked', 'Element Clicked'), ('error_shown', 'Error Shown'),
        ('experiment_viewed', 'Experiment Viewed')
    ) as listed (event_type, event_name)
),

visits as (
    select
        sessions.*,
        devices.device_type,
        devices.is_shared,
        accounts.account_id,
        bits_of('web/clock', sessions.device_id) as clock_bits,
    from sessions
    join devices
        using (device_id)
    asof left join accounts
        on sessions.person_number = accounts.person_number and sessions.started_at::date >= accounts.valid_from_on
),

clocked as (
    select *, noise_web_events_originalTimestamp(draw(clock_bits, 0)) as clock_kind from visits
)

select
    'm' || event_id as record_key,
    if(is_shared, null, 'web:devices:' || device_id) as record_id,
    person_number,
    event_at::date + days_late(
        bits_of('web/late', event_id), 0, share_web_events_sent_late(), {LATE_DAYS_AT_MOST}
    ) as sent_on,
    [
        noisy('originalTimestamp', clock_kind),
        noisy('delivery', if(sent_on > event_at::date, 'sent_late', null)),
    ] as noises,
    event_id,
    device_id,
    if(is_logged_in, account_id, null) as user_id,
    events.event_type,
    event_name,
    event_at,
    event_at + to_seconds(
        if(clock_kind is null, 0, floor((draw(clock_bits, 1) - 0.5) * {_SKEW_SECONDS})::bigint)
    ) as device_at,
    page_path,
    sku,
    order_id,
    events.query,
    step,
    field,
    x,
    y,
    events.value,
    if(events.event_type = 'experiment_viewed', ab_variant, null) as variant,
    session_id,
    device_type,
    utm_source,
    utm_medium,
    utm_campaign,
    'M' || entry_message_id as message_id,
from events
join clocked
    using (session_id)
left join names
    on events.event_type = names.event_type
left join catalogue
    on events.product_number = catalogue.product_number
left join order_ids
    on events.order_number = order_ids.order_number
"""

_LINE = f"""to_json({{
    messageId: if(noise is not distinct from 'message_id_missing', null, 'm' || event_id),
    anonymousId: device_id,
    userId: user_id,
    type: if(event_type = 'page_viewed', 'page', 'track'),
    event: if(noise is not distinct from 'event_unknown', 'xyz_test', event_name),
    properties: {{
        path: page_path,
        sku: sku,
        order_id: order_id,
        query: query,
        step: step,
        field: field,
        x: x,
        y: y,
        value: value,
        variant: variant
    }},
    context: {{
        session_id: 's' || session_id,
        device: {{type: device_type}},
        campaign: if(
            utm_source is null, null, {{source: utm_source, medium: utm_medium, name: utm_campaign}}
        ),
        message_id: message_id
    }},
    timestamp: if(
        noise is not distinct from 'timestamp_invalid', '0000-00-00T00:00:00.000Z', strftime(event_at, {_MILLISECONDS})
    ),
    sentAt: strftime(device_at + interval 900 millisecond, {_MILLISECONDS}),
    originalTimestamp: strftime(device_at, {_MILLISECONDS})
}})::varchar"""

EVENTS = Feed(
    source="web",
    name="events",
    stem="events",
    extension="ndjson.gz",
    records=_EVENTS,
    order_by="event_at, event_id",
    shape=TextFile(line=_LINE, is_gzip=True),
)
FEEDS = (EVENTS,)
