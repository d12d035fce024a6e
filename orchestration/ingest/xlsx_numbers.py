"""The numbers of a workbook (XLSX) that the library which lands rows does not give as they are written.

It holds every number as a double, so that an id of 17 or more digits ends in others, and it takes what is negative and
formatted as a day for the time of a day. Only where it gave such a value the sheet is read once more.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import time
from pathlib import Path

from orchestration.ingest.counting_xlsx import cell_place, parse_sheet
from orchestration.ingest.workbook_cells import Cell, Texts, texts_of
from orchestration.ingest.xml_events import Attributes, local_name

_INEXACT_FROM = 2**53
_INTEGER = re.compile(r"-?[1-9][0-9]{0,400}")


def exact_texts(path: Path, sheet: str, rows: Sequence[Sequence[Cell]]) -> list[Texts]:
    """Return the text of each cell, its numbers as they are written.

    Args:
        path: the workbook.
        sheet: name of the sheet.
        rows: the sheet's values from its first row and column on, as the library gives them.
    """
    texts = texts_of(rows)
    doubtful = {
        (number, column)
        for number, row in enumerate(rows, start=1)
        for column, cell in enumerate(row, start=1)
        if isinstance(cell, time) or (isinstance(cell, int | float) and abs(cell) >= _INEXACT_FROM)
    }
    for row, column, written in _written(path, sheet, doubtful) if doubtful else ():
        if isinstance(rows[row - 1][column - 1], time):
            if written.startswith("-"):
                texts[row - 1][column - 1] = texts_of([[float(written)]])[0][0]
        elif _INTEGER.fullmatch(written):
            texts[row - 1][column - 1] = written
    return texts


def _written(path: Path, sheet: str, places: set[tuple[int, int]]) -> Iterable[tuple[int, int, str]]:
    numbers = _Numbers(places)
    parse_sheet(path, sheet, numbers.started, numbers.ended, numbers.text)
    return numbers.found


class _Numbers:
    """Gathers the numbers that stand at some places of a sheet, element by element."""

    def __init__(self, places: set[tuple[int, int]]) -> None:
        self.found: list[tuple[int, int, str]] = []
        self._wanted = places
        self._row = self._column = 0
        self._is_number = False
        self._texts: list[str] | None = None

    def started(self, name: str, attributes: Attributes) -> None:
        match local_name(name):
            case "row":
                self._row, self._column = int(attributes.get("r", self._row + 1)), 0
            case "c":
                self._is_number = attributes.get("t", "n") == "n"
                self._row, self._column = cell_place(attributes.get("r"), self._row, self._column)
            case "v" if self._is_number and (self._row, self._column) in self._wanted:
                self._texts = []

    def text(self, text: str) -> None:
        if self._texts is not None:
            self._texts.append(text)

    def ended(self, _: str) -> None:
        if self._texts is not None:
            self.found.append((self._row, self._column, "".join(self._texts)))
            self._texts = None
