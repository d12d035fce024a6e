"""What the run page shows of identity's tables: how many rows of each kind, and nobody's record.

Belongs here: what is counted by what. Does not belong here: what is measured of a night (`agreement`).
"""

from collections.abc import Mapping

import pyarrow as pa

from orchestration.foundation.previews import as_markdown

_ROWS_SHOWN = 40
_COUNTED_BY: Mapping[str, tuple[str, ...]] = {
    "identity/customer_records": ("cluster_rule",),
    "identity/edges": ("edge_kind", "rule"),
    "identity/review_queue": ("guard", "reason_code", "rule"),
    "identity/link_decisions": ("decision", "decided_on"),
    "identity/attributes": ("attribute_type",),
    "identity/blocking_keys_left_out": ("rule",),
    "identity/linkage_frame": ("source",),
    "identity/customer_records_history": ("valid_from_on", "valid_to_on"),
    "identity/customer_id_lineage": ("as_of_on", "event", "cause"),
    "identity/suspects": ("suspect_type", "reason_code"),
    "identity/golden_history": ("known_from_on", "attribute"),
}
_WHOLE: Mapping[str, tuple[str, ...]] = {
    "identity/blocking_counts": (
        "rule",
        "pairs_count",
        "keys_left_out_count",
        "records_left_out_count",
        "is_narrowed",
        "refusal",
    ),
    "identity/models": ("as_of_on", "model_id", "trained_because", "records_count", "prior"),
}


def shown(name: str, table: pa.Table) -> str:
    """Return the Markdown of a table of identity: its rows by kind, or itself where no row is about a person.

    Of tables of record ids or ids alone the number of distinct values of each column is told.

    Args:
        name: lake table, such as `identity/edges`.
        table: its rows.
    """
    if name in _WHOLE:
        rows = table.select(_WHOLE[name]).slice(0, _ROWS_SHOWN)
        return as_markdown(_WHOLE[name], [tuple(row.values()) for row in rows.to_pylist()])
    if name not in _COUNTED_BY:
        distinct = [(column, len(table[column].unique())) for column in table.column_names]
        return as_markdown(("column", "distinct values"), distinct)
    by = _COUNTED_BY[name]
    counted = table.group_by(list(by), use_threads=False).aggregate([([], "count_all")])
    ordered = counted.sort_by([("count_all", "descending"), *((column, "ascending") for column in by)])
    rows = ordered.select([*by, "count_all"]).slice(0, _ROWS_SHOWN)
    return as_markdown((*by, "rows"), [tuple(row.values()) for row in rows.to_pylist()])
