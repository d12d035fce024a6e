"""Which dates train a model and which date tests it, so that no outcome is seen before it happened. No fitting."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class TimeSplit:
    """The dates of one training: the test date, the backtest's training dates, and the champion's.

    The backtest's label windows all end on or before `test_on`, so that they share no day with the tested window.
    The champion is fitted on every closed date, `test_on` included.
    """

    test_on: date
    backtest_dates: tuple[date, ...]
    champion_dates: tuple[date, ...]


def closed_dates(dates: Iterable[date], *, as_of_on: date, label_window_days: int) -> tuple[date, ...]:
    """Return the distinct `dates` whose label window ends on or before `as_of_on`, ordered.

    Example:
        >>> closed_dates([date(2026, 1, 1), date(2026, 4, 2)], as_of_on=date(2026, 4, 1), label_window_days=90)
        (datetime.date(2026, 1, 1),)
    """
    latest = as_of_on - timedelta(days=label_window_days)
    return tuple(sorted({day for day in dates if day <= latest}))


def time_split(dates: Iterable[date], *, as_of_on: date, label_window_days: int) -> TimeSplit | None:
    """Return the split of feature dates for a model trained as of `as_of_on`; None when no date is closed yet.

    The test date is the latest closed one; a training date must be closed as of the test date, and there may be none.

    Example:
        >>> split = time_split(
        ...     [date(2026, 7, 1) - timedelta(days=30 * i) for i in range(8)],
        ...     as_of_on=date(2026, 7, 1),
        ...     label_window_days=90,
        ... )
        >>> split.test_on, max(split.backtest_dates)
        (datetime.date(2026, 4, 2), datetime.date(2026, 1, 2))
    """
    closed = closed_dates(dates, as_of_on=as_of_on, label_window_days=label_window_days)
    if not closed:
        return None
    test_on = closed[-1]
    backtest = closed_dates(closed, as_of_on=test_on, label_window_days=label_window_days)
    return TimeSplit(test_on=test_on, backtest_dates=backtest, champion_dates=closed)
