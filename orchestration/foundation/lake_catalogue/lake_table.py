"""What a lake table is, and the types that its columns have; the tables themselves stand beside it, by stage."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

TEXT = pa.string()
COUNT = pa.int64()
FLAG = pa.bool_()
DAY = pa.date32()
INSTANT = pa.timestamp("us")
NUMBER = pa.float64()
TEXTS = pa.list_(pa.string())


@dataclass(frozen=True)
class LakeTable:
    """One lake table.

    Attributes:
        name: its path below the lake's root.
        writer: the stage that alone writes it.
        grain: what one row is.
        schema: its columns.
        is_kept: whether it holds what nights decided and no later night could make again; a rebuild keeps it.
    """

    name: str
    writer: str
    grain: str
    schema: pa.Schema
    is_kept: bool = False


def schema(columns: Mapping[str, pa.DataType]) -> pa.Schema:
    """Return the schema of columns with their types, in order."""
    return pa.schema(columns)
