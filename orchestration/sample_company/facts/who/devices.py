"""What people browse with and carry: the tables `devices` and `loyalty_cards`."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.who.households import FAMILY
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.facts.who.stories import told_people
from orchestration.sample_company.randomness import Flags, Integers
from orchestration.sample_company.tables import (
    ArrowColumn,
    choices,
    days,
    numbered,
    numbers,
    query,
    table_of,
    text_column,
)

PHONE_SHARE = 0.7
ANDROID_SHARE = 0.55
NEW_BROWSER_SHARE = 0.35
SHARED_TABLET_SHARE = 0.3
SECOND_CARD_SHARE = 0.03
RANDOMISING_SHARE = 0.6

WEB, IOS, ANDROID = 0, 1, 2
_TYPES = ("web", "ios", "android")
_CARD_PREFIXES = np.array(["0063", "0630", "6304", "6371"], dtype=object)
_CARD_MIXER = 618_033_988_741
_CARD_DIGITS = 12
_SLOTS = 4
_BROWSER, _PHONE, _LATER_BROWSER = range(3)

_IDS_SQL = """
select
    slot,
    'd_' || left(md5($seed || '/device/' || slot), 16) as device_id,
    sha256($seed || '/salt/' || slot) as wifi_mac_hash,
from slots
order by slot
"""


@dataclass(frozen=True)
class Devices:
    """Devices of a block's people.

    Attributes:
        table: The table `devices`.
        browsers: For each person the first browser's place in `ids`.
        later_browsers: The browser since `browser_changed`; the first one for those who kept it.
        browser_changed: Day of the change, days since 1970-01-01; far away for those who kept it.
        phones: The phone's place in `ids`, or -1.
        ids: Device ids as a column.
        hashes: Salted hash of each device's Wi-Fi address, as a column.
        is_randomising: Whether the person's phone shows another Wi-Fi address every day.
    """

    table: pa.Table
    browsers: Integers
    later_browsers: Integers
    browser_changed: Integers
    phones: Integers
    ids: ArrowColumn
    hashes: ArrowColumn
    is_randomising: Flags


def draw_devices(block: Block, people: People) -> Devices:
    """Return each person's browsers, phone and the tablet that two of a family share.

    A person has a slot for the browser, the phone and the browser after it; a shared tablet is its owner's browser.
    """
    rng = block.rng("devices")
    count = people.count
    persons = np.arange(count)
    has_phone = (rng.random(count) < PHONE_SHARE) | people.is_app_user
    is_android = rng.random(count) < ANDROID_SHARE
    opening, end = block.calendar.first_day, block.calendar.end_day
    is_changed = rng.random(count) < NEW_BROWSER_SHARE
    changed = np.where(is_changed, rng.integers(opening, end, count), end + 1)
    owner_of = _shared_with(rng, people)
    has_browser = owner_of < 0
    rows = np.concatenate([persons[has_browser], persons[has_phone], persons[is_changed]])
    slots = np.repeat(
        [_BROWSER, _PHONE, _LATER_BROWSER], [np.count_nonzero(flags) for flags in (has_browser, has_phone, is_changed)]
    )
    order = np.lexsort((slots, rows))
    rows, slots = rows[order], slots[order]
    place = np.full(count * _SLOTS, -1, dtype=np.int64)
    place[rows * _SLOTS + slots] = np.arange(len(rows))
    named = query(
        _IDS_SQL,
        {"slots": table_of({"slot": (block.first_person + rows) * _SLOTS + slots})},
        {"seed": str(block.seed)},
    )
    browsers = place[np.where(has_browser, persons, owner_of) * _SLOTS]
    sharer = np.full(count, -1, dtype=np.int64)
    sharers = np.flatnonzero(~has_browser)
    sharer[owner_of[sharers]] = sharers
    later = place[persons * _SLOTS + _LATER_BROWSER]
    owned = _Owned(rows, slots, changed[rows], is_changed[rows], is_android[rows], sharer[rows])
    return Devices(
        table=_table(block, people, owned, named),
        browsers=browsers,
        later_browsers=np.where(later >= 0, later, browsers),
        browser_changed=changed,
        phones=place[persons * _SLOTS + _PHONE],
        ids=named["device_id"].combine_chunks(),
        hashes=named["wifi_mac_hash"].combine_chunks(),
        is_randomising=rng.random(count) < RANDOMISING_SHARE,
    )


@dataclass(frozen=True)
class _Owned:
    """Devices by owner and slot; `changed` is when the owner got another browser, `sharers` who else uses it or -1."""

    rows: Integers
    slots: Integers
    changed: Integers
    is_changed: Flags
    is_android: Flags
    sharers: Integers


def _table(block: Block, people: People, owned: _Owned, named: pa.Table) -> pa.Table:
    """Return the table `devices`; `named` gives ids and hashes in the order of the owned ones."""
    rows, slots = owned.rows, owned.slots
    is_phone = slots == _PHONE
    is_tablet = (slots == _BROWSER) & (owned.sharers >= 0)
    kinds = np.where(is_phone, np.where(owned.is_android, ANDROID, IOS), np.where(is_tablet, ANDROID, WEB))
    return table_of(
        {
            "device_id": named["device_id"],
            "person_number": people.numbers[rows],
            "device_type": choices(_TYPES, kinds),
            "valid_from_on": days(np.where(slots == _LATER_BROWSER, owned.changed, people.joined[rows] - 30)),
            "valid_to_on": days(owned.changed, is_known=(slots == _BROWSER) & owned.is_changed & ~is_tablet),
            "wifi_mac_hash": text_column(named["wifi_mac_hash"].to_numpy(), is_known=is_phone | is_tablet),
            "is_shared": is_tablet,
            "shared_with_person_number": numbers(block.first_person + np.maximum(owned.sharers, 0), is_known=is_tablet),
        }
    ).sort_by("device_id")


def _shared_with(rng: np.random.Generator, people: People) -> Integers:
    """Return for each person the owner of the tablet that the person browses with, or -1 for one's own browser."""
    households = people.households
    draws = rng.random(len(households.types))[households.of_person]
    shares = (households.type_of_person() == FAMILY) & (households.roles == households.sizes - 1)
    shares &= (draws < SHARED_TABLET_SHARE) & ~people.is_story & (households.roles > 0)
    owners = np.where(shares, np.arange(people.count) - households.roles, -1)
    for row, (first, person) in enumerate(told_people(people)):
        if person.device_of is not None:
            owners[row] = first + person.device_of
    return owners


