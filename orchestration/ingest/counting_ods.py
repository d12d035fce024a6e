"""Which sheets an OpenDocument spreadsheet (ODS) has and how many of their rows hold anything, counted from its XML.

The count is what the ledger is balanced against, so nothing here uses the parser that lands rows. A cell counts when
it states a value or has a text of at least one character; an error such as `#N/A` is no value. A row that is written
once and said to be repeated counts as often.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZipFile

from orchestration.ingest.sheet_limits import SheetSize
from orchestration.ingest.xml_events import Attributes, local_name, parse_events

CONTENT = "content.xml"
ERROR_TEXT = re.compile(r"#(N/A|DIV/0!|REF!|NAME\?|NULL!|NUM!|VALUE!)|Err:[0-9]{3}")
"""What a sheet shows where a formula has no value."""

ERROR_KIND = "error"
_VALUE_ATTRIBUTES = {
    "float": "value",
    "percentage": "value",
    "currency": "value",
    "date": "date-value",
    "time": "time-value",
    "boolean": "boolean-value",
}
_BLANKS = " \t\r\n"
_SIGNS = frozenset({"s", "tab", "line-break"})
_NO_TEXT = frozenset({"annotation", "note"})


@dataclass
class OdsSheet:
    """One sheet: its name, whether it is shown, and how many of its rows hold anything."""

    name: str
    is_visible: bool
    filled: int = 0
    size: SheetSize = field(default_factory=SheetSize)


def count_ods_rows(path: Path) -> tuple[OdsSheet, ...]:
    """Return the sheets of an ODS workbook in order.

    Raises:
        KeyError: the archive has no such content.
        NotSafeXml: the content is no XML, or has what no workbook needs.
        SheetTooSparse: the cells of a sheet are spread over too many places to be read.
        zipfile.BadZipFile: the file is no zip archive, or damaged.
    """
    rows = _FilledRows()
    with ZipFile(path) as parts, parts.open(CONTENT) as stream:
        parse_events(stream, started=rows.started, ended=rows.ended, text=rows.text)
        written_bytes = parts.getinfo(CONTENT).file_size
    for sheet in rows.sheets:
        sheet.size.require_room(written_bytes)
    return tuple(rows.sheets)


class _FilledRows:
    """Counts the rows that hold a value, element by element; tables inside cells are no sheets."""

    def __init__(self) -> None:
        self.sheets: list[OdsSheet] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._path: list[str] = []
        self._cell_depth = 0
        self._row = self._repeats = self._column = 0
        self._is_filled = False
        self._attributes: Attributes = {}
        self._kind = ""
        self._text: list[str] = []

    def started(self, name: str, attributes: Attributes) -> None:
        local = local_name(name)
        self._path.append(local)
        if self._cell_depth:
            if local in _SIGNS and self._is_text:
                self._text.append(local)
            return
        stated = {local_name(key): value for key, value in attributes.items()}
        match local:
            case "style":
                self._style = stated.get("name", "")
            case "table-properties" if stated.get("display") == "false":
                self._hidden_styles.add(self._style)
            case "table":
                is_visible = stated.get("style-name") not in self._hidden_styles
                self.sheets.append(OdsSheet(stated.get("name", ""), is_visible))
                self._row = 0
            case "table-row":
                self._repeats = _repeats(stated, "number-rows-repeated")
                self._is_filled, self._column = False, 0
            case "table-cell" | "covered-table-cell":
                self._cell_depth = len(self._path)
                self._attributes, self._text = stated, []
                # LibreOffice states a kind of its own beside the standard's: the same one, or that it is an error.
                kinds = {value for key, value in attributes.items() if local_name(key) == "value-type"}
                self._kind = ERROR_KIND if ERROR_KIND in kinds else next(iter(sorted(kinds)), "")

    def text(self, text: str) -> None:
        if self._cell_depth and self._is_text:
            self._text.append(text)

    def ended(self, name: str) -> None:
        local = local_name(name)
        if len(self._path) == self._cell_depth:
            self._cell_depth = 0
            self._cell_ended()
        elif local == "table-row" and not self._cell_depth:
            self._row += self._repeats
            if self._is_filled:
                self.sheets[-1].filled += self._repeats
        self._path.pop()

    @property
    def _is_text(self) -> bool:
        """Whether character data here belongs to a paragraph of the cell itself."""
        inside = self._path[self._cell_depth :]
        return inside[:1] == ["p"] and not _NO_TEXT & set(inside)

    def _cell_ended(self) -> None:
        repeats = _repeats(self._attributes, "number-columns-repeated")
        self._column += repeats
        if self._is_value():
            self._is_filled = True
            characters = sum(map(len, self._text)) + sum(map(len, self._attributes.values()))
            row = self._row + self._repeats
            self.sheets[-1].size.add(row=row, column=self._column, characters=characters * repeats * self._repeats)

    def _is_value(self) -> bool:
        stated, text = self._attributes, "".join(self._text)
        attribute = _VALUE_ATTRIBUTES.get(self._kind)
        if attribute is None:
            return self._kind != ERROR_KIND and bool(stated.get("string-value", text.strip(_BLANKS)))
        is_error = "formula" in stated and ERROR_TEXT.fullmatch(text.strip(_BLANKS))
        return bool(stated.get(attribute)) and not is_error


def _repeats(attributes: Attributes, name: str) -> int:
    repeats = int(attributes.get(name, 1))
    if repeats < 1:
        raise ValueError("a row or cell is said to be repeated less than once")
    return repeats
