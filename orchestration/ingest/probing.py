"""What a file of no feed yet is: its format, its text, its headers. Reading its rows is the readers' matter."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from orchestration.foundation.feed_contract import FeedContract
from orchestration.ingest.csv_dialects import dialect_of, header_of
from orchestration.ingest.errors import FileNotOfFormat
from orchestration.ingest.inbox import seen
from orchestration.ingest.physical_lines import ByteReader, LineEndless
from orchestration.ingest.received_files import receive, unpacked, work_folder
from orchestration.ingest.texts import behind_bom, encoding_of

Format = Literal["csv", "ndjson", "parquet", "xlsx"]

_HEAD_BYTES = 4096
_HEADER_WITHIN_ROWS = 20


@dataclass(frozen=True)
class FileFacts:
    """What a contract must say of a file before any of its rows is read.

    Attributes:
        format: how it is written.
        encoding: of its text, a Python codec's name; empty for formats that have none.
        delimiter: between its cells; empty but for CSV.
        headers: its columns as they are called there, in order; empty where only its records tell.
        sheet: the sheet that holds the rows; empty but for XLSX.
    """

    format: Format
    encoding: str = ""
    delimiter: str = ""
    headers: tuple[str, ...] = ()
    sheet: str = ""


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
        if head.startswith(b"PAR1"):
            return FileFacts("parquet")
        if head.startswith(b"PK\x03\x04"):
            return _workbook(plain, received.display)
        encoding = encoding_of(plain, stated=feed.encoding, display=received.display, source=feed.source)
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return FileFacts("ndjson", encoding.codec)
        codec = encoding.codec if encoding.is_line_safe else "utf-8"

        def opened() -> AbstractContextManager[ByteReader]:
            return behind_bom(lambda: plain.open("rb"), encoding)

        try:
            dialect = dialect_of(opened, feed, codec)
            headers = header_of(opened, dialect, received.display, feed.source)
        except LineEndless as error:
            raise FileNotOfFormat.of(received.display, "CSV", str(error)) from error
        return FileFacts("csv", encoding.codec, dialect.delimiter, tuple(headers))


def _workbook(plain: Path, display: str) -> FileFacts:
    """Return the facts of the visible sheet with the most rows; its header is the row with the most texts."""
    try:
        workbook = CalamineWorkbook.from_path(plain)
        sheets = {
            sheet.name: workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            for sheet in workbook.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        }
    except CalamineError as error:
        raise FileNotOfFormat.of(display, "XLSX", f"{type(error).__name__}: {str(error)[:200]}") from error
    if not any(sheets.values()):
        raise FileNotOfFormat.of(display, "XLSX", "no visible sheet has a row")
    name, rows = max(sheets.items(), key=lambda item: len(item[1]))
    texts = [tuple(cell if isinstance(cell, str) else "" for cell in row) for row in rows[:_HEADER_WITHIN_ROWS]]
    return FileFacts("xlsx", headers=max(texts, key=lambda row: len({cell for cell in row if cell})), sheet=name)
