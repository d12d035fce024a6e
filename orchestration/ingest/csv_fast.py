"""CSV to raw Parquet by DuckDB in one pass, for regular texts; whatever is in doubt is given back unread.

DuckDB's reader is fast, but its rejects table states offsets and line numbers that are wrong behind blank lines and
CRLF, it accepts some misplaced quotes, and it numbers accepted rows only. So it gets regular texts alone, its rejects
are found again in the bytes, and every count must agree; otherwise the answer is None and `csv_exact` reads the file.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from duckdb.func import PythonUDFType
from numpy.typing import NDArray

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.sql import quote_literal
from orchestration.ingest.headers import ColumnMap
from orchestration.ingest.physical_lines import RECORD_BYTES_LIMIT
from orchestration.ingest.quarantine import FormlessRecord
from orchestration.ingest.ragged_records import located
from orchestration.ingest.raw_file import RawFile
from orchestration.ingest.regular_records import RegularText, RegularTotals

_RAGGED = {"MISSING COLUMNS", "TOO MANY COLUMNS"}
_RAGGED_LIMIT = 200_000
_FORESEEN, _FOUND = "rejects_foreseen", "rejects_found"

Ordinals = NDArray[np.int64]


@dataclass(frozen=True)
class FastCsv:
    """A text that DuckDB may read.

    Attributes:
        text: regular UTF-8, header first.
        totals: over its records, the header included.
        columns: what its columns are.
        absent_text: what the file is known not to contain; DuckDB must be told some text that means null.
    """

    text: RegularText
    totals: RegularTotals
    columns: ColumnMap
    absent_text: str


@dataclass(frozen=True)
class FastRead:
    """How many rows were written, and the ragged records that were not, in order."""

    landed: int
    ragged: list[FormlessRecord]


class _InDoubt(Exception):
    """DuckDB and the bytes do not agree on every record."""


def may_be_read_fast(totals: RegularTotals | None) -> bool:
    """Return whether a text is one that DuckDB reads exactly: regular, with rows, all of them ending alike."""
    return totals is not None and totals.records > 1 and totals.crlf in (0, totals.records)


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
        except (duckdb.Error, _InDoubt):
            # DuckDB's state machine gives up on some texts; the exact reader decides what they hold.
            return None


def _read(connection: duckdb.DuckDBPyConnection, csv: FastCsv, raw: RawFile) -> FastRead:
    foreseen = np.empty(0, dtype=np.int64)
    if _is_likely_ragged(csv):
        connection.execute(f"select count(c0) from {_reader(csv, _FORESEEN)}").fetchall()
        foreseen = _rejected_ordinals(connection, csv, _FORESEEN)
    landed = _copy(connection, csv, raw, foreseen)
    found = _rejected_ordinals(connection, csv, _FOUND)
    if not np.array_equal(foreseen, found) or landed + len(found) != csv.totals.records - 1:
        raise _InDoubt
    ragged = list(located(csv.text, found, csv.columns.width))
    _require_same_bytes(connection, ragged, csv)
    return FastRead(landed, ragged)


def _copy(connection: duckdb.DuckDBPyConnection, csv: FastCsv, raw: RawFile, rejected: Ordinals) -> int:
    expressions = {name: f"c{position}" for name, position in csv.columns.known.items()}
    expressions["_row_number"] = _row_number(connection, rejected)
    if csv.columns.unknown:
        pairs = (f"{quote_literal(name)}, c{position}" for name, position in csv.columns.unknown.items())
        expressions["_extras"] = f"json_object({', '.join(pairs)})::varchar"
    select = f"select {raw.select_list(expressions)} from {_reader(csv, _FOUND)}"
    target = quote_literal(str(raw.path))
    # Numbering rows takes them in order, one thread at a time; a second thread would only spin.
    connection.execute("set threads = 1")
    copied = connection.execute(f"copy ({select}) to {target} (format parquet, compression zstd)").fetchall()
    return int(copied[0][0])


def _row_number(connection: duckdb.DuckDBPyConnection, rejected: Ordinals) -> str:
    """Return SQL for a row's ordinal among all physical records, given the ordinals of those that are no rows."""
    if not len(rejected):
        return "row_number() over ()"
    rows_before = rejected - np.arange(1, len(rejected) + 1)

    def physical_ordinal(row):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - DuckDB evaluates annotations
        rows = row.to_numpy()
        return pa.array(rows + np.searchsorted(rows_before, rows, side="left"))

    connection.create_function("physical_ordinal", physical_ordinal, ["bigint"], "bigint", type=PythonUDFType.ARROW)
    return "physical_ordinal(row_number() over ())"


def _is_likely_ragged(csv: FastCsv) -> bool:
    """Return whether the delimiters are not as many as rectangular rows without quoted ones would have."""
    return csv.totals.delimiters != csv.totals.records * (csv.columns.width - 1)


def _reader(csv: FastCsv, rejects: str) -> str:
    columns = ", ".join(f"c{position}: 'VARCHAR'" for position in range(csv.columns.width))
    quote = quote_literal(csv.text.quote.decode())
    return (
        f"read_csv({quote_literal(str(csv.text.path))}, columns = {{{columns}}}, auto_detect = false, header = true, "
        f"delim = {quote_literal(csv.text.delimiter.decode())}, quote = {quote}, escape = {quote}, "
        f"nullstr = {quote_literal(csv.absent_text)}, strict_mode = true, max_line_size = {RECORD_BYTES_LIMIT}, "
        f"store_rejects = true, rejects_limit = 0, rejects_table = '{rejects}', rejects_scan = '{rejects}_scan')"
    )


def _rejected_ordinals(connection: duckdb.DuckDBPyConnection, csv: FastCsv, rejects: str) -> Ordinals:
    kinds = {str(kind) for (kind,) in connection.execute(f"select distinct error_type from {rejects}").fetchall()}
    lines = connection.execute(f"select distinct line from {rejects} order by line").fetchnumpy()["line"]
    # DuckDB's `line` is the record's ordinal, header included, as long as there are no blank lines.
    if not kinds <= _RAGGED or len(lines) > _RAGGED_LIMIT or (len(lines) and csv.totals.blanks):
        raise _InDoubt
    return np.asarray(lines, dtype=np.int64) - 1


def _require_same_bytes(connection: duckdb.DuckDBPyConnection, ragged: list[FormlessRecord], csv: FastCsv) -> None:
    """Check that the records found in the bytes are those that DuckDB rejected."""
    rejected = connection.execute(f"select any_value(csv_line) from {_FOUND} group by line order by line").fetchall()
    for record, (line,) in zip(ragged, rejected, strict=True):
        if record.content.decode(csv.text.original_codec).strip("\r\n") != line.strip("\r\n"):
            raise _InDoubt
