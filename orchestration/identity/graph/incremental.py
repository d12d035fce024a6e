"""A night that clusters only what its changes touch, with the result of clustering everything.

Clusters of a component depend on nothing outside it. An edge that is new ends in records of components that are known,
so that the components of the changed records, taken whole, hold all that tonight can change.

Belongs here: what is touched, and the exchange of its rows. Does not belong here: the clustering itself.
"""

from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.foundation.connections import in_memory
from orchestration.identity.graph.clustering import ClusteringRules, Clusters, clustered
from orchestration.identity.graph.numbering import RecordGraph

_CHANGED_SQL = """
with shown_before as (
    select unnest([record_id_left, record_id_right]) as record_id, rule, identifier_hash, priority, match_weight
    from edges_before
    where edge_kind = 'deterministic'
),

shown_now as (
    select unnest([record_id_left, record_id_right]) as record_id, rule, identifier_hash, priority, match_weight
    from edges_now
    where edge_kind = 'deterministic'
),

shown_changed as (
    (from shown_before except from shown_now)
    union all
    (from shown_now except from shown_before)
),

compared_before as (
    select record_id_left, record_id_right, match_weight, hash(edges_before) as row_hash
    from edges_before
    where edge_kind = 'probabilistic'
),

compared_now as (
    select record_id_left, record_id_right, match_weight, hash(edges_now) as row_hash
    from edges_now
    where edge_kind = 'probabilistic'
),

compared_changed as (
    (from compared_before except from compared_now)
    union all
    (from compared_now except from compared_before)
),

compared_that_matter as (
    select compared_changed.record_id_left, compared_changed.record_id_right
    from compared_changed
    left join assignments_before as lefts
        on compared_changed.record_id_left = lefts.record_id
    left join assignments_before as rights
        on compared_changed.record_id_right = rights.record_id
    where compared_changed.match_weight >= $weak_below or lefts.component_record_id = rights.component_record_id
),

attributes_changed as (
    (from attributes_before except from attributes_now)
    union all
    (from attributes_now except from attributes_before)
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
),

tied_to_records_changed as (  -- by what was there before both records were
    select record_id_left, record_id_right
    from decisions_now
    union all
    select record_id_left, record_id_right
    from edges_now
    where edge_kind = 'probabilistic' and match_weight >= $weak_below
),

identifiers_of_records_changed as (
    select rule, identifier_hash
    from shown_now
    semi join records_changed using (record_id)
)

select record_id from shown_changed
union
select record_id
from shown_before
semi join shown_changed using (rule, identifier_hash)
union
select record_id_left from compared_that_matter
union
select record_id_right from compared_that_matter
union
select record_id from attributes_changed
union
select record_id_left from decisions_changed
union
select record_id_right from decisions_changed
union
select record_id from records_changed
union
select record_id
from shown_now
semi join identifiers_of_records_changed using (rule, identifier_hash)
union
select unnest([record_id_left, record_id_right])
from tied_to_records_changed
where record_id_left in (from records_changed) or record_id_right in (from records_changed)
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


def changed_records(before: RecordGraph, now: RecordGraph, *, clusters: Clusters, rules: ClusteringRules) -> pa.Table:
    """Return the records (`record_id`, ordered) whose components have to be clustered again.

    They are those of which a record, attribute or decision is new, gone or different; those that began or ceased to
    show an identifier, and those that showed it before; and the ends of compared pairs that changed. A pair that is too
    weak to join two components or to be told between them matters only within one: what makes two components one is
    another change, that touches both. Edges and decisions may speak of records that come later.

    Args:
        before: the graph of the last night.
        now: that of this night. Edges and attributes that are the same in both may be left out of both, but all
            edges of an identifier have to be there.
        clusters: what was made of `before`.
        rules: what the guards go by.
    """
    weak_below = min(rules.linkage.stop, rules.review_min_weight)
    with in_memory() as connection:
        _register(connection, before, "before")
        _register(connection, now, "now")
        connection.register("assignments_before", clusters.assignments)
        return connection.execute(_CHANGED_SQL, {"weak_below": weak_below}).to_arrow_table()


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
        connection.register("changed", changed)
        connection.register("assignments_before", before.assignments)
        connection.register("review_before", before.review)
        connection.execute(_TOUCHED_SQL)
        touched = connection.execute("from touched").to_arrow_table()["record_id"].combine_chunks()
        found = clustered(_part(now, touched), rules=rules, as_of_on=as_of_on)
        connection.register("assignments_found", found.assignments)
        connection.register("review_found", found.review)
        assignments = connection.execute(_ASSIGNMENTS_SQL).to_arrow_table()
        review = connection.execute(_REVIEW_SQL).to_arrow_table()
    return Clusters(assignments.cast(before.assignments.schema), review.cast(before.review.schema))


def _part(graph: RecordGraph, record_ids: "pa.Array[Any]") -> RecordGraph:
    """Return the rows of a graph that speak of chosen records only."""

    def among(table: pa.Table, *columns: str) -> pa.Table:
        for column in columns:
            table = table.filter(pc.is_in(table[column], value_set=record_ids))
        return table

    return RecordGraph(
        records=among(graph.records, "record_id"),
        edges=among(graph.edges, "record_id_left", "record_id_right"),
        attributes=among(graph.attributes, "record_id"),
        decisions=among(graph.decisions, "record_id_left", "record_id_right"),
    )


def _register(connection: duckdb.DuckDBPyConnection, graph: RecordGraph, suffix: str) -> None:
    for name in ("records", "edges", "attributes", "decisions"):
        connection.register(f"{name}_{suffix}", getattr(graph, name))
