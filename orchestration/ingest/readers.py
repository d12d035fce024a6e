"""The reader of each format, and which format a file has when its contract leaves that open."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from orchestration.foundation.contracts import FeedContract
from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.errors import FileNotOfFormat
from orchestration.ingest.physical_lines import LineEndless
from orchestration.ingest.readers_csv import read_csv
from orchestration.ingest.readers_fixed_width import read_fixed_width
from orchestration.ingest.readers_json import read_json, read_ndjson
from orchestration.ingest.readers_parquet import read_parquet
from orchestration.ingest.readers_workbooks import ODS, OLD_OFFICE, XLS, XLSX, read_workbook
from orchestration.ingest.readers_xml import read_xml

_READERS: Mapping[str, Callable[[Delivery], Account]] = {
    "csv": read_csv,
    "fixed_width": read_fixed_width,
    "json": read_json,
    "ndjson": read_ndjson,
    "parquet": read_parquet,
    "ods": partial(read_workbook, ODS),
    "xls": partial(read_workbook, XLS),
    "xml": read_xml,
    "xlsx": partial(read_workbook, XLSX),
}
PARQUET_MAGIC = b"PAR1"
_BINARY = ("parquet", "ods", "xls", "xlsx")
_NO_TEXT = {
    PARQUET_MAGIC: "a Parquet file",
    b"PK\x03\x04": "a spreadsheet, or of a damaged or second zip archive",
    OLD_OFFICE: "an old Office document",
    b"%PDF": "a PDF document",
    b"BZh": "a bzip2 stream inside a packed file",
    b"\x28\xb5\x2f\xfd": "a zstd stream inside a packed file",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7-zip archive",
    b"\x1f\x8b": "a gzip stream inside a packed file",
}
_ARRAY_OF_OBJECTS = re.compile(rb"\[[ \t\r\n]*[{\]]")
_HEAD_BYTES = 4096


def read(delivery: Delivery) -> Account:
    """Return the account of a file's records after its reader has written rows and formless records.

    Raises:
        FileRefused: nothing of the file may land.
    """
    head, stated = _head(delivery.plain), format_of_file(delivery.plain, delivery.feed)
    if stated not in _BINARY:
        for magic, what in _NO_TEXT.items():
            if head.startswith(magic):
                raise FileNotOfFormat.of(delivery.received.display, stated.upper(), f"its first bytes are of {what}")
    try:
        return _READERS[stated](delivery)
    except LineEndless as error:
        raise FileNotOfFormat.of(delivery.received.display, stated.upper(), str(error)) from error


def format_of_file(plain: Path, feed: FeedContract) -> str:
    """Return the format of an unpacked file: as its contract states, or as its first bytes tell."""
    return format_of(_head(plain)) if feed.format == "detect" else feed.format


def _head(plain: Path) -> bytes:
    with plain.open("rb") as stream:
        return stream.read(_HEAD_BYTES)


def format_of(head: bytes) -> str:
    """Return the format that a contract with `detect` means, by a file's first bytes."""
    if head.startswith(PARQUET_MAGIC):
        return "parquet"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{"):
        return "ndjson"
    return "json" if _ARRAY_OF_OBJECTS.match(text) else "csv"
