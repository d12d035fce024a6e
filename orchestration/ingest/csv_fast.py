"""CSV to raw Parquet by DuckDB in one pass, for regular texts; whatever is in doubt is given back unread.

DuckDB's reader is fast, but its rejects table states offsets and line numbers that are wrong behind blank lines and
CRLF, it accepts some misplaced quotes, and it numbers accepted rows only. So it gets regular texts alone, its rejects
are found again in the bytes, and every count must agree; otherwise the answer is None and `csv_exact` reads the file.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.ingest.counting import CsvCount
from orchestration.ingest.headers import ColumnMap
from orchestration.ingest.physical_lines import RECORD_BYTES_LIMIT
from orchestration.ingest.quarantine import FormlessRecord
from orchestration.ingest.ragged_records import located
from orchestration.ingest.ragged_suspects import Ordinals
from orchestration.ingest.raw_file import RawFile
from orchestration.ingest.regular_records import RegularText, RegularTotals

_RAGGED = {"MISSING COLUMNS", "TOO MANY COLUMNS"}
_RAGGED_LIMIT = 200_000
FEW_RECORDS = 500
"""Up to so many records the exact reader has read before DuckDB has started."""
_REJECTS, _REJECTS_SCAN = "rejects", "rejects_scan"
_ATTEMPTS = 2
_ORDINALS_BATCH = 1 << 20


@dataclass(frozen=True)
class FastCsv:
    """A text that DuckDB may read.

    Attributes:
        text: regular UTF-8, header first.
        totals: over its records, the header included.
        suspects: ordinals of the records that seem to be ragged.
        columns: what its columns are.
        absent_text: what the file is known not to contain; DuckDB must be told some text that means null.
    """

    text: RegularText
    totals: RegularTotals
    suspects: Ordinals
    columns: ColumnMap
    absent_text: str


@dataclass(frozen=True)
class FastRead:
    """How many rows were written, and the ragged records that were not, in order."""

    landed: int
    ragged: list[FormlessRecord]


class _InDoubt(Exception):
    """DuckDB and the bytes do not agree on every record."""


def may_be_read_fast(count: CsvCount) -> bool:
    """Return whether DuckDB is to read a text: one that it reads exactly, regular, alike in how its many rows end."""
    totals = count.regular
    if totals is None or len(count.ragged) > _RAGGED_LIMIT or (len(count.ragged) and totals.blanks):
        return False
    return totals.records > FEW_RECORDS and totals.crlf in (0, totals.records)


def read_fast(csv: FastCsv, raw: RawFile, limits: DuckdbLimits) -> FastRead | None:
    """Return what was written to the raw file, or None when DuckDB and the bytes do not agree on every record."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": limits.threads,
        "memory_limit": limits.memory_limit,
    }
    with contextlib.closing(duckdb.connect(config=config)) as connection:
        connection.execute("set enable_progress_bar = false")
        try:
            return _read(connection, csv, raw)
        except (duckdb.Error, UnicodeDecodeError, _InDoubt):
            # DuckDB's state machine gives up on some texts, and a ragged record may be none; the exact reader decides.
            return None


def _read(connection: duckdb.DuckDBPyConnection, csv: FastCsv, raw: RawFile) -> FastRead:
    rejected = csv.suspects
    for _ in range(_ATTEMPTS):
        foreseen = rejected
        landed = _copy(connection, csv, raw, foreseen)
        rejected = _rejected_ordinals(connection, csv)
        if np.array_equal(foreseen, rejected):
            break
    else:
        raise _InDoubt
    if landed + len(rejected) != csv.totals.records - 1:
        raise _InDoubt
    ragged = list(located(csv.text, rejected, csv.columns.width))
    _require_same_bytes(connection, ragged, csv)
    return FastRead(landed, ragged)


