"""What was bought, paid and sent back: the tables `orders`, `order_lines` and `payments`.

Belongs here: sales out of visits and of messages, with coupons and discounts, and their returns, numbered by time
within the block. An order's amount is the sum over its lines of quantity times price minus discount, negative for a
return.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.company.campaigns import Campaigns
from orchestration.sample_company.facts.company.goods import STORE_IDS, Goods
from orchestration.sample_company.facts.contact.messages import Audience
from orchestration.sample_company.facts.trade.experiences import Experiences
from orchestration.sample_company.facts.trade.offers import Attempts
from orchestration.sample_company.facts.trade.purchases import DAY_SECONDS, SITUATIONS, TRIGGERED, Wishes
from orchestration.sample_company.facts.trade.traits import PURCHASE_CHANNELS, STORE, Traits
from orchestration.sample_company.facts.trade.uplift import Extras
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.randomness import Flags, Integers, weighted_indexes
from orchestration.sample_company.tables import choices, instants, numbers, rank_in_group, table_of, text_column

LINE_DISCOUNTED_SHARE = 0.1
LINE_DISCOUNT = 0.2
RETURN_WHOLE_ORDER_SHARE = 0.35
PAYMENT_FAILED_SHARE = 0.04
COUPON_SHARE = 0.7
_FAR = 10**11
_METHODS = ("card", "wallet", "invoice", "cash")
_CASH = 3


@dataclass(frozen=True)
class Orders:
    """Sales and returns in the order of their numbers.

    Attributes:
        numbers: Order numbers.
        persons: Rows of the block.
        seconds: Instants since 1970-01-01.
        channels: Places in the purchase channels.
        stores: Places in the stores; the warehouse for orders online.
        payments: Payment index.
        originals: For a return the place of its sale, else -1.
        offers: Offer redeemed, or -1.
        messages: Row of the audience that caused the order, or -1.
        situations: Places in the situations.
        is_first: Whether it is the person's first ever.
        is_pulled_forward: Whether a later order is missing for it.
        visits: Place in the wishes, or -1.
        line_orders: For each line the place of its order.
        line_numbers: 1, 2, … within the order.
        products: Product numbers.
        quantities: Below zero for a return.
        prices: Pence for one.
        discounts: Pence off the line, with the quantity's sign.
        amounts: Pence by order.
    """

    numbers: Integers
    persons: Integers
    seconds: Integers
    channels: Integers
    stores: Integers
    payments: Integers
    originals: Integers
    offers: Integers
    messages: Integers
    situations: Integers
    is_first: Flags
    is_pulled_forward: Flags
    visits: Integers
    line_orders: Integers
    line_numbers: Integers
    products: Integers
    quantities: Integers
    prices: Integers
    discounts: Integers
    amounts: Integers

    @property
    def sales(self) -> Integers:
        """Places of the sales."""
        return np.flatnonzero(self.originals < 0)

    def numbers_of_visits(self, visits_count: int) -> Integers:
        """Return the order number of each visit of the wishes, or -1."""
        found = np.full(visits_count, -1, dtype=np.int64)
        rows = np.flatnonzero((self.visits >= 0) & (self.originals < 0))
        found[self.visits[rows]] = self.numbers[rows]
        return found


@dataclass
class _Sales:
    """Sales before they have numbers; `line_sales` are places in the sales."""

    persons: Integers
    seconds: Integers
    channels: Integers
    stores: Integers
    situations: Integers
    is_first: Flags
    is_pulled_forward: Flags
    messages: Integers
    visits: Integers
    line_sales: Integers
    products: Integers
    quantities: Integers


def make_orders(  # noqa: PLR0913 - what a sale comes from
    block: Block,
    traits: Traits,
    *,
    wishes: Wishes,
    experiences: Experiences,
    extras: Extras,
    audience: Audience,
    campaigns: Campaigns,
    goods: Goods,
) -> tuple[Orders, Attempts]:
    """Return all orders of the block until the calendar's end, and what the baskets decided about coupons."""
    rng = block.rng("orders")
    sales = _sales(wishes, experiences, extras, audience)
    prices = goods.prices[sales.products, sales.seconds[sales.line_sales] // DAY_SECONDS - block.calendar.first_day]
    reduced = np.where(rng.random(len(prices)) < LINE_DISCOUNTED_SHARE, LINE_DISCOUNT, 0.0)
    offers, is_redeemed = _coupons(rng, sales, traits, audience, campaigns, goods, prices)
    in_offer = (offers >= 0)[sales.line_sales] & is_redeemed[sales.line_sales]
    line_offers = np.maximum(offers, 0)[sales.line_sales]
    in_offer &= goods.categories[sales.products] == campaigns.offer_categories[line_offers]
    share = np.where(in_offer, np.maximum(campaigns.discounts[line_offers], reduced), reduced)
    discounts = np.round(prices * sales.quantities * share).astype(np.int64)
    orders = _numbered(rng, block, traits, sales, np.where(is_redeemed, offers, -1), prices, discounts)
    tried = np.flatnonzero(offers >= 0)
    place = np.full(len(sales.persons), -1, dtype=np.int64)
    own = orders.sales
    order_of_sale = np.lexsort((np.arange(len(sales.persons)), sales.persons, sales.seconds))
    place[order_of_sale] = own
    return orders, Attempts(
        persons=sales.persons[tried],
        seconds=sales.seconds[tried] - 60,
        offers=offers[tried],
        channels=sales.channels[tried],
        stores=sales.stores[tried],
        order_numbers=orders.numbers[place[tried]],
        is_redeemed=is_redeemed[tried],
    )


def _sales(wishes: Wishes, experiences: Experiences, extras: Extras, audience: Audience) -> _Sales:
    """Return the sales: visits at which something was bought, and what messages caused."""
    happens = experiences.happens.copy()
    happens[extras.missing] = False
    visits = np.flatnonzero(happens)
    place = np.full(len(happens), -1, dtype=np.int64)
    place[visits] = np.arange(len(visits))
    lines = np.flatnonzero(happens[wishes.lines.visits] & ~experiences.is_out)
    count, added = len(visits), len(extras.rows)
    nothing = np.full(added, -1)
    return _Sales(
        persons=np.concatenate([wishes.persons[visits], audience.persons[extras.rows]]),
        seconds=np.concatenate([wishes.seconds[visits], extras.bought[extras.rows]]),
        channels=np.concatenate([wishes.channels[visits], extras.channels]),
        stores=np.concatenate([wishes.stores[visits], extras.stores]),
        situations=np.concatenate([wishes.situations[visits], np.full(added, TRIGGERED)]),
        is_first=np.concatenate([wishes.is_first[visits], np.zeros(added, dtype=np.bool_)]),
        is_pulled_forward=np.concatenate([np.zeros(count, dtype=np.bool_), extras.is_pulled_forward]),
        messages=np.concatenate([np.full(count, -1), extras.rows]),
        visits=np.concatenate([visits, nothing]),
        line_sales=np.concatenate([place[wishes.lines.visits[lines]], count + extras.lines.visits]),
        products=np.concatenate([wishes.lines.products[lines], extras.lines.products]),
        quantities=np.concatenate([wishes.lines.quantities[lines], extras.lines.quantities]),
    )


def _coupons(  # noqa: PLR0913, PLR0917 - one decision over a basket
    rng: np.random.Generator,
    sales: _Sales,
    traits: Traits,
    audience: Audience,
    campaigns: Campaigns,
    goods: Goods,
    prices: Integers,
) -> tuple[Integers, Flags]:
    """Return the offer that each sale tried to use (or -1), and whether the basket met its conditions.

    Tried are offers of the message that caused the sale, and of the last message before it while the offer holds.
    """
    treated = audience.treated
    with_offer = treated[campaigns.offers[audience.campaigns[treated]] >= 0]
    keys = audience.persons[with_offer] * _FAR + audience.seconds[with_offer]
    order = np.argsort(keys, kind="stable")
    last = np.searchsorted(keys[order], sales.persons * _FAR + sales.seconds, side="right") - 1
    rows = with_offer[order][last] if len(with_offer) else np.zeros(len(last), dtype=np.int64)
    is_own = (last >= 0) & (audience.persons[rows] == sales.persons) if len(with_offer) else last > len(last)
    heard = np.where(is_own, campaigns.offers[audience.campaigns[rows]], -1)
    caused = np.where(sales.messages >= 0, campaigns.offers[audience.campaigns[np.maximum(sales.messages, 0)]], -1)
    offers = np.where(caused >= 0, caused, heard)
    wants = rng.random(len(offers)) < np.where(
        caused >= 0, COUPON_SHARE, COUPON_SHARE * traits.discount_sensitivity[sales.persons]
    )
    valid = (offers >= 0) & wants & (sales.seconds // DAY_SECONDS <= campaigns.offer_ends[offers])
    offers = np.where(valid, offers, -1)
    is_category = goods.categories[sales.products] == campaigns.offer_categories[offers][sales.line_sales]
    worth = prices * sales.quantities
    baskets = np.bincount(sales.line_sales, weights=worth, minlength=len(offers))
    eligible = np.bincount(sales.line_sales, weights=is_category, minlength=len(offers)) > 0
    meets = eligible & (baskets >= campaigns.min_baskets[offers])
    meets &= ~(campaigns.is_online_only[offers] & (sales.channels == STORE))
    return offers, valid & meets


def _numbered(  # noqa: PLR0913, PLR0917 - sales and returns become one list
    rng: np.random.Generator,
    block: Block,
    traits: Traits,
    sales: _Sales,
    offers: Integers,
    prices: Integers,
    discounts: Integers,
) -> Orders:
    """Return sales and returns ordered by time and person, with their lines."""
    count = len(sales.persons)
    order = np.lexsort((np.arange(count), sales.persons, sales.seconds))
    delays = rng.integers(3, 29, count) * DAY_SECONDS + rng.integers(-3_600, 3_600, count)
    returned = sales.seconds + delays
    is_returned = rng.random(count) < traits.return_share[sales.persons]
    is_returned &= returned < block.calendar.end_day * DAY_SECONDS
    is_whole = rng.random(count) < RETURN_WHOLE_ORDER_SHARE
    payment = weighted_indexes(rng.random(count), [0.62, 0.27, 0.11])
    sent_back = np.flatnonzero(is_returned)
    source = np.concatenate([np.arange(count), sent_back])
    is_return = np.arange(len(source)) >= count
    seconds = np.concatenate([sales.seconds, returned[sent_back]])
    rank_of_sale = np.empty(count, dtype=np.int64)
    rank_of_sale[order] = np.arange(count)
    by_time = np.lexsort((rank_of_sale[source], is_return, sales.persons[source], seconds))
    place = np.empty(len(source), dtype=np.int64)
    place[by_time] = np.arange(len(source))
    source, is_return = source[by_time], is_return[by_time]
    return_place = np.full(count, -1, dtype=np.int64)
    return_place[sent_back] = place[count:]
    line_orders, line_source, sign = _placed_lines(sales, place[:count], return_place, is_whole)
    quantities = sales.quantities[line_source] * sign
    line_discounts = discounts[line_source] * sign
    amounts = np.bincount(line_orders, weights=quantities * prices[line_source] - line_discounts, minlength=len(source))
    return Orders(
        numbers=block.rows(len(source)),
        persons=sales.persons[source],
        seconds=seconds[by_time],
        channels=sales.channels[source],
        stores=sales.stores[source],
        payments=payment[source],
        originals=np.where(is_return, place[:count][source], -1),
        offers=np.where(is_return, -1, offers[source]),
        messages=np.where(is_return, -1, sales.messages[source]),
        situations=sales.situations[source],
        is_first=sales.is_first[source] & ~is_return,
        is_pulled_forward=sales.is_pulled_forward[source] & ~is_return,
        visits=sales.visits[source],
        line_orders=line_orders,
        line_numbers=rank_in_group(line_orders) + 1,
        products=sales.products[line_source],
        quantities=quantities,
        prices=prices[line_source],
        discounts=line_discounts,
        amounts=np.round(amounts).astype(np.int64),
    )


def _placed_lines(
    sales: _Sales, sale_places: Integers, return_places: Integers, is_whole: Flags
) -> tuple[Integers, Integers, Integers]:
    """Return the place of each line's order, the line of the sale it comes from, and -1 for what goes back.

    A return takes back the whole sale or its first line; `return_places` is -1 for sales that are kept.
    """
    rank = rank_in_group(sales.line_sales)
    goes_back = (return_places >= 0)[sales.line_sales] & (is_whole[sales.line_sales] | (rank == 0))
    back = np.flatnonzero(goes_back)
    placed = np.concatenate([sale_places[sales.line_sales], return_places[sales.line_sales[back]]])
    source = np.concatenate([np.arange(len(sales.products)), back])
    sign = np.where(np.arange(len(source)) >= len(sales.products), -1, 1)
    order = np.lexsort((rank[source], placed))
    return placed[order], source[order], sign[order]


def order_table(people: People, orders: Orders, campaigns: Campaigns, message_ids: Integers) -> pa.Table:
    """Return the table `orders`; `message_ids` gives the id of each row of the audience, or -1."""
    codes = np.array([f"LARK-{offer_id[2:]}" for offer_id in campaigns.offer_ids], dtype=object)
    caused = orders.messages >= 0
    return table_of(
        {
            "order_number": orders.numbers,
            "person_number": people.numbers[orders.persons],
            "order_type": choices(("sale", "return"), (orders.originals >= 0).astype(np.int64)),
            "ordered_at": instants(orders.seconds),
            "channel": choices(PURCHASE_CHANNELS, orders.channels),
            "store_id": choices(STORE_IDS, orders.stores, is_known=orders.channels == STORE),
            "payment_index": orders.payments,
            "original_order_number": numbers(orders.numbers[orders.originals], is_known=orders.originals >= 0),
            "coupon_code": text_column(codes[orders.offers], is_known=orders.offers >= 0),
            "caused_by_message_id": numbers(message_ids[orders.messages], is_known=caused),
            "is_pulled_forward": orders.is_pulled_forward,
            "situation": choices(SITUATIONS, orders.situations),
            "is_first": orders.is_first,
        }
    )


def line_table(orders: Orders) -> pa.Table:
    """Return the table `order_lines`."""
    return table_of(
        {
            "order_number": orders.numbers[orders.line_orders],
            "line_number": orders.line_numbers,
            "product_number": orders.products,
            "quantity": orders.quantities,
            "unit_price_pence": orders.prices,
            "discount_pence": orders.discounts,
        }
    )


def payment_table(block: Block, orders: Orders) -> pa.Table:
    """Return the table `payments`: a capture for each sale, some after a failed attempt, a refund for each return."""
    rng = block.rng("payments")
    count = len(orders.numbers)
    is_sale = orders.originals < 0
    pays_cash = (orders.channels == STORE) & (orders.payments > 0)
    fails = np.flatnonzero(is_sale & ~pays_cash & (rng.random(count) < PAYMENT_FAILED_SHARE))
    delays = rng.integers(20, 600, count)
    rows = np.concatenate([np.arange(count), fails])
    is_failed = np.arange(len(rows)) >= count
    order = np.lexsort((~is_failed, rows))
    rows, is_failed = rows[order], is_failed[order]
    status = np.where(is_failed, 1, np.where(is_sale[rows], 0, 2))
    return table_of(
        {
            "payment_id": block.rows(len(rows)),
            "order_number": orders.numbers[rows],
            "paid_at": instants(orders.seconds[rows] + np.where(is_failed, 5, delays[rows])),
            "amount_pence": np.abs(orders.amounts[rows]),
            "payment_method": choices(_METHODS, np.where(pays_cash, _CASH, orders.payments)[rows]),
            "payment_status": choices(("captured", "failed", "refunded"), status),
        }
    )
