"""Which delimiter a CSV file has, when its contract leaves that open, and what its header says."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Protocol

from orchestration.foundation.contracts import FeedContract
from orchestration.ingest.csv_exact import CsvDialect, CsvRecord, csv_records
from orchestration.ingest.errors import FileNotOfFormat, FileUndecodable, HeaderUnusable
from orchestration.ingest.physical_lines import ByteReader

_CANDIDATES = (",", ";", "\t", "|")
_SAMPLE_RECORDS = 200


class Opener(Protocol):
    """Opens the line-safe bytes of a text from the front."""

    def __call__(self) -> AbstractContextManager[ByteReader]:
        """Return the opened text."""


def dialect_of(opener: Opener, feed: FeedContract, codec: str) -> CsvDialect:
    """Return how the text's cells are told apart: as the contract states, or as best explains its first records.

    The best delimiter is the one under which most headers are columns of the contract; then the one under which most
    records have the header's width; then the first of comma, semicolon, tab and bar.
    """
    if feed.delimiter != "detect":
        return CsvDialect(feed.delimiter, feed.quote, codec)
    candidates = [CsvDialect(mark, feed.quote, codec) for mark in _CANDIDATES if mark != feed.quote]
    return max(candidates, key=lambda dialect: _evidence(_first_records(opener, dialect), feed))


def header_of(opener: Opener, dialect: CsvDialect, display: str, source: str) -> list[str]:
    """Return the cells of the text's first record.

    Raises:
        HeaderUnusable: there is no record.
        FileUndecodable: the header is no text in its encoding.
        FileNotOfFormat: the header is no CSV record.
    """
    with opener() as stream:
        header = next(csv_records(stream, dialect), None)
    if header is None:
        raise HeaderUnusable.because_empty(display)
    if header.reason_code == "encoding_invalid":
        raise FileUndecodable.as_stated(display, dialect.codec, header.byte_offset, source)
    if header.reason_code or any("\0" in cell for cell in header.cells):
        evidence = header.reason_text or "its header holds NUL bytes"
        raise FileNotOfFormat.of(display, "CSV", f"the first record is no header ({evidence})")
    return header.cells


def _first_records(opener: Opener, dialect: CsvDialect) -> list[CsvRecord]:
    with opener() as stream:
        return list(islice(csv_records(stream, dialect), _SAMPLE_RECORDS))


def _evidence(records: Sequence[CsvRecord], feed: FeedContract) -> tuple[int, float]:
    if not records:
        return 0, 0.0
    header = records[0].cells
    known = {feed.column_of_header(cell) for cell in header} - {None}
    widths = Counter(len(record.cells) for record in records[1:])
    agreeing = widths[len(header)] / max(len(records) - 1, 1) if len(header) > 1 else 0.0
    return len(known), agreeing
