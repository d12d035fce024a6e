"""The days that the sample company lives through."""

from dataclasses import dataclass
from datetime import date, timedelta

HISTORY_DAYS = 730
LATER_DAYS = 60
JOINED_BEFORE_DAYS = 365
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Calendar:
    """The days that the sample company lives through.

    Attributes:
        starts_on: First day of the order history.
        ends_on: Last day of the history, and the day on which its files arrive.
        last_on: Last day that is simulated; later nights deliver the days after `ends_on`.
    """

    starts_on: date
    ends_on: date
    last_on: date

    @classmethod
    def ending(cls, ends_on: date) -> "Calendar":
        """Return the calendar whose history ends on `ends_on`: 730 days before, 60 days after.

        Example:
            >>> Calendar.ending(date(2026, 6, 30)).starts_on
            datetime.date(2024, 7, 1)
        """
        return cls(
            starts_on=ends_on - timedelta(days=HISTORY_DAYS - 1),
            ends_on=ends_on,
            last_on=ends_on + timedelta(days=LATER_DAYS),
        )

    @property
    def newcomers_share(self) -> float:
        """Share of people who join after the history, per person who joined until then."""
        joining_days = (self.ends_on - self.starts_on).days + 1 + JOINED_BEFORE_DAYS
        return (self.last_on - self.ends_on).days / joining_days

    @property
    def first_day(self) -> int:
        """`starts_on` as days since 1970-01-01."""
        return (self.starts_on - _EPOCH).days

    @property
    def history_end_day(self) -> int:
        """The day after `ends_on` as days since 1970-01-01."""
        return (self.ends_on - _EPOCH).days + 1

    @property
    def end_day(self) -> int:
        """The day after `last_on` as days since 1970-01-01."""
        return (self.last_on - _EPOCH).days + 1

    @property
    def first_joining_day(self) -> int:
        """The first day on which anybody joined, as days since 1970-01-01."""
        return self.first_day - JOINED_BEFORE_DAYS
