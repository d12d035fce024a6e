"""Which sheets an old workbook (XLS) has and how many of their rows hold anything, by a library of its own.

The count is what the ledger is balanced against, so it is made by another library than the one that lands rows. A cell
counts when it has a text of at least one character or another value; an error such as `#N/A` is no value.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import xlrd
from xlrd.sheet import Sheet

from orchestration.ingest.sheet_limits import SheetSize

CountedSheet: TypeAlias = tuple[str, bool, int]
"""A sheet's name, whether it is shown, and how many of its rows hold anything."""

_EMPTY = frozenset({xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK})
_VALUES = frozenset({xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE, xlrd.XL_CELL_BOOLEAN})


def counted_sheets(path: Path) -> Iterator[CountedSheet]:
    """Yield the worksheets of an XLS workbook in order.

    The library believes the sizes and places that a file states: damaged bytes make it raise nearly anything, and
    take all memory and time there is. So this is for `xls_child` only, which has little of both.

    Raises:
        SheetTooSparse: the cells of a sheet are spread over too many places to be read.
    """
    with (
        Path(os.devnull).open("w", encoding="utf-8") as unheard,
        xlrd.open_workbook(os.fspath(path), logfile=unheard, on_demand=True, ragged_rows=True) as workbook,
    ):
        for place in range(workbook.nsheets):
            sheet = workbook.sheet_by_index(place)
            yield sheet.name, sheet.visibility == 0, _filled_rows(sheet, path.stat().st_size)
            workbook.unload_sheet(place)


def negative_numbers(path: Path, sheet: str, places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, float]]:
    """Yield those of a sheet's places, row and column from 0, that hold a negative number, with the number."""
    with (
        Path(os.devnull).open("w", encoding="utf-8") as unheard,
        xlrd.open_workbook(os.fspath(path), logfile=unheard, on_demand=True) as workbook,
    ):
        cells = workbook.sheet_by_name(sheet)
        for row, column in places:
            if row < cells.nrows and column < cells.ncols and cells.cell_type(row, column) in _VALUES:
                value = float(cells.cell_value(row, column))
                if value < 0:
                    yield row, column, value


def _filled_rows(sheet: Sheet, written_bytes: int) -> int:
    filled = 0
    size = SheetSize()
    for number in range(sheet.nrows):
        kinds = sheet.row_types(number)
        values = sheet.row_values(number)
        is_filled = False
        for column, (kind, value) in enumerate(zip(kinds, values, strict=True), start=1):
            if kind not in _EMPTY:
                is_filled |= kind in _VALUES or (kind == xlrd.XL_CELL_TEXT and value != "")
                size.add(row=number + 1, column=column, characters=len(value) if isinstance(value, str) else 0)
        filled += is_filled
    size.require_room(written_bytes)
    return filled
