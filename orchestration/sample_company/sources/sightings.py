"""The stores' sensors: which phone was seen where, as plain CSV in gzip with epoch seconds.

Belongs here: how a sighting is written, and the gateways' clocks.
"""

from orchestration.sample_company.noise import LATE_DAYS_AT_MOST
from orchestration.sample_company.sources.feed import Feed, TextFile

HEADER = "sighting_id,device_hash,device_kind,store_id,zone,seen_at,dwell_seconds,signal_dbm"

_SIGHTINGS = f"""
with seen as (
    select
        sightings.*,
        noise_sightings_sightings_seen_at(
            draw(bits_of('sightings/gateway', store_id || zone || date_trunc('week', seen_at::date)), 0)
        ) as clock_kind,
        days_late(
            bits_of('sightings/late', sighting_id), 0, share_sightings_sightings_sent_late(), {LATE_DAYS_AT_MOST}
        ) as late_days,
    from sightings
)

select
    'SG' || sighting_id as record_key,
    'sightings:sightings:SG' || sighting_id as record_id,
    person_number,
    seen_at::date + late_days as sent_on,
    [
        noisy('seen_at', clock_kind),
        noisy('delivery', if(late_days > 0, 'sent_late', null)),
    ] as noises,
    sighting_id,
    hash as device_hash,
    device_kind,
    store_id,
    zone,
    seen_at,
    epoch(seen_at)::bigint + if(clock_kind is null, 0, 3600) as seen_at_number,
    dwell_seconds,
    signal_dbm,
from seen
"""

_LINE = """concat_ws(
    ',',
    'SG' || sighting_id,
    if(noise is not distinct from 'device_hash_missing', '', device_hash),
    device_kind,
    store_id,
    zone,
    seen_at_number,
    if(noise is not distinct from 'dwell_negative', -1 - dwell_seconds, dwell_seconds),
    signal_dbm
)"""

SIGHTINGS = Feed(
    source="sightings",
    name="sightings",
    stem="sightings",
    extension="csv.gz",
    records=_SIGHTINGS,
    order_by="seen_at, sighting_id",
    shape=TextFile(line=_LINE, header=HEADER, delimiter=",", is_gzip=True),
)
FEEDS = (SIGHTINGS,)
