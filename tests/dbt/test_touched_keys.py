"""Nights that replace the rows of touched keys end in the tables of one full build, whatever arrives and when."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orchestration.foundation.settings import PROJECT_ROOT
from tests.support.people_rows import account, member, receipt_line, ticket, web_event
from tests.support.small_company import contact, fill_stages, order, small_company
from tests.support.touched_nights import BLOCKS, Model, TouchedNights, built_models, differences
from tests.support.warehouses import AS_OF_ON, Dbt, Row, SmallLake

PEOPLE = ("a1", "a2", "c2", "c4")
SOURCES = {"accounts": "shop", "members": "loyalty", "receipts": "pos", "tickets": "contact_centre", "events": "web"}
CUT_OFF_AFTER = (0.01, 0.35, 0.7, 0.97)


@dataclass(frozen=True)
class Night:
    """What lands in one night, which day it closes, and after which share of all models it is cut off, if it is."""

    contacts: Sequence[tuple[int, int, int]]
    orders: Sequence[tuple[int, int, int, int]]
    lines: Sequence[tuple[int, int, int]]
    days_back: int
    killed_after: float | None
    people: Sequence[tuple[str, int, int, int]] = ()


def _contact(row: tuple[int, int, int]) -> Row:
    number, person, version = row
    return contact(
        f"C{number}" if number else "",
        f"{PEOPLE[person]}@example.org" if person < len(PEOPLE) else "",
        updated_at=f"0{version + 1}.02.2026 10:00",
        country="UK" if version else "",
        created_at="01.07.2026 10:00" if number == 1 else "01.01.2025 10:00",
    )


def _order(row: tuple[int, int, int, int]) -> Row:
    number, account, day, version = row
    owner = f"A{account}" if account else None
    amount = f"{10 + version}.00" if version else "no amount"
    at = (AS_OF_ON - timedelta(days=day * 40 if day > 0 else day)).isoformat()
    updated_at = f"2026-07-0{version + 1}T10:00:00Z"
    ordered = order(f"S{number}", owner, f"{at}T10:00:00Z", amount, updated_at=updated_at)
    return {**ordered, "country": "UK" if version == 2 else ""}


def _line(row: tuple[int, int, int]) -> Row:
    invoice, customer, quantity = row
    day = AS_OF_ON - timedelta(days=invoice)
    return {
        "invoice_no": f"{1000 + invoice}",
        "stock_code": "85123A",
        "description": "HOLDER",
        "quantity": str(quantity),
        "invoiced_at": f"{day} 12:00:00",
        "unit_price": "2.55",
        "customer_number": str(customer) if customer else "",
        "country": "UK",
    }


def _person(row: tuple[str, int, int, int]) -> Row:
    """Return a row of a feed that knows people: of a key, saying that it is one person's, in one version."""
    feed, key, person, version = row
    email, owner, day = f"{PEOPLE[person]}@example.org", f"A{person}" if person else None, f"2026-06-0{version + 1}"
    if feed == "accounts":
        return account(f"A{key}", email, f"{day}T10:00:00Z")
    if feed == "members":
        return member(f"006112000000000{key}", email, day)
    if feed == "receipts":
        return receipt_line(f"R{key}", 1 + version % 2, f"006112000000000{person}" if person else None, email)
    if feed == "tickets":
        return ticket(f"T{key}", email, owner, f"{day}T10:00:00Z")
    return web_event(f"E{key}", f"d{version % 2}", owner, f"{day}T10:00:00Z")


few = st.integers(0, 3)
nights_of_company = st.lists(
    st.builds(
        Night,
        contacts=st.lists(st.tuples(few, st.integers(0, 4), few), max_size=4),
        orders=st.lists(st.tuples(few, few, st.integers(-1, 2), few), max_size=5),
        lines=st.lists(st.tuples(st.integers(-1, 2), few, few), max_size=5),
        days_back=st.sampled_from([-31, -1, 0, 1]),
        killed_after=st.none() | st.sampled_from(CUT_OFF_AFTER),
        people=st.lists(st.tuples(st.sampled_from(sorted(SOURCES)), few, few, few), max_size=6),
    ),
    min_size=2,
    max_size=4,
)
ORDER_CHANGES_OWNER = [
    Night([(2, 0, 0)], [(1, 1, 1, 1), (2, 2, 1, 1)], [(0, 1, 1)], 0, None),
    Night([], [(1, 2, 1, 2)], [(0, 2, 1)], 0, None),
    Night([(2, 1, 2)], [(2, 2, 1, 3)], [(0, 1, 1), (0, 3, 2)], 0, None),
]
EVERY_SOURCE_CHANGES_ITS_MIND = [
    Night([], [], [], 0, None, [(feed, key, 1, 1) for feed in SOURCES for key in (1, 2)]),
    Night([], [], [], 0, None, [(feed, 1, 2, 2) for feed in SOURCES]),
    Night([], [], [], 0, None, [(feed, 2, 0, 3) for feed in SOURCES if feed != "members"]),
]
HELD_BACK_AND_LOST_AGAIN = [
    Night([(1, 0, 0)], [(1, 1, -1, 1), (2, 1, 0, 1)], [(-1, 1, 1), (0, 1, 2)], 0, None),
    Night([], [], [], -1, None),
    Night([], [(2, 1, 0, 2)], [], 1, None),
]
CUT_OFF_EVERYWHERE = [
    [
        Night([(2, 0, 0)], [(1, 1, 1, 1)], [(0, 1, 1)], 0, None),
        Night([(2, 1, 1)], [(1, 2, 1, 2)], [(0, 2, 1)], 0, share),
        Night([], [(3, 3, 1, 1)], [], 0, None),
    ]
    for share in CUT_OFF_AFTER
]


