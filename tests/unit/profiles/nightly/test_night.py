"""A night profiles what arrived, remembers enough to compare, and never keeps a value."""

import stat
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from orchestration.foundation.feed_contract import FeedContract
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.profiles.nightly import arrivals, memory, sketches
from tests.support.profiled_feeds import AT, ProfiledFeeds, by_column, feed_of

SUNDAY, MONDAY, TUESDAY = (date(2026, 6, day) for day in (28, 29, 30))
CONTACTS = feed_of("crm", "contacts", email="direct", city="text")
ORDERS = feed_of("shop", "orders", customer="json", lines="json", total="decimal")
PEOPLE = [f"person{number}@example.org" for number in range(100)]


@pytest.fixture
def feeds(tmp_path: Path) -> ProfiledFeeds:
    return ProfiledFeeds(Lake(tmp_path), (CONTACTS, ORDERS))


def _contacts(feeds: ProfiledFeeds, key: str, emails: list[str], city: str = "Leeds") -> None:
    feeds.land(CONTACTS, key, email=emails, city=[city] * len(emails))


def _orders(feeds: ProfiledFeeds, key: str, emails: list[str]) -> None:
    customers = [{"email": email.upper(), "vip": None} for email in emails]
    lines = [[{"sku": f"S{n % 30:03}"}, {"sku": "S001"}] for n in range(len(emails))]
    feeds.land(ORDERS, key, customer=customers, lines=lines, total=["9.99"] * len(emails))


def test_a_column_is_counted_exactly_and_a_leaf_of_json_is_a_column(feeds: ProfiledFeeds) -> None:
    feeds.land(CONTACTS, "one", email=[*PEOPLE[:3], None, "  "], city=["York", "York", "Leeds", "", None])
    _orders(feeds, "two", PEOPLE[:40])
    found = by_column(feeds.night(MONDAY))
    email, city = found["email"], found["city"]
    assert (email["rows_count"], email["filled_count"], email["empty_share"]) == (5, 3, pytest.approx(0.4))
    assert (email["distinct_count"], email["is_distinct_exact"], email["email_share"]) == (3, True, 1.0)
    assert (email["pii"], city["pii"], email["value_kind"]) == ("direct", "none", "email")
    assert (city["distinct_count"], city["min_length"], city["max_length"]) == (2, 4, 5)
    assert (found["customer.email"]["filled_count"], found["customer.email"]["distinct_count"]) == (40, 40)
    assert (found["lines[*].sku"]["rows_count"], found["lines[*].sku"]["distinct_count"]) == (80, 30)
    assert found["customer.vip"]["empty_share"] == 1.0
    assert "customer" not in found


def test_an_array_of_plain_values_is_profiled_by_its_elements(feeds: ProfiledFeeds) -> None:
    feeds.land(ORDERS, "one", lines=[["a", "b", None]] * 30)
    found = by_column(feeds.night(MONDAY))["lines[*]"]
    assert (found["rows_count"], found["filled_count"], found["empty_share"]) == (90, 60, pytest.approx(1 / 3))


def test_unknown_columns_are_profiled_and_keys_that_are_values_are_no_columns(feeds: ProfiledFeeds) -> None:
    extras = [{"loyalty_tier": "gold", "anna@example.org": "1"} for _ in range(30)]
    feeds.land(CONTACTS, "one", email=PEOPLE[:30], _extras=extras)
    found = by_column(feeds.night(MONDAY))
    assert found["_extras.loyalty_tier"]["pii"] == "direct"
    assert not any("anna" in name for name in found)


def test_of_many_rows_counts_are_of_all_and_shares_of_a_sample(
    feeds: ProfiledFeeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "_SAMPLED_ROWS", 200)
    emails = [f"p{number}@example.org" if number % 4 else "" for number in range(4_000)]
    _contacts(feeds, "one", emails)
    email = by_column(feeds.night(MONDAY))["email"]
    assert (email["rows_count"], email["filled_count"], email["is_distinct_exact"]) == (4_000, 3_000, False)
    assert 80 < email["judged_count"] < 220
    assert email["email_share"] == 1.0
    assert email["distinct_count"] == pytest.approx(3_000, rel=0.15)


