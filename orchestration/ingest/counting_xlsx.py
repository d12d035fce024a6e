"""How many rows of a sheet hold anything, counted from a workbook's XML by a reader of its own.

The count is what the ledger is balanced against, so nothing here uses the library that lands rows. A cell counts when
it has a text or value of at least one character; an error such as `#N/A` is no value.
"""

import posixpath
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias
from zipfile import ZipFile

from orchestration.ingest.sheet_limits import SheetSize
from orchestration.ingest.xml_events import Attributes, local_name, parse_events

Started: TypeAlias = Callable[[str, Attributes], None]
Ended: TypeAlias = Callable[[str], None]

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STRINGS = "xl/sharedStrings.xml"
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def count_sheet_rows(path: Path, sheet: str) -> int:
    """Return how many rows of the sheet named `sheet` hold at least one value.

    Raises:
        KeyError: the workbook lacks the sheet or a part of it.
        NotSafeXml: a part is no XML, or has what no workbook needs.
        SheetTooSparse: the sheet's cells are spread over too many places to be read.
        zipfile.BadZipFile: the file is no zip archive, or damaged.
    """
    with ZipFile(path) as parts:
        rows = _FilledRows(_text_lengths(parts))
        _parse(parts, _sheet_part(parts, sheet), rows.started, rows.ended, rows.text)
        rows.size.require_room(sum(part.file_size for part in parts.infolist()))
        return rows.count


def parse_sheet(path: Path, sheet: str, started: Started, ended: Ended, text: Ended) -> None:
    """Call the functions given for what the sheet named `sheet` holds, as `parse_events` does.

    Raises:
        KeyError: the workbook lacks the sheet or a part of it.
        NotSafeXml: the sheet is no XML, or has what no workbook needs.
        zipfile.BadZipFile: the file is no zip archive, or damaged.
    """
    with ZipFile(path) as parts:
        _parse(parts, _sheet_part(parts, sheet), started, ended, text)


def cell_place(stated: str | None, row: int, column: int) -> tuple[int, int]:
    """Return the row and column of a cell; where it states none, it is the next one behind `row` and `column`."""
    if stated is None:
        return row, column + 1
    found = _PLACE.fullmatch(stated)
    if found is None:
        raise ValueError("a cell states no place in its sheet")
    at = 0
    for letter in found[1]:
        at = at * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), at


class _FilledRows:
    """Counts the rows of one sheet that hold a value, element by element."""

    def __init__(self, text_lengths: Sequence[int]) -> None:
        self.count = 0
        self.size = SheetSize()
        self._row = self._column = 0
        self._text_lengths = text_lengths
        self._is_filled = False
        self._kind = ""
        self._texts: list[str] | None = None

    def started(self, name: str, attributes: Attributes) -> None:
        match local_name(name):
            case "row":
                self._is_filled = False
                self._row, self._column = int(attributes.get("r", self._row + 1)), 0
            case "c":
                self._kind = attributes.get("t", "n")
                self._row, self._column = cell_place(attributes.get("r"), self._row, self._column)
            case "v" | "t":
                self._texts = []

    def text(self, text: str) -> None:
        if self._texts is not None:
            self._texts.append(text)

    def ended(self, name: str) -> None:
        match local_name(name):
            case "row":
                self.count += self._is_filled
            case "v" | "t" if self._texts is not None:
                characters, self._texts = self._length("".join(self._texts)), None
                self._is_filled |= characters > 0 and self._kind != "e"
                if characters:
                    self.size.add(row=self._row, column=self._column, characters=characters)

    def _length(self, text: str) -> int:
        """Return how many characters a cell has; an error has some, though they are no value."""
        if self._kind != "s":
            return len(text)
        number = int(text) if text.isdecimal() else -1
        if not 0 <= number < len(self._text_lengths):
            raise ValueError("a cell names a text that the workbook does not have")
        return self._text_lengths[number]


def _sheet_part(parts: ZipFile, sheet: str) -> str:
    relation_of: dict[str, str] = {}
    target_of: dict[str, str] = {}

    def sheet_started(name: str, attributes: Attributes) -> None:
        if local_name(name) == "sheet":
            relation_of[attributes["name"]] = next(v for key, v in attributes.items() if local_name(key) == "id")

    def relation_started(name: str, attributes: Attributes) -> None:
        if local_name(name) == "Relationship":
            target_of[attributes["Id"]] = attributes["Target"]

    _parse(parts, _WORKBOOK, sheet_started)
    _parse(parts, _RELATIONS, relation_started)
    # A target is relative to the workbook's folder unless it begins with a slash.
    return posixpath.normpath(posixpath.join("/xl", target_of[relation_of[sheet]])).lstrip("/")


def _text_lengths(parts: ZipFile) -> Sequence[int]:
    """Return how many characters each of the workbook's shared texts has."""
    lengths: list[int] = []
    inside: list[str] = []

    def started(name: str, _: Attributes) -> None:
        local = local_name(name)
        if local == "si":
            lengths.append(0)
        inside.append(local)

    def text(text: str) -> None:
        # What is spoken aloud of a text (rPh) is no part of it.
        if inside and inside[-1] == "t" and "rPh" not in inside:
            lengths[-1] += len(text)

    def ended(_: str) -> None:
        inside.pop()

    if _STRINGS in parts.namelist():
        _parse(parts, _STRINGS, started, ended, text)
    return lengths


def _parse(
    parts: ZipFile,
    part: str,
    started: Started,
    ended: Ended | None = None,
    text: Ended | None = None,
) -> None:
    with parts.open(part) as stream:
        parse_events(stream, started=started, ended=ended, text=text)
