"""Customers who may be several people, and customers who may be one: rows for a reviewer, of record ids only.

Belongs here: what makes a suspect. Does not belong here: counting them (`measures`), and what guards already cut, which
stands in the review queue.
"""

from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.identity.graph.clustering import ClusteringRules
from orchestration.identity.graph.components import component_labels

SUSPECTS_SCHEMA = LAKE_TABLES["identity/suspects"].schema

_NODES_SQL = """
create or replace temp table suspect_nodes as
select record_id, customer_id, row_number() over (order by record_id) - 1 as node
from lake_identity.customer_records
where records_count > 1
"""
_HELD_SQL = """
with held as (
    select record_id_left, record_id_right, rule, match_weight, match_weight > $weak_bits as is_strong
    from lake_identity.edges
    where edge_kind = 'deterministic' or match_weight > 0
    union all
    select record_id_left, record_id_right, 'must_link', null, true
    from lake_identity.link_decisions
    where decision = 'must_link'
)

select lefts.node as left_node, rights.node as right_node, held.is_strong, held.rule, held.match_weight
from held
join suspect_nodes as lefts
    on held.record_id_left = lefts.record_id
join suspect_nodes as rights
    on held.record_id_right = rights.record_id and lefts.customer_id = rights.customer_id
"""
_SUSPECTS_SQL = """
with conflict_types as (
    select unnest($conflict_types::varchar[]) as attribute_type
),

values_held as (
    select
        customer_id,
        attribute_type,
        record_id,
        list_sort(list(distinct attribute_value)) as attribute_values
    from lake_identity.attributes
    join conflict_types
        using (attribute_type)
    join lake_identity.customer_records
        using (record_id)
    where attribute_value is not null and records_count > 1
    group by customer_id, attribute_type, record_id
),

values_told as (
    select customer_id, attribute_type, attribute_values, min(record_id) as record_id
    from values_held
    group by customer_id, attribute_type, attribute_values
),

values_in_conflict as (
    select
        lefts.customer_id,
        lefts.attribute_type,
        min({l: least(lefts.record_id, rights.record_id), r: greatest(lefts.record_id, rights.record_id)}) as pair
    from values_told as lefts
    join values_told as rights
        on
            lefts.customer_id = rights.customer_id
            and lefts.attribute_type = rights.attribute_type
            and lefts.attribute_values < rights.attribute_values
    where not list_has_any(lefts.attribute_values, rights.attribute_values)
    group by lefts.customer_id, lefts.attribute_type
),

edges_numbered as (
    select
        edges_in_customers.*,
        least(left_part, right_part) as low_part,
        greatest(left_part, right_part) as high_part
    from edges_in_customers
    where left_part <> right_part
),

parts_held_once as (
    select part
    from (
        select low_part as part from edges_numbered
        union all
        select high_part from edges_numbered
    )
    group by part
    having count(*) = 1
),

weakly_held as (
    select
        lefts.customer_id,
        arg_min(
            {
                l: least(lefts.record_id, rights.record_id),
                r: greatest(lefts.record_id, rights.record_id),
                rule: rule,
                weight: match_weight
            },
            (match_weight, lefts.record_id, rights.record_id, rule)
        ) as edge
    from edges_numbered
    join suspect_nodes as lefts
        on edges_numbered.left_node = lefts.node
    join suspect_nodes as rights
        on edges_numbered.right_node = rights.node
    where low_part in (from parts_held_once) or high_part in (from parts_held_once)
    group by lefts.customer_id
),

pairs_apart as (
    select
        lefts.customer_id,
        rights.customer_id as other_customer_id,
        edges.edge_kind,
        count(*) as pairs_count,
        arg_max(edges, (edges.match_weight, edges.record_id_left, edges.record_id_right, edges.rule)) as edge
    from lake_identity.edges as edges
    join lake_identity.customer_records as lefts
        on edges.record_id_left = lefts.record_id
    join lake_identity.customer_records as rights
        on edges.record_id_right = rights.record_id
    left join lake_identity.link_decisions as decisions
        on
            edges.record_id_left = decisions.record_id_left
            and edges.record_id_right = decisions.record_id_right
    where
        lefts.customer_id <> rights.customer_id
        and (edges.edge_kind = 'deterministic' or edges.match_weight >= $apart_bits)
        and decisions.decision is null
    group by lefts.customer_id, rights.customer_id, edges.edge_kind
),

suspects as (
    select
        'over_merge' as suspect_type,
        'many_records' as reason_code,
        customer_id,
        null as other_customer_id,
        min(record_id) as record_id_left,
        max(record_id) as record_id_right,
        null as rule,
        null as match_weight
    from lake_identity.customer_records
    where records_count > $many_records
    group by customer_id
    union all
    select 'over_merge', 'conflicting_' || attribute_type, customer_id, null, pair.l, pair.r, attribute_type, null
    from values_in_conflict
    union all
    select 'over_merge', 'held_by_one_weak_edge', customer_id, null, edge.l, edge.r, edge.rule, edge.weight
    from weakly_held
    union all
    select
        'under_merge',
        if(edge_kind = 'deterministic', 'identifier_shared', 'pair_above_threshold'),
        customer_id,
        other_customer_id,
        edge.record_id_left,
        edge.record_id_right,
        edge.rule,
        edge.match_weight
    from pairs_apart
),

sizes as (
    select customer_id, count(*) as records_count
    from lake_identity.customer_records
    group by customer_id
)

select
    $as_of_on::date as as_of_on,
    suspects.*,
    sizes.records_count + coalesce(other_sizes.records_count, 0) as records_count
from suspects
join sizes
    using (customer_id)
left join sizes as other_sizes
    on suspects.other_customer_id = other_sizes.customer_id
order by suspect_type, reason_code, records_count desc, record_id_left, record_id_right, rule
"""


