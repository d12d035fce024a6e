"""What the company sells, at which price, where, and when it was out of stock; one set of facts for all people.

Price rises and stock-outs are true causes: people who meet them may leave (`experiences.py`).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from orchestration.sample_company.calendar import Calendar
from orchestration.sample_company.catalogue import BRANDS, BRANDS_PER_CATEGORY, CATEGORIES, PRODUCTS_PER_CATEGORY
from orchestration.sample_company.facts.who.names import Texts
from orchestration.sample_company.populations import POPULATIONS
from orchestration.sample_company.randomness import Flags, Integers, stream, weighted_indexes
from orchestration.sample_company.tables import choices, days, numbers, table_of, text_column

GATEWAYS_PER_CATEGORY = 2
PRICE_CHANGES = 3
RISE_SHARE = 0.8
DEAR_FROM = 1.1
DEAR_DAYS = 60
STOCK_OUTS_PER_PRODUCT = 1.6
DAILY_STOCK_DAYS = 14
NEW_PRODUCT_SHARE = 0.15

WAREHOUSE = 0
ZONES = ("entrance", "tableware", "garden", "textiles", "gifts", "till")
_STORES = (
    ("Online Warehouse", 0, 11),
    ("London", 0, 0),
    ("Manchester", 0, 2),
    ("Leeds", 0, 3),
    ("Edinburgh", 0, 8),
    ("Bristol", 0, 9),
    ("Cardiff", 0, 10),
    ("York", 0, 19),
    ("Dublin", 1, 0),
    ("Amsterdam", 4, 0),
)
STORE_IDS = [f"S{number:02d}" for number in range(len(_STORES))]


@dataclass(frozen=True)
class Goods:
    """Products, prices and stock as arrays; products in the order of their numbers, days from the calendar's first.

    Attributes:
        skus: Article numbers.
        names: Product names.
        categories: Each product's place in `CATEGORIES`.
        brands: Each product's place in `BRANDS`.
        prices: Products by days: list price in pence.
        is_dear: Products by days: whether the price rose by a tenth or more within the last 60 days.
        is_out: Stores by products by days: whether the product is out of stock.
        by_price: Categories by rank: products from cheap to dear.
        is_gateway: Whether a first basket with the product makes a better customer.
        replenishment_days: After how many days the product is used up; 0 if it is not.
        costs: What the company pays, in pence.
        introduced: Days since 1970-01-01.
    """

    skus: Texts
    names: Texts
    categories: Integers
    brands: Integers
    prices: Integers
    is_dear: Flags
    is_out: Flags
    by_price: Integers
    is_gateway: Flags
    replenishment_days: Integers
    costs: Integers
    introduced: Integers

    @property
    def count(self) -> int:
        """How many products there are."""
        return len(self.categories)


def make_goods(*, seed: int, calendar: Calendar) -> Goods:
    """Return the products with their prices and stock-outs over the calendar."""
    rng = stream(seed, "goods")
    count = len(CATEGORIES) * PRODUCTS_PER_CATEGORY
    categories = np.repeat(np.arange(len(CATEGORIES)), PRODUCTS_PER_CATEGORY)
    medians = np.array([c.price_pence for c in CATEGORIES])[categories]
    first_prices = np.maximum(
        np.round(medians * np.exp(rng.normal(0, 0.35, count)) / 50).astype(np.int64) * 50 - 1, 149
    )
    by_price = categories[::PRODUCTS_PER_CATEGORY, None] * PRODUCTS_PER_CATEGORY + np.argsort(
        first_prices.reshape(len(CATEGORIES), PRODUCTS_PER_CATEGORY), axis=1, kind="stable"
    )
    middle = PRODUCTS_PER_CATEGORY // 2
    is_gateway = np.zeros(count, dtype=np.bool_)
    is_gateway[by_price[:, middle - 1 : middle - 1 + GATEWAYS_PER_CATEGORY].ravel()] = True
    prices = _prices(rng, first_prices, calendar)
    cycles = np.array([c.replenishment_days for c in CATEGORIES])[categories]
    is_new = rng.random(count) < NEW_PRODUCT_SHARE
    return Goods(
        skus=np.array([f"LH-{number + 1001}" for number in range(count)], dtype=object),
        names=np.array([f"{a} {t}" for c in CATEGORIES for a in c.adjectives for t in c.things], dtype=object),
        categories=categories,
        brands=(categories * 3 + rng.integers(0, BRANDS_PER_CATEGORY, count)) % len(BRANDS),
        prices=prices,
        is_dear=_is_dear(prices),
        is_out=_stock_outs(rng, count, calendar),
        by_price=by_price,
        is_gateway=is_gateway,
        replenishment_days=np.where(cycles > 0, cycles + rng.integers(-15, 16, count), 0),
        costs=np.round(first_prices * rng.uniform(0.35, 0.65, count)).astype(np.int64),
        introduced=calendar.first_joining_day - np.where(is_new, rng.integers(0, 200, count), 2_000),
    )


def _prices(rng: np.random.Generator, first_prices: Integers, calendar: Calendar) -> Integers:
    """Return list prices by product and day: a few changes each, most of them rises."""
    days_count = calendar.end_day - calendar.first_day
    count = len(first_prices)
    factors = np.ones((count, days_count))
    products = np.arange(count)
    for _ in range(PRICE_CHANGES):
        starts = rng.integers(30, days_count + 300, count)
        changes = np.where(
            rng.random(count) < RISE_SHARE, rng.uniform(1.03, 1.2, count), rng.uniform(0.85, 0.97, count)
        )
        later = np.arange(days_count)[None, :] >= starts[products][:, None]
        factors = np.where(later, factors * changes[:, None], factors)
    prices: Integers = np.round(first_prices[:, None] * factors / 10).astype(np.int64) * 10 - 1
    return prices


def _is_dear(prices: Integers) -> Flags:
    before = np.concatenate([np.repeat(prices[:, :1], DEAR_DAYS, axis=1), prices[:, :-DEAR_DAYS]], axis=1)
    is_dear: Flags = prices >= before * DEAR_FROM
    return is_dear


def _stock_outs(rng: np.random.Generator, products_count: int, calendar: Calendar) -> Flags:
    """Return whether a product is out of stock by store, product and day: a few periods of days to weeks each."""
    shape = (len(_STORES), products_count, calendar.end_day - calendar.first_day)
    periods = rng.poisson(STOCK_OUTS_PER_PRODUCT, shape[0] * shape[1])
    cells = np.repeat(np.arange(len(periods)), periods)
    starts = rng.integers(0, shape[2], len(cells))
    ends = np.minimum(starts + rng.integers(3, 21, len(cells)), shape[2])
    steps = np.zeros((len(periods), shape[2] + 1), dtype=np.int8)
    np.add.at(steps, (cells, starts), 1)
    np.add.at(steps, (cells, ends), -1)
    is_out: Flags = (np.cumsum(steps[:, :-1], axis=1, dtype=np.int8) > 0).reshape(shape)
    return is_out


def catalogue_table(goods: Goods) -> pa.Table:
    """Return the table `catalogue`."""
    return table_of(
        {
            "product_number": np.arange(goods.count, dtype=np.int64),
            "sku": text_column(goods.skus),
            "product_name": text_column(goods.names),
            "category": choices([c.name for c in CATEGORIES], goods.categories),
            "brand": choices(BRANDS, goods.brands),
            "list_price_pence": goods.prices[:, 0],
            "cost_pence": goods.costs,
            "introduced_on": days(goods.introduced),
            "is_gateway": goods.is_gateway,
            "replenishment_days": numbers(goods.replenishment_days, is_known=goods.replenishment_days > 0),
        }
    )


def price_table(goods: Goods, calendar: Calendar) -> pa.Table:
    """Return the table `product_prices`: the introduction's price, and one row for each later change."""
    is_new = np.concatenate([np.ones((goods.count, 1), dtype=np.bool_), np.diff(goods.prices, axis=1) != 0], axis=1)
    products, offsets = np.nonzero(is_new)
    since = np.where(offsets == 0, goods.introduced[products], calendar.first_day + offsets)
    return table_of(
        {
            "product_number": products.astype(np.int64),
            "list_price_pence": goods.prices[products, offsets],
            "valid_from_on": days(since),
        }
    )


