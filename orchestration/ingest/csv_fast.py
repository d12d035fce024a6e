"""CSV to raw Parquet by DuckDB in one pass, for regular texts; whatever is in doubt is given back unread.

DuckDB's reader is fast, but its rejects table states offsets and line numbers that are wrong behind blank lines and
CRLF, it accepts some misplaced quotes, and it numbers accepted rows only. So it gets regular texts alone, its rejects
must be the records that the count suspects, to the byte, and every count must agree; otherwise the answer is None.
"""

import contextlib
from collections.abc import Iterator, Sequence
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
from orchestration.ingest.raw_file import RawFile
from orchestration.ingest.regular_records import Positions, RegularText, RegularTotals
from orchestration.ingest.stated_texts import state_texts, stated_text

_RAGGED = {"MISSING COLUMNS", "TOO MANY COLUMNS"}
_RAGGED_LIMIT = 200_000
FEW_RECORDS = 500
"""Up to so many records the exact reader has read before DuckDB has started."""
_REJECTS, _REJECTS_SCAN = "rejects", "rejects_scan"
_ORDINALS_BATCH = 1 << 20
_BUFFER_BYTES = 8 << 20
_ROW_GROUP_ROWS = 61_440


@dataclass(frozen=True)
class FastCsv:
    """A text that DuckDB may read.

    Attributes:
        text: regular UTF-8, header first.
        totals: over its records, the header included.
        suspects: the records that seem to be ragged, in order.
        codec: of their bytes.
        columns: what its columns are.
        absent_text: what the file is known not to contain; DuckDB must be told some text that means null.
    """

    text: RegularText
    totals: RegularTotals
    suspects: Sequence[FormlessRecord]
    codec: str
    columns: ColumnMap
    absent_text: str


class _InDoubt(Exception):
    """DuckDB and the bytes do not agree on every record."""


def may_be_read_fast(count: CsvCount) -> bool:
    """Return whether DuckDB is to read a text: one that it reads exactly, regular, alike in how its many rows end."""
    totals = count.regular
    if totals is None or len(count.ragged) > _RAGGED_LIMIT or (len(count.ragged) and totals.blanks):
        return False
    return totals.records > FEW_RECORDS and totals.crlf in (0, totals.records)


def read_fast(csv: FastCsv, raw: RawFile, limits: DuckdbLimits) -> int | None:
    """Return the rows written to the raw file, or None when DuckDB and the bytes do not agree on every record."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": limits.threads,
        "memory_limit": limits.memory_limit,
    }
    with contextlib.closing(duckdb.connect(config=config)) as connection:
        connection.execute("set enable_progress_bar = false")
        names = {_name_of(position): name for name, position in csv.columns.unknown.items()}
        state_texts(connection, raw.stated_texts | names)
        try:
            return _read(connection, csv, raw)
        except (duckdb.Error, UnicodeDecodeError, _InDoubt):
            # DuckDB's state machine gives up on some texts, and a ragged record may be none.
            return None


def _read(connection: duckdb.DuckDBPyConnection, csv: FastCsv, raw: RawFile) -> int:
    landed = _copy(connection, csv, raw)
    _require_suspects_rejected(connection, csv)
    if landed + len(csv.suspects) != csv.totals.records - 1:
        raise _InDoubt
    return landed


def _copy(connection: duckdb.DuckDBPyConnection, csv: FastCsv, raw: RawFile) -> int:
    """Return the rows written, numbered as the physical records that they are; -1 when that failed."""
    expressions = {name: f"c{position}" for name, position in csv.columns.known.items()}
    if csv.columns.unknown:
        pairs = (f"{stated_text(_name_of(position))}, c{position}" for position in csv.columns.unknown.values())
        expressions["_extras"] = f"json_object({', '.join(pairs)})::varchar"
    rows = _reader(csv)
    if len(csv.suspects):
        connection.register("ordinals", _accepted_ordinals(csv))
        expressions["_row_number"] = "ordinal"
        rows = f"{rows} positional join ordinals"
    else:
        expressions["_row_number"] = "row_number() over ()"
    # Numbering rows takes them in order, one thread at a time; a second thread would only spin.
    connection.execute("set threads = 1")
    target = quote_literal(str(raw.path))
    selected = f"select {raw.select_list(expressions)} from {rows}"
    options = f"format parquet, compression zstd, row_group_size {_ROW_GROUP_ROWS}"
    connection.execute(f"copy ({selected}) to {target} ({options})").fetchall()
    # A positional join fills the shorter side up with nulls, so whole rows are counted, by cells that are never null.
    counted = f"count(*), count(_row_number), count({quote_identifier(next(iter(csv.columns.known), '_extras'))})"
    written, numbered, filled = connection.execute(f"select {counted} from read_parquet({target})").fetchall()[0]
    if not written == numbered == filled:
        return -1
    return int(written)


def _accepted_ordinals(csv: FastCsv) -> pa.RecordBatchReader:
    """Return the ordinals of the records that are not suspected, as a stream."""
    schema = pa.schema({"ordinal": pa.int64()})
    records = csv.totals.records - 1
    suspected: Positions = np.array([record.row_number for record in csv.suspects], dtype=np.int64)

    def batches() -> Iterator[pa.RecordBatch]:
        for begin in range(1, records + 1, _ORDINALS_BATCH):
            end = min(begin + _ORDINALS_BATCH, records + 1)
            gaps = suspected[np.searchsorted(suspected, begin) : np.searchsorted(suspected, end)]
            yield pa.record_batch([pa.array(np.delete(np.arange(begin, end), gaps - begin))], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _name_of(position: int) -> str:
    return f"column {position}"


def _reader(csv: FastCsv) -> str:
    columns = ", ".join(f"c{position}: 'VARCHAR'" for position in range(csv.columns.width))
    quote = quote_literal(csv.text.quote.decode())
    return (
        f"read_csv({quote_literal(str(csv.text.path))}, columns = {{{columns}}}, auto_detect = false, header = true, "
        f"delim = {quote_literal(csv.text.delimiter.decode())}, quote = {quote}, escape = {quote}, "
        f"nullstr = {quote_literal(csv.absent_text)}, strict_mode = true, max_line_size = {RECORD_BYTES_LIMIT}, "
        f"buffer_size = {_BUFFER_BYTES}, "
        f"store_rejects = true, rejects_limit = 0, rejects_table = '{_REJECTS}', rejects_scan = '{_REJECTS_SCAN}')"
    )


def _require_suspects_rejected(connection: duckdb.DuckDBPyConnection, csv: FastCsv) -> None:
    """Check that what DuckDB rejected is what the count suspects, and why."""
    # DuckDB's `line` is the record's ordinal, header included, as long as there are no blank lines.
    query = f"select line - 1, any_value(csv_line), list(distinct error_type) from {_REJECTS} group by 1 order by 1"
    rejects = connection.execute(query).fetchall()
    if len(rejects) != len(csv.suspects):
        raise _InDoubt
    for record, (ordinal, line, kinds) in zip(csv.suspects, rejects, strict=True):
        is_same = record.content.decode(csv.codec).strip("\r\n") == line.strip("\r\n")
        if ordinal != record.row_number or not is_same or not _RAGGED.issuperset(kinds):
            raise _InDoubt
