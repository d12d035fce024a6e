"""A night that clusters only what its changes touch, with the result of clustering everything.

Clusters of a component depend on nothing outside it. An edge that is new ends in records of components that are known,
so that the components of the changed records, taken whole, hold all that tonight can change.

Belongs here: what is touched, and the exchange of its rows. Does not belong here: the clustering itself.
"""

from datetime import date

import duckdb
import pyarrow as pa

from orchestration.foundation.connections import in_memory
from orchestration.identity.graph.clustering import ClusteringRules, Clusters, clustered
from orchestration.identity.graph.numbering import RecordGraph

_CHANGED_SQL = """
with edges_hashed_before as (
    select record_id_left, record_id_right, hash(edges_before) as row_hash
    from edges_before
),

edges_hashed_now as (
    select record_id_left, record_id_right, hash(edges_now) as row_hash
    from edges_now
),

edges_changed as (
    (from edges_hashed_before except from edges_hashed_now)
    union all
    (from edges_hashed_now except from edges_hashed_before)
),

attributes_hashed_before as (
    select record_id, sum(hash(attribute_type, attribute_value)) as rows_hash
    from attributes_before
    group by record_id
),

attributes_hashed_now as (
    select record_id, sum(hash(attribute_type, attribute_value)) as rows_hash
    from attributes_now
    group by record_id
),

attributes_changed as (
    (from attributes_hashed_before except from attributes_hashed_now)
    union all
    (from attributes_hashed_now except from attributes_hashed_before)
),

decisions_changed as (
    (from decisions_before except from decisions_now)
    union all
    (from decisions_now except from decisions_before)
),

records_changed as (
    (from records_before except from records_now)
    union all
    (from records_now except from records_before)
)

select record_id_left as record_id from edges_changed
union
select record_id_right from edges_changed
union
select record_id from attributes_changed
union
select record_id_left from decisions_changed
union
select record_id_right from decisions_changed
union
select record_id from records_changed
order by record_id
"""
_TOUCHED_SQL = """
create temp table touched as
with components_touched as (
    select component_record_id
    from assignments_before
    semi join changed using (record_id)
    group by component_record_id
)

select record_id
from assignments_before
semi join components_touched using (component_record_id)
union
select record_id
from changed
"""
_PARTS_SQL = {
    "records": "select * from records_now semi join touched using (record_id)",
    "attributes": "select * from attributes_now semi join touched using (record_id)",
    "edges": """
        select * from edges_now
        where record_id_left in (from touched) and record_id_right in (from touched)
    """,
    "decisions": """
        select * from decisions_now
        where record_id_left in (from touched) and record_id_right in (from touched)
    """,
}
_ASSIGNMENTS_SQL = """
select * from assignments_before anti join touched using (record_id)
union all
select * from assignments_found
order by record_id
"""
_REVIEW_SQL = """
select * from review_before where record_id_left not in (from touched)
union all
select review_found.* replace (coalesce(review_before.as_of_on, review_found.as_of_on) as as_of_on)
from review_found
left join review_before
    on review_found.record_id_left = review_before.record_id_left
    and review_found.record_id_right = review_before.record_id_right
    and review_found.rule = review_before.rule
    and review_found.identifier_hash is not distinct from review_before.identifier_hash
    and review_found.reason_code = review_before.reason_code
order by record_id_left, record_id_right, rule, identifier_hash
"""


def changed_records(before: RecordGraph, now: RecordGraph) -> pa.Table:
    """Return the records (`record_id`, ordered) of which a row in any of the four tables is new, gone or different."""
    with in_memory() as connection:
        _register(connection, before, "before")
        _register(connection, now, "now")
        return connection.execute(_CHANGED_SQL).to_arrow_table()


def clustered_again(
    before: Clusters, now: RecordGraph, *, changed: pa.Table, rules: ClusteringRules, as_of_on: date
) -> Clusters:
    """Return the clusters of `now`, computed only where a changed record stands in a component.

    Args:
        before: what the last night found, by the same rules; by other rules cluster everything instead.
        now: all records, edges, attributes and decisions of this night.
        changed: column `record_id`: every record of which something changed since (`changed_records`, or the keys that
            the night knows it touched); too many cost time, too few give wrong clusters.
        rules: what the guards go by.
        as_of_on: the night, for review rows that are new; the others keep theirs.

    Raises:
        RecordsRepeated: a record is given twice.
        DecisionsContradicted: must_link decisions join what a cannot_link decision parts.
    """
    with in_memory() as connection:
        _register(connection, now, "now")
        connection.register("changed", changed)
        connection.register("assignments_before", before.assignments)
        connection.register("review_before", before.review)
        connection.execute(_TOUCHED_SQL)
        part = RecordGraph(**{name: connection.execute(sql).to_arrow_table() for name, sql in _PARTS_SQL.items()})
        found = clustered(part, rules=rules, as_of_on=as_of_on)
        connection.register("assignments_found", found.assignments)
        connection.register("review_found", found.review)
        assignments = connection.execute(_ASSIGNMENTS_SQL).to_arrow_table()
        review = connection.execute(_REVIEW_SQL).to_arrow_table()
    return Clusters(assignments.cast(before.assignments.schema), review.cast(before.review.schema))


def _register(connection: duckdb.DuckDBPyConnection, graph: RecordGraph, suffix: str) -> None:
    for name in ("records", "edges", "attributes", "decisions"):
        connection.register(f"{name}_{suffix}", getattr(graph, name))
