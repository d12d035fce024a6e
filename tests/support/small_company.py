"""A small company as lake rows: two sources that share people, and invoice lines with many ties.

Belongs here: rows for the tests of dbt. Does not belong here: the sample company of the product, which is rich.
"""

import hashlib
import json
import random
from datetime import date, datetime, timedelta

from tests.support.warehouses import AS_OF_ON, Row, SmallLake

_FIRST_DAY = date(2025, 3, 1)
_INVOICED_CUSTOMERS = 60


def contact(contact_id: str, email: str, updated_at: str = "01.02.2026 10:00", **columns: str) -> Row:
    """Return a CRM row as received; columns not given are blank."""
    blank = dict.fromkeys(("first_name", "last_name", "phone", "postcode", "city", "country", "birthday"), "")
    times = {"created_at": "01.01.2025 10:00", "updated_at": updated_at}
    return {**blank, "contact_id": contact_id, "email": email, **times, **columns}


def order(order_id: str, account_id: str | None, ordered_at: str, amount: str, **columns: str) -> Row:
    """Return a shop order of one line as received: a sale unless the columns say otherwise."""
    order_type = columns.get("order_type", "sale")
    line = {
        "line_number": 1,
        "sku": f"SKU-{amount}",
        "product_name": "Thing",
        "category": "Things",
        "quantity": -1 if order_type == "return" else 1,
        "unit_price": amount,
    }
    customer = {"account_id": account_id, "email": f"{account_id}@example.org".lower(), "phone": None}
    return {
        "order_id": order_id,
        "order_type": order_type,
        "ordered_at": ordered_at,
        "updated_at": columns.get("updated_at", ordered_at),
        "customer": json.dumps(customer),
        "country": "",
        "currency": columns.get("currency", "GBP"),
        "original_order_id": columns.get("original_order_id"),
        "lines": json.dumps([line]),
        "payment_method": "card",
    }


CONTACTS_OF_MONDAY = [
    contact("C1", "a1@example.org", country="UK"),
    contact("C2", "c2@example.org"),
    contact("C2", "c2@example.org"),
    contact("C3", "no address"),
    contact("", "nobody@example.org"),
]
CONTACTS_OF_TUESDAY = [
    contact("C1", "a1@example.org", country="UK"),
    contact("C2", "c2.new@example.org", updated_at="03.02.2026 10:00"),
    contact("C4", "c4@example.org"),
]
ORDERS_OF_MONDAY = [
    order("S1", "A1", "2026-01-05T10:00:00Z", "20.00"),
    order("S2", "A1", "2026-03-05T10:00:00Z", "30.00"),
    order("S3", "A2", "2026-05-05T10:00:00Z", "5.55"),
    order("S4", None, "2026-05-06T10:00:00Z", "7.00"),
    order("S5", "A2", "2026-05-07T10:00:00Z", "9.00", currency="USD"),
    order("S6", "A2", "2026-07-01T10:00:00Z", "9.00"),
]
ORDERS_OF_TUESDAY = [
    order("S3", "A2", "2026-05-05T10:00:00Z", "6.66", updated_at="2026-05-08T10:00:00Z"),
    order("R1", "A1", "2026-03-09T10:00:00Z", "30.00", order_type="return", original_order_id="S2"),
    order("S1", "A1", "2026-01-05T10:00:00Z", "20.00"),
]


def invoice_lines() -> list[Row]:
    """Return lines of customers who buy one to six times, many on equal days and for equal amounts."""
    chance = random.Random(20260630)  # noqa: S311 - a fixed seed, no secret
    days = (AS_OF_ON - _FIRST_DAY).days
    lines: list[Row] = []
    for customer in range(_INVOICED_CUSTOMERS):
        for _ in range(chance.choice([1, 1, 1, 2, 3, 6])):
            invoice = f"{len(lines):06}"
            day = _FIRST_DAY + timedelta(days=chance.randrange(0, days, 7))
            sold = _line(invoice, customer, day, chance.choice([1, 2, 2, 12]))
            lines += [sold, {**sold, "stock_code": "POST", "quantity": "1", "unit_price": "3.95"}]
            if chance.random() < 0.15:
                lines.append({**sold, "invoice_no": f"C{invoice}", "quantity": f"-{sold['quantity']}"})
    lines.append({**_line("999998", 0, AS_OF_ON, 1), "customer_number": ""})
    lines.append({**_line("999999", 0, AS_OF_ON, 1), "unit_price": "0"})
    return lines


