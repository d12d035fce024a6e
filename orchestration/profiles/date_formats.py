"""The ways in which dates and times are written, as strptime formats, and which of them a column is written in."""

from collections.abc import Mapping

_DAYS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%m/%d/%Y",
    "%m-%d-%Y",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%B %d, %Y",
)
_TIMES = (
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
)
DATE_FORMATS = (*_DAYS, *_TIMES)
"""All known formats, in the order in which equally good ones are preferred: day before month."""

EARLIEST_YEAR = 1000
LATEST_YEAR = 2199


def has_time(date_format: str) -> bool:
    """Return whether a format tells a time of day."""
    return "%H" in date_format or "%I" in date_format


def chosen_formats(rows_by_fitting: Mapping[frozenset[str], int], *, at_most: int = 3) -> tuple[str, ...]:
    """Return the formats that together read the most rows, the best one first; none when no row is a date.

    Formats that read one text as two different days (day and month swapped, or both years) never come together: a
    text that fits both would be read by chance.

    Args:
        rows_by_fitting: how many rows fit exactly these formats.
        at_most: how many formats a column may be written in.

    Example:
        >>> chosen_formats({frozenset({"%d/%m/%Y", "%m/%d/%Y"}): 7, frozenset({"%d/%m/%Y"}): 1})
        ('%d/%m/%Y',)
    """
    chosen: list[str] = []
    unread = dict(rows_by_fitting)
    for _ in range(at_most):
        candidates = [name for name in DATE_FORMATS if not any(_is_rival(name, other) for other in chosen)]
        gains = {name: sum(rows for fitting, rows in unread.items() if name in fitting) for name in candidates}
        best = max(candidates, key=lambda name: gains[name], default="")
        if not best or gains[best] == 0:
            break
        chosen.append(best)
        unread = {fitting: rows for fitting, rows in unread.items() if best not in fitting}
    return tuple(chosen)


def rows_read(rows_by_fitting: Mapping[frozenset[str], int], formats: tuple[str, ...]) -> int:
    """Return how many rows are read by any of `formats`."""
    return sum(rows for fitting, rows in rows_by_fitting.items() if not fitting.isdisjoint(formats))


def is_ambiguous(rows_by_fitting: Mapping[frozenset[str], int], date_format: str) -> bool:
    """Return whether the rows fit a format with day and month swapped just as well."""
    rivals = [name for name in DATE_FORMATS if name != date_format and _is_swapped(name, date_format)]
    read = rows_read(rows_by_fitting, (date_format,))
    return read > 0 and any(rows_read(rows_by_fitting, (rival,)) == read for rival in rivals)


def _is_rival(one: str, other: str) -> bool:
    return _is_swapped(one, other) or has_time(one) != has_time(other)


def _is_swapped(one: str, other: str) -> bool:
    return _shape(one) == _shape(other)


def _shape(date_format: str) -> str:
    for part in ("%d", "%m", "%y", "%Y"):
        date_format = date_format.replace(part, "%?")
    return date_format
