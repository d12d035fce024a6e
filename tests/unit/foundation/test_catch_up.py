"""Which nights are due: none is forgotten, none is run in a wrong order, and an outage has a bound."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.foundation.catch_up import DueNights, due_nights, last_closed_day
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.night import close_night, pin_night

AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)


def _night(lake: Lake, day: date, *, is_closed: bool) -> None:
    pin_night(lake, {}, as_of_on=day, run_id="run", at=AT)
    if is_closed:
        close_night(lake, as_of_on=day, at=AT)


def test_an_ordinary_night_closes_one_day() -> None:
    assert due_nights(date(2026, 6, 29), through=date(2026, 6, 30), at_most=7) == DueNights((date(2026, 6, 30),))


def test_missed_nights_come_first_and_in_order() -> None:
    due = due_nights(date(2026, 12, 29), through=date(2027, 1, 1), at_most=7)
    assert due.days == (date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1))
    assert due.left_out_count == 0


def test_a_leap_day_that_was_missed_is_caught_up() -> None:
    assert date(2028, 2, 29) in due_nights(date(2028, 2, 27), through=date(2028, 3, 1), at_most=7).days


def test_a_long_outage_is_caught_up_to_the_policys_bound() -> None:
    due = due_nights(date(2026, 1, 1), through=date(2026, 6, 30), at_most=3)
    assert due.days == (date(2026, 6, 28), date(2026, 6, 29), date(2026, 6, 30))
    assert due.left_out_count == 177


def test_before_the_first_night_nothing_was_missed() -> None:
    assert due_nights(None, through=date(2026, 6, 30), at_most=7).days == (date(2026, 6, 30),)


def test_a_night_that_is_closed_already_takes_in_what_came_since() -> None:
    assert due_nights(date(2026, 6, 30), through=date(2026, 6, 30), at_most=7).days == (date(2026, 6, 30),)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60), st.integers(1, 31))
def test_due_days_are_consecutive_bounded_and_end_with_tonight(through: date, missed: int, at_most: int) -> None:
    due = due_nights(through - timedelta(days=missed), through=through, at_most=at_most)
    assert due.days[-1] == through
    assert 1 <= len(due.days) <= at_most
    assert all(later - earlier == timedelta(days=1) for earlier, later in zip(due.days, due.days[1:], strict=False))
    assert len(due.days) + due.left_out_count == max(missed, 1)


def test_the_last_closed_day_is_the_latest_that_ended(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert last_closed_day(lake, through=date(2026, 6, 30)) is None
    _night(lake, date(2026, 6, 27), is_closed=True)
    _night(lake, date(2026, 6, 28), is_closed=True)
    _night(lake, date(2026, 6, 29), is_closed=False)
    _night(lake, date(2026, 7, 5), is_closed=True)
    assert last_closed_day(lake, through=date(2026, 6, 30)) == date(2026, 6, 28)


@pytest.mark.parametrize("content", ["", "{", '{"as_of_on": "2026-06-29"}'])
def test_a_damaged_record_counts_as_not_closed(tmp_path: Path, content: str) -> None:
    lake = Lake(tmp_path)
    _night(lake, date(2026, 6, 28), is_closed=True)
    (tmp_path / "nights" / "2026-06-29.json").write_text(content)
    (tmp_path / "nights" / "notes.json").write_text(content)
    assert last_closed_day(lake, through=date(2026, 6, 30)) == date(2026, 6, 28)
