"""Visits to the web shop and the app: the table `sessions`.

Sessions belong to an order, to a click on a message, to a stage of a journey, to a wish that met an empty shelf, or to
nothing but browsing. They are recorded of people who allow profiling, of half of the guests, and not where a browser
keeps its secrets.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.company.campaigns import CHANNELS, Campaigns
from orchestration.sample_company.facts.company.goods import Goods
from orchestration.sample_company.facts.company.market import AD_CAMPAIGNS
from orchestration.sample_company.facts.contact.journeys import DECISION, RESEARCH, Journeys
from orchestration.sample_company.facts.contact.messages import Audience, Engagement
from orchestration.sample_company.facts.trade.experiences import Experiences
from orchestration.sample_company.facts.trade.orders import Orders
from orchestration.sample_company.facts.trade.purchases import (
    ANY_CATEGORY,
    DAY_SECONDS,
    Wishes,
    draw_lines,
    instants_of,
)
from orchestration.sample_company.facts.trade.traits import APP, STORE, Traits
from orchestration.sample_company.facts.who.consents import PROFILING, Consents
from orchestration.sample_company.facts.who.devices import Devices
from orchestration.sample_company.facts.who.homes import NEVER
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.randomness import Flags, Integers
from orchestration.sample_company.tables import choices, instants, numbers, table_of, text_column

RECORDED_SHARE = 0.8
GUEST_TRACKED_SHARE = 0.5
LOGGED_IN_AT_ORDER_SHARE = 0.85
LOGGED_IN_SHARE = 0.35
AD_SHARE = 0.2
ON_APP_SHARE = 0.5
TREATMENT_SHARE = 0.5
BROWSING_PER_PURCHASE = 0.9
PRODUCTS_PER_SESSION = 3

ORDER, MESSAGE, SEARCHING, DECIDING, OUT_OF_STOCK, BROWSING = range(6)
SECONDS_PER_SLOT = 30
_SECONDS_BEFORE_ORDER = 20 * SECONDS_PER_SLOT
_BROWSING_NEVER_ENDS = 60


@dataclass(frozen=True)
class Sessions:
    """Recorded sessions ordered by start and person.

    Attributes:
        ids: Session ids.
        persons: Rows of the block.
        starts: Instants since 1970-01-01.
        kinds: What the session is about.
        is_app: Whether it is the app's.
        orders: Place in the orders, or -1.
        messages: Row of the audience that was clicked, or -1.
        products: Up to three product numbers looked at; -1 for none. One row per session.
        is_treatment: Whether the person is in the A/B test's treatment.
    """

    ids: Integers
    persons: Integers
    starts: Integers
    kinds: Integers
    is_app: Flags
    orders: Integers
    messages: Integers
    products: Integers
    is_treatment: Flags


@dataclass(frozen=True)
class _Group:
    kind: int
    persons: Integers
    starts: Integers
    categories: Integers
    is_app: Flags
    orders: Integers
    messages: Integers
    visits: Integers


def draw_sessions(  # noqa: PLR0913 - all that brings somebody to the site
    block: Block,
    people: People,
    traits: Traits,
    *,
    consents: Consents,
    orders: Orders,
    audience: Audience,
    campaigns: Campaigns,
    engagement: Engagement,
    journeys: Journeys,
    wishes: Wishes,
    experiences: Experiences,
    goods: Goods,
) -> Sessions:
    """Return the recorded sessions of the block's people."""
    rng = block.rng("sessions")
    app_draw = rng.random(people.count) < ON_APP_SHARE
    on_app = people.is_app_user & app_draw
    groups = [
        _order_sessions(orders),
        _message_sessions(audience, campaigns, engagement, on_app),
        *_journey_sessions(journeys, on_app),
        _empty_shelf_sessions(wishes, experiences),
        _browsing_sessions(rng, block, people, traits, experiences.dropped_out, on_app),
    ]
    kinds = np.concatenate([np.full(len(g.persons), g.kind) for g in groups])
    persons, starts, categories, is_app, order_places, messages, visits = (
        np.concatenate([getattr(g, name) for g in groups])
        for name in ("persons", "starts", "categories", "is_app", "orders", "messages", "visits")
    )
    rows = np.flatnonzero(_is_recorded(rng, block, people, consents, persons, starts))
    rows = rows[np.lexsort((kinds[rows], persons[rows], starts[rows]))]
    lines = draw_lines(rng, persons[rows], categories[rows], traits, goods)
    products = _products(lines.visits, lines.products, len(rows))
    for places, known in (
        (order_places[rows], _products(orders.line_orders, orders.products, len(orders.numbers))),
        (visits[rows], _products(wishes.lines.visits, wishes.lines.products, len(wishes.persons))),
    ):
        products[places >= 0] = known[places[places >= 0]]
    return Sessions(
        ids=block.rows(len(rows)),
        persons=persons[rows],
        starts=starts[rows],
        kinds=kinds[rows],
        is_app=is_app[rows],
        orders=order_places[rows],
        messages=messages[rows],
        products=products,
        is_treatment=(rng.random(people.count) < TREATMENT_SHARE)[persons[rows]],
    )