def store_table() -> pa.Table:
    """Return the table `stores`."""
    towns = [POPULATIONS[country].towns[town] for _, country, town in _STORES]
    prefixes = [POPULATIONS[country].postcode_prefixes[town] for _, country, town in _STORES]
    endings = {"GB": "1 1LH", "IE": "2 X2H7", "NL": "12 LH"}
    codes = [POPULATIONS[country].country_code for _, country, _ in _STORES]
    zones = [list(ZONES) if number != WAREHOUSE else [] for number in range(len(_STORES))]
    return table_of(
        {
            "store_id": text_column(STORE_IDS),
            "store_name": text_column([f"Larkfield {name}" for name, _, _ in _STORES]),
            "city": text_column(towns),
            "postcode": text_column([p + endings[c] for p, c in zip(prefixes, codes, strict=True)]),
            "country_code": text_column(codes),
            "zones": pa.array(zones, type=pa.list_(pa.string())),
        }
    )


def stock_table(goods: Goods, *, seed: int, calendar: Calendar) -> pa.Table:
    """Return the table `stock`: every seventh day, and every day from 14 days before the history's end."""
    rng = stream(seed, "stock")
    days_count = calendar.end_day - calendar.first_day
    daily_from = calendar.history_end_day - calendar.first_day - DAILY_STOCK_DAYS
    offsets = np.array([d for d in range(days_count) if d % 7 == 0 or d >= daily_from])
    levels = rng.integers(8, 90, (len(_STORES), goods.count))
    noise = rng.random((len(offsets), len(_STORES), goods.count), dtype=np.float32)
    quantities = 1 + np.floor(levels[None] * noise).astype(np.int32)
    quantities[goods.is_out[:, :, offsets].transpose(2, 0, 1)] = 0
    rows = np.arange(quantities.size)
    per_day = len(_STORES) * goods.count
    return table_of(
        {
            "store_id": choices(STORE_IDS, rows % per_day // goods.count),
            "product_number": rows % goods.count,
            "stock_on": days(calendar.first_day + offsets[rows // per_day]),
            "quantity": quantities.ravel(),
        }
    )


def nearest_stores(countries: Integers, towns: Integers, *, rng: np.random.Generator) -> Integers:
    """Return each person's store: the one in the person's town, else one drawn by size; never the warehouse."""
    drawn = 1 + weighted_indexes(rng.random(len(towns)), [0.4, 0.14, 0.12, 0.08, 0.08, 0.06, 0.06, 0.04, 0.02])
    for store, (_, country, town) in enumerate(_STORES):
        if store != WAREHOUSE:
            drawn[(countries == country) & (towns == town)] = store
    result: npt.NDArray[np.int64] = drawn
    return result
