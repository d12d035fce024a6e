"""When people want to buy, and what: all visits with the wish to buy until the natural drop-out.

Belongs here: the wishes. What came between (stock-outs, a bad experience before) is `experiences.py`, what a message
added is `uplift.py`, and what became an order is `orders.py`.

Times between purchases are exponential, or Erlang for regular people: they are least likely to buy just after a
purchase. A first basket with a gateway product raises the later rate; a move or a child brings purchases of its own.
"""

from dataclasses import dataclass

import numpy as np

from orchestration.sample_company.catalogue import CATEGORIES, NURSERY, RENOVATION
from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.company.goods import WAREHOUSE, Goods
from orchestration.sample_company.facts.trade.traits import APP, STORE, WEB, LifeEvents, Traits
from orchestration.sample_company.facts.who.homes import NEVER
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.randomness import Flags, Floats, Integers, weighted_indexes
from orchestration.sample_company.tables import rank_in_group

FAVOURITE_SHARE = 0.7
EVENT_CATEGORY_SHARE = 0.9
FAVOURITE_BRAND_SHARE = 0.5
STAPLE_SHARE = 0.9
EARLIER_GATEWAY_SHARE = 0.15
MOVED_HOUSE_DAYS = 120
HAD_CHILD_DAYS = 180
HAD_CHILD_LIFT = 1.5
WEEKDAY_SHARE = 0.3
PREFERRED_CHANNEL_SHARE = 0.75

SITUATIONS = ("planned", "spontaneous", "gift", "triggered")
PLANNED, SPONTANEOUS, GIFT, TRIGGERED = range(4)
ANY_CATEGORY = -1
DAY_SECONDS = 86_400
_DAYS_PER_MONTH = 30.44
_CATEGORY_NAMES = [c.name for c in CATEGORIES]
_RENOVATION = np.array([_CATEGORY_NAMES.index(name) for name in RENOVATION])
_NURSERY = _CATEGORY_NAMES.index(NURSERY)
_EARLIEST_HOUR, _LATEST_HOUR = 6, 22
_STORE_OPENS, _STORE_CLOSES = 9 * 3_600, 20 * 3_600 + 1_800


@dataclass(frozen=True)
class Wishes:
    """Visits with the wish to buy, ordered by person and time.

    Attributes:
        persons: Rows of the block.
        seconds: Instants since 1970-01-01.
        categories: What the visit is about, a place in `CATEGORIES`, or `ANY_CATEGORY` for the person's taste.
        is_first: Whether it is the person's first order ever.
        channels: Places in the purchase channels.
        stores: Where the goods come from: a store, or the warehouse.
        situations: Places in `SITUATIONS`.
        lines: What is wanted.
    """

    persons: Integers
    seconds: Integers
    categories: Integers
    is_first: Flags
    channels: Integers
    stores: Integers
    situations: Integers
    lines: "Lines"


@dataclass(frozen=True)
class Lines:
    """Wanted products, ordered by visit.

    Attributes:
        visits: Places in the visits.
        products: Product numbers.
        quantities: 1 and on.
    """

    visits: Integers
    products: Integers
    quantities: Integers


def draw_wishes(  # noqa: PLR0913 - all that drives a purchase
    block: Block, people: People, traits: Traits, *, events: LifeEvents, goods: Goods, stores: Integers
) -> tuple[Wishes, Floats]:
    """Return the visits, and each person's factor on the rate after the first basket (1 without a gateway product)."""
    joined_within = people.joined >= block.calendar.first_day
    buys = people.in_shop | people.in_pos
    newcomers: Integers = np.flatnonzero(joined_within & buys)
    rng = block.rng("first_baskets")
    any_category: Integers = np.full(len(newcomers), ANY_CATEGORY)
    first_lines = draw_lines(rng, newcomers, any_category, traits, goods)
    has_gateway = rng.random(people.count) < EARLIER_GATEWAY_SHARE
    has_gateway[joined_within] = False
    has_gateway[newcomers[first_lines.visits[goods.is_gateway[first_lines.products]]]] = True
    lifts = np.where(has_gateway & buys, 1 + block.causes.gateway_lift, 1.0)
    first_days: Floats = people.joined[newcomers].astype(np.float64)
    persons, days, categories = _later_days(block, people, traits, events, lifts)
    rng = block.rng("later_baskets")
    later_lines = draw_lines(rng, persons, categories, traits, goods)
    return _joined_up(
        block,
        people,
        traits,
        stores,
        parts=((newcomers, first_days, any_category, first_lines), (persons, days, categories, later_lines)),
    ), lifts


