"""How many rows of a sheet hold anything, counted from a workbook's XML by a reader of its own.

The count is what the ledger is balanced against, so nothing here uses the library that lands rows. A cell counts when
it has a text or value of at least one character; an error such as `#N/A` is no value.
"""

import posixpath
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat
from zipfile import ZipFile

_Attributes = dict[str, str]
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STRINGS = "xl/sharedStrings.xml"


def count_sheet_rows(path: Path, sheet: str) -> int:
    """Return how many rows of the sheet named `sheet` hold at least one value.

    Raises:
        KeyError: the workbook lacks the sheet or a part of it.
        expat.ExpatError: a part is no XML.
        zipfile.BadZipFile: the file is no zip archive, or damaged.
    """
    with ZipFile(path) as parts:
        empty_texts = _empty_texts(parts)
        rows = _FilledRows(empty_texts)
        _parse(parts, _sheet_part(parts, sheet), rows.started, rows.ended, rows.text)
        return rows.count


class _FilledRows:
    """Counts the rows of one sheet that hold a value, element by element."""

    def __init__(self, empty_texts: frozenset[int]) -> None:
        self.count = 0
        self._empty_texts = empty_texts
        self._is_filled = False
        self._kind = ""
        self._texts: list[str] | None = None

    def started(self, name: str, attributes: _Attributes) -> None:
        match _local(name):
            case "row":
                self._is_filled = False
            case "c":
                self._kind = attributes.get("t", "n")
            case "v" | "t":
                self._texts = []

    def text(self, text: str) -> None:
        if self._texts is not None:
            self._texts.append(text)

    def ended(self, name: str) -> None:
        match _local(name):
            case "row":
                self.count += self._is_filled
            case "v" | "t" if self._texts is not None:
                self._is_filled |= self._is_value("".join(self._texts))
                self._texts = None

    def _is_value(self, text: str) -> bool:
        if self._kind == "s":
            return int(text) not in self._empty_texts
        return bool(text) and self._kind != "e"


def _sheet_part(parts: ZipFile, sheet: str) -> str:
    relation_of: dict[str, str] = {}
    target_of: dict[str, str] = {}

    def sheet_started(name: str, attributes: _Attributes) -> None:
        if _local(name) == "sheet":
            relation_of[attributes["name"]] = next(v for key, v in attributes.items() if _local(key) == "id")

    def relation_started(name: str, attributes: _Attributes) -> None:
        if _local(name) == "Relationship":
            target_of[attributes["Id"]] = attributes["Target"]

    _parse(parts, _WORKBOOK, sheet_started)
    _parse(parts, _RELATIONS, relation_started)
    # A target is relative to the workbook's folder unless it begins with a slash.
    return posixpath.normpath(posixpath.join("/xl", target_of[relation_of[sheet]])).lstrip("/")


def _empty_texts(parts: ZipFile) -> frozenset[int]:
    """Return the numbers of the workbook's shared texts that are empty."""
    empty: set[int] = set()
    lengths: list[int] = []
    inside: list[str] = []

    def started(name: str, _: _Attributes) -> None:
        local = _local(name)
        if local == "si":
            lengths.append(0)
        inside.append(local)

    def text(text: str) -> None:
        # What is spoken aloud of a text (rPh) is no part of it.
        if inside and inside[-1] == "t" and "rPh" not in inside:
            lengths[-1] += len(text)

    def ended(name: str) -> None:
        inside.pop()
        if _local(name) == "si" and lengths[-1] == 0:
            empty.add(len(lengths) - 1)

    if _STRINGS in parts.namelist():
        _parse(parts, _STRINGS, started, ended, text)
    return frozenset(empty)


def _parse(
    parts: ZipFile,
    part: str,
    started: Callable[[str, _Attributes], None],
    ended: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = text
    with parts.open(part) as stream:
        parser.ParseFile(stream)


def _local(name: str) -> str:
    """Return an element's name without its prefix."""
    return name.rpartition(":")[2]