def test_a_night_looks_only_at_what_arrived_since_the_last_one(feeds: ProfiledFeeds) -> None:
    _contacts(feeds, "one", PEOPLE[:50])
    assert by_column(feeds.night(MONDAY))["email"]["rows_count"] == 50
    _contacts(feeds, "two", PEOPLE[50:57])
    second = feeds.night(TUESDAY)
    assert by_column(second)["email"]["rows_count"] == 7
    assert second.compared_feeds_count == 1


def test_a_night_without_deliveries_commits_nothing_and_keeps_what_is_known(feeds: ProfiledFeeds) -> None:
    _contacts(feeds, "one", PEOPLE)
    _orders(feeds, "two", PEOPLE)
    first = feeds.night(MONDAY)
    quiet = feeds.night(TUESDAY)
    assert quiet.columns.num_rows == quiet.drift.num_rows == 0
    assert quiet.joins.equals(first.joins)
    assert feeds.lake.keys(memory.COLUMNS_TABLE) == ("2026-06-29",)


def test_a_night_that_is_run_again_finds_the_same(feeds: ProfiledFeeds) -> None:
    _contacts(feeds, "one", PEOPLE[:60])
    feeds.night(MONDAY)
    _contacts(feeds, "two", PEOPLE[40:], city="")
    _orders(feeds, "three", PEOPLE)
    first, again = feeds.night(TUESDAY), feeds.night(TUESDAY)
    assert first.drift.num_rows > 0
    assert (first.columns, first.drift, first.joins) == (again.columns, again.drift, again.joins)
    assert first.hashes_count == again.hashes_count


def test_nights_one_by_one_find_the_joins_of_all_files_at_once(feeds: ProfiledFeeds, tmp_path: Path) -> None:
    at_once = ProfiledFeeds(Lake(tmp_path / "other"), feeds.feeds)
    for place, day in enumerate((SUNDAY, MONDAY, TUESDAY)):
        part = PEOPLE[place * 30 : place * 30 + 40]
        for each in (feeds, at_once):
            _contacts(each, f"contacts{place}", part)
            _orders(each, f"orders{place}", part[::2])
        feeds.night(day)
    joins, whole = (
        each.profile(TUESDAY).joins.drop_columns(["_run_id", "as_of_on"]).to_pylist() for each in (feeds, at_once)
    )
    assert joins == whole
    assert any(join["column_name"] == "customer.email" and join["join_type"] == "inclusion" for join in joins)


def test_a_column_that_goes_empty_and_one_that_appears_are_told_with_numbers(feeds: ProfiledFeeds) -> None:
    feeds.land(CONTACTS, "one", email=PEOPLE, city=["Leeds"] * 100)
    feeds.night(MONDAY)
    feeds.land(CONTACTS, "two", email=PEOPLE, city=[None] * 100, _extras=[{"tier": "gold"}] * 100)
    drift = {row["column_name"]: row for row in feeds.night(TUESDAY).drift.to_pylist()}
    assert {name: row["reason_code"] for name, row in drift.items()} == {
        "city": "column_vanished",
        "_extras.tier": "column_appeared",
    }
    assert (drift["city"]["previous_value"], drift["city"]["value"]) == (0.0, 1.0)
    assert drift["city"]["previous_on"] == MONDAY
    assert "0.0% of 100 to 100.0% of 100" in drift["city"]["reason_text"]


def test_rows_of_the_same_kind_are_no_drift(feeds: ProfiledFeeds) -> None:
    _contacts(feeds, "one", PEOPLE)
    feeds.night(MONDAY)
    _contacts(feeds, "two", PEOPLE[:37])
    assert feeds.night(TUESDAY).drift.num_rows == 0


