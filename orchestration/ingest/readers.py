"""The reader of each format, and which format a file has when its contract leaves that open."""

import re
from collections.abc import Callable, Mapping

from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.errors import FileNotOfFormat
from orchestration.ingest.physical_lines import LineEndless
from orchestration.ingest.readers_csv import read_csv
from orchestration.ingest.readers_fixed_width import read_fixed_width
from orchestration.ingest.readers_json import read_json, read_ndjson
from orchestration.ingest.readers_parquet import read_parquet
from orchestration.ingest.readers_xlsx import read_xlsx

_READERS: Mapping[str, Callable[[Delivery], Account]] = {
    "csv": read_csv,
    "fixed_width": read_fixed_width,
    "json": read_json,
    "ndjson": read_ndjson,
    "parquet": read_parquet,
    "xlsx": read_xlsx,
}
_PARQUET_MAGIC = b"PAR1"
_BINARY = ("parquet", "xlsx")
_NO_TEXT = {
    _PARQUET_MAGIC: "a Parquet file",
    b"PK\x03\x04": "a spreadsheet, or of a damaged or second zip archive",
    b"\xd0\xcf\x11\xe0": "an old Office document",
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
    with delivery.plain.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    stated = _format_of(head) if delivery.feed.format == "detect" else delivery.feed.format
    if stated not in _BINARY:
        for magic, what in _NO_TEXT.items():
            if head.startswith(magic):
                raise FileNotOfFormat.of(delivery.received.display, stated.upper(), f"its first bytes are of {what}")
    try:
        return _READERS[stated](delivery)
    except LineEndless as error:
        raise FileNotOfFormat.of(delivery.received.display, stated.upper(), str(error)) from error


def _format_of(head: bytes) -> str:
    if head.startswith(_PARQUET_MAGIC):
        return "parquet"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{"):
        return "ndjson"
    return "json" if _ARRAY_OF_OBJECTS.match(text) else "csv"
