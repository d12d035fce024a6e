"""The shape in which every kind of standardised value is returned: one row per raw value, with a verdict.

Belongs here: building the table of `foundation.lake_tables` from verdicts. The verdicts are each kind's module.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from orchestration.foundation.lake_tables import LAKE_TABLES


def standardised_table(kind: str, columns: Mapping[str, Sequence[str | bool | None]]) -> pa.Table:
    """Return the columns as lake table `standardised/<kind>`, ordered by its raw columns.

    Args:
        kind: `emails`, `phones`, `names` or `countries`.
        columns: every column of the lake table, all of one length.
    """
    schema = LAKE_TABLES[f"standardised/{kind}"].schema
    arrays = [pa.array(columns[field.name], type=field.type) for field in schema]
    table = pa.Table.from_arrays(arrays, schema=schema)
    raw = [name for name in schema.names if name.endswith("_raw")]
    return table.sort_by([(name, "ascending") for name in raw])


def raw_texts(values: pa.Table, name: str) -> list[str]:
    """Return a column of raw values as texts; a null counts as the empty text."""
    return ["" if value is None else str(value) for value in values[name].to_pylist()]
