"""The hidden causes of what each person does: the table `traits`, and the turns in life that change it.

A person buys at a latent rate until a latent drop-out, gamma and exponential as in the Pareto/NBD model (Schmittlein,
Morrison and Colombo, 1987); taste, season, life events and the company's own doing come on top.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.sample_company.catalogue import BRANDS, BRANDS_PER_CATEGORY, CATEGORIES
from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.company.campaigns import CHANNELS as MESSAGE_CHANNELS
from orchestration.sample_company.facts.company.goods import Goods
from orchestration.sample_company.facts.who.homes import NEVER, Homes
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.randomness import Flags, Floats, Integers, weighted_indexes
from orchestration.sample_company.tables import choices, days, numbers, table_of

ORDERS_PER_YEAR = 3.4
RATE_SHAPE = 1.1
LIFETIME_DAYS = 1300.0
LIFETIME_SHAPE = 1.6
REGULAR_SHARE = 0.45
REPLENISHING_SHARE = 0.12
RETURN_SHARE = 0.06
STORY_RATE = 1 / 40
TESTER_RATE = 1 / 4
HAD_CHILD_SHARE = 0.05
RETIRED_SHARE = 0.25

PURCHASE_CHANNELS = ("web", "app", "store")
WEB, APP, STORE = range(3)
REASONS = (
    "broken_promise",
    "message_fatigue",
    "moved_away",
    "natural",
    "price_rise",
    "service_failure",
    "stock_out",
)
BROKEN_PROMISE, MESSAGE_FATIGUE, MOVED_AWAY, NATURAL, PRICE_RISE, SERVICE_FAILURE, STOCK_OUT = range(7)
EVENTS = ("had_child", "married", "moved_house", "retired")
_DAYS_PER_YEAR = 365.25
_PARENT_AGES = (23, 43)
_RETIREMENT_AGES = (60, 69)


@dataclass
class Traits:
    """Hidden causes by person, in the order of the block.

    Attributes:
        rate: Purchases per day while alive.
        stages: Stages of the Erlang time between purchases: 1 random, 4 regular, 16 replenishing.
        staples: The product that a replenishing person comes back for, or -1.
        lifetime_ends: Natural drop-out, days since 1970-01-01.
        favourites: Places in `CATEGORIES`.
        brands: Places in `BRANDS`.
        price_level: 1 is average.
        return_share: 0..1.
        discount_sensitivity: 0..1.
        channels: Places in `PURCHASE_CHANNELS`; where the person can buy at all is heeded.
        message_channels: Places in the campaigns' channels.
        hours: Preferred hour, 0..23.
        weekdays: Preferred weekday, 0 is Monday.
        thresholds: Messages a week from which the person is tired of them.
    """

    rate: Floats
    stages: Integers
    staples: Integers
    lifetime_ends: Floats
    favourites: Integers
    brands: Integers
    price_level: Floats
    return_share: Floats
    discount_sensitivity: Floats
    channels: Integers
    message_channels: Integers
    hours: Integers
    weekdays: Integers
    thresholds: Integers


@dataclass(frozen=True)
class LifeEvents:
    """Turns in life: the table, and the days of those that change purchases (`NEVER` for the others)."""

    table: pa.Table
    moved: Integers
    had_child: Integers


def draw_traits(block: Block, people: People, goods: Goods) -> Traits:
    """Return the hidden causes of the block's people."""
    rng = block.rng("traits")
    count = people.count
    favourites = weighted_indexes(rng.random(count), [c.share for c in CATEGORIES])
    factors = np.array([c.rate_factor for c in CATEGORIES])[favourites]
    rate = rng.gamma(RATE_SHAPE, ORDERS_PER_YEAR / 365 / RATE_SHAPE, count) * factors
    rate[people.is_story] = np.maximum(rate[people.is_story], STORY_RATE)
    rate[people.is_tester] = TESTER_RATE
    drop_out_rates = rng.gamma(LIFETIME_SHAPE, 1 / (LIFETIME_DAYS * LIFETIME_SHAPE), count)
    lifetimes = rng.exponential(1.0, count) / np.maximum(drop_out_rates, 1e-6)
    lifetimes[people.is_story] = np.maximum(lifetimes[people.is_story], 2_000.0)
    staple_draws = rng.integers(0, goods.by_price.shape[1], count)
    staples = goods.by_price[favourites, staple_draws]
    is_replenishing = (rng.random(count) < REPLENISHING_SHARE) & (goods.replenishment_days[staples] > 0)
    is_replenishing &= ~people.is_story
    rate = np.where(is_replenishing, 1 / np.maximum(goods.replenishment_days[staples], 1), rate)
    is_regular = rng.random(count) < REGULAR_SHARE
    can = np.stack([people.in_shop, people.is_app_user, people.in_pos], axis=1)
    wishes = rng.random((count, 3)) * np.array([1.0, 0.9, 0.8]) + can * 10.0
    return Traits(
        rate=rate,
        stages=np.where(is_replenishing, 16, np.where(is_regular, 4, 1)),
        staples=np.where(is_replenishing, staples, -1),
        lifetime_ends=people.joined + lifetimes,
        favourites=favourites,
        brands=(favourites * 3 + rng.integers(0, BRANDS_PER_CATEGORY, count)) % len(BRANDS),
        price_level=np.exp(rng.normal(0, 0.3, count)),
        return_share=np.where(people.is_tester, 0.9, rng.beta(1.2, 1.2 / RETURN_SHARE - 1.2, count)),
        discount_sensitivity=rng.beta(1.6, 2.4, count),
        channels=np.argmax(wishes, axis=1),
        message_channels=weighted_indexes(rng.random(count), [0.62, 0.22, 0.16]),
        hours=np.clip(np.round(rng.normal(15.5, 3.2, count)), 7, 20).astype(np.int64),
        weekdays=weighted_indexes(rng.random(count), [0.12, 0.12, 0.12, 0.12, 0.14, 0.2, 0.18]),
        thresholds=rng.integers(1, 4, count),
    )


