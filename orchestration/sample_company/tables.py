"""Tables of drawn columns, and SQL over them in a DuckDB that lives for one query.

What is drawn at random does not belong here: a query must give the same rows on every run.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from orchestration.sample_company.randomness import Flags, Floats, Integers

ArrowColumn: TypeAlias = "pa.Array[Any] | pa.ChunkedArray[Any]"
Column: TypeAlias = "npt.NDArray[Any] | ArrowColumn"

_MICROSECONDS = 1_000_000


def table_of(columns: Mapping[str, Column]) -> pa.Table:
    """Return the columns as one table, in their order."""
    arrays: list[Any] = [
        column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.array(column) for column in columns.values()
    ]
    return pa.Table.from_arrays(arrays, names=list(columns))


def text_column(
    values: Sequence[str] | npt.NDArray[Any],
    rows: npt.NDArray[np.int64] | None = None,
    *,
    is_known: Flags | None = None,
) -> ArrowColumn:
    """Return texts as a column, or for each of `rows` the text at that place of `values`; null where not known."""
    taken = np.asarray(values, dtype=object)
    mask = None if is_known is None else ~is_known
    column: pa.Array[Any] = pa.array(taken if rows is None else taken[rows], type=pa.string(), mask=mask)
    return column


def numbered(prefix: str, values: Integers, *, digits: int) -> npt.NDArray[Any]:
    """Return ids of a prefix and a number with leading zeros.

    Example:
        >>> numbered("h_", np.array([7]), digits=3).tolist()
        ['h_007']
    """
    if not len(values):
        return np.empty(0, dtype="U1")
    ids: npt.NDArray[Any] = np.char.add(prefix, np.char.zfill(values.astype("U"), digits))
    return ids


def choices(words: Sequence[str], places: Integers, *, is_known: Flags | None = None) -> ArrowColumn:
    """Return for each place the word there; null where it is not known.

    Example:
        >>> choices(["a", "b"], np.array([1, 0]), is_known=np.array([True, False])).to_pylist()
        ['b', None]
    """
    indexes: pa.Array[Any] = pa.array(places, mask=None if is_known is None else ~is_known)
    column: pa.Array[Any] = pa.array(list(words), type=pa.string()).take(indexes)
    return column


def numbers(values: npt.NDArray[Any], *, is_known: Flags) -> ArrowColumn:
    """Return whole numbers as a column, null where they are not known."""
    column: pa.Array[Any] = pa.array(values.astype(np.int64), mask=~is_known)
    return column


def days(epoch_days: Integers | Floats, *, is_known: Flags | None = None) -> ArrowColumn:
    """Return days since 1970-01-01 as dates, fractions cut off, null where they are not known."""
    whole = np.floor(epoch_days).astype(np.int32)
    column: pa.Array[Any] = pa.array(whole, mask=None if is_known is None else ~is_known).cast(pa.date32())
    return column


def instants(epoch_seconds: Integers | Floats, *, is_known: Flags | None = None) -> ArrowColumn:
    """Return seconds since 1970-01-01 as UTC instants, fractions cut off, null where they are not known."""
    ticks = np.floor(epoch_seconds).astype(np.int64) * _MICROSECONDS
    column: pa.Array[Any] = pa.array(ticks, mask=None if is_known is None else ~is_known).cast(pa.timestamp("us"))
    return column


def rank_in_group(groups: npt.NDArray[Any]) -> Integers:
    """Return 0, 1, 2, … inside each run of equal values.

    Example:
        >>> rank_in_group(np.array([7, 7, 3])).tolist()
        [0, 1, 0]
    """
    positions = np.arange(len(groups), dtype=np.int64)
    if len(groups) == 0:
        return positions
    starts: Flags = np.concatenate([[True], groups[1:] != groups[:-1]])
    ranks: Integers = positions - np.maximum.accumulate(np.where(starts, positions, 0))
    return ranks


def query(sql: str, tables: Mapping[str, pa.Table], parameters: Mapping[str, object] | None = None) -> pa.Table:
    """Return the rows of `sql`, which sees each given table under its name and each parameter as `$name`.

    The statement must order its rows by a total order: DuckDB promises none by itself.
    """
    with duckdb.connect(":memory:") as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(sql, dict(parameters or {})).to_arrow_table()
