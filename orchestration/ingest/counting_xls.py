"""Which sheets an old workbook (XLS) has and how many of their rows hold anything, by a library of its own.

The count is what the ledger is balanced against, so it is made by another library than the one that lands rows. A cell
counts when it has a text of at least one character or another value; an error such as `#N/A` is no value.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import xlrd
from xlrd.biffh import XLRDError
from xlrd.compdoc import CompDocError
from xlrd.formula import FormulaError
from xlrd.sheet import Sheet

from orchestration.ingest.sheet_limits import SheetSize

_EMPTY = frozenset({xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK})
_VALUES = frozenset({xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE, xlrd.XL_CELL_BOOLEAN})
# The library believes the sizes and places that a file states, and says what came of that in Python's own errors.
_DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    CompDocError,
    EOFError,
    FormulaError,
    LookupError,
    NameError,
    RuntimeError,
    TypeError,
    ValueError,
    XLRDError,
    struct.error,
)


class NotAnXls(Exception):
    """A file that is no XLS workbook, or a damaged one; the text says how that showed."""


@dataclass(frozen=True)
class SheetRows:
    """One sheet: its name, whether it is shown, and how many of its rows hold anything."""

    name: str
    is_visible: bool
    filled: int


def count_xls_rows(path: Path) -> tuple[SheetRows, ...]:
    """Return the worksheets of an XLS workbook in order.

    Raises:
        NotAnXls: the file is something else, locked by a password, or damaged where that shows.
        SheetTooSparse: the cells of a sheet are spread over too many places to be read.
    """
    with Path(os.devnull).open("w", encoding="utf-8") as unheard:
        try:
            return _counted(path, unheard)
        except _DAMAGE as error:
            # Behind a colon the library shows bytes of the file, which a message must not.
            raise NotAnXls(f"{type(error).__name__} {str(error).partition(':')[0][:200]}".rstrip()) from error


def _counted(path: Path, unheard: TextIO) -> tuple[SheetRows, ...]:
    with xlrd.open_workbook(os.fspath(path), logfile=unheard, on_demand=True, ragged_rows=True) as workbook:
        sheets = []
        for place in range(workbook.nsheets):
            sheet = workbook.sheet_by_index(place)
            sheets.append(_sheet_rows(sheet, path.stat().st_size))
            workbook.unload_sheet(place)
    return tuple(sheets)


def _sheet_rows(sheet: Sheet, written_bytes: int) -> SheetRows:
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
    return SheetRows(sheet.name, sheet.visibility == 0, filled)