def card_table(block: Block, people: People, store_ids: list[str]) -> pa.Table:
    """Return one row per loyalty card: 16 digits, some of them leading zeros; a few people have two."""
    rng = block.rng("cards")
    count = people.count
    delays = rng.integers(0, 60, count)
    second_delays = rng.integers(90, 400, count)
    stores = rng.integers(1, len(store_ids), count)
    prefixes = rng.integers(0, len(_CARD_PREFIXES), count)
    members = np.flatnonzero(people.in_loyalty)
    twice = np.flatnonzero(people.in_loyalty & (rng.random(count) < SECOND_CARD_SHARE))
    rows = np.concatenate([members, twice])
    copies = np.concatenate([np.zeros(len(members), dtype=np.int64), np.ones(len(twice), dtype=np.int64)])
    serials = ((block.first_person + rows) * 2 + copies) * _CARD_MIXER % 10**_CARD_DIGITS
    tails = numbered("", serials, digits=_CARD_DIGITS).astype(object)
    issued = people.joined[rows] + np.where(copies == 1, second_delays[rows], delays[rows])
    table = table_of(
        {
            "card_number": text_column(_CARD_PREFIXES[prefixes[rows]] + tails),
            "person_number": people.numbers[rows],
            "issued_on": days(issued),
            "store_id": choices(store_ids, stores[rows]),
        }
    )
    return table.filter(pa.array(issued < block.calendar.end_day)).sort_by("card_number")