def draw_life_events(block: Block, people: People, homes: Homes) -> LifeEvents:
    """Return who moved house, had a child, married or retired within the calendar, and when."""
    rng = block.rng("life_events")
    count = people.count
    opening, end = block.calendar.first_day, block.calendar.end_day
    ages = (opening - people.born) / _DAYS_PER_YEAR
    drawn = rng.integers(opening, end, (2, count))
    is_parent = (ages >= _PARENT_AGES[0]) & (ages < _PARENT_AGES[1]) & (rng.random(count) < HAD_CHILD_SHARE)
    is_retiring = (ages >= _RETIREMENT_AGES[0]) & (ages < _RETIREMENT_AGES[1]) & (rng.random(count) < RETIRED_SHARE)
    had_child = np.where(is_parent, drawn[0], NEVER)
    happened = [
        had_child,
        np.where(people.married >= 0, people.married, NEVER),
        homes.moved,
        np.where(is_retiring, drawn[1], NEVER),
    ]
    rows = [np.flatnonzero(instants != NEVER) for instants in happened]
    persons = np.concatenate(rows)
    kinds = np.concatenate([np.full(len(found), kind) for kind, found in enumerate(rows)])
    on = np.concatenate([instants[found] for instants, found in zip(happened, rows, strict=True)])
    order = np.lexsort((kinds, on, persons))
    table = table_of(
        {
            "person_number": people.numbers[persons[order]],
            "event_type": choices(EVENTS, kinds[order]),
            "happened_on": days(on[order]),
        }
    )
    return LifeEvents(table, homes.moved, had_child)


def trait_table(  # noqa: PLR0913 - the row of traits and how it ended
    people: People, traits: Traits, *, lifts: Floats, dropped_out: Integers, reasons: Integers, end_day: int
) -> pa.Table:
    """Return the table `traits`; drop-outs after the calendar's end are not stated."""
    has_left: Flags = dropped_out < end_day
    return table_of(
        {
            "person_number": people.numbers,
            "purchase_rate_per_day": traits.rate,
            "gateway_lift": lifts,
            "dropped_out_on": days(np.where(has_left, dropped_out, 0), is_known=has_left),
            "drop_out_reason": choices(REASONS, reasons, is_known=has_left),
            "is_regular": traits.stages > 1,
            "staple_product_number": numbers(np.maximum(traits.staples, 0), is_known=traits.staples >= 0),
            "favourite_category": choices([c.name for c in CATEGORIES], traits.favourites),
            "favourite_brand": choices(BRANDS, traits.brands),
            "price_level": traits.price_level,
            "return_share": traits.return_share,
            "discount_sensitivity": traits.discount_sensitivity,
            "channel_preference": choices(PURCHASE_CHANNELS, traits.channels),
            "message_channel_preference": choices(MESSAGE_CHANNELS, traits.message_channels),
            "preferred_hour": traits.hours,
            "preferred_weekday": traits.weekdays,
            "fatigue_threshold_per_week": traits.thresholds,
            "is_tester": people.is_tester,
        }
    )
