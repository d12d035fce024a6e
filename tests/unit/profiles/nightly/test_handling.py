"""Columns are handled as contracts state; a column that looks more personal than its contract says is told."""

from datetime import date
from pathlib import Path

import pytest

from orchestration.foundation.lake_io import Lake
from orchestration.profiles.nightly.handling import HANDLING_TABLE, contradictions
from orchestration.profiles.nightly.night import ProfilesReport
from tests.support.inboxes import contract
from tests.support.profiled_feeds import ProfiledFeeds, feed_of

MONDAY, TUESDAY = date(2026, 6, 29), date(2026, 6, 30)
EMAILS = [f"p{number}@example.org" for number in range(40)]
PHONES = [f"+4477009001{number:02}" for number in range(40)]
TICKETS = feed_of(
    "desk", "tickets", sender="text", reached_at="text", last_name="text", name="text", note="text", about="json"
)
MENDED = feed_of(
    "desk", "tickets", sender="direct", reached_at="text", last_name="text", name="text", note="text", about="json"
)


@pytest.fixture
def feeds(tmp_path: Path) -> ProfiledFeeds:
    return ProfiledFeeds(Lake(tmp_path), (TICKETS,))


def _told(report: ProfilesReport) -> dict[str, tuple[str, float]]:
    rows = contradictions(report.handling).to_pylist()
    return {row["contradicting_column_name"]: (row["contradiction_code"], row["contradicting_share"]) for row in rows}


def test_every_column_of_a_contract_is_listed_as_the_contract_states_it(tmp_path: Path) -> None:
    column = {"type": "text", "purpose": "tells who", "description": "A cell."}
    stated = contract(
        columns={"id": {**column, "pii": "indirect", "required": True}, "mail": {**column, "pii": "direct"}},
        key=["id"],
        standardise=[{"as": "email", "column": "mail"}],
        retention_days=30,
    )
    rows = ProfiledFeeds(Lake(tmp_path), (stated,)).night(MONDAY).handling.to_pylist()
    assert [(row["column_name"], row["pii"], row["is_key"], row["is_required"]) for row in rows] == [
        ("id", "indirect", True, True),
        ("mail", "direct", False, False),
    ]
    assert {(row["purpose"], row["retention_days"], row["profiled_on"]) for row in rows} == {("tells who", 30, None)}
    assert [row["standardised_as"] for row in rows] == [None, "email"]


def test_values_that_look_like_people_contradict_a_contract_that_says_they_do_not(feeds: ProfiledFeeds) -> None:
    feeds.land(
        TICKETS,
        "one",
        sender=EMAILS,
        reached_at=PHONES,
        last_name=["Young", "Old"] * 20,
        name=["Lamp", "Chair"] * 20,
        note=[*EMAILS[:2], *["fine"] * 38],
        about=[{"order": f"S{number}", "cc": email} for number, email in enumerate(EMAILS)],
    )
    assert _told(feeds.night(MONDAY)) == {
        "sender": ("looks_like_email", 1.0),
        "reached_at": ("looks_like_phone", 1.0),
        "last_name": ("looks_like_name", 1.0),
        "note": ("looks_like_email", 0.05),
        "about.cc": ("looks_like_email", 1.0),
    }


def test_few_values_and_a_stray_address_contradict_nothing(feeds: ProfiledFeeds) -> None:
    feeds.land(TICKETS, "one", sender=[*EMAILS[:19], *[None] * 21], note=[EMAILS[0], *["fine"] * 39])
    assert _told(feeds.night(MONDAY)) == {}


def test_a_mended_contract_is_told_of_no_more_without_a_new_delivery(feeds: ProfiledFeeds) -> None:
    feeds.land(TICKETS, "one", sender=EMAILS)
    assert "sender" in _told(feeds.night(MONDAY))
    before = feeds.lake.record(HANDLING_TABLE, "latest")
    assert "sender" in _told(feeds.night(TUESDAY))
    assert feeds.lake.record(HANDLING_TABLE, "latest") == before
    assert _told(ProfiledFeeds(feeds.lake, (MENDED,)).night(TUESDAY)) == {}
