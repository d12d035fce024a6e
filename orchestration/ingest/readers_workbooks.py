"""Workbooks (XLSX, XLS, ODS) to raw rows: every value as text, so that types are staging's matter as elsewhere.

Texts stay as they are, dates and instants become ISO 8601, numbers plain decimals in their shortest form that reads
back equal, durations `h:mm:ss`; an empty cell is null. What a cell looks like (colour, format, column width) is not
read. Of merged cells the first has the value and the others are empty: whether it is meant for all of them is
staging's question. A row's number is that in its sheet.

XLSX and ODS carry checksums, so that damage shows. XLS has none: what two libraries read alike lands, and a letter or
digit that changed on its way cannot be told from one that was typed.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from zipfile import ZipFile

import pyarrow as pa
from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from orchestration.foundation.feed_contract import FeedContract, SpreadsheetContract
from orchestration.ingest.compressions import ArchiveDamaged, archive_read, is_bomb, require_few_parts
from orchestration.ingest.counting_ods import CONTENT, count_ods_rows
from orchestration.ingest.counting_xlsx import count_sheet_rows
from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.errors import FileNotOfFormat, FileUnreadable, SheetUnclear
from orchestration.ingest.headers import ColumnMap, mapped
from orchestration.ingest.ods_sheets import NotAnOdsSheet, ods_rows
from orchestration.ingest.quarantine import FormlessRecord
from orchestration.ingest.raw_file import extras_text
from orchestration.ingest.sheet_limits import SheetTooSparse
from orchestration.ingest.workbook_cells import Texts
from orchestration.ingest.xls_sheets import NotAnXls, count_xls_rows, xls_rows
from orchestration.ingest.xlsx_numbers import exact_texts
from orchestration.ingest.xml_events import NotSafeXml

OLD_OFFICE = b"\xd0\xcf\x11\xe0"
"""The first bytes of what was written by Office before 2007."""

_DAMAGE = (ArchiveDamaged, CalamineError, KeyError, NotAnOdsSheet, NotAnXls, NotSafeXml, etree.XMLSyntaxError)


@dataclass(frozen=True)
class Workbook:
    """A workbook that is open for reading.

    Attributes:
        visible: names of the worksheets that are shown, in order.
        count: returns how many rows of a sheet hold anything, by the independent count; to be called before `rows`,
            since it also looks at whether a reader's memory would hold the sheet.
        rows: returns the texts of all places of a sheet, from its first to its last filled row and column.
    """

    visible: Sequence[str]
    count: Callable[[str], int]
    rows: Callable[[str], list[Texts]]


@dataclass(frozen=True)
class WorkbookKind:
    """A format of workbooks: its name, whether it is a zip archive, and what opens one."""

    name: str
    is_archive: bool
    opened: Callable[[Path], Workbook]


def read_workbook(kind: WorkbookKind, delivery: Delivery) -> Account:
    """Return the account of a sheet's rows after writing them, and what is no record of the feed to quarantine.

    Raises:
        FileRefused: the file is no workbook, has no clear sheet or header, or lacks required columns.
    """
    display = delivery.received.display
    with opened_workbook(kind, delivery.plain, display, delivered_bytes=delivery.received.size) as workbook:
        name = _sheet(workbook, delivery.feed, display)
        filled = workbook.count(name)
        table = _Table.of(workbook.rows(name), delivery.feed, display)
    landed = delivery.raw.write([table.raw()])
    with delivery.quarantine.filled_anew() as quarantine:
        for record in table.beside():
            quarantine.add(record)
    # The header names the columns and is no record, as in every other format.
    return Account(filled - 1, landed, quarantine.count, tuple(table.columns.unknown))


@contextmanager
def opened_workbook(kind: WorkbookKind, path: Path, display: str, *, delivered_bytes: int) -> Iterator[Workbook]:
    """Yield a workbook; what its damage leads to inside the block becomes the file's refusal.

    Args:
        kind: the format.
        path: the unpacked file.
        display: the file as messages name it.
        delivered_bytes: the file's size as delivered.

    Raises:
        FileRefused: the file is no workbook of its format, or grows beyond all measure.
    """
    if kind.is_archive:
        _require_room(path, kind.name, display, delivered_bytes)
    try:
        with archive_read():
            yield kind.opened(path)
    except SheetTooSparse as error:
        raise FileUnreadable.because_sparse(display, str(error)) from error
    except _DAMAGE as error:
        evidence = f"{type(error).__name__}: {str(error)[:200]}"
        raise FileNotOfFormat.of(display, kind.name, evidence) from error


def _require_room(path: Path, kind: str, display: str, delivered_bytes: int) -> None:
    """Check that the workbook does not grow beyond all measure when it is unpacked."""
    try:
        require_few_parts(path)
        with archive_read(), ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except ArchiveDamaged as error:
        raise FileNotOfFormat.of(display, kind, "it is no zip archive of a workbook's parts") from error
    if is_bomb(delivered_bytes, size):
        raise FileUnreadable.because_bomb(display, delivered_bytes, size)


def _opened_xlsx(path: Path) -> Workbook:
    workbook = CalamineWorkbook.from_path(path)
    visible = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]

    def rows(name: str) -> list[Texts]:
        return exact_texts(path, name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))

    return Workbook(visible, partial(count_sheet_rows, path), rows)


def _opened_xls(path: Path) -> Workbook:
    sheets = count_xls_rows(path)
    filled = {sheet.name: sheet.filled for sheet in sheets}

    def rows(name: str) -> list[Texts]:
        found = xls_rows(path, name)
        read = sum(any(cell is not None for cell in row) for row in found)
        if read != filled[name]:
            raise NotAnXls(f"two readers disagree about its sheet: {filled[name]} rows and {read}")
        return found

    return Workbook([sheet.name for sheet in sheets if sheet.is_visible], filled.__getitem__, rows)


def _opened_ods(path: Path) -> Workbook:
    sheets = count_ods_rows(path)
    filled = {sheet.name: sheet.filled for sheet in sheets}
    return Workbook([sheet.name for sheet in sheets if sheet.is_visible], filled.__getitem__, partial(ods_rows, path))


XLSX = WorkbookKind("XLSX", is_archive=True, opened=_opened_xlsx)
XLS = WorkbookKind("XLS", is_archive=False, opened=_opened_xls)
ODS = WorkbookKind("ODS", is_archive=True, opened=_opened_ods)


def kind_of(path: Path) -> WorkbookKind:
    """Return which kind of workbook a file is; of a damaged one, the kind whose reader says what is wrong."""
    with path.open("rb") as stream:
        if stream.read(len(OLD_OFFICE)) == OLD_OFFICE:
            return XLS
    try:
        require_few_parts(path)
        with archive_read(), ZipFile(path) as parts:
            return ODS if CONTENT in parts.namelist() else XLSX
    except ArchiveDamaged:
        return XLSX


def _sheet(workbook: Workbook, feed: FeedContract, display: str) -> str:
    pattern = _rules(feed).sheet
    matching = [name for name in workbook.visible if fnmatchcase(name, pattern)]
    if len(matching) != 1:
        raise SheetUnclear.of(display, pattern, workbook.visible, feed.source)
    return matching[0]


def _rules(feed: FeedContract) -> SpreadsheetContract:
    return feed.spreadsheet or SpreadsheetContract()


@dataclass(frozen=True)
class _Table:
    """The rows of a sheet that hold anything, apart by what they are; `rows` by their number in the sheet."""

    columns: ColumnMap
    rows: dict[int, Texts]
    above: dict[int, Texts]
    totals: dict[int, Texts]

    @classmethod
    def of(cls, rows: Sequence[Texts], feed: FeedContract, display: str) -> "_Table":
        """Return the table of a sheet's rows.

        Raises:
            FileRefused: no row of the first ones names the required columns.
        """
        filled = [number for number, row in enumerate(rows, start=1) if any(cell is not None for cell in row)]
        header = _header(rows, feed)
        columns = _columns(rows, header, feed, display)
        labels = {folded_label(label) for label in _rules(feed).totals_labels}
        below = [number for number in filled if number > header]
        totals = {number for number in below if folded_label(first_text(rows[number - 1])) in labels}
        return cls(
            columns,
            {number: rows[number - 1] for number in below if number not in totals},
            {number: rows[number - 1] for number in filled if number < header},
            {number: rows[number - 1] for number in sorted(totals)},
        )

    def raw(self) -> pa.Table:
        """Return the records' cells by column."""
        rows = self.rows.values()
        cells = {name: pa.array([row[at] for row in rows], pa.string()) for name, at in self.columns.known.items()}
        if self.columns.unknown:
            names, places = list(self.columns.unknown), list(self.columns.unknown.values())
            extras = [extras_text(names, [row[at] for at in places]) for row in rows]
            cells["_extras"] = pa.array(extras, pa.string())
        return pa.table({**cells, "_row_number": pa.array(self.rows, pa.int64())})

    def beside(self) -> Iterator[FormlessRecord]:
        """Yield what is no record of the feed, in the order of the sheet."""
        reasons = (
            (self.above, "row_above_header", "the row stands above the header"),
            (self.totals, "row_of_totals", "the row is labelled as one of totals"),
        )
        for rows, code, text in reasons:
            for number, row in rows.items():
                content = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
                yield FormlessRecord(number, number, None, content, code, text)


def _header(rows: Sequence[Texts], feed: FeedContract) -> int:
    """Return the number of the row that names the most columns; the first of equals, also when none names any."""
    candidates = rows[: _rules(feed).header_within_rows]
    known = [len({feed.column_of_header(cell) for cell in row if cell} - {None}) for row in candidates]
    return known.index(max(known)) + 1 if known else 1


def _columns(rows: Sequence[Texts], header: int, feed: FeedContract, display: str) -> ColumnMap:
    names = [cell or "" for cell in rows[header - 1]] if rows else []
    columns = mapped(names, feed, display)
    below = rows[header:]
    used = {
        name: at
        for name, at in columns.unknown.items()
        if names[at].strip() or any(row[at] is not None for row in below)
    }
    return ColumnMap(columns.width, columns.known, used)


def first_text(row: Texts) -> str:
    """Return the text of a row's first filled cell; empty where none is."""
    return next((cell for cell in row if cell is not None and cell.strip()), "")


def folded_label(label: str) -> str:
    """Return the form in which two labels of totals are compared."""
    return label.strip().removesuffix(":").rstrip().casefold()
