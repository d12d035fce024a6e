"""What people decided about pairs of records, as a table, and decisions about records that are not there.

Belongs here: the step from policy to table. Does not belong here: how decisions bind (`constraints`).
"""

from datetime import date

import pyarrow as pa

from orchestration.foundation.connections import in_memory
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.link_decisions_policy import LinkDecisionsPolicy
from orchestration.identity.graph.tables import REVIEW_SCHEMA

DECISION_SCHEMA = LAKE_TABLES["identity/link_decisions"].schema

_UNKNOWN_SQL = """
select
    'decision' as guard,
    'record_unknown' as reason_code,
    record_id_left,
    record_id_right,
    decision as rule,
    null as identifier_hash,
    null as match_weight,
    null as records_count,
    to_json({reason: reason, decided_by: decided_by, decided_on: decided_on}) as evidence_json,
    ?::date as as_of_on
from decisions_given
where
    record_id_left not in (select record_id from records_given)
    or record_id_right not in (select record_id from records_given)
order by record_id_left, record_id_right
"""


def decisions_in_force(policy: LinkDecisionsPolicy, *, as_of_on: date) -> pa.Table:
    """Return the decisions that this night knows of (`DECISION_SCHEMA`), `record_id_left` < `record_id_right`, ordered.

    Args:
        policy: all decisions.
        as_of_on: the night; what was decided later is left out.
    """
    rows = [
        (*sorted(decided.record_ids), decided.decision, decided.reason, decided.decided_by, decided.decided_on)
        for decided in policy.decisions
        if decided.decided_on <= as_of_on
    ]
    return pa.Table.from_pylist(
        [dict(zip(DECISION_SCHEMA.names, row, strict=True)) for row in sorted(rows)], schema=DECISION_SCHEMA
    )


def decisions_without_records(decisions: pa.Table, records: pa.Table, *, as_of_on: date) -> pa.Table:
    """Return a review row (`REVIEW_SCHEMA`) per decision of which a record is not there: it binds nobody.

    Args:
        decisions: `DECISION_SCHEMA`.
        records: column `record_id`.
        as_of_on: the night, for the rows.
    """
    with in_memory() as connection:
        connection.register("decisions_given", decisions)
        connection.register("records_given", records)
        return connection.execute(_UNKNOWN_SQL, [as_of_on]).to_arrow_table().cast(REVIEW_SCHEMA)
