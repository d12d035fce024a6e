"""The columns in which edges, decisions and cuts are handed on; what fills them stands beside each."""

import pyarrow as pa

from orchestration.foundation.lake_tables import LAKE_TABLES

_OF_COMPARED_PAIRS = ("match_probability", "model_id")
EDGES_SCHEMA = LAKE_TABLES["identity/edges"].schema
"""All edges of a night: `EDGE_SCHEMA`, and of compared pairs the probability and the model that gave it."""

EDGE_SCHEMA = pa.schema([field for field in EDGES_SCHEMA if field.name not in _OF_COMPARED_PAIRS])
"""One row per pair of records and rule that joins them, `record_id_left` < `record_id_right`.

`edge_kind` is `deterministic` or `probabilistic`; `rule` is the identifier type or the model's rule; `identifier_hash`
is null on probabilistic edges; `priority` 1 is believed first; `match_weight` is log2 of the Bayes factor;
`observed_on` is the day from which both records said so.
"""

REVIEW_SCHEMA = LAKE_TABLES["identity/review_queue"].schema
"""One row per edge that a guard cut, or per identifier that was not allowed to link (then without records)."""
