"""The rows of an OpenDocument sheet (ODS) as text: the values that its cells state, not how they are shown.

Dates and instants stay the ISO 8601 texts that are written, durations become `h:mm:ss`, numbers plain decimals, and of
a text every blank, tab and line break is kept that counts in OpenDocument; comments are no text of their cell. Errors
are null. A row or cell that is written once and said to be repeated stands as often.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from lxml import etree

from orchestration.ingest.counting_ods import CONTENT, ERROR_KIND, ERROR_TEXT
from orchestration.ingest.workbook_cells import Texts

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TABLE, _TEXT = (f"{{{_OASIS}{name}:1.0}}" for name in ("office", "table", "text"))
_CALC_KIND = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_CELLS: Final = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_NO_TEXT: Final = (f"{_OFFICE}annotation", f"{_TEXT}note")
_NUMBERS: Final = ("float", "percentage", "currency")
_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d+))?S)?)?")
_BLANKS = re.compile(r"[ \t\r\n]+")
# Stated blanks are kept apart from written ones by characters that no XML text can hold.
_SIGNS: Final = {f"{_TEXT}tab": "\x01", f"{_TEXT}line-break": "\x02"}
_STATED: Final = str.maketrans({"\x00": " ", "\x01": "\t", "\x02": "\n"})
_EXPONENT_LIMIT = 400
_SPACES_LIMIT = 32_767


class NotAnOdsSheet(Exception):
    """A sheet with a value that its format does not allow; the text says which kind, never the value."""


def ods_rows(path: Path, sheet: str) -> list[Texts]:
    """Return the texts of all places of a sheet, from its first to its last filled row and column.

    How far the sheet reaches, and that its XML is harmless, has been looked at before: by `count_ods_rows`.

    Raises:
        etree.XMLSyntaxError: the content is no XML, or nested too deep.
        NotAnOdsSheet: a cell states a value that is none of its kind.
    """
    rows: list[Texts] = []
    empty = 0
    for row, repeats in _written_rows(path, sheet):
        if any(cell is not None for cell in row):
            rows.extend([] for _ in range(empty))
            rows.extend(list(row) for _ in range(repeats))
            empty = 0
        else:
            empty += repeats
    width = max(map(len, rows), default=0)
    return [row + [None] * (width - len(row)) for row in rows]


def _written_rows(path: Path, sheet: str) -> Iterator[tuple[Texts, int]]:
    """Yield each row that the sheet's XML writes down, with how often it stands there."""
    place: list[str] = []
    with ZipFile(path) as parts, parts.open(CONTENT) as stream:
        events = etree.iterparse(
            stream,
            events=("start", "end"),
            tag=(f"{_TABLE}table", f"{_TABLE}table-row", *_CELLS),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        )
        name = ""
        for event, element in events:
            if event == "start":
                if not place and element.tag == f"{_TABLE}table":
                    name = element.get(f"{_TABLE}name", "")
                place.append(element.tag)
                continue
            place.pop()
            # A table inside a cell is part of the cell and no sheet.
            if element.tag != f"{_TABLE}table-row" or len(place) != 1:
                continue
            if name == sheet:
                yield _row(element), int(element.get(f"{_TABLE}number-rows-repeated", "1"))
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def _row(element: etree._Element) -> Texts:
    cells: Texts = []
    empty = 0
    for cell in element.iterchildren(*_CELLS):
        text = _cell(cell)
        repeats = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        if text is None:
            empty += repeats
        else:
            cells.extend([None] * empty)
            cells.extend([text] * repeats)
            empty = 0
    return cells


def _cell(cell: etree._Element) -> str | None:
    kind = cell.get(f"{_OFFICE}value-type", "")
    paragraphs = [_paragraph(element) for element in cell.iterchildren(f"{_TEXT}p")]
    shown = "\n".join(paragraphs) if any(paragraphs) else ""
    is_no_text = kind in _NUMBERS or kind in ("date", "time", "boolean")
    is_error = is_no_text and cell.get(f"{_TABLE}formula") is not None and ERROR_TEXT.fullmatch(shown)
    if is_error or cell.get(_CALC_KIND) == ERROR_KIND:
        return None
    if kind in _NUMBERS:
        text = _plain_decimal(cell.get(f"{_OFFICE}value", ""))
    elif kind == "time":
        text = _clock_duration(cell.get(f"{_OFFICE}time-value", ""))
    elif is_no_text:
        text = cell.get(f"{_OFFICE}{kind}-value", "")
    else:
        text = cell.get(f"{_OFFICE}string-value", shown)
    return text or None


def _paragraph(element: etree._Element) -> str:
    """Return a paragraph's text: blanks that stand in a row count once, at its edges not at all, stated ones always."""
    return _BLANKS.sub(" ", "".join(_pieces(element))).strip(" ").translate(_STATED)


def _pieces(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element.iterchildren():
        if child.tag == f"{_TEXT}s":
            yield "\x00" * min(int(child.get(f"{_TEXT}c", "1")), _SPACES_LIMIT)
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif child.tag not in _NO_TEXT:
            yield from _pieces(child)
        yield child.tail or ""


def _plain_decimal(written: str) -> str:
    """Return a number without exponent, and without zeros that say nothing.

    Example:
        >>> [_plain_decimal(number) for number in ("4.00738E+3", "12.50", "-1e-7", "100")]
        ['4007.38', '12.5', '-0.0000001', '100']
    """
    try:
        number = Decimal(written)
    except InvalidOperation as error:
        raise NotAnOdsSheet("a cell that states a number holds none") from error
    if not number.is_finite() or abs(number.adjusted()) > _EXPONENT_LIMIT:
        raise NotAnOdsSheet("a cell that states a number holds one that no sheet can hold")
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _clock_duration(written: str) -> str:
    """Return a duration of days, hours, minutes and seconds as a sheet shows it; others stay as they are written.

    Example:
        >>> [_clock_duration(duration) for duration in ("PT08H26M00S", "PT51H5M0.250S", "P2DT3H", "P1M")]
        ['08:26:00', '51:05:00.25', '51:00:00', 'P1M']
    """
    found = _DURATION.fullmatch(written)
    if found is None:
        return written
    days, hours, minutes, seconds = (int(found[group] or 0) for group in range(2, 6))
    minutes += seconds // 60
    hours += days * 24 + minutes // 60
    fraction = (found[6] or "").rstrip("0")
    return f"{found[1]}{hours:02}:{minutes % 60:02}:{seconds % 60:02}" + (f".{fraction}" if fraction else "")
