"""The way to a purchase and after it, in six stages: the table `journeys`.

A considered purchase (dear goods, or a planned one) has a need, research and a decision before it, then use, and at
times a recommendation. Other journeys are lost on the way. Sessions in the stages before a purchase show them
(`sessions.py`).
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.sample_company.catalogue import CATEGORIES
from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.company.campaigns import STAGES
from orchestration.sample_company.facts.company.goods import Goods
from orchestration.sample_company.facts.trade.orders import Orders
from orchestration.sample_company.facts.trade.purchases import DAY_SECONDS, PLANNED
from orchestration.sample_company.facts.trade.traits import Traits
from orchestration.sample_company.facts.who.homes import NEVER
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.randomness import Flags, Integers, weighted_indexes
from orchestration.sample_company.tables import choices, instants, numbers, rank_in_group, table_of

CONSIDERED_SHARE = 0.35
DEAR_PENCE = 6_000
RECOMMENDED_SHARE = 0.3
LOST_PER_YEAR = 0.25
FAVOURITE_SHARE = 0.5
_LOST_AFTER = (0.35, 0.4, 0.25)

NEED, RESEARCH, DECISION, ADOPTION, USE, RECOMMEND = range(6)
_OUTCOMES = ("advanced", "won", "lost")
_ADVANCED, _WON, _LOST = range(3)


@dataclass(frozen=True)
class Journeys:
    """Stages of all journeys, ordered by person, journey and time.

    Attributes:
        persons: Rows of the block.
        journeys: 1, 2, … by person.
        stages: Places in the stages.
        entered: Instants since 1970-01-01.
        left: Instants, or `NEVER`.
        outcomes: Places in the outcomes, or -1.
        categories: Places in `CATEGORIES`.
        orders: Places in the orders, or -1.
    """

    persons: Integers
    journeys: Integers
    stages: Integers
    entered: Integers
    left: Integers
    outcomes: Integers
    categories: Integers
    orders: Integers


def draw_journeys(  # noqa: PLR0913 - purchases, and a process in a window
    block: Block, traits: Traits, orders: Orders, goods: Goods, *, dropped_out: Integers, joined: Integers
) -> Journeys:
    """Return the journeys that led to an order and those that were lost."""
    rng = block.rng("journeys")
    won, won_entered, won_categories = _won(rng, orders, goods)
    lost, lost_entered, lost_stage, lost_categories = _lost(rng, block, traits, dropped_out=dropped_out, joined=joined)
    has_recommended = rng.random(len(won)) < RECOMMENDED_SHARE
    last_stage = np.concatenate([np.where(has_recommended, RECOMMEND, USE), lost_stage])
    persons = np.concatenate([orders.persons[won], lost])
    entered = np.concatenate([won_entered, lost_entered], axis=1)
    is_won = np.arange(len(persons)) < len(won)
    end = block.calendar.end_day * DAY_SECONDS
    by_start = np.lexsort((np.arange(len(persons)), entered[0], persons))
    number = np.empty(len(persons), dtype=np.int64)
    number[by_start] = rank_in_group(persons[by_start]) + 1
    stages = np.arange(len(STAGES))[:, None]
    happens = (stages <= last_stage) & (entered < end)
    left = np.concatenate([entered[1:], np.full((1, len(persons)), NEVER)])
    is_last = stages == last_stage
    lost_at = entered + rng.integers(2, 20, len(persons)) * DAY_SECONDS
    left = np.where(is_last, np.where(is_won, NEVER, lost_at), left)
    left = np.where(left < end, left, NEVER)
    outcome = np.where(is_last & ~is_won, _LOST, np.where(stages == DECISION, _WON, _ADVANCED))
    places = np.nonzero(happens.T)
    journey, stage = places
    found = left.T[places]
    order_places = np.concatenate([won, np.full(len(lost), -1)])
    order = np.lexsort((stage, number[journey], persons[journey]))
    journey, stage, found = journey[order], stage[order], found[order]
    return Journeys(
        persons=persons[journey],
        journeys=number[journey],
        stages=stage,
        entered=entered[stage, journey],
        left=found,
        outcomes=np.where(found == NEVER, -1, outcome[stage, journey]),
        categories=np.concatenate([won_categories, lost_categories])[journey],
        orders=order_places[journey],
    )


def _won(rng: np.random.Generator, orders: Orders, goods: Goods) -> tuple[Integers, Integers, Integers]:
    """Return the orders at the end of a journey, the instants of its six stages, and what it was about."""
    firsts = np.full(len(orders.numbers), -1, dtype=np.int64)
    is_first_line = orders.line_numbers == 1
    firsts[orders.line_orders[is_first_line]] = orders.products[is_first_line]
    is_considered: Flags = (orders.originals < 0) & (orders.messages < 0)
    is_considered &= (orders.amounts >= DEAR_PENCE) | (orders.situations == PLANNED)
    won = np.flatnonzero(is_considered & (rng.random(len(firsts)) < CONSIDERED_SHARE))
    count = len(won)
    bought = orders.seconds[won]
    decision = bought - rng.integers(3_600, 3 * DAY_SECONDS, count)
    research = decision - rng.integers(DAY_SECONDS, 12 * DAY_SECONDS, count)
    need = research - rng.integers(DAY_SECONDS, 15 * DAY_SECONDS, count)
    use = bought + rng.integers(3 * DAY_SECONDS, 15 * DAY_SECONDS, count)
    recommend = use + rng.integers(4 * DAY_SECONDS, 40 * DAY_SECONDS, count)
    return won, np.stack([need, research, decision, bought, use, recommend]), goods.categories[firsts[won]]


def _lost(
    rng: np.random.Generator, block: Block, traits: Traits, *, dropped_out: Integers, joined: Integers
) -> tuple[Integers, Integers, Integers, Integers]:
    """Return person, instants of stages, last stage and category of the journeys that led nowhere."""
    starts = np.maximum(joined, block.calendar.first_day)
    lengths = np.maximum(np.minimum(dropped_out, block.calendar.end_day) - starts, 0)
    persons = np.repeat(np.arange(len(joined)), rng.poisson(LOST_PER_YEAR / 365 * lengths))
    count = len(persons)
    need = starts[persons] * DAY_SECONDS + np.floor(rng.random(count) * lengths[persons] * DAY_SECONDS).astype(np.int64)
    research = need + rng.integers(DAY_SECONDS, 15 * DAY_SECONDS, count)
    decision = research + rng.integers(DAY_SECONDS, 12 * DAY_SECONDS, count)
    taste = rng.random(count) < FAVOURITE_SHARE
    drawn = weighted_indexes(rng.random(count), [c.share for c in CATEGORIES])
    categories = np.where(taste, traits.favourites[persons], drawn)
    never = np.full(count, NEVER)
    entered = np.stack([need, research, decision, never, never, never])
    return persons, entered, weighted_indexes(rng.random(count), _LOST_AFTER), categories


def journey_table(people: People, journeys: Journeys, orders: Orders) -> pa.Table:
    """Return the table `journeys`."""
    has_left = journeys.left != NEVER
    return table_of(
        {
            "person_number": people.numbers[journeys.persons],
            "journey_number": journeys.journeys,
            "stage": choices(STAGES, journeys.stages),
            "entered_at": instants(journeys.entered),
            "left_at": instants(np.where(has_left, journeys.left, 0), is_known=has_left),
            "outcome": choices(_OUTCOMES, np.maximum(journeys.outcomes, 0), is_known=journeys.outcomes >= 0),
            "category": choices([c.name for c in CATEGORIES], journeys.categories),
            "order_number": numbers(orders.numbers[journeys.orders], is_known=journeys.orders >= 0),
        }
    )
