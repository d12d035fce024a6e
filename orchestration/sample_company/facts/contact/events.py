"""What happened in the sessions, click by click: the table `events`.

Each kind of session has a script: steps in order, each with a chance to happen. An order's session ends with
`order_completed` at the order's instant. Form fields are named, never what was typed into them.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.sample_company.catalogue import CATEGORIES
from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.company.goods import Goods
from orchestration.sample_company.facts.contact.sessions import (
    BROWSING,
    DECIDING,
    MESSAGE,
    ORDER,
    OUT_OF_STOCK,
    SEARCHING,
    SECONDS_PER_SLOT,
    Sessions,
)
from orchestration.sample_company.facts.trade.orders import Orders
from orchestration.sample_company.randomness import Flags, Integers
from orchestration.sample_company.tables import ArrowColumn, choices, instants, numbers, table_of

NO_PRODUCT = -1
BROAD_SEARCH_SHARE = 0.5
PAGE_WIDTH, PAGE_HEIGHT = 1_920, 5_001


@dataclass(frozen=True)
class Step:
    """One step of a script.

    Attributes:
        event_type: What happens.
        chance: How often, 0..1, given that its product exists.
        path: Page; `*` is the product's page.
        product: Which of the session's products it is about, or -1.
        step: Checkout step.
        field: Form field.
        value: What was clicked or shown; `*` is the variant of the A/B test.
    """

    event_type: str
    chance: float
    path: str
    product: int = NO_PRODUCT
    step: str | None = None
    field: str | None = None
    value: str | None = None


_CHECKOUT = (
    Step("checkout_started", 1.0, "/checkout"),
    Step("checkout_step_viewed", 0.5, "/checkout/delivery", step="delivery"),
    Step("form_field_filled", 0.3, "/checkout/delivery", step="delivery", field="postcode"),
    Step("checkout_step_completed", 0.5, "/checkout/delivery", step="delivery"),
    Step("checkout_step_viewed", 0.5, "/checkout/payment", step="payment"),
    Step("error_shown", 0.05, "/checkout/payment", step="payment", value="payment_declined"),
    Step("checkout_step_completed", 0.5, "/checkout/payment", step="payment"),
)
SCRIPTS: dict[int, tuple[Step, ...]] = {
    ORDER: (
        Step("page_viewed", 1.0, "/"),
        Step("experiment_viewed", 0.2, "/", value="*"),
        Step("products_searched", 0.35, "/search", 0),
        Step("product_viewed", 1.0, "*", 0),
        Step("element_clicked", 0.2, "*", 0, value="gallery"),
        Step("product_added", 1.0, "*", 0),
        Step("product_viewed", 0.8, "*", 1),
        Step("product_added", 1.0, "*", 1),
        Step("product_added", 1.0, "*", 2),
        Step("cart_viewed", 0.6, "/cart"),
        *_CHECKOUT,
        Step("order_completed", 1.0, "/order-completed"),
    ),
    MESSAGE: (
        Step("page_viewed", 1.0, "/landing"),
        Step("product_viewed", 0.8, "*", 0),
        Step("product_viewed", 0.6, "*", 1),
        Step("element_clicked", 0.3, "/landing", value="banner"),
        Step("product_added", 0.12, "*", 0),
    ),
    SEARCHING: (
        Step("products_searched", 1.0, "/search", 0),
        Step("product_viewed", 1.0, "*", 0),
        Step("product_viewed", 0.9, "*", 1),
        Step("product_viewed", 0.9, "*", 2),
        Step("element_clicked", 0.4, "/search", value="filter"),
    ),
    DECIDING: (
        Step("product_viewed", 1.0, "*", 0),
        Step("product_added", 1.0, "*", 0),
        Step("cart_viewed", 0.9, "/cart"),
        Step("product_removed", 0.3, "/cart", 0),
        Step("checkout_started", 0.6, "/checkout"),
        Step("checkout_step_viewed", 0.6, "/checkout/delivery", step="delivery"),
        Step("form_field_filled", 0.5, "/checkout/delivery", step="delivery", field="email"),
        Step("error_shown", 0.2, "/checkout/delivery", step="delivery", value="address_unknown"),
        Step("form_abandoned", 0.5, "/checkout/delivery", step="delivery", field="phone"),
    ),
    OUT_OF_STOCK: (
        Step("product_viewed", 1.0, "*", 0),
        Step("error_shown", 1.0, "*", 0, value="out_of_stock"),
        Step("element_clicked", 0.3, "*", 0, value="notify_me"),
    ),
    BROWSING: (
        Step("page_viewed", 1.0, "/"),
        Step("experiment_viewed", 0.15, "/", value="*"),
        Step("product_viewed", 0.5, "*", 0),
        Step("product_viewed", 0.4, "*", 1),
        Step("element_clicked", 0.25, "/", value="teaser"),
        Step("product_added", 0.08, "*", 0),
    ),
}
_STEPS = tuple(step for script in SCRIPTS.values() for step in script)
_FIRST_STEPS = dict(zip(SCRIPTS, np.cumsum([0, *(len(script) for script in SCRIPTS.values())])[:-1], strict=True))
_TYPES = sorted({step.event_type for step in _STEPS})


def event_table(block: Block, sessions: Sessions, orders: Orders, goods: Goods) -> pa.Table:
    """Return the table `events`, ordered by session and time."""
    rng = block.rng("events")
    parts = [_played(rng, sessions, kind) for kind in SCRIPTS]
    session, step = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
    order = np.lexsort((step, session))
    session, step = session[order], step[order]
    count = len(session)
    slot = step - np.array([_FIRST_STEPS[kind] for kind in sorted(SCRIPTS)])[sessions.kinds[session]]
    seconds = sessions.starts[session] + slot * SECONDS_PER_SLOT + rng.integers(0, SECONDS_PER_SLOT, count)
    is_order = np.array([s.event_type == "order_completed" for s in _STEPS])[step]
    placed = sessions.orders[session]
    seconds = np.where(is_order, orders.seconds[placed], seconds) if len(orders.numbers) else seconds
    which = np.array([s.product for s in _STEPS])[step]
    product = np.where(which >= 0, sessions.products[session, np.maximum(which, 0)], NO_PRODUCT)
    clicked = np.array([s.event_type == "element_clicked" for s in _STEPS])[step]
    searched = np.array([s.event_type == "products_searched" for s in _STEPS])[step]
    x = np.clip(np.round(rng.normal(960, 380, count)), 0, PAGE_WIDTH - 1)
    y = np.minimum(np.floor(rng.exponential(700, count)), PAGE_HEIGHT - 1)
    return table_of(
        {
            "event_id": block.rows(count),
            "session_id": sessions.ids[session],
            "event_at": instants(seconds),
            "event_type": choices(_TYPES, np.array([_TYPES.index(s.event_type) for s in _STEPS])[step]),
            "product_number": numbers(product, is_known=(product >= 0) & ~searched),
            "order_number": numbers(orders.numbers[placed], is_known=is_order),
            "page_path": _paths(goods, step, product),
            "query": _queries(goods, product, rng.random(count) < BROAD_SEARCH_SHARE, searched),
            "step": _told(step, "step"),
            "field": _told(step, "field"),
            "x": numbers(x, is_known=clicked),
            "y": numbers(y, is_known=clicked),
            "value": _values(step, sessions.is_treatment[session]),
        }
    )


def _played(rng: np.random.Generator, sessions: Sessions, kind: int) -> tuple[Integers, Integers]:
    """Return session and step of all that happens in the sessions of one kind."""
    rows = np.flatnonzero(sessions.kinds == kind)
    script = SCRIPTS[kind]
    happens = rng.random((len(rows), len(script))) < np.array([step.chance for step in script])
    for place, step in enumerate(script):
        if step.product != NO_PRODUCT:
            happens[:, place] &= sessions.products[rows, step.product] >= 0
    session, slots = np.nonzero(happens)
    return rows[session], _FIRST_STEPS[kind] + slots


def _paths(goods: Goods, step: Integers, product: Integers) -> ArrowColumn:
    fixed = sorted({s.path for s in _STEPS})
    pages = [*fixed, *(f"/product/{sku.lower()}" for sku in goods.skus)]
    of_step = np.array([fixed.index(s.path) for s in _STEPS])[step]
    is_product = np.array([s.path == "*" for s in _STEPS])[step]
    return choices(pages, np.where(is_product, len(fixed) + product, of_step))


def _queries(goods: Goods, product: Integers, is_broad: Flags, searched: Flags) -> ArrowColumn:
    """Return what was searched for: the category, or the product by its name."""
    words = [*(c.name.lower() for c in CATEGORIES), *(name.lower() for name in goods.names)]
    safe = np.maximum(product, 0)
    return choices(words, np.where(is_broad, goods.categories[safe], len(CATEGORIES) + safe), is_known=searched)


def _told(step: Integers, name: str) -> ArrowColumn:
    told = [getattr(s, name) for s in _STEPS]
    return choices([word or "" for word in told], step, is_known=np.array([word is not None for word in told])[step])


def _values(step: Integers, is_treatment: Flags) -> ArrowColumn:
    told = [s.value for s in _STEPS]
    words = [word or "" for word in told] + ["control", "treatment"]
    is_variant = np.array([word == "*" for word in told])[step]
    places = np.where(is_variant, len(told) + is_treatment.astype(np.int64), step)
    return choices(words, places, is_known=np.array([word is not None for word in told])[step])
