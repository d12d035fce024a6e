"""The columns in which edges, decisions and cuts are handed on; what fills them stands beside each."""

from collections.abc import Mapping

import pyarrow as pa

_EDGE_COLUMNS: Mapping[str, pa.DataType] = {
    "record_id_left": pa.string(),
    "record_id_right": pa.string(),
    "edge_kind": pa.string(),
    "rule": pa.string(),
    "identifier_hash": pa.string(),
    "priority": pa.int64(),
    "match_weight": pa.float64(),
    "observed_on": pa.date32(),
    "evidence_json": pa.string(),
}
EDGE_SCHEMA = pa.schema(_EDGE_COLUMNS)
"""One row per pair of records and rule that joins them, `record_id_left` < `record_id_right`.

`edge_kind` is `deterministic` or `probabilistic`; `rule` is the identifier type or the model's rule; `identifier_hash`
is null on probabilistic edges; `priority` 1 is believed first; `match_weight` is log2 of the Bayes factor;
`observed_on` is the day from which both records said so.
"""

_REVIEW_COLUMNS: Mapping[str, pa.DataType] = {
    "guard": pa.string(),
    "reason_code": pa.string(),
    "record_id_left": pa.string(),
    "record_id_right": pa.string(),
    "rule": pa.string(),
    "identifier_hash": pa.string(),
    "match_weight": pa.float64(),
    "records_count": pa.int64(),
    "evidence_json": pa.string(),
    "as_of_on": pa.date32(),
}
REVIEW_SCHEMA = pa.schema(_REVIEW_COLUMNS)
"""One row per edge that a guard cut, or per identifier that was not allowed to link (then without records)."""
