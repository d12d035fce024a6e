"""XLSX workbooks to raw rows: every value as text, so that types are staging's matter as for all other files.

Texts stay as they are, dates and instants become ISO 8601, numbers plain decimals in their shortest form that reads
back equal, durations `h:mm:ss`; an empty cell is null. What a cell looks like (colour, format, column width) is not
read. Of merged cells the first has the value and the others are empty: whether it is meant for all of them is
staging's question. A row's number is that in its sheet.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fnmatch import fnmatchcase
from typing import TypeAlias
from xml.parsers.expat import ExpatError
from zipfile import ZipFile

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from orchestration.foundation.feed_contract import FeedContract, SpreadsheetContract
from orchestration.ingest.compressions import ArchiveDamaged, archive_read, is_bomb, require_few_parts
from orchestration.ingest.counting_xlsx import count_sheet_rows
from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.errors import FileNotOfFormat, FileUnreadable, SheetUnclear
from orchestration.ingest.headers import ColumnMap, mapped
from orchestration.ingest.quarantine import FormlessRecord
from orchestration.ingest.raw_file import extras_text
from orchestration.ingest.readers_parquet import as_text

Cell: TypeAlias = int | float | str | bool | time | date | datetime | timedelta
_Texts: TypeAlias = list[str | None]


def read_xlsx(delivery: Delivery) -> Account:
    """Return the account of a sheet's rows after writing them, and what is no record of the feed to quarantine.

    Raises:
        FileRefused: the file is no workbook, has no clear sheet or header, or lacks required columns.
    """
    display = delivery.received.display
    _require_room(delivery)
    try:
        with archive_read():
            workbook = CalamineWorkbook.from_path(delivery.plain)
            sheet = _sheet(workbook, delivery.feed, display)
            filled = count_sheet_rows(delivery.plain, sheet.name)
            table = _Table.of(sheet, delivery.feed, display)
    except (ArchiveDamaged, CalamineError, ExpatError, KeyError) as error:
        raise FileNotOfFormat.of(display, "XLSX", f"{type(error).__name__}: {str(error)[:200]}") from error
    landed = delivery.raw.write([table.raw()])
    with delivery.quarantine.filled_anew() as quarantine:
        for record in table.beside():
            quarantine.add(record)
    # The header names the columns and is no record, as in every other format.
    return Account(filled - 1, landed, quarantine.count, tuple(table.columns.unknown))


def _require_room(delivery: Delivery) -> None:
    """Check that the workbook does not grow beyond all measure when it is unpacked."""
    received = delivery.received
    try:
        require_few_parts(delivery.plain)
        with archive_read(), ZipFile(delivery.plain) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except ArchiveDamaged as error:
        raise FileNotOfFormat.of(received.display, "XLSX", "it is no zip archive of a workbook's parts") from error
    if is_bomb(received.size, size):
        raise FileUnreadable.because_bomb(received.display, received.size, size)


def _sheet(workbook: CalamineWorkbook, feed: FeedContract, display: str) -> CalamineSheet:
    pattern = _rules(feed).sheet
    visible = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    matching = [name for name in visible if fnmatchcase(name, pattern)]
    if len(matching) != 1:
        raise SheetUnclear.of(display, pattern, visible, feed.source)
    return workbook.get_sheet_by_name(matching[0])


def _rules(feed: FeedContract) -> SpreadsheetContract:
    return feed.spreadsheet or SpreadsheetContract()


@dataclass(frozen=True)
class _Table:
    """The rows of a sheet that hold anything, apart by what they are; `rows` by their number in the sheet."""

    columns: ColumnMap
    rows: dict[int, _Texts]
    above: dict[int, _Texts]
    totals: dict[int, _Texts]

    @classmethod
    def of(cls, sheet: CalamineSheet, feed: FeedContract, display: str) -> "_Table":
        """Return the table of a sheet.

        Raises:
            FileRefused: no row of the first ones names the required columns.
        """
        rows = _texts(sheet.to_python(skip_empty_area=False))
        filled = [number for number, row in enumerate(rows, start=1) if any(cell is not None for cell in row)]
        header = _header(rows, feed)
        columns = _columns(rows, header, feed, display)
        labels = {_folded(label) for label in _rules(feed).totals_labels}
        below = [number for number in filled if number > header]
        totals = {number for number in below if _folded(_first(rows[number - 1])) in labels}
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


def _header(rows: Sequence[_Texts], feed: FeedContract) -> int:
    """Return the number of the row that names the most columns; the first of equals, also when none names any."""
    candidates = rows[: _rules(feed).header_within_rows]
    known = [len({feed.column_of_header(cell) for cell in row if cell} - {None}) for row in candidates]
    return known.index(max(known)) + 1 if known else 1


def _columns(rows: Sequence[_Texts], header: int, feed: FeedContract, display: str) -> ColumnMap:
    names = [cell or "" for cell in rows[header - 1]] if rows else []
    columns = mapped(names, feed, display)
    below = rows[header:]
    used = {
        name: at
        for name, at in columns.unknown.items()
        if names[at].strip() or any(row[at] is not None for row in below)
    }
    return ColumnMap(columns.width, columns.known, used)


def _first(row: _Texts) -> str:
    return next((cell for cell in row if cell is not None and cell.strip()), "")


def _folded(label: str) -> str:
    return label.strip().removesuffix(":").rstrip().casefold()


def _texts(rows: Sequence[Sequence[Cell]]) -> list[_Texts]:
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
    return str(as_text(pa.array([float(number)]))[0])


def _clock_duration(duration: timedelta) -> str:
    """Return a duration in hours, as a sheet shows it.

    Example:
        >>> _clock_duration(timedelta(days=2, hours=3, minutes=5))
        '51:05:00'
    """
    seconds = int(duration.total_seconds())
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
