"""The bytes of single records as they were delivered, found again by their ordinals in one pass over the file.

The ordinals are those that the readers number rows by, under the same contract. Rows of a workbook or a Parquet file
have no bytes of their own: what they hold are their cells.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.foundation.contracts import FeedContract
from orchestration.ingest.csv_dialects import dialect_of
from orchestration.ingest.csv_exact import CsvDialect, csv_records
from orchestration.ingest.json_arrays import array_values
from orchestration.ingest.physical_lines import ByteReader, physical_lines
from orchestration.ingest.quarantine import KEPT_BYTES_LIMIT
from orchestration.ingest.regular_records import Positions, RegularChunk, regular_records
from orchestration.ingest.texts import Encoding, behind_bom, encoding_of
from orchestration.ingest.xml_records import XmlRecords, record_bytes

TEXT_FORMATS = ("csv", "fixed_width", "json", "ndjson", "xml")
"""Formats whose records are bytes of their own."""

_COLUMNS: Mapping[str, pa.DataType] = {
    "_row_number": pa.int64(),
    "line_number": pa.int64(),
    "byte_offset": pa.int64(),
    "record_bytes": pa.binary(),
}
_SCHEMA = pa.schema(_COLUMNS)
_BATCH_RECORDS = 4096
_BATCH_BYTES = 16 << 20
_CHUNK_BYTES = 1 << 20
_BLANKS = b" \t\r\n"


@dataclass(frozen=True)
class OriginalRecord:
    """One record as it was delivered.

    Attributes:
        row_number: its ordinal among the file's physical records, from 1.
        line_number: the physical line of the unpacked file on which it begins, from 1.
        byte_offset: where it begins in the unpacked file; None where its encoding does not tell.
        content: its bytes, with the end of its line where it has one.
    """

    row_number: int
    line_number: int
    byte_offset: int | None
    content: bytes


def original_records(
    plain: Path, feed: FeedContract, file_format: str, ordinals: Positions, *, display: str
) -> Iterator[OriginalRecord]:
    """Yield the records with the given ordinals (ascending, from 1); those that the file does not have are left out.

    Args:
        plain: the unpacked file, of a format in `TEXT_FORMATS`.
        feed: the contract by which it landed.
        file_format: its format.
        ordinals: which records.
        display: the file as messages name it.

    Raises:
        FileRefused: the file is no text in its encoding; it cannot have landed by this contract.
        NotSafeXml: it is no XML, likewise.
    """
    if not len(ordinals):
        return
    if file_format == "xml":
        yield from _xml_elements(plain, feed, ordinals)
        return
    stated = "utf-8" if feed.encoding == "detect" and file_format in {"json", "ndjson"} else feed.encoding
    encoding = encoding_of(plain, stated=stated, display=display, source=feed.source)
    text = _Text(plain, feed, encoding)
    found = {"csv": text.csv, "fixed_width": text.fixed_width, "json": text.json, "ndjson": text.ndjson}
    for record in found[file_format](ordinals):
        yield record if encoding.is_line_safe else _as_delivered(record, encoding.codec)


def write_originals(records: Iterable[OriginalRecord], path: Path) -> None:
    """Write records, a few at a time, to a Parquet file of `_row_number`, `line_number`, `byte_offset`, `record_bytes`.

    Of a record that is longer than `KEPT_BYTES_LIMIT` the first bytes are written.
    """
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:
        pending: list[dict[str, object]] = []
        size = 0
        for record in records:
            kept = record.content[:KEPT_BYTES_LIMIT]
            cells = (record.row_number, record.line_number, record.byte_offset, kept)
            pending.append(dict(zip(_SCHEMA.names, cells, strict=True)))
            size += len(kept)
            if len(pending) >= _BATCH_RECORDS or size >= _BATCH_BYTES:
                writer.write_table(pa.Table.from_pylist(pending, schema=_SCHEMA))
                pending, size = [], 0
        writer.write_table(pa.Table.from_pylist(pending, schema=_SCHEMA))


def _as_delivered(record: OriginalRecord, codec: str) -> OriginalRecord:
    """Return a record that was read as UTF-8 in the encoding in which it came."""
    content = record.content.decode("utf-8", "ignore").encode(codec)
    return OriginalRecord(record.row_number, record.line_number, None, content)


def _xml_elements(plain: Path, feed: FeedContract, ordinals: Positions) -> Iterator[OriginalRecord]:
    """Yield records of an XML text, which are its elements at one path; the declaration tells the encoding."""
    wanted = set(ordinals.tolist())
    with plain.open("rb") as stream:
        for ordinal, record in enumerate(XmlRecords(stream, feed.xml_rules.record.split("/")), start=1):
            if ordinal in wanted:
                yield OriginalRecord(ordinal, record.line, record.begin, record_bytes(plain, record))


class _Text:
    """One delivered text, of which some records are wanted."""

    def __init__(self, plain: Path, feed: FeedContract, encoding: Encoding) -> None:
        self._plain = plain
        self._feed = feed
        self._encoding = encoding

    def csv(self, ordinals: Positions) -> Iterator[OriginalRecord]:
        """Yield records of a CSV text: by array arithmetic as far as it is regular, else record by record."""
        codec = self._encoding.codec if self._encoding.is_line_safe else "utf-8"
        dialect = dialect_of(self._opened, self._feed, codec)
        last = 0
        for record in self._regular(ordinals, dialect):
            last = record.row_number
            yield record
        rest = ordinals[ordinals > last]
        if len(rest):
            with self._opened() as stream:
                records = csv_records(stream, dialect, offset=self._encoding.bom_bytes)
                next(records)
                places = ((found.line_number, found.byte_offset, found.content) for found in records)
                yield from _chosen(places, rest)

    def fixed_width(self, ordinals: Positions) -> Iterator[OriginalRecord]:
        """Yield records of a fixed-width text, which are its lines behind the header."""
        with self._opened() as stream:
            lines = physical_lines(stream, offset=self._encoding.bom_bytes)
            filled = ((line.number, line.offset, line.content) for line in lines if not line.is_blank)
            yield from _chosen(islice(filled, self._feed.fixed_width_rules.header_lines, None), ordinals)

    def ndjson(self, ordinals: Positions) -> Iterator[OriginalRecord]:
        """Yield records of an NDJSON text, which are its lines that hold something."""
        with self._opened() as stream:
            lines = physical_lines(stream, offset=self._encoding.bom_bytes)
            filled = ((line.number, line.offset, line.content) for line in lines if line.content.strip(_BLANKS))
            yield from _chosen(filled, ordinals)

    def json(self, ordinals: Positions) -> Iterator[OriginalRecord]:
        """Yield records of a JSON array, which are its values."""
        with self._opened() as stream:
            values = array_values(stream, offset=self._encoding.bom_bytes, steps=self._feed.records_path)
            yield from _chosen(((value.number, value.offset, value.content) for value in values), ordinals)

    def _opened(self) -> AbstractContextManager[ByteReader]:
        return behind_bom(lambda: self._plain.open("rb"), self._encoding)

    def _regular(self, ordinals: Positions, dialect: CsvDialect) -> Iterator[OriginalRecord]:
        """Yield records up to where the text proves not to be regular; the header is number 0."""
        records = lines = 0
        pending: list[tuple[RegularChunk, int]] = []
        with self._opened() as stream, self._opened() as again:
            pieces = _Forward(again)
            for chunk in regular_records(stream, delimiter=dialect.delimiter.encode(), quote=dialect.quote.encode()):
                if chunk is None or records > ordinals[-1]:
                    return
                ended = len(chunk.record_ends)
                pending.append((chunk, lines))
                for ordinal in ordinals[(ordinals >= records) & (ordinals < records + ended)].tolist():
                    begin, end = (int(at[ordinal - records]) for at in (chunk.record_begins, chunk.record_ends))
                    content = pieces.between(begin, end)
                    yield OriginalRecord(ordinal, _line_of(pending, begin), self._encoding.bom_bytes + begin, content)
                pending = [(chunk, lines)] if ended else pending
                records, lines = records + ended, lines + len(chunk.lines)


def _line_of(chunks: Sequence[tuple[RegularChunk, int]], begin: int) -> int:
    """Return the physical line at an offset in one of the given chunks, each with the lines before it."""
    chunk, lines_before = next(each for each in reversed(chunks) if each[0].offset <= begin)
    return lines_before + int(np.searchsorted(chunk.lines, begin - chunk.offset)) + 1


def _chosen(places: Iterator[tuple[int, int, bytes]], ordinals: Positions) -> Iterator[OriginalRecord]:
    """Yield the records of the given ordinals out of all, as line, offset and bytes, in order from 1."""
    behind = 0
    for ordinal in ordinals.tolist():
        found = next(islice(places, ordinal - behind - 1, None), None)
        if found is None:
            return
        behind = ordinal
        yield OriginalRecord(ordinal, *found)


class _Forward:
    """Takes pieces out of a stream that can only be read from the front."""

    def __init__(self, stream: ByteReader) -> None:
        self._stream = stream
        self._held = b""
        self._offset = 0

    def between(self, begin: int, end: int) -> bytes:
        """Return the bytes from one offset to another, fewer at the stream's end; offsets only grow."""
        while self._offset + len(self._held) <= begin and self._more(keep_from=begin):
            pass
        while self._offset + len(self._held) < end and self._more(keep_from=begin):
            pass
        return self._held[begin - self._offset : end - self._offset]

    def _more(self, *, keep_from: int) -> bool:
        piece = self._stream.read(_CHUNK_BYTES)
        keep = max(min(keep_from - self._offset, len(self._held)), 0)
        self._held, self._offset = self._held[keep:] + piece, self._offset + keep
        return bool(piece)
