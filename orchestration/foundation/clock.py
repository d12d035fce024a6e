"""The one place that reads the time of day; everything else takes instants and days as arguments."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """Return the present instant, in UTC with its zone."""
    return datetime.now(UTC)


def business_day(instant: datetime, timezone: str) -> date:
    """Return the calendar day of `instant` (zone-aware) in the business time zone.

    Example:
        >>> business_day(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "Europe/London")
        datetime.date(2026, 7, 1)
    """
    return instant.astimezone(ZoneInfo(timezone)).date()


def day_to_close(instant: datetime, timezone: str) -> date:
    """Return the business day that a night which starts at `instant` closes: the day before.

    Example:
        >>> day_to_close(datetime(2026, 7, 1, 1, 0, tzinfo=UTC), "Europe/London")
        datetime.date(2026, 6, 30)
    """
    return business_day(instant, timezone) - timedelta(days=1)


def naive_utc(instant: datetime) -> datetime:
    """Return a zone-aware instant as the zone-less UTC timestamp that tables store."""
    return instant.astimezone(UTC).replace(tzinfo=None)
