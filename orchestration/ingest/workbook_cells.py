"""The values of a workbook's cells as text: the same text whichever kind of workbook holds the value."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

Cell: TypeAlias = int | float | str | bool | time | date | datetime | timedelta
Texts: TypeAlias = list[str | None]


def texts_of(rows: Sequence[Sequence[Cell]]) -> list[Texts]:
    """Return each cell's text; None where the cell is empty."""
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: Cell) -> str | None:
    match cell:
        case str():
            return cell or None
        case bool():
            return "true" if cell else "false"
        case timedelta():
            return _clock_duration(cell)
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            return _plain_number(cell)


def _plain_number(number: float) -> str:
    """Return a number as a plain decimal.

    Example:
        >>> [_plain_number(number) for number in (4007381234567890.0, 0.1, 1e-7, 12.50)]
        ['4007381234567890', '0.1', '0.0000001', '12.5']
    """
    return format(Decimal(repr(float(number))), "f").removesuffix(".0")


def _clock_duration(duration: timedelta) -> str:
    """Return a duration in hours, as a sheet shows it.

    Example:
        >>> _clock_duration(timedelta(days=2, hours=3, minutes=5))
        '51:05:00'
    """
    seconds = int(duration.total_seconds())
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
