"""What a file of no feed yet is: its format, its text, its headers. Reading its rows is the readers' matter."""

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from orchestration.foundation.feed_contract import FeedContract
from orchestration.ingest.counting import Opener
from orchestration.ingest.csv_dialects import dialect_of, header_of
from orchestration.ingest.errors import FileNotOfFormat
from orchestration.ingest.inbox import seen
from orchestration.ingest.json_arrays import NotAnArray, arrays_of_objects
from orchestration.ingest.json_objects import NotAnObject, members
from orchestration.ingest.physical_lines import ByteReader, LineEndless, physical_lines
from orchestration.ingest.readers import PARQUET_MAGIC, format_of
from orchestration.ingest.readers_workbooks import (
    OLD_OFFICE,
    first_text,
    folded_label,
    kind_of,
    opened_workbook,
)
from orchestration.ingest.received_files import ReceivedFile, receive, unpacked, work_folder
from orchestration.ingest.texts import behind_bom, encoding_of
from orchestration.ingest.workbook_cells import Texts
from orchestration.ingest.xml_events import NotSafeXml
from orchestration.ingest.xml_outline import record_path, repeated_names

Format = Literal["csv", "json", "ndjson", "ods", "parquet", "xls", "xlsx", "xml"]

_XML = re.compile(rb"(\xef\xbb\xbf)?[ \t\r\n]*<|(\xff\xfe)?<\x00|(\xfe\xff)?\x00<")
# What the cells of a header seldom are.
_VALUE = re.compile(r"[-+]?[0-9][0-9.,:T -]*|true|false")
_TOTALS = re.compile(r"((grand|sub|overall)[ -]?)?totals?|(gesamt|zwischen)?summe|gesamt|totaal|totale?")
_HEAD_BYTES = 4096
_HEADER_WITHIN_ROWS = 20
_WORKBOOK_FORMATS: Mapping[str, Format] = {"ODS": "ods", "XLS": "xls", "XLSX": "xlsx"}


@dataclass(frozen=True)
class FileFacts:
    """What a contract must say of a file before any of its rows is read.

    Attributes:
        format: how it is written.
        encoding: of its text, a Python codec's name; empty for formats that have none.
        delimiter: between its cells; empty but for CSV.
        headers: its columns as they are called there, in order; empty where only its records tell.
        sheet: the sheet that holds the rows; empty but for workbooks.
        totals: the labels of rows that look like totals, in small letters; for workbooks.
        records: the keys that lead to the array of records, joined by dots; empty but for JSON around an array.
        record: the path of the record elements; empty but for XML.
        lists: the elements inside records that repeat somewhere; for XML.
    """

    format: Format
    encoding: str = ""
    delimiter: str = ""
    headers: tuple[str, ...] = ()
    sheet: str = ""
    totals: tuple[str, ...] = ()
    records: str = ""
    record: str = ""
    lists: tuple[str, ...] = ()


def probe(path: Path, feed: FeedContract, lake_root: Path) -> FileFacts:
    """Return what a file is, read from a private copy inside the (scratch) lake.

    Args:
        path: the file.
        feed: a contract with which delimiter and encoding are detected; its columns do not matter.
        lake_root: where the copy may lie meanwhile.

    Raises:
        FileRefused: the file is no text that can be decoded, has no header, or does not unpack.
    """
    with work_folder(lake_root) as work:
        received = receive(seen(path, feed.source), work)
        plain = unpacked(received, work)
        with plain.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
        if head.startswith(PARQUET_MAGIC):
            return FileFacts("parquet")
        if head.startswith((b"PK\x03\x04", OLD_OFFICE)):
            return _workbook(plain, received)
        if _XML.match(head):
            return _xml(plain, received.display)
        encoding = encoding_of(plain, stated=feed.encoding, display=received.display, source=feed.source)

        def opened() -> AbstractContextManager[ByteReader]:
            return behind_bom(lambda: plain.open("rb"), encoding)

        try:
            with opened() as text:
                kind = format_of(text.read(_HEAD_BYTES))
            codec = encoding.codec if encoding.is_line_safe else "utf-8"
            if kind == "json":
                return FileFacts("json", encoding.codec)
            if kind == "ndjson":
                records = "" if _is_of_lines(opened, codec) else _place_of_records(opened)
                return FileFacts("json" if records else "ndjson", encoding.codec, records=records)
            dialect = dialect_of(opened, feed, codec)
            headers = header_of(opened, dialect, received.display, feed.source)
        except LineEndless as error:
            raise FileNotOfFormat.of(received.display, "CSV or NDJSON", str(error)) from error
        return FileFacts("csv", encoding.codec, dialect.delimiter, tuple(headers))


def _workbook(plain: Path, received: ReceivedFile) -> FileFacts:
    """Return the facts of the visible sheet with the most cells below its header, the row with the most names."""
    kind = kind_of(plain)
    with opened_workbook(kind, plain, received.display, delivered_bytes=received.size) as workbook:
        filled = {name: workbook.count(name) for name in workbook.visible}
        found = (_SheetTable.of(name, workbook.rows(name)) for name, count in filled.items() if count)
        table = max(found, key=lambda table: table.cells, default=None)
        if table is None:
            raise FileNotOfFormat.of(received.display, kind.name, "no visible sheet has a row")
    headers = tuple(cell or "" for cell in table.header)
    return FileFacts(_WORKBOOK_FORMATS[kind.name], headers=headers, sheet=table.name, totals=table.totals)


@dataclass(frozen=True)
class _SheetTable:
    """What a sheet's rows look like: its header, the labels of its totals, how many cells stand in named columns."""

    name: str
    header: Texts
    totals: tuple[str, ...]
    cells: int

    @classmethod
    def of(cls, name: str, rows: Sequence[Texts]) -> "_SheetTable":
        top = rows[:_HEADER_WITHIN_ROWS]
        at = max(range(len(top)), key=lambda place: _count_of_names(top[place]))
        named = [place for place, cell in enumerate(rows[at]) if cell]
        below = rows[at + 1 :]
        labels = {folded_label(first_text(row)) for row in below}
        totals = tuple(sorted(label for label in labels if _TOTALS.fullmatch(label)))
        return cls(name, rows[at], totals, sum(row[place] is not None for row in below for place in named))


def _count_of_names(row: Texts) -> int:
    return len({cell for cell in row if cell and not _VALUE.fullmatch(cell)})


def _xml(plain: Path, display: str) -> FileFacts:
    try:
        path = record_path(lambda: plain.open("rb"))
        return FileFacts("xml", record=path, lists=repeated_names(lambda: plain.open("rb"), path))
    except NotSafeXml as error:
        raise FileNotOfFormat.of(display, "XML", str(error)) from error


def _is_of_lines(opened: Opener, codec: str) -> bool:
    """Return whether the first line of a text is an object of its own and others follow."""
    with opened() as stream:
        filled = (line for line in physical_lines(stream) if line.content.strip())
        first, second = next(filled, None), next(filled, None)
    if first is None or second is None or first.is_overlong:
        return False
    try:
        return bool(list(members(first.content.decode(codec, "replace"))))
    except NotAnObject:
        return False


def _place_of_records(opened: Opener) -> str:
    """Return the keys that lead to the array with the most objects; empty where there is none."""
    try:
        with opened() as stream:
            found = arrays_of_objects(stream)
    except NotAnArray:
        return ""
    return max(found, key=lambda place: found[place], default="")
