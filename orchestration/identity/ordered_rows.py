"""Rows put among others that are in order already, without sorting these again.

Belongs here: the order of rows by text columns. Does not belong here: which rows go and which come.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def put_in_order(kept: pa.Table, new: pa.Table, *, by: Sequence[str]) -> pa.Table:
    """Return the rows of two tables, both in the order of the bytes of some columns, in this order.

    Of rows that are equal in these columns the new ones come first; those of one table stay in their order.

    Args:
        kept: many rows.
        new: few rows of the same schema.
        by: text columns that are not null.

    Example:
        >>> one, other = pa.table({"name": ["a", "c"]}), pa.table({"name": ["b", "c"]})
        >>> put_in_order(one, other, by=["name"])["name"].to_pylist()
        ['a', 'b', 'c', 'c']
    """
    if not kept.num_rows or not new.num_rows:
        return kept if kept.num_rows else new
    coded = _keys(kept, by).dictionary_encode()
    values, codes = coded.dictionary, np.asarray(coded.indices)
    places = np.searchsorted(codes, np.searchsorted(_bytes(values), _bytes(_keys(new, by))))
    order = np.argsort(np.concatenate([2 * np.arange(kept.num_rows) + 1, 2 * places]), kind="stable")
    return pa.concat_tables([kept, new]).take(order)


def _keys(table: pa.Table, by: Sequence[str]) -> "pa.Array[Any]":
    columns = [table[name].combine_chunks() for name in by]
    between = pa.repeat("\0", table.num_rows)
    return columns[0] if len(by) == 1 else pc.binary_join_element_wise(*columns, between)


def _bytes(values: "pa.Array[Any]") -> npt.NDArray[np.bytes_]:
    return np.asarray(values.cast(pa.binary()).to_pylist(), dtype=np.bytes_)
