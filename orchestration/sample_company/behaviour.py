"""What the people do: when they buy, what, how much of it they send back, and when they stop.

Belongs here: the true orders, as they happened. Does not belong here: how the shop writes them
into files (`sources/shop.py`) and what gets lost on the way (`noise.py`).

A person buys at a latent rate until a latent drop-out, gamma and exponential as in the
Pareto/NBD model (Schmittlein, Morrison and Colombo, 1987); taste, season and regularity of the
single person come on top, so that the history says more than the last purchase alone. Regular
buyers wait for an Erlang time between purchases: they are least likely to buy just after one.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from orchestration.sample_company.catalogue import CATEGORIES, PRODUCTS_PER_CATEGORY
from orchestration.sample_company.people import Calendar
from orchestration.sample_company.randomness import Flags, Floats, Integers, stream, weighted_indexes
from orchestration.sample_company.tables import query, table_of

ORDERS_PER_YEAR = 3.8
RATE_SHAPE = 1.1
LIFETIME_DAYS = 1000.0
LIFETIME_SHAPE = 1.6
REGULAR_SHARE = 0.5
REGULAR_STAGES = 4
FAVOURITE_SHARE = 0.7
RETURN_SHARE = 0.06
RETURN_WHOLE_ORDER_SHARE = 0.35
DISCOUNTED_SHARE = 0.12

_DAY_SECONDS = 86_400
_OPENING_SECONDS = 6 * 3_600
_TRADING_SECONDS = 16 * 3_600
_DAYS_PER_MONTH = 30.44

_ORDERS_SQL = """
with everything as (
    select draw, person_number, 'sale' as order_type, happened_at, null::bigint as sale_draw,
        payment_index
    from sales
    union all
    select draw + 1000000000, person_number, 'return', returned_at, draw, payment_index
    from sales
    where is_returned
),

numbered as (
    select
        *,
        row_number() over (order by happened_at, person_number, draw) as order_number,
    from everything
)

select
    numbered.order_number,
    numbered.draw,
    numbered.person_number,
    numbered.order_type,
    numbered.happened_at,
    numbered.payment_index,
    sold.order_number as original_order_number,
from numbered
left join numbered as sold
    on numbered.sale_draw = sold.draw
where numbered.happened_at < $ends_at
order by numbered.order_number
"""

_LINES_SQL = """
with sold as (
    select orders.order_number, lines.line_number, lines.product_number, lines.quantity,
        lines.unit_price_pence
    from lines
    join orders
        on lines.draw = orders.draw
),

sent_back as (
    select returned.order_number, lines.line_number, lines.product_number,
        -lines.quantity as quantity, lines.unit_price_pence
    from lines
    join sales
        using (draw)
    join orders as returned
        on lines.draw + 1000000000 = returned.draw
    where sales.is_returned_whole or lines.line_number = 1
)

