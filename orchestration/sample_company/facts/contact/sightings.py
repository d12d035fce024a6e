"""What sensors in the stores see of people's phones: the table `sightings`.

Beacons see the app of those who allow location; the Wi-Fi sensor sees any phone, as a salted hash of its address, which
on many phones is another one every day. People are seen when they buy, and sometimes when they only look.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.company.goods import STORE_IDS, ZONES
from orchestration.sample_company.facts.trade.orders import Orders
from orchestration.sample_company.facts.trade.purchases import DAY_SECONDS
from orchestration.sample_company.facts.trade.traits import STORE
from orchestration.sample_company.facts.who.consents import LOCATION, Consents
from orchestration.sample_company.facts.who.devices import Devices
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.tables import choices, instants, query, table_of

SEEN_SHARE = 0.6
LOOKING_SHARE = 0.25
_BEACON, _WIFI = 0, 1
_TILL = ZONES.index("till")

_HASH_SQL = """
select case when is_randomising then sha256(hash || '/' || day) else hash end as hash
from seen
order by row_number
"""


def sighting_table(block: Block, people: People, devices: Devices, consents: Consents, orders: Orders) -> pa.Table:
    """Return the table `sightings`."""
    rng = block.rng("sightings")
    bought = np.flatnonzero((orders.channels == STORE) & (orders.originals < 0))
    seen = bought[(rng.random(len(bought)) < SEEN_SHARE) & (devices.phones[orders.persons[bought]] >= 0)]
    is_looking = rng.random(len(seen)) < LOOKING_SHARE
    looking = seen[is_looking]
    looked = orders.seconds[looking] - rng.integers(1, 6, len(looking)) * DAY_SECONDS
    visits = np.concatenate([seen, looking])
    at = np.concatenate([orders.seconds[seen] - 120, looked])
    is_purchase = np.arange(len(visits)) < len(seen)
    rows = np.repeat(np.arange(len(visits)), rng.integers(1, 4, len(visits)))
    order = visits[rows]
    persons = orders.persons[order]
    seconds = at[rows] - rng.integers(0, 1_800, len(rows))
    is_last = np.append(rows[1:] != rows[:-1], True) if len(rows) else np.zeros(0, dtype=np.bool_)
    seconds = np.where(is_last, at[rows], seconds)
    zones = np.where(is_last & is_purchase[rows], _TILL, rng.integers(0, _TILL, len(rows)))
    is_beacon = people.is_app_user[persons] & consents.allows_at(LOCATION, persons, seconds)
    inside = (seconds >= np.maximum(people.joined, block.calendar.first_day)[persons] * DAY_SECONDS).nonzero()[0]
    inside = inside[np.lexsort((inside, persons[inside], seconds[inside]))]
    persons, seconds, zones, is_beacon, order = (
        values[inside] for values in (persons, seconds, zones, is_beacon, order)
    )
    count = len(inside)
    hashed = table_of(
        {
            "row_number": np.arange(count),
            "hash": pc.take(devices.hashes, pa.array(devices.phones[persons])),
            "day": seconds // DAY_SECONDS,
            "is_randomising": devices.is_randomising[persons] & ~is_beacon,
        }
    )
    return table_of(
        {
            "sighting_id": block.rows(count),
            "person_number": people.numbers[persons],
            "device_kind": choices(("beacon", "wifi"), np.where(is_beacon, _BEACON, _WIFI)),
            "store_id": choices(STORE_IDS, orders.stores[order]),
            "zone": choices(ZONES, zones),
            "seen_at": instants(seconds),
            "dwell_seconds": np.minimum(20 + rng.exponential(160, count), 3_000).astype(np.int64),
            "hash": query(_HASH_SQL, {"seen": hashed})["hash"],
            "signal_dbm": np.clip(np.round(rng.normal(-67, 8, count)), -95, -35).astype(np.int64),
        }
    )
