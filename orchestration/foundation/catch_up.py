"""Which business days are due: the one that tonight closes, and those before it that no night closed.

A pure question to the nights' records; starting the runs is for `automation` and the command line.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from orchestration.foundation.lake_io import Lake
from orchestration.foundation.night import NightRecordDamaged, read_night


@dataclass(frozen=True)
class DueNights:
    """The business days to close now, oldest first, and how many older ones are left out for good.

    Attributes:
        days: oldest first; the last one is the day that was asked for.
        left_out_count: unclosed days before these, beyond the policy's bound. Their files lose nothing: the next night
            lands and counts them; only the scores as of those days are never made.
    """

    days: tuple[date, ...]
    left_out_count: int = 0


def due_nights(last_closed: date | None, *, through: date, at_most: int) -> DueNights:
    """Return the days after the last closed one up to `through`, which is always among them.

    A day that is closed already is due again when it is asked for: running a night again is harmless and takes in
    what arrived since. Before the first closed night only `through` is due, for nothing was missed.

    Args:
        last_closed: the latest day not after `through` that a night closed; None when there is none.
        through: the day that tonight closes.
        at_most: how many days may be returned, at least 1.

    Example:
        >>> due_nights(date(2028, 2, 27), through=date(2028, 3, 1), at_most=2)
        DueNights(days=(datetime.date(2028, 2, 29), datetime.date(2028, 3, 1)), left_out_count=1)
    """
    unclosed = (through - last_closed).days if last_closed else 1
    count = max(1, min(unclosed, at_most))
    days = tuple(through - timedelta(days=back) for back in reversed(range(count)))
    return DueNights(days, max(0, unclosed - count))


def last_closed_day(lake: Lake, *, through: date) -> date | None:
    """Return the latest day not after `through` that a night closed, or None; a damaged record counts as unclosed."""
    days = sorted((_day(path.stem) for path in (lake.root / "nights").glob("*.json")), reverse=True)
    return next((day for day in days if day <= through and _is_closed(lake, day)), None)


def _is_closed(lake: Lake, day: date) -> bool:
    try:
        night = read_night(lake, day)
    except NightRecordDamaged:
        return False
    return night is not None and night.closed_at is not None


def _day(stem: str) -> date:
    try:
        return date.fromisoformat(stem)
    except ValueError:
        return date.max