def _line(invoice: str, customer: int, day: date, quantity: int) -> dict[str, str]:
    return {
        "invoice_no": invoice,
        "stock_code": "85123A",
        "description": "HOLDER",
        "quantity": str(quantity),
        "invoiced_at": str(datetime(day.year, day.month, day.day, 12)),  # noqa: DTZ001 - the file states no zone
        "unit_price": "2.55",
        "customer_number": str(10_000 + customer),
        "country": "UK",
    }


def fill_stages(lake: SmallLake) -> None:
    """Add what the Python stages make of the rows above: C1 and A1 share an address and are one customer."""
    retail = [f"online_retail:customers:{10_000 + number}" for number in range(_INVOICED_CUSTOMERS)]
    contacts = [f"crm:contacts:C{number}" for number in range(1, 5)]
    records = {record: record for record in [*retail, *contacts, "shop:accounts:A1", "shop:accounts:A2"]}
    records["shop:accounts:A1"] = "crm:contacts:C1"
    guest = f"shop:guests:{hashlib.sha256(b'none@example.org').hexdigest()}"
    records[guest] = guest
    lake.add(
        "identity/customer_records",
        [{"record_id": record, "customer_id": f"c_{first}"} for record, first in records.items()],
    )
    lake.add(
        "insight/purchase_scores",
        [
            {"customer_id": f"c_{first}", "as_of_on": AS_OF_ON, "model_id": "m1", "purchase_probability_next_90d": 0.25}
            for first in sorted(set(records.values()))
        ],
    )
    champion = {"as_of_on": AS_OF_ON, "model_id": "m1", "model_name": "purchase", "model_status": "champion"}
    lake.add("insight/model_records", [champion])
    _standardise(lake)


def _standardise(lake: SmallLake) -> None:
    people = [str(n) for n in ("a1", "a2", "none", "c2", "c2.new", "c4", "nobody")]
    lake.add(
        "standardised/emails",
        [
            {"email_raw": f"{name}@example.org", "email_normalised": f"{name}@example.org", "is_valid": True}
            for name in people
        ]
        + [{"email_raw": "no address", "is_valid": False, "reason_code": "email_malformed"}],
    )
    lake.add("standardised/countries", [{"country_raw": "UK", "country_code": "GB", "is_valid": True}])


def small_company() -> SmallLake:
    """Return the lake after all files have landed, one of them twice, one refused, one record quarantined."""
    lake = SmallLake()
    fill_stages(lake)
    lake.land("crm", "contacts", "contacts_monday.csv", CONTACTS_OF_MONDAY)
    lake.land("crm", "contacts", "contacts_tuesday.csv", CONTACTS_OF_TUESDAY)
    monday = lake.land("shop", "orders", "orders_monday.ndjson", ORDERS_OF_MONDAY)
    lake.land("shop", "orders", "orders_tuesday.ndjson", ORDERS_OF_TUESDAY)
    lines = invoice_lines()
    retail = lake.land("online_retail", "lines", "online_retail.parquet", lines)
    again = {"file_fate": "already_landed", "reason_code": "file_already_landed"}
    lake.deliver("online_retail", "lines", "online_retail_copy.parquet", retail, len(lines), **again)
    refused = {"file_fate": "refused", "reason_code": "columns_missing"}
    lake.deliver("shop", "orders", "orders_bad.ndjson", "bad", 4, **refused)
    quarantine_one(lake, monday)
    return lake


def quarantine_one(lake: SmallLake, digest: str) -> None:
    """Add a record without shape to a landed shop file, and to the ledger's count of that file."""
    lake.add(
        "quarantine/records",
        [{"_source": "shop", "_feed": "orders", "_file_sha256": digest, "reason_code": "json_malformed"}],
    )
    files = lake.rows["ledger/files"]
    place, file = next((n, file) for n, file in enumerate(files) if file["file_sha256"] == digest)
    files[place] = {**file, "records_count": file["records_count"] + 1, "quarantined_count": 1}
