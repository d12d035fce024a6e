"""Bad experiences with the company, and who left because of one: drop-outs with a true reason.

Belongs here: the table `experiences`, and each person's drop-out, natural or not. Nothing that a campaign does to those
it treats ends purchases within 14 days, so that its true uplift holds for that time.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.company.campaigns import Campaigns
from orchestration.sample_company.facts.company.goods import STORE_IDS, Goods
from orchestration.sample_company.facts.contact.messages import Audience
from orchestration.sample_company.facts.trade.offers import Denials
from orchestration.sample_company.facts.trade.purchases import DAY_SECONDS, Wishes
from orchestration.sample_company.facts.trade.traits import (
    BROKEN_PROMISE,
    MESSAGE_FATIGUE,
    MOVED_AWAY,
    NATURAL,
    PRICE_RISE,
    REASONS,
    SERVICE_FAILURE,
    STOCK_OUT,
    Traits,
)
from orchestration.sample_company.facts.who.homes import NEVER, Homes
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.randomness import Flags, Floats, Integers
from orchestration.sample_company.tables import choices, instants, numbers, table_of, text_column

NOTHING = -1
_AT_ONCE = (1, 2)
_AFTER_MESSAGES = (15, 46)


@dataclass(frozen=True)
class Experiences:
    """Bad experiences until each person's drop-out, ordered by person and time, and the drop-outs.

    Attributes:
        persons: Rows of the block.
        seconds: When it happened.
        kinds: Places in the drop-out reasons.
        visits: Places in the wishes, or -1.
        products: Product numbers, or -1.
        stores: Places in the stores, or -1.
        campaigns: Places in the campaigns, or -1.
        offers: Places in the offers, or -1.
        is_decisive: Whether the person left because of it.
        dropped_out: For each person the first day without purchases, days since 1970-01-01; may be beyond the calendar.
        reasons: For each person the place in the drop-out reasons.
        happens: For each visit of the wishes whether anything is bought.
        is_out: For each wanted line whether it was out of stock.
    """

    persons: Integers
    seconds: Integers
    kinds: Integers
    visits: Integers
    products: Integers
    stores: Integers
    campaigns: Integers
    offers: Integers
    is_decisive: Flags
    dropped_out: Integers
    reasons: Integers
    happens: Flags
    is_out: Flags


@dataclass(frozen=True)
class _Group:
    """Experiences of one kind with their chance to end purchases, and after how many days they do so."""

    kind: int
    persons: Integers
    seconds: Integers
    chances: Floats
    after: tuple[int, int]
    visits: Integers | None = None
    products: Integers | None = None
    stores: Integers | None = None
    campaigns: Integers | None = None
    offers: Integers | None = None


def draw_experiences(  # noqa: PLR0913 - all that can go wrong
    block: Block,
    people: People,
    traits: Traits,
    *,
    homes: Homes,
    goods: Goods,
    wishes: Wishes,
    audience: Audience,
    denials: Denials,
) -> Experiences:
    """Return what went wrong for the block's people, and when and why each stopped to buy."""
    rng = block.rng("experiences")
    is_out, at_visits = _at_visits(rng, block, traits, goods, wishes)
    groups = [*at_visits, *_after_messages(block, people, audience, denials), _moved_away(block, people, homes)]
    persons, seconds, kinds, chances = (
        np.concatenate(parts)
        for parts in (
            [g.persons for g in groups],
            [g.seconds for g in groups],
            [np.full(len(g.persons), g.kind) for g in groups],
            [g.chances for g in groups],
        )
    )
    delays = np.concatenate([rng.integers(g.after[0], g.after[1], len(g.persons)) for g in groups])
    is_serious = (rng.random(len(persons)) < chances) & ~people.is_story[persons]
    leaves_on = np.where(is_serious, seconds // DAY_SECONDS + delays, NEVER)
    dropped_out = np.floor(traits.lifetime_ends).astype(np.int64) + 1
    reasons = np.full(people.count, NATURAL)
    decisive = _first_by_person(persons, leaves_on)
    decisive = decisive[leaves_on[decisive] < dropped_out[persons[decisive]]]
    dropped_out[persons[decisive]] = leaves_on[decisive]
    reasons[persons[decisive]] = kinds[decisive]
    is_decisive = np.zeros(len(persons), dtype=np.bool_)
    is_decisive[decisive] = True
    has_met = seconds < dropped_out[persons] * DAY_SECONDS
    order = np.lexsort((kinds, seconds, persons))
    order = order[has_met[order]]
    alive = wishes.seconds < dropped_out[wishes.persons] * DAY_SECONDS
    available = np.bincount(wishes.lines.visits, weights=~is_out, minlength=len(wishes.persons)) > 0
    named = {
        name: np.concatenate([_or_nothing(getattr(group, name), len(group.persons)) for group in groups])[order]
        for name in ("visits", "products", "stores", "campaigns", "offers")
    }
    return Experiences(
        persons=persons[order],
        seconds=seconds[order],
        kinds=kinds[order],
        is_decisive=is_decisive[order],
        dropped_out=dropped_out,
        reasons=reasons,
        happens=alive & available,
        is_out=is_out,
        **named,
    )


def _or_nothing(values: Integers | None, count: int) -> Integers:
    return np.full(count, NOTHING) if values is None else values


def _first_by_person(persons: Integers, days: Integers) -> Integers:
    """Return the row with each person's earliest day, of those that have one."""
    order = np.lexsort((np.arange(len(persons)), days, persons))
    order = order[days[order] != NEVER]
    _, firsts = np.unique(persons[order], return_index=True)
    first: Integers = order[firsts]
    return first


def _at_visits(
    rng: np.random.Generator, block: Block, traits: Traits, goods: Goods, wishes: Wishes
) -> tuple[Flags, list[_Group]]:
    """Return which wanted lines were out of stock, and the stock-outs, dear prices and service failures at visits."""
    causes, lines = block.causes, wishes.lines
    offsets = wishes.seconds[lines.visits] // DAY_SECONDS - block.calendar.first_day
    is_out = goods.is_out[wishes.stores[lines.visits], lines.products, offsets] & ~wishes.is_first[lines.visits]
    is_dear = goods.is_dear[lines.products, offsets] & ~is_out
    out_visits, out_lines = _first_lines(lines.visits, is_out)
    dear_visits, dear_lines = _first_lines(lines.visits, is_dear)
    has_goods = np.bincount(lines.visits, weights=~is_out, minlength=len(wishes.persons)) > 0
    failed = np.flatnonzero(has_goods & (rng.random(len(wishes.persons)) < causes.service_failure_share))
    dear_persons = wishes.persons[dear_visits]
    return is_out, [
        _Group(
            STOCK_OUT,
            wishes.persons[out_visits],
            wishes.seconds[out_visits],
            np.full(len(out_visits), causes.leave_after_stock_out),
            _AT_ONCE,
            visits=np.where(has_goods[out_visits], out_visits, NOTHING),
            products=lines.products[out_lines],
            stores=wishes.stores[out_visits],
        ),
        _Group(
            PRICE_RISE,
            dear_persons,
            wishes.seconds[dear_visits],
            causes.leave_after_price_rise * traits.discount_sensitivity[dear_persons],
            _AT_ONCE,
            visits=dear_visits,
            products=lines.products[dear_lines],
        ),
        _Group(
            SERVICE_FAILURE,
            wishes.persons[failed],
            wishes.seconds[failed],
            np.full(len(failed), causes.leave_after_service_failure),
            _AT_ONCE,
            visits=failed,
        ),
    ]


def _first_lines(visits: Integers, flags: Flags) -> tuple[Integers, Integers]:
    """Return the visits with a flagged line, and the first such line of each."""
    rows = np.flatnonzero(flags)
    found, places = np.unique(visits[rows], return_index=True)
    return found, rows[places]


def _after_messages(block: Block, people: People, audience: Audience, denials: Denials) -> list[_Group]:
    """Return the broken promises, and the unsubscriptions under pressure."""
    broken = np.flatnonzero(denials.is_broken)
    tired = np.flatnonzero(audience.unsubscribes & (audience.excess > 0))
    tired_persons = audience.persons[tired]
    return [
        _Group(
            BROKEN_PROMISE,
            denials.persons[broken],
            denials.seconds[broken],
            np.full(len(broken), block.causes.leave_after_broken_promise),
            _AFTER_MESSAGES,
            campaigns=denials.campaigns[broken],
            offers=denials.offers[broken],
        ),
        _Group(
            MESSAGE_FATIGUE,
            tired_persons,
            audience.unsubscribed[tired_persons],
            np.where(people.is_tester[tired_persons], 0.0, block.causes.leave_after_fatigue),
            _AFTER_MESSAGES,
            campaigns=audience.campaigns[tired],
        ),
    ]


def _moved_away(block: Block, people: People, homes: Homes) -> _Group:
    movers = np.flatnonzero(homes.is_abroad & (homes.moved > people.joined))
    return _Group(
        MOVED_AWAY,
        movers,
        homes.moved[movers] * DAY_SECONDS,
        np.full(len(movers), block.causes.leave_after_moving_away),
        (1, 11),
    )


def experience_table(
    people: People, experiences: Experiences, campaigns: Campaigns, order_numbers: Integers
) -> pa.Table:
    """Return the table `experiences`; `order_numbers` gives each visit's order, or -1 where nothing was bought."""
    visits = experiences.visits
    has_visit = visits != NOTHING
    orders = np.where(has_visit, order_numbers[np.maximum(visits, 0)], NOTHING) if len(order_numbers) else visits
    return table_of(
        {
            "person_number": people.numbers[experiences.persons],
            "happened_at": instants(experiences.seconds),
            "experience_type": choices(REASONS, experiences.kinds),
            "order_number": numbers(orders, is_known=orders != NOTHING),
            "product_number": numbers(experiences.products, is_known=experiences.products != NOTHING),
            "store_id": choices(STORE_IDS, np.maximum(experiences.stores, 0), is_known=experiences.stores != NOTHING),
            "campaign_id": text_column(campaigns.ids[experiences.campaigns], is_known=experiences.campaigns != NOTHING),
            "offer_id": text_column(campaigns.offer_ids[experiences.offers], is_known=experiences.offers != NOTHING),
            "is_decisive": experiences.is_decisive,
        }
    )