def test_no_value_is_written_anywhere(feeds: ProfiledFeeds) -> None:
    secrets = [f"secret{number}@example.org" for number in range(60)]
    feeds.land(CONTACTS, "one", email=secrets, city=["Hidden Town"] * 60, _extras=[{"note": "hush hush"}] * 60)
    _orders(feeds, "two", secrets)
    feeds.night(MONDAY)
    written = [path for path in (feeds.lake.root / "profiles").rglob("*") if path.is_file()]
    assert len(written) >= 8
    for path in written:
        cells = repr(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else path.read_text()
        assert not any(word in cells.lower() for word in ("secret", "hidden", "town", "hush", "example.org")), path


def test_new_rules_of_sketches_profile_all_that_was_ever_delivered(
    feeds: ProfiledFeeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    _contacts(feeds, "one", PEOPLE)
    feeds.night(MONDAY)
    monkeypatch.setattr("orchestration.profiles.nightly.sketches._RULES", "of tomorrow")
    again = feeds.night(TUESDAY)
    assert by_column(again)["email"]["rows_count"] == 100
    assert again.compared_feeds_count == 0


@pytest.mark.parametrize("feed", [CONTACTS, ORDERS], ids=lambda feed: feed.name)
def test_a_feed_without_any_row_is_left_out(feeds: ProfiledFeeds, feed: FeedContract) -> None:
    other = ORDERS if feed is CONTACTS else CONTACTS
    feeds.land(other, "one", **{name: [None] * 3 for name in other.columns})
    assert {row["feed"] for row in feeds.night(MONDAY).columns.to_pylist()} == {other.name}


def test_a_profile_that_is_gone_is_not_compared_with(feeds: ProfiledFeeds) -> None:
    _contacts(feeds, "one", PEOPLE)
    feeds.night(MONDAY)
    feeds.lake.forget(memory.COLUMNS_TABLE, MONDAY.isoformat())
    _contacts(feeds, "two", PEOPLE)
    assert feeds.night(TUESDAY).compared_feeds_count == 0


def _hashes(lake: Lake) -> set[int]:
    kept = lake.read_table(sketches.SKETCHES_TABLE, LAKE_TABLES[sketches.SKETCHES_TABLE].schema).to_pylist()
    return {row["value_hash"] for row in kept if row["column_name"] == "email"}


def test_hashes_of_the_same_values_have_nothing_in_common_without_the_secret(tmp_path: Path) -> None:
    installations = [ProfiledFeeds(Lake(tmp_path / name), (CONTACTS,)) for name in ("one", "other")]
    for feeds in installations:
        _contacts(feeds, "one", PEOPLE)
        feeds.night(MONDAY)
    one, other = (_hashes(feeds.lake) for feeds in installations)
    assert len(one) == len(other) == len(PEOPLE)
    assert not one & other
    key = tmp_path / "one" / ".private" / "profiles_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) == 64


@pytest.mark.parametrize("made_by", ["another_secret", "rules_without_secret"])
def test_sketches_of_another_form_are_made_anew_from_all_that_was_delivered(tmp_path: Path, made_by: str) -> None:
    feeds = ProfiledFeeds(Lake(tmp_path), (CONTACTS,))
    _contacts(feeds, "one", PEOPLE[:60])
    feeds.night(SUNDAY)
    before = _hashes(feeds.lake)
    if made_by == "another_secret":
        (tmp_path / ".private" / "profiles_key").unlink()
    else:
        record = feeds.lake.record(sketches.SKETCHES_TABLE, "crm.contacts")
        assert record is not None
        old = feeds.lake.read_table(sketches.SKETCHES_TABLE, LAKE_TABLES[sketches.SKETCHES_TABLE].schema)
        facts = {**record.facts, "rules": "1-2048-9649651756170474746"}
        feeds.lake.write_table(
            sketches.SKETCHES_TABLE, "crm.contacts", old.slice(0, 30), run_id="old", written_at=AT, facts=facts
        )
    _contacts(feeds, "two", PEOPLE[60:])
    feeds.night(MONDAY)
    assert len(_hashes(feeds.lake)) == len(PEOPLE)
    assert bool(_hashes(feeds.lake) & before) == (made_by == "rules_without_secret")
