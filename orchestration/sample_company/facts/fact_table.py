"""What a fact table is: a name, a grain, a key and typed columns.

Instants (`*_at`) are UTC without a zone, days (`*_on`) are calendar days, money is in pence, and a null means what the
column's comment says. Every table is ordered by its key within a file.

Numbers of a block's own rows (orders, messages, sessions …) are `block * ROWS_PER_BLOCK + n`, so that no block needs to
know another; they follow the key's order inside a block, not the clock across blocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

ROWS_PER_BLOCK = 1_000_000_000

TEXT = pa.string()
NUMBER = pa.int64()
SMALL = pa.int32()
REAL = pa.float64()
FLAG = pa.bool_()
DAY = pa.date32()
INSTANT = pa.timestamp("us")


@dataclass(frozen=True)
class FactTable:
    """One table of facts.

    Attributes:
        name: Its folder in the store and its view's name.
        grain: "One row per …".
        key: Columns that identify a row and order a file.
        schema: Columns with types; a column that may be null says so.
        is_company_wide: Whether it is one file, written once, rather than one file per block of people.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    schema: pa.Schema
    is_company_wide: bool = False


@dataclass(frozen=True)
class _Nullable:
    data_type: "pa.DataType"


def or_null(data_type: "pa.DataType") -> _Nullable:
    """Return the type of a column that may be null."""
    return _Nullable(data_type)


def fact(
    name: str,
    grain: str,
    *,
    key: str,
    columns: "Mapping[str, pa.DataType | _Nullable]",
    is_company_wide: bool = False,
) -> FactTable:
    """Return a fact table whose columns are never null, but for those marked with `or_null`; `key` is words."""
    fields: list[pa.Field[Any]] = [
        pa.field(column, kind.data_type, nullable=True)
        if isinstance(kind, _Nullable)
        else pa.field(column, kind, nullable=False)
        for column, kind in columns.items()
    ]
    return FactTable(name, grain, tuple(key.split()), pa.schema(fields), is_company_wide)
