"""Tables of drawn columns, and SQL over them in a DuckDB that lives for one query.

What is drawn at random does not belong here: a query must give the same rows on every run.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

ArrowColumn: TypeAlias = "pa.Array[Any] | pa.ChunkedArray[Any]"
Column: TypeAlias = "npt.NDArray[Any] | ArrowColumn"


def table_of(columns: Mapping[str, Column]) -> pa.Table:
    """Return the columns as one table, in their order."""
    arrays: list[Any] = [
        column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.array(column) for column in columns.values()
    ]
    return pa.Table.from_arrays(arrays, names=list(columns))


def text_column(values: Sequence[str] | npt.NDArray[Any], rows: npt.NDArray[np.int64] | None = None) -> ArrowColumn:
    """Return texts as a column, or for each of `rows` the text at that place of `values`."""
    taken = np.asarray(values, dtype=object)
    column: pa.Array[Any] = pa.array(taken if rows is None else taken[rows], type=pa.string())
    return column


def texts(table: pa.Table, name: str) -> list[str]:
    """Return a column of texts without nulls as a list."""
    return [str(value) for value in table[name].to_pylist()]


def query(sql: str, tables: Mapping[str, pa.Table], parameters: Mapping[str, object] | None = None) -> pa.Table:
    """Return the rows of `sql`, which sees each given table under its name and each parameter as `$name`.

    The statement must order its rows by a total order: DuckDB promises none by itself.
    """
    with duckdb.connect(":memory:") as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(sql, dict(parameters or {})).to_arrow_table()
