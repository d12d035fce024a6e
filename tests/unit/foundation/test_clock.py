"""Days are business days: counted in the company's zone, also when the clocks change."""

from datetime import UTC, date, datetime

import pytest

from orchestration.foundation.clock import business_day, day_to_close, naive_utc


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