def _later_days(
    block: Block, people: People, traits: Traits, events: LifeEvents, lifts: Floats
) -> tuple[Integers, Floats, Integers]:
    """Return person, day with fraction and category of all visits but the first ones."""
    opening, closing = block.calendar.first_day, block.calendar.end_day
    buys = people.in_shop | people.in_pos
    starts = np.maximum(people.joined + 1, opening).astype(np.float64)
    ends = np.where(buys, np.minimum(traits.lifetime_ends, closing), starts)
    regular = _regular_days(block.rng("visits"), traits, starts, ends, lifts)
    rng = block.rng("life_event_visits")
    moved = _event_days(
        rng, traits.rate * block.causes.moved_house_lift, starts, ends, since=events.moved, for_days=MOVED_HOUSE_DAYS
    )
    renovation = _RENOVATION[weighted_indexes(rng.random(len(moved[0])), [0.3, 0.25, 0.45])]
    child = _event_days(
        rng, traits.rate * HAD_CHILD_LIFT, starts, ends, since=events.had_child, for_days=HAD_CHILD_DAYS
    )
    persons = np.concatenate([regular[0], moved[0], child[0]])
    days = np.concatenate([regular[1], moved[1], child[1]])
    categories = np.concatenate([np.full(len(regular[0]), ANY_CATEGORY), renovation, np.full(len(child[0]), _NURSERY)])
    order = np.lexsort((categories, days, persons))
    return persons[order], days[order], categories[order]


def _regular_days(
    rng: np.random.Generator, traits: Traits, starts: Floats, ends: Floats, lifts: Floats
) -> tuple[Integers, Floats]:
    """Return visits by the latent rate, thinned by season, every k-th kept for people with k stages."""
    highest = 1 + max(c.peak_strength for c in CATEGORIES)
    lengths = np.maximum(ends - starts, 0)
    expected = traits.rate * lifts * lengths * traits.stages * highest
    persons = np.repeat(np.arange(len(starts)), rng.poisson(expected))
    days = starts[persons] + rng.random(len(persons)) * lengths[persons]
    kept = rng.random(len(persons)) < _season(traits.favourites[persons], days) / highest
    persons, days = persons[kept], days[kept]
    order = np.lexsort((days, persons))
    persons, days = persons[order], days[order]
    phases = rng.integers(0, traits.stages)
    kept = (rank_in_group(persons) + phases[persons]) % traits.stages[persons] == traits.stages[persons] - 1
    return persons[kept], days[kept]


def _season(favourites: Integers, days: Floats) -> Floats:
    """Return how well each category sells on its day; 1 on average."""
    peaks = (np.array([c.peak_month for c in CATEGORIES]) - 0.5) * _DAYS_PER_MONTH
    strengths = np.array([c.peak_strength for c in CATEGORIES])[favourites]
    season: Floats = 1 + strengths * np.cos(2 * np.pi * (days - peaks[favourites]) / 365.25)
    return season


def _event_days(  # noqa: PLR0913 - one process in one window
    rng: np.random.Generator, rate: Floats, starts: Floats, ends: Floats, *, since: Integers, for_days: int
) -> tuple[Integers, Floats]:
    """Return the visits that a turn in life brings within its days."""
    begun = np.where(since == NEVER, ends, np.maximum(since, starts))
    lengths = np.maximum(np.minimum(begun + for_days, ends) - begun, 0)
    persons = np.repeat(np.arange(len(rate)), rng.poisson(rate * lengths))
    return persons, begun[persons] + rng.random(len(persons)) * lengths[persons]


def draw_lines(
    rng: np.random.Generator, persons: Integers, categories: Integers, traits: Traits, goods: Goods
) -> Lines:
    """Return what is wanted at each visit: by taste, price level and favourite brand; the staple too.

    Args:
        rng: Stream to draw from.
        persons: The visits' persons.
        categories: What the visits are about, or `ANY_CATEGORY`.
        traits: The persons' taste.
        goods: All products.
    """
    visits = np.repeat(np.arange(len(persons)), 1 + rng.poisson(0.9, len(persons)))
    count = len(visits)
    of_person = persons[visits]
    others = weighted_indexes(rng.random(count), [c.share for c in CATEGORIES])
    chosen = np.where(rng.random(count) < FAVOURITE_SHARE, traits.favourites[of_person], others)
    about = categories[visits]
    is_about = (about != ANY_CATEGORY) & (rng.random(count) < EVENT_CATEGORY_SHARE)
    chosen = np.where(is_about, about, chosen)
    per_category = goods.by_price.shape[1]
    places = np.floor(rng.random((2, count)) ** (1 / traits.price_level[of_person]) * per_category).astype(np.int64)
    first, second = goods.by_price[chosen, places[0]], goods.by_price[chosen, places[1]]
    prefers = (goods.brands[first] != traits.brands[of_person]) & (goods.brands[second] == traits.brands[of_person])
    products = np.where(prefers & (rng.random(count) < FAVOURITE_BRAND_SHARE), second, first)
    is_staple = (traits.staples[of_person] >= 0) & (rank_in_group(visits) == 0) & (rng.random(count) < STAPLE_SHARE)
    products = np.where(is_staple & ~is_about, traits.staples[of_person], products)
    return Lines(visits, products, rng.geometric(0.68, count))