@pytest.fixture(scope="session")
def models(dbt: Dbt, warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Model]]:  # noqa: ARG001 - after the session's warehouse, whose path it uses
    """The statements of the blocks, as dbt ran them in a new warehouse and upon that build."""
    small_company().write(dbt.warehouse)
    kept = tmp_path_factory.mktemp("targets")
    for name in ("in_full", "by_keys"):
        dbt.run(
            "build", "--select", *(f"tag:{block}" for block in BLOCKS), "--exclude-resource-type", "test", "unit_test"
        )
        shutil.copytree(dbt.folder / "target", kept / name)
    dbt.warehouse.unlink()
    project = PROJECT_ROOT / "dbt_project"
    return built_models(dbt.manifest, in_full=kept / "in_full", by_keys=kept / "by_keys", project=project)


@settings(max_examples=6, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nights=nights_of_company)
@example(nights=HELD_BACK_AND_LOST_AGAIN)
@example(nights=EVERY_SOURCE_CHANGES_ITS_MIND)
def test_every_night_ends_in_the_tables_of_a_full_build(
    nights: list[Night], models: dict[str, list[Model]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    _compare_every_night(nights, models, tmp_path_factory.mktemp("nights"))


@pytest.mark.parametrize(
    "nights", CUT_OFF_EVERYWHERE, ids=[str(nights[1].killed_after) for nights in CUT_OFF_EVERYWHERE]
)
def test_a_night_after_one_that_was_cut_off_ends_in_the_tables_of_a_full_build(
    nights: list[Night], models: dict[str, list[Model]], tmp_path: Path
) -> None:
    _compare_every_night(nights, models, tmp_path)


def test_a_night_after_a_whole_one_is_built_by_keys(models: dict[str, list[Model]], tmp_path: Path) -> None:
    assert _compare_every_night(ORDER_CHANGES_OWNER, models, tmp_path) == [False, True, True]


def _compare_every_night(nights: Sequence[Night], models: dict[str, list[Model]], folder: Path) -> list[bool]:
    """Compare each whole night's tables with those of a new warehouse; return which nights were built by keys."""
    lake = SmallLake()
    fill_stages(lake)
    (folder / "built_upon").mkdir()
    kept = TouchedNights(folder / "built_upon" / "warehouse.duckdb", models)
    by_keys = []
    for number, night in enumerate(nights):
        _deliver(lake, night, number)
        as_of_on: date = AS_OF_ON - timedelta(days=night.days_back)
        by_keys.append(kept.run(lake, as_of_on=as_of_on, killed_after=night.killed_after))
        if night.killed_after is not None:
            continue
        (folder / str(number)).mkdir()
        anew = TouchedNights(folder / str(number) / "warehouse.duckdb", models)
        anew.run(lake, as_of_on=as_of_on)
        assert differences(kept.warehouse, anew.warehouse) == {}
    return by_keys


def _deliver(lake: SmallLake, night: Night, number: int) -> None:
    landed: dict[tuple[str, str], list[dict[str, Any]]] = {
        ("crm", "contacts"): [dict(_contact(row)) for row in night.contacts],
        ("shop", "orders"): [dict(_order(row)) for row in night.orders],
        ("online_retail", "lines"): [dict(_line(row)) for row in night.lines],
    }
    for feed, source in SOURCES.items():
        landed[source, feed] = [dict(_person(row)) for row in night.people if row[0] == feed]
    for file in [file for file in lake.rows.get("ledger/files", ()) if file["feed"] == "members"][:1]:
        again = {"file_fate": "already_landed", "reason_code": "file_already_landed"}
        lake.deliver("loyalty", "members", f"members_S01_2026-07-1{number}.xlsx", file["file_sha256"], 0, **again)
    for (source, feed), rows in landed.items():
        if rows:
            lake.land(source, feed, f"{feed}_S01_2026-06-1{number}-{json.dumps(len(rows))}", rows)
