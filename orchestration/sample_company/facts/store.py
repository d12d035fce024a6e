"""Where the facts lie: one folder per table, one Parquet file per block of people, one view per table.

Belongs here: writing and reading fact tables of the shape that `schema.py` states. What the rows say does not.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.foundation.errors import GenomeError, some_of
from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.sample_company.facts.schema import FACT_TABLES, FactTable

COMPANY_WIDE_BLOCK = 0
_DUCKDB_TYPES = {
    "string": "varchar",
    "int64": "bigint",
    "int32": "integer",
    "double": "double",
    "bool": "boolean",
    "date32[day]": "date",
    "timestamp[us]": "timestamp",
    "list<item: string>": "varchar[]",
}


class FactsInvalid(GenomeError):
    """Rows that do not have the shape of their fact table."""

    @classmethod
    def because_of_columns(cls, table: str, *, missing: list[str], unknown: list[str]) -> "FactsInvalid":
        """Return the error for columns that the schema asks for and the rows lack, or the other way round."""
        return cls(
            f"facts/{table} lacks {some_of(missing) if missing else 'nothing'} and has the unknown "
            f"{some_of(unknown) if unknown else 'nothing'}; its columns are those of facts/schema.py. "
            "Nothing was written."
        )

    @classmethod
    def because_of_nulls(cls, table: str, column: str, nulls_count: int) -> "FactsInvalid":
        """Return the error for nulls in a column that has none by its schema."""
        return cls(
            f"facts/{table}: {nulls_count} rows have no {column!r}, which facts/schema.py does not allow; "
            "fill it, or declare it as one that may be null. Nothing was written."
        )


@dataclass(frozen=True)
class Limits:
    """What a DuckDB connection over the facts may use: memory as DuckDB writes it, and threads."""

    memory: str = "2GB"
    threads: int = 2


@dataclass(frozen=True)
class FactStore:
    """The fact tables below one folder."""

    root: Path

    def write(self, table: str, block: int, rows: pa.Table) -> None:
        """Write a block's rows of `table`; columns may come in any order.

        Raises:
            FactsInvalid: Columns are missing or unknown, or a column that may not be null has nulls.
            pyarrow.ArrowInvalid: A column cannot be cast to its type without loss.
        """
        shaped = _shaped(FACT_TABLES[table], rows)
        path = self.root / table / f"block={block:05d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(shaped, path, compression="zstd")

    def read(self, table: str, block: int) -> pa.Table:
        """Return the rows of one block."""
        return pq.read_table(self.root / table / f"block={block:05d}.parquet", partitioning=None)

    def files(self, table: str) -> list[Path]:
        """Return the files of `table` in the order of their blocks; none if it was never written."""
        return sorted((self.root / table).glob("block=*.parquet"))

    def connect(self, limits: Limits | None = None) -> duckdb.DuckDBPyConnection:
        """Return a connection with one view per fact table; a table that was never written is a typed empty view.

        A view promises no order: every query orders its rows by the table's key.
        """
        allowed = limits or Limits()
        connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": allowed.memory,
                "threads": allowed.threads,
                "temp_directory": str(self.root / ".duckdb"),
            },
        )
        for table in FACT_TABLES.values():
            connection.execute(f"create view {quote_identifier(table.name)} as {self._selection(table)}")
        return connection

    def _selection(self, table: FactTable) -> str:
        files = self.files(table.name)
        if files:
            listed = ", ".join(quote_literal(str(path)) for path in files)
            return f"select * from read_parquet([{listed}], hive_partitioning = false)"
        columns = ", ".join(
            f"null::{_DUCKDB_TYPES[str(field.type)]} as {quote_identifier(field.name)}" for field in table.schema
        )
        return f"select {columns} where false"


def _shaped(table: FactTable, rows: pa.Table) -> pa.Table:
    """Return the rows with the schema's columns, in its order and types."""
    missing = [name for name in table.schema.names if name not in rows.column_names]
    unknown = [name for name in rows.column_names if name not in table.schema.names]
    if missing or unknown:
        raise FactsInvalid.because_of_columns(table.name, missing=missing, unknown=unknown)
    columns = []
    for field in table.schema:
        column = rows[field.name]
        if column.null_count and not field.nullable:
            raise FactsInvalid.because_of_nulls(table.name, field.name, column.null_count)
        columns.append(column if column.type == field.type else pc.cast(column, field.type))
    return pa.Table.from_arrays(columns, schema=table.schema)