def _joined_up(
    block: Block,
    people: People,
    traits: Traits,
    stores: Integers,
    *,
    parts: tuple[tuple[Integers, Floats, Integers, Lines], tuple[Integers, Floats, Integers, Lines]],
) -> Wishes:
    """Return first and later visits as one table, ordered by person and time."""
    (first_persons, first_days, first_categories, first_lines), (persons, days, categories, lines) = parts
    rng = block.rng("visit_details")
    all_persons = np.concatenate([first_persons, persons])
    all_days = np.concatenate([first_days, _on_preferred_weekdays(rng, traits, persons, days, categories)])
    channels = draw_channels(rng, people, traits, all_persons)
    seconds = in_opening_hours(instants_of(rng, traits.hours[all_persons], all_days), channels == STORE)
    order = np.lexsort((np.arange(len(seconds)), seconds, all_persons))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    line_visits = rank[np.concatenate([first_lines.visits, lines.visits + len(first_persons)])]
    line_order = np.argsort(line_visits, kind="stable")
    sorted_persons = all_persons[order]
    channels = channels[order]
    return Wishes(
        persons=sorted_persons,
        seconds=seconds[order],
        categories=np.concatenate([first_categories, categories])[order],
        is_first=order < len(first_persons),
        channels=channels,
        stores=np.where(channels == STORE, stores[sorted_persons], WAREHOUSE),
        situations=weighted_indexes(rng.random(len(order)), [0.6, 0.25, 0.15]),
        lines=Lines(
            line_visits[line_order],
            np.concatenate([first_lines.products, lines.products])[line_order],
            np.concatenate([first_lines.quantities, lines.quantities])[line_order],
        ),
    )


def _on_preferred_weekdays(
    rng: np.random.Generator, traits: Traits, persons: Integers, days: Floats, categories: Integers
) -> Floats:
    """Move some visits of no special cause back to the preferred weekday; 1970-01-01 was a Thursday."""
    weekdays = (np.floor(days).astype(np.int64) + 3) % 7
    back = (weekdays - traits.weekdays[persons]) % 7
    moves = (rng.random(len(persons)) < WEEKDAY_SHARE) & (categories == ANY_CATEGORY)
    first_days = np.full(len(traits.hours), np.inf)
    np.minimum.at(first_days, persons, days)
    earlier = days - back
    moved: Floats = np.where(moves & (earlier >= first_days[persons]), earlier, days)
    return moved


def instants_of(rng: np.random.Generator, hours: Integers, days: Floats | Integers) -> Integers:
    """Return an instant on each day, around the preferred hour and never at night, in seconds since 1970-01-01."""
    around = np.clip(np.round(hours + rng.normal(0, 2.2, len(days))), _EARLIEST_HOUR, _LATEST_HOUR).astype(np.int64)
    return np.floor(days).astype(np.int64) * DAY_SECONDS + around * 3_600 + rng.integers(0, 3_600, len(days))


def in_opening_hours(seconds: Integers, is_in_store: Flags) -> Integers:
    """Return the instants, those in stores between nine and half past eight, earlier ones still earlier."""
    of_day = seconds % DAY_SECONDS
    since = of_day - _EARLIEST_HOUR * 3_600
    waking = (_LATEST_HOUR + 1 - _EARLIEST_HOUR) * 3_600
    opened = _STORE_OPENS + since * (_STORE_CLOSES - _STORE_OPENS) // waking
    return np.where(is_in_store, seconds - of_day + opened, seconds)


def draw_channels(rng: np.random.Generator, people: People, traits: Traits, persons: Integers) -> Integers:
    """Return where each visit takes place: mostly the preferred channel, never one that the person does not use."""
    other = rng.integers(0, 3, len(persons))
    channels = np.where(rng.random(len(persons)) < PREFERRED_CHANNEL_SHARE, traits.channels[persons], other)
    can = np.stack([people.in_shop, people.is_app_user, people.in_pos], axis=1)
    fallback = np.where(people.in_shop, WEB, np.where(people.in_pos, STORE, APP))
    return np.where(can[persons, channels], channels, fallback[persons])