def _is_recorded(  # noqa: PLR0913, PLR0917 - who, when, and what they allow
    rng: np.random.Generator,
    block: Block,
    people: People,
    consents: Consents,
    persons: Integers,
    starts: Integers,
) -> Flags:
    """Whether each session is recorded: within the calendar, since joining, and allowed."""
    is_guest_tracked = people.is_guest & (rng.random(people.count) < GUEST_TRACKED_SHARE)
    allowed = consents.allows_at(PROFILING, persons, starts) | is_guest_tracked[persons]
    opens = np.maximum(people.joined, block.calendar.first_day)[persons] * DAY_SECONDS
    closes = block.calendar.end_day * DAY_SECONDS - DAY_SECONDS // 2
    recorded: Flags = (rng.random(len(persons)) < RECORDED_SHARE) & allowed & people.in_shop[persons]
    return recorded & (starts >= opens) & (starts < closes)


def _products(owners: Integers, products: Integers, count: int) -> Integers:
    """Return the first products of each owner, in rows of three, -1 where there are fewer."""
    found = np.full((count, PRODUCTS_PER_SESSION), -1, dtype=np.int64)
    starts = np.searchsorted(owners, np.arange(count))
    sizes = np.searchsorted(owners, np.arange(count), side="right") - starts
    for place in range(PRODUCTS_PER_SESSION):
        rows = np.flatnonzero(sizes > place)
        found[rows, place] = products[starts[rows] + place]
    return found


def _group(  # noqa: PLR0913 - one session's facts
    kind: int,
    persons: Integers,
    starts: Integers,
    is_app: Flags,
    *,
    categories: Integers | None = None,
    orders: Integers | None = None,
    messages: Integers | None = None,
    visits: Integers | None = None,
) -> _Group:
    nothing = np.full(len(persons), -1)
    return _Group(
        kind=kind,
        persons=persons,
        starts=starts,
        categories=np.full(len(persons), ANY_CATEGORY) if categories is None else categories,
        is_app=is_app,
        orders=nothing if orders is None else orders,
        messages=nothing if messages is None else messages,
        visits=nothing if visits is None else visits,
    )


def _order_sessions(orders: Orders) -> _Group:
    online = np.flatnonzero((orders.originals < 0) & (orders.channels != STORE))
    starts = orders.seconds[online] - _SECONDS_BEFORE_ORDER
    is_app = orders.channels[online] == APP
    return _group(ORDER, orders.persons[online], starts, is_app, orders=online, messages=orders.messages[online])


def _message_sessions(audience: Audience, campaigns: Campaigns, engagement: Engagement, on_app: Flags) -> _Group:
    clicked = np.flatnonzero(engagement.clicked != NEVER)
    rows = engagement.rows[clicked]
    persons = audience.persons[rows]
    return _group(
        MESSAGE,
        persons,
        engagement.clicked[clicked] + 2,
        on_app[persons],
        categories=campaigns.categories[audience.campaigns[rows]],
        messages=rows,
    )


def _journey_sessions(journeys: Journeys, on_app: Flags) -> list[_Group]:
    """Return a search for each stage of research, and a full cart left behind for each lost decision."""
    research = np.flatnonzero(journeys.stages == RESEARCH)
    undecided = np.flatnonzero((journeys.stages == DECISION) & (journeys.orders < 0))
    return [
        _group(
            kind,
            journeys.persons[rows],
            journeys.entered[rows],
            on_app[journeys.persons[rows]],
            categories=journeys.categories[rows],
        )
        for kind, rows in ((SEARCHING, research), (DECIDING, undecided))
    ]


