"""A preview tells the customers that the next night then makes, and what they are worth and consent to."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration.foundation.lake_io import Lake
from orchestration.identity.evidence.previews import WITHDRAWN, Preview, Trial, decision_previewed
from orchestration.identity.evidence.stored import named_pair, stored_identity
from orchestration.identity.graph.constraints import DecisionsContradicted
from tests.support.linked_lake import NIGHT, RULES, LinkedLake, fill_warehouse

TOMORROW = NIGHT + timedelta(days=1)


@pytest.fixture
def lake(tmp_path: Path) -> LinkedLake:
    return LinkedLake(
        tmp_path,
        records=["crm:1", "loyalty:2", "pos:3", "web:4", "web:5"],
        shared={("email", "h1"): ["crm:1", "loyalty:2", "pos:3"]},
    )


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        fill_warehouse(connection)
        yield connection


def _bought(warehouse: duckdb.DuckDBPyConnection, customers: dict[str, str], record: str, amount: int) -> None:
    order = f"{record}/{amount}"
    warehouse.execute("insert into customer.int_orders_unified values (?, ?)", [order, record])
    warehouse.execute(
        "insert into customer.fct_orders values (?, ?, ?, date '2026-06-01', ?)",
        [order, customers[record], "sale" if amount > 0 else "return", amount],
    )


def _preview(lake: LinkedLake, warehouse: duckdb.DuckDBPyConnection, one: str, other: str, decision: str) -> Preview:
    names = ("record_id_left", "record_id_right", "decision")
    schema = pa.schema([(name, pa.string()) for name in names])
    decisions = pa.Table.from_pylist([{name: row[name] for name in names} for row in lake.decisions], schema=schema)
    with stored_identity(Lake(lake.root), memory_limit="1GB", threads=1) as stored:
        trial = Trial(named_pair(stored, one, other), decision, decisions, TOMORROW)
        return decision_previewed(stored, warehouse, trial, rules=RULES)


def _made(lake: LinkedLake, day: date) -> dict[str, int]:
    customers = list(lake.night(day).values())
    return {customer: customers.count(customer) for customer in customers}


def test_a_merge_shows_whom_it_makes_one_of_with_value_segment_and_the_stricter_consent(
    lake: LinkedLake, warehouse: duckdb.DuckDBPyConnection
) -> None:
    customers = lake.night()
    for record, amount in (("crm:1", 10), ("pos:3", 9), ("web:4", 8), ("web:4", -2)):
        _bought(warehouse, customers, record, amount)
    preview = _preview(lake, warehouse, "crm:1", "web:4", "must_link")
    assert {each.customer_id for each in preview.before} == {customers["crm:1"], customers["web:4"]}
    kept = next(each for each in preview.before if each.customer_id == customers["crm:1"])
    assert kept.consents == {("email", "marketing"): "granted"}
    [merged] = preview.after
    assert (merged.customer_id, merged.records_count) == (customers["crm:1"], 4)
    assert (merged.orders_count, merged.net_revenue_amount) == (3, Decimal("25.00"))
    assert merged.segment_name == "Champions"
    assert merged.consents == {("email", "marketing"): "withdrawn", ("sms", "service"): "granted"}
    lake.decide("must_link", "crm:1", "web:4")
    assert _made(lake, TOMORROW)[merged.customer_id] == 4


@pytest.mark.parametrize(("one", "other"), [("crm:1", "pos:3"), ("loyalty:2", "crm:1")])
def test_a_split_names_the_customers_that_the_next_night_makes(
    lake: LinkedLake, warehouse: duckdb.DuckDBPyConnection, one: str, other: str
) -> None:
    lake.night()
    preview = _preview(lake, warehouse, one, other, "cannot_link")
    assert [each.records_count for each in preview.before] == [3]
    lake.decide("cannot_link", one, other)
    made = _made(lake, TOMORROW)
    assert len(preview.after) == 2
    assert {each.customer_id: each.records_count for each in preview.after}.items() <= made.items()


def test_a_withdrawn_merge_gives_each_customer_its_id_and_its_own_consent_back(
    lake: LinkedLake, warehouse: duckdb.DuckDBPyConnection
) -> None:
    first = lake.night(NIGHT - timedelta(days=1))
    lake.decide("must_link", "crm:1", "web:4")
    lake.night()
    preview = _preview(lake, warehouse, first["web:4"], "crm:1", WITHDRAWN)
    consents = {each.customer_id: each.consents for each in preview.after}
    assert consents == {
        first["crm:1"]: {("email", "marketing"): "granted"},
        first["web:4"]: {("email", "marketing"): "withdrawn", ("sms", "service"): "granted"},
    }


def test_a_decision_that_changes_nothing_shows_nothing_and_one_that_others_forbid_is_refused(
    lake: LinkedLake, warehouse: duckdb.DuckDBPyConnection
) -> None:
    lake.night()
    assert _preview(lake, warehouse, "crm:1", "pos:3", "must_link") == Preview((), ())
    lake.decide("must_link", "web:4", "web:5")
    lake.decide("cannot_link", "web:5", "crm:1")
    with pytest.raises(DecisionsContradicted):
        _preview(lake, warehouse, "crm:1", "web:4", "must_link")
