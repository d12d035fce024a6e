"""Where a reader puts what it read: one Parquet file of raw rows with their provenance, all text.

What a row's cells are is the reader's matter; committing the file is `landing`'s.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.foundation.contracts import FeedContract, raw_schema
from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.ingest.stated_texts import stated_text

_ROW_GROUP_ROWS = 122_880
_BATCH_ROWS = 20_000
_BATCH_BYTES = 32 << 20


@dataclass(frozen=True)
class Provenance:
    """What every row of one file says about where it came from.

    `ingested_at` is UTC without a zone, as tables store it.
    """

    source: str
    feed: str
    file_name: str
    file_sha256: str
    ingested_at: datetime
    run_id: str

    def cells(self) -> dict[str, str | datetime]:
        """Return the provenance columns that are equal on all rows of the file."""
        return {
            "_source": self.source,
            "_feed": self.feed,
            "_file": self.file_name,
            "_file_sha256": self.file_sha256,
            "_ingested_at": self.ingested_at,
            "_run_id": self.run_id,
        }


@dataclass(frozen=True)
class RawFile:
    """The Parquet file in the making of one delivered file's rows."""

    path: Path
    feed: FeedContract
    provenance: Provenance

    def write(self, batches: Iterable[pa.Table]) -> int:
        """Return the rows written from `batches`, which hold `_row_number` and any of the feed's columns and `_extras`.

        Columns that a batch lacks become null.
        """
        schema = raw_schema(self.feed)
        rows = 0
        with pq.ParquetWriter(self.path, schema, compression="zstd") as writer:
            for batch in batches:
                writer.write_table(self._completed(batch, schema), row_group_size=_ROW_GROUP_ROWS)
                rows += batch.num_rows
        return rows

    def _completed(self, batch: pa.Table, schema: pa.Schema) -> pa.Table:
        constant = self.provenance.cells()
        arrays = []
        for field in schema:
            if field.name in batch.schema.names:
                arrays.append(batch.column(field.name))
            else:
                arrays.append(pa.repeat(pa.scalar(constant.get(field.name), field.type), batch.num_rows))
        return pa.Table.from_arrays(arrays, schema=schema)

    def select_list(self, expressions: Mapping[str, str]) -> str:
        """Return the SQL list of all raw columns, in order, for a connection to which `stated_texts` are known.

        Args:
            expressions: SQL by column, trusted; columns of the feed and `_extras` that are missing become null.
        """
        stated = {name: stated_text(name) for name in self.stated_texts}
        stated["_ingested_at"] = f"timestamp {quote_literal(self.provenance.ingested_at.isoformat())}"
        parts = []
        for field in raw_schema(self.feed):
            expression = expressions.get(field.name, stated.get(field.name, "null::varchar"))
            parts.append(f"{expression} as {quote_identifier(field.name)}")
        return ", ".join(parts)

    @property
    def stated_texts(self) -> dict[str, str]:
        """The provenance that is text, by column."""
        return {name: value for name, value in self.provenance.cells().items() if isinstance(value, str)}


class RowBatch:
    """Rows in the making that are written together, each with the texts of the columns that its record had."""

    def __init__(self, feed: FeedContract) -> None:
        self._names = [*feed.columns, "_extras"]
        self._rows: list[dict[str, str | None]] = []
        self._ordinals: list[int] = []
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        """Whether the batch is to be written now."""
        return len(self._rows) >= _BATCH_ROWS or self._bytes >= _BATCH_BYTES

    def add(self, ordinal: int, cells: dict[str, str | None], size: int) -> None:
        """Put one row in: its record's ordinal, its cells by column, and how many bytes the record had."""
        self._rows.append(cells)
        self._ordinals.append(ordinal)
        self._bytes += size

    def table(self) -> pa.Table:
        """Return the rows, as `RawFile.write` takes them."""
        columns = {name: pa.array([row.get(name) for row in self._rows], pa.string()) for name in self._names}
        return pa.table({**columns, "_row_number": pa.array(self._ordinals, pa.int64())})


def extras_text(names: Sequence[str], cells: Sequence[str | None]) -> str:
    """Return the JSON object text of the cells whose columns the contract does not know."""
    return json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False, separators=(",", ":"))
