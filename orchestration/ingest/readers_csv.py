"""CSV and TSV files to raw rows: fast where DuckDB is exact, record by record where it is not.

Cells are taken as received: an empty cell is the empty text, quoted or not. A record with more or fewer cells than
the header is quarantined; surplus cells that are all empty carry nothing and are dropped.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager

import numpy as np
import pyarrow as pa

from orchestration.ingest.counting import CsvCount, count_csv
from orchestration.ingest.csv_dialects import dialect_of, header_of
from orchestration.ingest.csv_exact import CsvRecord, csv_records
from orchestration.ingest.csv_fast import FastCsv, may_be_read_fast, read_fast
from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.headers import ColumnMap, mapped
from orchestration.ingest.physical_lines import ByteReader
from orchestration.ingest.quarantine import FormlessRecord, QuarantineFile
from orchestration.ingest.ragged_records import formless_records
from orchestration.ingest.ragged_suspects import RaggedRecords
from orchestration.ingest.raw_file import extras_text
from orchestration.ingest.regular_records import RegularText, RegularTotals
from orchestration.ingest.texts import Encoding, behind_bom, encoding_of, written_as_utf8

_BATCH_ROWS = 50_000
_BATCH_BYTES = 32 << 20


def read_csv(delivery: Delivery) -> Account:
    """Return the account of a CSV file's records after writing its rows and its formless records.

    Raises:
        FileRefused: the file is no text in its encoding, or has no usable header, or lacks required columns.
    """
    return _CsvFile(delivery).read()


class _CsvFile:
    """One CSV file and what was found out about it."""

    def __init__(self, delivery: Delivery) -> None:
        feed, display = delivery.feed, delivery.received.display
        self._delivery = delivery
        self._encoding = encoding_of(delivery.plain, stated=feed.encoding, display=display, source=feed.source)
        codec = self._encoding.codec if self._encoding.is_line_safe else "utf-8"
        self._dialect = dialect_of(self._opened, feed, codec)
        header = header_of(self._opened, self._dialect, display, feed.source)
        self._columns = mapped(header, feed, display)

    def _opened(self) -> AbstractContextManager[ByteReader]:
        return behind_bom(lambda: self._delivery.plain.open("rb"), self._encoding)

    def _archived(self) -> AbstractContextManager[ByteReader]:
        return behind_bom(self._delivery.received.opened, self._encoding)

    def read(self) -> Account:
        count = self._count()
        landed = self._read_fast(count)
        if landed is None:
            landed = self._read_exactly()
        unknown = tuple(self._columns.unknown)
        return Account(count.records - 1, landed, self._delivery.quarantine.count, unknown)

    def _count(self, *, is_thorough: bool = False) -> CsvCount:
        marks, width = self._dialect, self._columns.width
        return count_csv(
            self._archived, delimiter=marks.delimiter, quote=marks.quote, width=width, is_thorough=is_thorough
        )

    def _read_fast(self, count: CsvCount) -> int | None:
        if count.regular is None or not may_be_read_fast(count):
            return None
        text = self._utf8_text()
        if text is None:
            return None
        landed = self._read_by_duckdb(text, count.regular, count.ragged)
        if landed is None:
            # Perhaps because one record's missing cells were another's surplus ones.
            ragged = self._count(is_thorough=True).ragged
            landed = (
                None
                if np.array_equal(ragged.ordinals, count.ragged.ordinals)
                else self._read_by_duckdb(text, count.regular, ragged)
            )
        return landed

    def _read_by_duckdb(self, text: RegularText, totals: RegularTotals, ragged: RaggedRecords) -> int | None:
        delivery, encoding = self._delivery, self._encoding
        if len(ragged) and not encoding.is_line_safe:
            return None
        found = formless_records(delivery.plain, ragged, bom_bytes=encoding.bom_bytes, width=self._columns.width)
        fast = FastCsv(text, totals, list(found), encoding.codec, self._columns, delivery.received.sha256)
        landed = read_fast(fast, delivery.raw, delivery.limits)
        if landed is not None:
            with delivery.quarantine.filled_anew() as quarantine:
                for record in fast.suspects:
                    quarantine.add(record)
        return landed

    def _utf8_text(self) -> RegularText | None:
        path = self._delivery.plain
        if self._encoding.codec != "utf-8":
            path = self._delivery.work / "text"
            if not written_as_utf8(self._delivery.plain, self._encoding, path):
                return None
        return RegularText(path, self._dialect.delimiter.encode(), self._dialect.quote.encode())

    def _read_exactly(self) -> int:
        with self._delivery.quarantine.filled_anew() as quarantine, self._opened() as stream:
            records = csv_records(stream, self._dialect, offset=self._encoding.bom_bytes)
            next(records)
            return self._delivery.raw.write(_batches(records, self._columns, self._encoding, quarantine))


def _batches(
    records: Iterator[CsvRecord], columns: ColumnMap, encoding: Encoding, quarantine: QuarantineFile
) -> Iterator[pa.Table]:
    rows: list[list[str]] = []
    ordinals: list[int] = []
    size = 0
    for ordinal, record in enumerate(records, start=1):
        if record.reason_code or not _has_shape(record.cells, columns.width):
            quarantine.add(_formless(record, ordinal, columns.width, encoding))
            continue
        rows.append(record.cells)
        ordinals.append(ordinal)
        size += len(record.content)
        if len(rows) >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield _table(rows, ordinals, columns)
            rows, ordinals, size = [], [], 0
    if rows:
        yield _table(rows, ordinals, columns)


def _has_shape(cells: list[str], width: int) -> bool:
    return len(cells) == width or (len(cells) > width and not any(cells[width:]))


def _formless(record: CsvRecord, ordinal: int, width: int, encoding: Encoding) -> FormlessRecord:
    ragged = f"the record does not have the {width} cells of the header"
    is_original = encoding.is_line_safe
    return FormlessRecord(
        row_number=ordinal,
        line_number=record.line_number,
        byte_offset=record.byte_offset if is_original else None,
        content=record.content if is_original else record.content.decode("utf-8").encode(encoding.codec),
        reason_code=record.reason_code or "cells_ragged",
        reason_text=record.reason_text or ragged,
    )


def _table(rows: list[list[str]], ordinals: list[int], columns: ColumnMap) -> pa.Table:
    cells = {name: pa.array([row[at] for row in rows], pa.string()) for name, at in columns.known.items()}
    if columns.unknown:
        names, places = list(columns.unknown), list(columns.unknown.values())
        extras = [extras_text(names, [row[at] for at in places]) for row in rows]
        cells["_extras"] = pa.array(extras, pa.string())
    return pa.table({**cells, "_row_number": pa.array(ordinals, pa.int64())})