select *
from (select * from sold union all select * from sent_back)
order by order_number, line_number
"""


@dataclass(frozen=True)
class Behaviour:
    """What happened, as tables.

    Attributes:
        traits: One row per person: latent rate, drop-out, taste, price level.
        orders: One row per sale or return, ordered by `order_number`; `happened_at` is UTC.
        lines: One row per order line; returns have negative quantities.
    """

    traits: pa.Table
    orders: pa.Table
    lines: pa.Table


def simulate(people: pa.Table, catalogue: pa.Table, *, seed: int, calendar: Calendar) -> Behaviour:
    """The people's orders over the calendar's days.

    Rows out: any number per person who is in the shop, none for the others. The orders until a
    day do not depend on how many later days are read.
    """
    traits = make_traits(people, seed=seed)
    sales = _sales(people, traits, seed=seed, calendar=calendar)
    lines = _lines(sales, traits, catalogue, seed=seed)
    ends_at = int(np.datetime64(calendar.last_on + timedelta(days=1), "s").astype(np.int64))
    orders = query(_ORDERS_SQL, {"sales": sales}, {"ends_at": ends_at})
    lines = query(_LINES_SQL, {"sales": sales, "lines": lines, "orders": orders})
    return Behaviour(traits=traits, orders=orders.drop_columns(["draw"]), lines=lines)


def make_traits(people: pa.Table, *, seed: int) -> pa.Table:
    """One row per person: the hidden causes of what they buy.

    Columns out: `person_number`; `purchase_rate_per_day` (gamma over people, times the taste's
    factor); `lifetime_days` until drop-out (exponential with a gamma rate); `is_regular`;
    `favourite_category` (index into the catalogue's categories); `price_level` (1 is average);
    `return_share` 0..1.
    """
    rng = stream(seed, "traits")
    count = people.num_rows
    favourites = weighted_indexes(rng.random(count), [c.share for c in CATEGORIES])
    factors = np.array([c.rate_factor for c in CATEGORIES])[favourites]
    rates = rng.gamma(RATE_SHAPE, ORDERS_PER_YEAR / 365 / RATE_SHAPE, count) * factors
    drop_out_rates = rng.gamma(LIFETIME_SHAPE, 1 / (LIFETIME_DAYS * LIFETIME_SHAPE), count)
    return table_of(
        {
            "person_number": people["person_number"],
            "purchase_rate_per_day": rates,
            "lifetime_days": rng.exponential(1.0, count) / np.maximum(drop_out_rates, 1e-6),
            "is_regular": rng.random(count) < REGULAR_SHARE,
            "favourite_category": favourites,
            "price_level": np.exp(rng.normal(0, 0.3, count)),
            "return_share": rng.beta(1.2, 1.2 / RETURN_SHARE - 1.2, count),
        }
    )


def _numbers(table: pa.Table, name: str) -> Floats:
    return table[name].to_numpy().astype(np.float64)


def _epoch_days(days: "pa.ChunkedArray[Any]") -> Floats:
    return days.cast(pa.int32()).to_numpy().astype(np.float64)


def _epoch_day(day: date) -> float:
    return float(np.datetime64(day, "D").astype(np.int64))


def _sales(people: pa.Table, traits: pa.Table, *, seed: int, calendar: Calendar) -> pa.Table:
    """One row per sale: person, instant, and whether and when it comes back."""
    rng = stream(seed, "sales")
    persons, days = _purchase_days(rng, people, traits, calendar)
    count = len(persons)
    instants = (
        np.floor(days).astype(np.int64) * _DAY_SECONDS
        + _OPENING_SECONDS
        + (rng.beta(2.2, 1.8, count) * _TRADING_SECONDS).astype(np.int64)
    )
    is_returned = rng.random(count) < _numbers(traits, "return_share")[persons]
    delays = rng.integers(3, 29, count) * _DAY_SECONDS + rng.integers(-3_600, 3_600, count)
    return table_of(
        {
            "draw": np.arange(count, dtype=np.int64),
            "person_number": persons + 1,
            "happened_at": instants,
            "payment_index": weighted_indexes(rng.random(count), [0.62, 0.27, 0.11]),
            "is_returned": is_returned,
            "is_returned_whole": is_returned & (rng.random(count) < RETURN_WHOLE_ORDER_SHARE),
            "returned_at": instants + delays,
        }
    )


def _purchase_days(
    rng: np.random.Generator, people: pa.Table, traits: pa.Table, calendar: Calendar
) -> tuple[Integers, Floats]:
    """Row numbers of people and epoch days (with fraction) of their purchases, the first included."""
    joined = _epoch_days(people["joined_on"])
    opening, closing = _epoch_day(calendar.starts_on), _epoch_day(calendar.last_on) + 1
    active_from = np.maximum(joined, opening)
    active_to = np.minimum(joined + _numbers(traits, "lifetime_days"), closing)
    active_days = np.maximum(active_to - active_from, 0)
    in_shop = people["is_in_shop"].to_numpy()
    is_regular = traits["is_regular"].to_numpy()
    thinning = np.where(is_regular, float(REGULAR_STAGES), 1.0)
    highest = 1 + max(c.peak_strength for c in CATEGORIES)
    expected = _numbers(traits, "purchase_rate_per_day") * active_days * thinning * highest
    persons = np.repeat(np.arange(people.num_rows), rng.poisson(expected * in_shop))
    days = active_from[persons] + rng.random(len(persons)) * active_days[persons]
    wanted = _season(traits, persons, days) / highest
    kept = rng.random(len(persons)) < wanted
    persons, days = persons[kept], days[kept]
    order = np.lexsort((days, persons))
    persons, days = persons[order], days[order]
    kept = ~is_regular[persons] | (_rank_in_group(persons) % REGULAR_STAGES == REGULAR_STAGES - 1)
    acquired = in_shop & (joined >= opening)
    persons = np.concatenate([persons[kept], np.flatnonzero(acquired)])
    days = np.concatenate([days[kept], joined[acquired]])
    order = np.lexsort((days, persons))
    return persons[order].astype(np.int64), days[order]


def _season(traits: pa.Table, persons: Integers, days: Floats) -> Floats:
    """How well the person's favourite category sells on the day; 1 on average."""
    favourites = traits["favourite_category"].to_numpy()[persons]
    peaks = (np.array([c.peak_month for c in CATEGORIES]) - 0.5) * _DAYS_PER_MONTH
    strengths = np.array([c.peak_strength for c in CATEGORIES])[favourites]
    angle = 2 * np.pi * (days - peaks[favourites]) / 365.25
    season: Floats = 1 + strengths * np.cos(angle)
    return season


def _rank_in_group(groups: Integers) -> Integers:
    """0, 1, 2, … inside each run of equal values."""
    if len(groups) == 0:
        return groups
    starts: Flags = np.concatenate([[True], groups[1:] != groups[:-1]])
    positions = np.arange(len(groups))
    return positions - np.maximum.accumulate(np.where(starts, positions, 0))


def _lines(sales: pa.Table, traits: pa.Table, catalogue: pa.Table, *, seed: int) -> pa.Table:
    """One row per line of a sale: product, quantity and the price that was paid for one."""
    rng = stream(seed, "lines")
    counts = 1 + rng.poisson(0.9, sales.num_rows)
    rows = np.repeat(np.arange(sales.num_rows), counts)
    persons = sales["person_number"].to_numpy()[rows] - 1
    favourites = traits["favourite_category"].to_numpy()[persons]
    others = weighted_indexes(rng.random(len(rows)), [c.share for c in CATEGORIES])
    categories = np.where(rng.random(len(rows)) < FAVOURITE_SHARE, favourites, others)
    levels = _numbers(traits, "price_level")[persons]
    positions = np.floor(rng.random(len(rows)) ** (1 / levels) * PRODUCTS_PER_CATEGORY)
    ranked = _products_by_price(catalogue)
    products = ranked[categories, positions.astype(np.int64)]
    prices = catalogue["list_price_pence"].to_numpy()[products]
    has_discount = rng.random(len(rows)) < DISCOUNTED_SHARE
    return table_of(
        {
            "draw": sales["draw"].to_numpy()[rows],
            "line_number": _rank_in_group(rows) + 1,
            "product_number": products,
            "quantity": rng.geometric(0.68, len(rows)),
            "unit_price_pence": np.where(has_discount, np.round(prices * 0.8), prices).astype(np.int64),
        }
    )


def _products_by_price(catalogue: pa.Table) -> Integers:
    """Product numbers of each category (rows), from cheap to dear."""
    prices = catalogue["list_price_pence"].to_numpy().reshape(len(CATEGORIES), PRODUCTS_PER_CATEGORY)
    first = np.arange(len(CATEGORIES))[:, None] * PRODUCTS_PER_CATEGORY
    return first + np.argsort(prices, axis=1, kind="stable")
