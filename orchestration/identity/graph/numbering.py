"""Records, edges, attributes and decisions as numbers, and back: what the clustering computes on.

Belongs here: the tables' rows in a total order, in DuckDB, and the arrays that are read from them. Does not belong
here: any choice about them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from orchestration.foundation.errors import GenomeError, some_of
from orchestration.identity.graph.components import Integers, Numbers
from orchestration.identity.graph.guards import Evidence

_RECORDS_SQL = """
create temp table numbered_records as
select record_id, row_number() over (order by record_id) - 1 as node
from records_given
"""
_REPEATED_SQL = """
select record_id
from numbered_records
group by record_id
having count(*) > 1
order by record_id
"""
_EDGES_SQL = """
create temp table numbered_edges as
select
    row_number() over (
        order by edge_kind, priority, match_weight desc, record_id_left, record_id_right, rule, identifier_hash,
            evidence_json
    ) - 1 as edge,
    edges_given.*,
    case when edge_kind = 'deterministic' then dense_rank() over (order by rule, identifier_hash) - 1 end as identifier,
    lefts.node as left_node,
    rights.node as right_node,
from edges_given
join numbered_records as lefts
    on edges_given.record_id_left = lefts.record_id
join numbered_records as rights
    on edges_given.record_id_right = rights.record_id
"""
_EDGES_OF_KIND_SQL = """
select edge, left_node, right_node, coalesce(identifier, 0) as identifier, priority, match_weight
from numbered_edges
where edge_kind = ?
order by edge
"""
_EXPANDED_SQL = """
with shown as (
    select identifier, edge, unnest([left_node, right_node]) as node, priority, match_weight
    from numbered_edges
    semi join edges_chosen using (edge)
),

members as (  -- the centre of a star is believed as its best edge, every other record as its only one
    select identifier, node, min(priority) as priority, max(match_weight) as match_weight
    from shown
    group by identifier, node
),

identifiers as (
    select identifier, min(edge) as edge
    from shown
    group by identifier
)

select
    identifiers.edge,
    lefts.node as left_node,
    rights.node as right_node,
    greatest(lefts.priority, rights.priority) as priority,
    least(lefts.match_weight, rights.match_weight) as match_weight
from identifiers
join members as lefts using (identifier)
join members as rights
    on identifiers.identifier = rights.identifier and lefts.node < rights.node
order by identifiers.edge, left_node, right_node
"""
_ATTRIBUTES_SQL = """
select distinct
    node,
    list_position(?::varchar[], attribute_type) - 1 as attribute,
    dense_rank() over (order by attribute_type, attribute_value) - 1 as attribute_value
from attributes_given
join numbered_records using (record_id)
where attribute_value is not null and list_contains(?::varchar[], attribute_type)
order by node, attribute, attribute_value
"""
_DECIDED_SQL = """
select lefts.node as left_node, rights.node as right_node
from decisions_given
join numbered_records as lefts
    on decisions_given.record_id_left = lefts.record_id
join numbered_records as rights
    on decisions_given.record_id_right = rights.record_id
where decision = ?
order by left_node, right_node
"""


class RecordsRepeated(GenomeError):
    """Source records that are given more than once."""

    @classmethod
    def of(cls, record_ids: Sequence[str]) -> "RecordsRepeated":
        """Return the error for the repeated ids."""
        return cls(
            f"{len(record_ids)} record ids are given more than once ({some_of(record_ids)}); one record has one row. "
            f"Look for a staging model without its key test; no customer was made."
        )


@dataclass(frozen=True)
class RecordGraph:
    """The tables that a clustering reads.

    Attributes:
        records: column `record_id`, unique.
        edges: `EDGE_SCHEMA`; deterministic edges as stars, probabilistic ones with those of low weight too.
        attributes: columns `record_id`, `attribute_type`, `attribute_value` (text): what rules and limits speak of.
        decisions: columns `record_id_left`, `record_id_right`, `decision` (`must_link`, `cannot_link`).
    """

    records: pa.Table
    edges: pa.Table
    attributes: pa.Table
    decisions: pa.Table


@dataclass(frozen=True)
class NumberedEdges:
    """Edges of one kind, one row each: their number in the total order, ends, identifier, priority and weight."""

    edges: Integers
    left: Integers
    right: Integers
    priorities: Integers
    weights: Numbers


@dataclass(frozen=True)
class Expanded:
    """All pairs of records that show an identifier, with the first edge of the identifier."""

    edges: Integers
    evidence: Evidence


def number_all(connection: duckdb.DuckDBPyConnection, given: RecordGraph) -> int:
    """Make `numbered_records` and `numbered_edges`, both in an order that does not depend on the rows' order.

    Edges and decisions of records that are not given are left out.

    Returns:
        The number of records.

    Raises:
        RecordsRepeated: a record id stands in `records` more than once.
    """
    for name in ("records", "edges", "attributes", "decisions"):
        connection.register(f"{name}_given", getattr(given, name))
    connection.execute(_RECORDS_SQL)
    repeated = connection.execute(_REPEATED_SQL).fetchall()
    if repeated:
        raise RecordsRepeated.of([str(row[0]) for row in repeated])
    connection.execute(_EDGES_SQL)
    return given.records.num_rows


def edges_of_kind(connection: duckdb.DuckDBPyConnection, edge_kind: str) -> NumberedEdges:
    """Return the numbered edges of one kind."""
    found = connection.execute(_EDGES_OF_KIND_SQL, [edge_kind]).fetchnumpy()
    return NumberedEdges(
        edges=_whole(found["edge"]),
        left=_whole(found["left_node"]),
        right=_whole(found["right_node"]),
        priorities=_whole(found["priority"]),
        weights=np.asarray(found["match_weight"], dtype=np.float64),
    )


def expanded(connection: duckdb.DuckDBPyConnection, edges: Integers) -> Expanded:
    """Return all pairs of the records that the chosen deterministic edges join by one identifier."""
    connection.register("edges_chosen", pa.table({"edge": pa.array(edges, type=pa.int64())}))
    found = connection.execute(_EXPANDED_SQL).fetchnumpy()
    connection.unregister("edges_chosen")
    evidence = Evidence(
        left=_whole(found["left_node"]),
        right=_whole(found["right_node"]),
        priorities=_whole(found["priority"]),
        weights=np.asarray(found["match_weight"], dtype=np.float64),
    )
    return Expanded(_whole(found["edge"]), evidence)


def attribute_values(
    connection: duckdb.DuckDBPyConnection, types: Sequence[str]
) -> tuple[Integers, Integers, Integers]:
    """Return nodes, the places of their attributes in `types`, and the numbers of the values, without repeats."""
    found = connection.execute(_ATTRIBUTES_SQL, [list(types), list(types)]).fetchnumpy()
    return _whole(found["node"]), _whole(found["attribute"]), _whole(found["attribute_value"])


def decided_pairs(connection: duckdb.DuckDBPyConnection, decision: str) -> Integers:
    """Return the pairs of nodes of one kind of decision, shape (n, 2)."""
    found = connection.execute(_DECIDED_SQL, [decision]).fetchnumpy()
    return np.stack([_whole(found["left_node"]), _whole(found["right_node"])], axis=1)


def record_names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the record ids in the order of their nodes."""
    return [
        str(row[0]) for row in connection.execute("select record_id from numbered_records order by node").fetchall()
    ]


def _whole(column: object) -> Integers:
    return np.asarray(column, dtype=np.int64)