def suspects_of(
    connection: duckdb.DuckDBPyConnection,
    rules: ClusteringRules,
    *,
    many_records: int,
    apart_bits: float,
    as_of_on: date,
) -> pa.Table:
    """Return the suspects of the night (`SUSPECTS_SCHEMA`), those of most records first.

    An over-merge suspect is a customer with more than `many_records` records, with two records that share none of the
    values of an attribute that a conflict rule names (identifiers aside: of those people have many), or with a part
    that a single weak edge holds: a part is what edges above the bridge guard's weight and must_link decisions join. An
    under-merge suspect is two customers between whom an identifier is shared or a compared pair weighs at least
    `apart_bits`; pairs that a person decided are none.

    Args:
        connection: sees the identity tables of the night in the schema `lake_identity`.
        rules: what the night's guards went by.
        many_records: records above which a customer is suspected.
        apart_bits: match weight of a compared pair from which its two customers are suspected.
        as_of_on: the night.
    """
    _mark_parts(connection, weak_bits=rules.bridge.max_weight)
    stated = {
        "conflict_types": sorted(
            {name for names in rules.conflict_rules.values() for name in names} - set(rules.value_limits)
        ),
        "many_records": many_records,
        "apart_bits": apart_bits,
        "as_of_on": as_of_on,
    }
    found = connection.execute(_SUSPECTS_SQL, stated).to_arrow_table()
    connection.unregister("edges_in_customers")
    return found.select(SUSPECTS_SCHEMA.names).cast(SUSPECTS_SCHEMA)


def _mark_parts(connection: duckdb.DuckDBPyConnection, *, weak_bits: float) -> None:
    """Make `edges_in_customers`: the edges that hold customers together, with the part of either end."""
    connection.execute(_NODES_SQL)
    row = connection.execute("select count(*) from suspect_nodes").fetchone()
    nodes_count = int(row[0]) if row else 0
    held = connection.execute(_HELD_SQL, {"weak_bits": weak_bits}).to_arrow_table()
    left, right, is_strong = (held.column(name).to_numpy() for name in ("left_node", "right_node", "is_strong"))
    strong = np.stack([left, right], axis=1)[is_strong.astype(np.bool_)]
    parts = component_labels(strong, nodes_count=nodes_count)
    told = held.append_column("left_part", pa.array(parts[left], pa.int64()))
    connection.register("edges_in_customers", told.append_column("right_part", pa.array(parts[right], pa.int64())))
