"""A night standardises what arrived; a change of the rules redoes what was standardised before."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration.foundation.feed_contract import FeedContract, raw_schema
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.night import close_night, pin_night
from orchestration.standardise import nightly
from orchestration.standardise.rules import rules_version
from orchestration.standardise.values import Kind
from orchestration.standardise.values import new_values as find_new_values

AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
MONDAY, TUESDAY = date(2026, 6, 29), date(2026, 6, 30)
EMAILS = "standardised/emails"
TEXT = {"type": "text", "pii": "none", "purpose": "test", "description": "Test."}
CONTACTS = FeedContract.model_validate(
    {
        "source": "crm",
        "name": "contacts",
        "description": "One row per contact.",
        "format": "csv",
        "file_pattern": "*",
        "delivery": "delta",
        "duplicate_rule": "exact_row",
        "retention_days": 1,
        "columns": {"email": TEXT},
        "standardise": [{"as": "email", "column": "email"}],
    }
)

TABLES = {CONTACTS.table: None, EMAILS: None}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def _land(lake: Lake, key: str, *emails: str) -> None:
    schema = raw_schema(CONTACTS)
    rows = [{field.name: None for field in schema} | {"email": email} for email in emails]
    lake.write_table(CONTACTS.table, key, pa.Table.from_pylist(rows, schema=schema), run_id="landing", written_at=AT)


def _standardise(lake: Lake, day: date) -> dict[str, int]:
    reports = nightly.standardise_new_values(lake, [CONTACTS], as_of_on=day, run_id=str(day), at=AT)
    return {report.kind: report.new_count for report in reports}


def _close(lake: Lake, day: date) -> None:
    pin_night(lake, TABLES, as_of_on=day, run_id="run", at=AT)
    close_night(lake, as_of_on=day, at=AT)


def _values(lake: Lake) -> list[str]:
    return sorted(str(raw) for raw in lake.read_table(EMAILS, LAKE_TABLES[EMAILS].schema)["email_raw"].to_pylist())


def test_only_files_that_no_closed_night_has_read_are_searched(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    _land(lake, "monday", "ann@example.org")
    assert _standardise(lake, MONDAY)["email"] == 1
    _close(lake, MONDAY)
    _land(lake, "tuesday", "ann@example.org", "bob@example.org")
    searched = []

    def new_values(connection: duckdb.DuckDBPyConnection, feeds: Iterable[FeedContract], kind: Kind) -> pa.Table:
        searched.append(connection.sql("select count(*) from lake_raw_crm.contacts").fetchall()[0][0])
        return find_new_values(connection, feeds, kind)

    monkeypatch.setattr(nightly, "new_values", new_values)
    assert _standardise(lake, TUESDAY)["email"] == 1
    assert searched[0] == 2  # tuesday's rows, for the kind that has values already
    assert _values(lake) == ["ann@example.org", "bob@example.org"]


def test_a_night_that_is_run_again_before_it_is_closed_searches_the_same_files(lake: Lake) -> None:
    _land(lake, "monday", "ann@example.org")
    _standardise(lake, MONDAY)
    _land(lake, "later", "bob@example.org")
    assert _standardise(lake, MONDAY)["email"] == 1
    assert _values(lake) == ["ann@example.org", "bob@example.org"]


def test_a_change_of_the_rules_redoes_every_value_and_forgets_what_was(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    _land(lake, "monday", "ann@example.org", "bob@example.org")
    _standardise(lake, MONDAY)
    _close(lake, MONDAY)
    _land(lake, "tuesday", "cat@example.org")
    monkeypatch.setattr(nightly, "rules_version", lambda: "other rules")
    assert _standardise(lake, TUESDAY)["email"] == 3
    assert _values(lake) == ["ann@example.org", "bob@example.org", "cat@example.org"]
    assert {record.facts["rules_version"] for record in lake.records(EMAILS)} == {"other rules"}


def test_a_killed_redoing_is_ended_by_the_next(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    _land(lake, "monday", "ann@example.org")
    _standardise(lake, MONDAY)
    _close(lake, MONDAY)
    by_these_rules = {record.key for record in lake.records(EMAILS)}
    monkeypatch.setattr(nightly, "rules_version", lambda: "other rules")
    monkeypatch.setattr(Lake, "forget", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        _standardise(lake, TUESDAY)
    assert by_these_rules < {record.key for record in lake.records(EMAILS)}
    monkeypatch.undo()
    monkeypatch.setattr(nightly, "rules_version", lambda: "other rules")
    assert _standardise(lake, TUESDAY)["email"] == 0
    assert _values(lake) == ["ann@example.org"]


def test_the_pin_of_an_unfinished_night_follows_values_that_were_redone(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    _land(lake, "monday", "ann@example.org")
    _standardise(lake, MONDAY)
    before = pin_night(lake, TABLES, as_of_on=MONDAY, run_id="cut off", at=AT)
    _land(lake, "later", "bob@example.org")
    monkeypatch.setattr(nightly, "rules_version", lambda: "other rules")
    _standardise(lake, MONDAY)
    resumed = pin_night(lake, TABLES, as_of_on=MONDAY, run_id="resumed", at=AT)
    assert resumed.keys[CONTACTS.table] == before.keys[CONTACTS.table] == ("monday",)
    assert resumed.keys[EMAILS] == lake.keys(EMAILS) != before.keys[EMAILS]


def test_the_version_of_the_rules_is_short_and_stable() -> None:
    assert rules_version() == rules_version()
    assert len(rules_version()) == 16
    assert set(rules_version()) <= set("0123456789abcdef")