def _empty_shelf_sessions(wishes: Wishes, experiences: Experiences) -> _Group:
    """Return the visits online at which nothing wanted was in stock."""
    has_goods = np.bincount(wishes.lines.visits, weights=~experiences.is_out, minlength=len(wishes.persons)) > 0
    alive = wishes.seconds < experiences.dropped_out[wishes.persons] * DAY_SECONDS
    rows = np.flatnonzero(~has_goods & alive & (wishes.channels != STORE))
    return _group(OUT_OF_STOCK, wishes.persons[rows], wishes.seconds[rows], wishes.channels[rows] == APP, visits=rows)


def _browsing_sessions(  # noqa: PLR0913, PLR0917 - a process in a window
    rng: np.random.Generator, block: Block, people: People, traits: Traits, dropped_out: Integers, on_app: Flags
) -> _Group:
    """Return visits without a purpose, as frequent as purchases, for a while after the drop-out too."""
    starts = np.maximum(people.joined, block.calendar.first_day)
    ends = np.minimum(dropped_out + _BROWSING_NEVER_ENDS, block.calendar.end_day)
    lengths = np.maximum(ends - starts, 0)
    persons = np.repeat(np.arange(people.count), rng.poisson(traits.rate * BROWSING_PER_PURCHASE * lengths))
    days = starts[persons] + rng.random(len(persons)) * lengths[persons]
    return _group(BROWSING, persons, instants_of(rng, traits.hours[persons], days), on_app[persons])


def session_table(  # noqa: PLR0913 - what a session is told by
    block: Block,
    people: People,
    devices: Devices,
    sessions: Sessions,
    *,
    audience: Audience,
    campaigns: Campaigns,
    message_ids: Integers,
) -> pa.Table:
    """Return the table `sessions`."""
    rng = block.rng("session_details")
    count = len(sessions.ids)
    persons = sessions.persons
    is_later = sessions.starts // DAY_SECONDS >= devices.browser_changed[persons]
    browser = np.where(is_later, devices.later_browsers[persons], devices.browsers[persons])
    has_phone = devices.phones[persons] >= 0
    device = np.where(sessions.is_app & has_phone, devices.phones[persons], browser)
    indexes: pa.Array[Any] = pa.array(device)
    login_share = np.where(sessions.kinds == ORDER, LOGGED_IN_AT_ORDER_SHARE, LOGGED_IN_SHARE)
    is_logged_in = ~people.is_guest[persons] & (sessions.is_app | (rng.random(count) < login_share))
    from_message = sessions.messages >= 0
    ads = rng.integers(0, len(AD_CAMPAIGNS), count)
    from_ad = ~from_message & ~sessions.is_app & (rng.random(count) < AD_SHARE)
    sources = [channel for _, channel, _ in AD_CAMPAIGNS]
    mediums = [medium for _, _, medium in AD_CAMPAIGNS]
    names = [name for name, _, _ in AD_CAMPAIGNS]
    campaign = audience.campaigns[sessions.messages] if len(audience.campaigns) else np.zeros(count, dtype=np.int64)
    channel = campaigns.channels[campaign]
    is_known = from_message | from_ad
    first = len(AD_CAMPAIGNS)
    return table_of(
        {
            "session_id": sessions.ids,
            "person_number": people.numbers[persons],
            "device_id": pc.take(devices.ids, indexes),
            "started_at": instants(sessions.starts),
            "is_logged_in": is_logged_in,
            "utm_source": choices([*sources, "newsletter"], np.where(from_message, first, ads), is_known=is_known),
            "utm_medium": choices(
                [*mediums, *CHANNELS], np.where(from_message, first + channel, ads), is_known=is_known
            ),
            "utm_campaign": text_column(
                np.concatenate([np.array(names, dtype=object), campaigns.ids]),
                np.where(from_message, first + campaign, ads),
                is_known=is_known,
            ),
            "entry_message_id": numbers(message_ids[sessions.messages], is_known=from_message),
            "ab_variant": choices(("control", "treatment"), sessions.is_treatment.astype(np.int64)),
        }
    )