def _copy(connection: duckdb.DuckDBPyConnection, csv: FastCsv, raw: RawFile, rejected: Ordinals) -> int:
    """Return the rows written, numbered as the physical records that they are, given which ones are no rows."""
    expressions = {name: f"c{position}" for name, position in csv.columns.known.items()}
    if csv.columns.unknown:
        pairs = (f"{quote_literal(name)}, c{position}" for name, position in csv.columns.unknown.items())
        expressions["_extras"] = f"json_object({', '.join(pairs)})::varchar"
    rows = _reader(csv)
    if len(rejected):
        connection.register("ordinals", _accepted_ordinals(csv.totals.records - 1, rejected))
        expressions["_row_number"] = "ordinal"
        rows = f"{rows} positional join ordinals"
    else:
        expressions["_row_number"] = "row_number() over ()"
    for table in (_REJECTS, _REJECTS_SCAN):
        connection.execute(f"drop table if exists {table}")
    # Numbering rows takes them in order, one thread at a time; a second thread would only spin.
    connection.execute("set threads = 1")
    target = quote_literal(str(raw.path))
    connection.execute(
        f"copy (select {raw.select_list(expressions)} from {rows}) to {target} (format parquet, compression zstd)"
    ).fetchall()
    # A positional join fills the shorter side up with nulls, so whole rows are counted, by cells that are never null.
    counted = f"count(*), count(_row_number), count({quote_identifier(next(iter(csv.columns.known), '_extras'))})"
    written, numbered, filled = connection.execute(f"select {counted} from read_parquet({target})").fetchall()[0]
    if not written == numbered == filled:
        return -1
    return int(written)


def _accepted_ordinals(records: int, rejected: Ordinals) -> pa.RecordBatchReader:
    """Return the ordinals from 1 to `records` without the rejected ones, as a stream."""
    schema = pa.schema({"ordinal": pa.int64()})

    def batches() -> Iterator[pa.RecordBatch]:
        for begin in range(1, records + 1, _ORDINALS_BATCH):
            end = min(begin + _ORDINALS_BATCH, records + 1)
            gaps = rejected[np.searchsorted(rejected, begin) : np.searchsorted(rejected, end)]
            accepted = np.delete(np.arange(begin, end), gaps - begin)
            yield pa.record_batch([pa.array(accepted)], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _reader(csv: FastCsv) -> str:
    columns = ", ".join(f"c{position}: 'VARCHAR'" for position in range(csv.columns.width))
    quote = quote_literal(csv.text.quote.decode())
    return (
        f"read_csv({quote_literal(str(csv.text.path))}, columns = {{{columns}}}, auto_detect = false, header = true, "
        f"delim = {quote_literal(csv.text.delimiter.decode())}, quote = {quote}, escape = {quote}, "
        f"nullstr = {quote_literal(csv.absent_text)}, strict_mode = true, max_line_size = {RECORD_BYTES_LIMIT}, "
        f"store_rejects = true, rejects_limit = 0, rejects_table = '{_REJECTS}', rejects_scan = '{_REJECTS_SCAN}')"
    )


def _rejected_ordinals(connection: duckdb.DuckDBPyConnection, csv: FastCsv) -> Ordinals:
    kinds = {str(kind) for (kind,) in connection.execute(f"select distinct error_type from {_REJECTS}").fetchall()}
    lines = connection.execute(f"select distinct line from {_REJECTS} order by line").fetchnumpy()["line"]
    # DuckDB's `line` is the record's ordinal, header included, as long as there are no blank lines.
    if not kinds <= _RAGGED or len(lines) > _RAGGED_LIMIT or (len(lines) and csv.totals.blanks):
        raise _InDoubt
    return np.asarray(lines, dtype=np.int64) - 1


def _require_same_bytes(connection: duckdb.DuckDBPyConnection, ragged: list[FormlessRecord], csv: FastCsv) -> None:
    """Check that the records found in the bytes are those that DuckDB rejected."""
    rejected = connection.execute(f"select any_value(csv_line) from {_REJECTS} group by line order by line").fetchall()
    for record, (line,) in zip(ragged, rejected, strict=True):
        if record.content.decode(csv.text.original_codec).strip("\r\n") != line.strip("\r\n"):
            raise _InDoubt
