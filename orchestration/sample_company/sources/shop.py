"""The web shop's orders: one JSON object per line, accounts and guests, returns and corrections.

Belongs here: accounts, what the shop got wrong about their owners, and how the file looks. What
was bought is `behaviour.py`, which kinds of noise there are is `noise.py`.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from orchestration.sample_company.behaviour import Behaviour
from orchestration.sample_company.noise import (
    SHOP_PROFILE_NOISE,
    SHOP_RECORD_NOISE,
    HouseStyle,
    field_noise,
    record_noise,
    spoiled_profiles,
)
from orchestration.sample_company.randomness import stream
from orchestration.sample_company.sources.observed import NOISE_SCHEMA, ObservedFile
from orchestration.sample_company.sources.shop_sql import LINES_SQL, NOISE_SQL, RECORDS_SQL
from orchestration.sample_company.tables import query, table_of, texts

SOURCE, FEED = "shop", "orders"
SECOND_ACCOUNT_SHARE = 0.2
GUEST_ORDER_SHARE = 0.05
CORRECTED_SHARE = 0.02
LATE_SHARE = 0.01

_LINES_JSON_SQL = """
select
    order_number,
    to_json(list(
        {
            line_number: line_number,
            sku: sku,
            product_name: product_name,
            category: category,
            quantity: quantity + case when line_number = 1 then added else 0 end,
            unit_price: (unit_price_pence // 100)::varchar
                || '.' || lpad((unit_price_pence % 100)::varchar, 2, '0')
        }
        order by line_number
    ))::varchar as lines_json,
    added,
from lines
join catalogue
    using (product_number)
cross join (values (0), (1)) as versions (added)
group by order_number, added
order by order_number, added
"""


@dataclass(frozen=True)
class Shop:
    """What the shop holds on all days.

    Attributes:
        records: One row per order record to be sent: a sale, a return or a correction of a sale.
        spoiled: One row per account and era of its e-mail, or guest order, as the shop wrote it.
        field_noise: What is wrong in `spoiled`.
        lines_json: Each order's lines as JSON text, as first sent and as corrected.
        seed: The company's seed.
    """

    records: pa.Table
    spoiled: pa.Table
    field_noise: pa.Table
    lines_json: pa.Table
    seed: int


def observe(people: pa.Table, behaviour: Behaviour, catalogue: pa.Table, *, seed: int) -> Shop:
    """Return what the shop writes about the orders: with an account or as a guest, some of it wrong.

    A second account belongs to a person who changed the e-mail address and registered again.
    """
    rng = stream(seed, SOURCE)
    orders_count = behaviour.orders.num_rows
    accounts = table_of(
        {
            "person_number": people["person_number"],
            "is_twice": rng.random(people.num_rows) < SECOND_ACCOUNT_SHARE,
        }
    )
    draws = table_of(
        {
            "order_number": behaviour.orders["order_number"],
            "is_guest_order": rng.random(orders_count) < GUEST_ORDER_SHARE,
            "is_corrected": rng.random(orders_count) < CORRECTED_SHARE,
            "correction_seconds": rng.integers(1_800, 3 * 86_400, orders_count),
            "late_days": np.where(rng.random(orders_count) < LATE_SHARE, rng.integers(1, 6, orders_count), 0),
        }
    )
    tables = {"people": people, "orders": behaviour.orders, "accounts": accounts, "draws": draws}
    records = query(RECORDS_SQL, tables)
    profiles = query(
        """
        select distinct profile_id, first_name, last_name, email, phone_e164, country_code
        from records
        order by profile_id
        """,
        {"records": records},
    )
    style = HouseStyle(phone_format="international", country_format="code")
    spoiled = spoiled_profiles(profiles, SHOP_PROFILE_NOISE, style=style, rng=rng)
    lines_json = query(_LINES_JSON_SQL, {"lines": behaviour.lines, "catalogue": catalogue})
    return Shop(
        records=records,
        spoiled=spoiled,
        field_noise=field_noise(spoiled),
        lines_json=lines_json,
        seed=seed,
    )


def orders_file(shop: Shop, *, day: date, after: date | None) -> ObservedFile:
    """Return the file with the records that the shop sends after the day `after` until `day`.

    Args:
        shop: What the shop holds.
        day: Day at whose end the file is written.
        after: Day of the file before, or None for the first file, which holds the whole history.
    """
    sent = query(
        """
        select *, row_number() over (order by updated_at, order_id, version) - 1 as row_index
        from records
        where sent_on <= $day and sent_on > coalesce($after, date '0001-01-01')
        order by row_index
        """,
        {"records": shop.records},
        {"day": day, "after": after},
    )
    accidents = record_noise(stream(shop.seed, SOURCE, day.isoformat()), sent.num_rows, SHOP_RECORD_NOISE)
    tables = {"sent": sent, "spoiled": shop.spoiled, "lines_json": shop.lines_json, "accidents": accidents}
    lines = query(LINES_SQL, tables)
    noise = query(NOISE_SQL, {"sent": sent, "field_noise": shop.field_noise, "lines": lines})
    return ObservedFile(
        source=SOURCE,
        feed=FEED,
        name=f"orders_{day.isoformat()}.ndjson",
        delivered_on=day,
        payload="\n".join([*texts(lines, "line"), ""]).encode(),
        records_count=lines.num_rows,
        noise=noise.cast(NOISE_SCHEMA),
    )


def records_truth(shop: Shop, until: date) -> pa.Table:
    """Return one row per account seen in files until the day: `record_id` as the product names it, and `person_id`."""
    return query(
        """
        select distinct 'shop:accounts:' || account_id as record_id, person_id
        from records
        where account_id is not null and sent_on <= $until
        order by record_id
        """,
        {"records": shop.records},
        {"until": until},
    )


def orders_truth(shop: Shop, until: date) -> pa.Table:
    """Return one row per order sent until the day: `order_id` as the product names it, who ordered, type, instant."""
    return query(
        """
        select 'shop:' || order_id as order_id, person_id, order_type, happened_at as ordered_at
        from records
        where version = 1 and sent_on <= $until
        order by order_id
        """,
        {"records": shop.records},
        {"until": until},
    )
