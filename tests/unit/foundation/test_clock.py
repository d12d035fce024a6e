"""Days are business days: counted in the company's zone, also when the clocks change."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.foundation.clock import business_day, day_to_close, naive_utc, utc_now


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 10, 25, 23, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), date(2028, 2, 29)),
    ],
)
def test_a_business_day_is_counted_in_the_companys_zone(instant: datetime, day: date) -> None:
    assert business_day(instant, "Europe/London") == day


def test_the_night_of_new_year_closes_the_old_one() -> None:
    assert day_to_close(datetime(2027, 1, 1, 2, 0, tzinfo=UTC), "Europe/London") == date(2026, 12, 31)


def test_tables_store_instants_in_utc_without_a_zone() -> None:
    assert naive_utc(datetime.fromisoformat("2026-06-30T02:00:00+01:00")) == datetime(2026, 6, 30, 1, 0)  # noqa: DTZ001


@pytest.fixture
def machine_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Set the machine's time zone for one test."""

    def put(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield put
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/St_Johns"])
def test_the_machines_zone_changes_no_day_and_no_instant(machine_zone: Callable[[str], None], zone: str) -> None:
    machine_zone(zone)
    instant = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert business_day(instant, "Europe/London") == date(2026, 7, 1)
    assert day_to_close(instant.astimezone(), "Europe/London") == date(2026, 6, 30)
    assert naive_utc(instant.astimezone()) == datetime(2026, 6, 30, 23, 30)  # noqa: DTZ001
    assert utc_now().tzinfo is UTC


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 30), 24)])
def test_a_day_of_23_or_25_hours_is_one_day(day: date, hours: int) -> None:
    midnight = datetime.combine(day, datetime.min.time(), ZoneInfo("Europe/London")).astimezone(UTC)
    within = [business_day(midnight + timedelta(minutes=15 * quarter), "Europe/London") for quarter in range(4 * hours)]
    assert set(within) == {day}
    assert business_day(midnight - timedelta(microseconds=1), "Europe/London") == day - timedelta(days=1)
    assert business_day(midnight + timedelta(hours=hours), "Europe/London") == day + timedelta(days=1)


@pytest.mark.parametrize("zone", ["Europe/London", "Pacific/Kiritimati", "America/New_York", "Australia/Lord_Howe"])
@given(day=st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_nights_at_two_close_every_day_exactly_once(zone: str, day: date) -> None:
    two = datetime.min.time().replace(hour=2)
    instants = [
        datetime.combine(day + timedelta(days=later), two, ZoneInfo(zone)).astimezone(UTC) for later in range(3)
    ]
    assert [day_to_close(instant, zone) for instant in instants] == [day + timedelta(days=n) for n in (-1, 0, 1)]


def test_a_night_that_starts_before_midnight_and_ends_after_it_closes_the_day_of_its_start() -> None:
    begun = datetime(2026, 6, 30, 22, 59, tzinfo=UTC)
    assert day_to_close(begun, "Europe/London") == date(2026, 6, 29)
    assert day_to_close(begun + timedelta(minutes=2), "Europe/London") == date(2026, 6, 30)
