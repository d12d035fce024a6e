"""Why two records are one customer: the strongest path of evidence between them, and what a decision would change.

Belongs here: paths and previews as rows. Does not belong here: the words in which they are told.
"""

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from orchestration.foundation.connections import in_memory
from orchestration.foundation.errors import GenomeError
from orchestration.identity.graph.clustering import ClusteringRules, Clusters, clustered
from orchestration.identity.graph.components import Integers, Numbers
from orchestration.identity.graph.numbering import (
    RecordGraph,
    decided_pairs,
    edges_of_kind,
    expanded,
    number_all,
    record_names,
)

_PATH_SQL = """
select
    step,
    froms.record_id as record_id_from,
    tos.record_id as record_id_to,
    coalesce(edge_kind, 'decision') as edge_kind,
    coalesce(rule, 'must_link') as rule,
    identifier_hash,
    match_weight,
    observed_on,
    evidence_json
from steps
join numbered_records as froms
    on steps.from_node = froms.node
join numbered_records as tos
    on steps.to_node = tos.node
left join numbered_edges
    using (edge)
order by step
"""
_DECISIONS_SQL = """
select * from decisions_tried
union all
select *
from decisions_before
where not exists (
    from decisions_tried
    where
        least(decisions_tried.record_id_left, decisions_tried.record_id_right)
        = least(decisions_before.record_id_left, decisions_before.record_id_right)
        and greatest(decisions_tried.record_id_left, decisions_tried.record_id_right)
        = greatest(decisions_before.record_id_left, decisions_before.record_id_right)
)
"""
_TOUCHED_SQL = """
create temp table clusters_touched as
with pairs as (
    select clusters_before.cluster_record_id as one, clusters_after.cluster_record_id as other
    from clusters_before
    join clusters_after using (record_id)
    group by all
)

select unnest([one, other]) as cluster_record_id
from pairs
qualify count(*) over (partition by one) > 1 or count(*) over (partition by other) > 1
"""
_CHANGED_SQL = """
select record_id, before.cluster_record_id as cluster_record_id_before, clusters_after.cluster_record_id
from clusters_before as before
join clusters_after using (record_id)
where
    before.cluster_record_id in (from clusters_touched)
    or clusters_after.cluster_record_id in (from clusters_touched)
order by record_id
"""


class RecordsUnconnected(GenomeError):
    """Two records between which no evidence leads."""

    @classmethod
    def of(cls, one: str, other: str) -> "RecordsUnconnected":
        """Return the error for two records."""
        return cls(
            f"no edge and no decision leads from {one} to {other}, not even through other records; they are two "
            f"customers. Look the records up under these ids; a must_link decision makes them one."
        )


@dataclass(frozen=True)
class _Links:
    """Pairs of nodes with the edge that says so (-1: a decision) and its weight, strongest first."""

    left: Integers
    right: Integers
    edges: Integers
    weights: Numbers


def strongest_path(given: RecordGraph, record_id_from: str, record_id_to: str) -> pa.Table:
    """Return the path between two records whose weakest edge is as strong as possible.

    Args:
        given: the records of one customer with their edges and decisions; `attributes` are not read.
        record_id_from: where the path begins.
        record_id_to: where it ends.

    Returns:
        One row per step, from 1, in order: `record_id_from`, `record_id_to`, `edge_kind` (`deterministic`,
        `probabilistic`, `decision`), `rule`, `identifier_hash`, `match_weight` (null for a decision, which is stronger
        than any weight), `observed_on`, `evidence_json`. Records that show one identifier are one step apart. Of
        paths that are equally strong it is one with the fewest steps.

    Raises:
        RecordsUnconnected: no path leads there, or a record is not among those given.
    """
    with in_memory() as connection:
        nodes_count = number_all(connection, given)
        names = record_names(connection)
        if not {record_id_from, record_id_to} <= set(names):
            raise RecordsUnconnected.of(record_id_from, record_id_to)
        ends = names.index(record_id_from), names.index(record_id_to)
        links = _links(connection)
        nodes = _nodes_on_path(links, ends, nodes_count=nodes_count)
        if not nodes:
            raise RecordsUnconnected.of(record_id_from, record_id_to)
        edge_of: dict[tuple[int, int], int] = {}
        for left, right, edge in zip(links.left.tolist(), links.right.tolist(), links.edges.tolist(), strict=True):
            edge_of.setdefault((min(left, right), max(left, right)), edge)
        pairs = list(pairwise(nodes))
        steps = {
            "step": pa.array(range(1, len(nodes)), type=pa.int64()),
            "from_node": pa.array([pair[0] for pair in pairs], type=pa.int64()),
            "to_node": pa.array([pair[1] for pair in pairs], type=pa.int64()),
            "edge": pa.array([edge_of[min(pair), max(pair)] for pair in pairs], type=pa.int64()),
        }
        connection.register("steps", pa.table(steps))
        return connection.execute(_PATH_SQL).to_arrow_table()


def previewed(
    given: RecordGraph, decision: pa.Table, *, before: Clusters, rules: ClusteringRules, as_of_on: date
) -> pa.Table:
    """Return what decisions that are not written yet would change.

    Args:
        given: the records with their edges, attributes and decisions; all of the components that matter.
        decision: columns `record_id_left`, `record_id_right`, `decision`; a pair that is decided already is decided
            anew.
        before: the clusters of `given` as it is.
        rules: what the guards go by.
        as_of_on: the night.

    Returns:
        One row per record of a cluster that would have other records, ordered: `record_id`,
        `cluster_record_id_before`, `cluster_record_id`.

    Raises:
        DecisionsContradicted: the decisions forbid what others demand.
    """
    names = ["record_id_left", "record_id_right", "decision"]
    with in_memory() as connection:
        connection.register("decisions_before", given.decisions.select(names))
        connection.register("decisions_tried", decision.select(names))
        decisions = connection.execute(_DECISIONS_SQL).to_arrow_table()
        after = clustered(replace(given, decisions=decisions), rules=rules, as_of_on=as_of_on)
        connection.register("clusters_before", before.assignments)
        connection.register("clusters_after", after.assignments)
        connection.execute(_TOUCHED_SQL)
        return connection.execute(_CHANGED_SQL).to_arrow_table()


def _links(connection: duckdb.DuckDBPyConnection) -> _Links:
    """Return decisions, then all pairs of exact and compared evidence by falling weight."""
    exact = expanded(connection, edges_of_kind(connection, "deterministic").edges)
    compared = edges_of_kind(connection, "probabilistic")
    decided = decided_pairs(connection, "must_link")
    edges = np.concatenate([exact.edges, compared.edges])
    weights: Numbers = np.concatenate([exact.evidence.weights, compared.weights])
    left = np.concatenate([exact.evidence.left, compared.left])
    right = np.concatenate([exact.evidence.right, compared.right])
    order = np.lexsort((right, left, edges, -weights))
    return _Links(
        left=np.concatenate([decided[:, 0], left[order]]),
        right=np.concatenate([decided[:, 1], right[order]]),
        edges=np.concatenate([np.full(len(decided), -1), edges[order]]),
        weights=np.concatenate([np.full(len(decided), np.inf), weights[order]]),
    )


def _nodes_on_path(links: _Links, ends: tuple[int, int], *, nodes_count: int) -> list[int]:
    """Return the nodes of the shortest of the strongest paths; none when no path leads there.

    Between two nodes of a spanning tree of least rank the highest rank on the way is as low as on any other way; this
    tells how weak the weakest edge must be, and what is as strong may shorten the way.
    """
    low, high = np.minimum(links.left, links.right), np.maximum(links.left, links.right)
    _, first = np.unique(low * nodes_count + high, return_index=True)
    graph = coo_array((first + 1, (low[first], high[first])), shape=(nodes_count, nodes_count)).tocsr()
    tree_left, tree_right = (column.astype(np.int64) for column in minimum_spanning_tree(graph).nonzero())
    in_tree = _walked(tree_left, tree_right, ends, nodes_count=nodes_count)
    if len(in_tree) < 2:  # noqa: PLR2004 - the end itself
        return in_tree
    ranks = [max(int(graph[one, other]), int(graph[other, one])) for one, other in pairwise(in_tree)]
    is_strong = links.weights[first] >= links.weights[max(ranks) - 1]
    return _walked(low[first][is_strong], high[first][is_strong], ends, nodes_count=nodes_count)


def _walked(left: Integers, right: Integers, ends: tuple[int, int], *, nodes_count: int) -> list[int]:
    """Return the nodes of a path of fewest steps from one end to the other; none when no path leads there."""
    graph = coo_array((np.ones(len(left), dtype=np.int64), (left, right)), shape=(nodes_count, nodes_count)).tocsr()
    _, previous = breadth_first_order(graph, ends[0], directed=False)
    nodes = [ends[1]]
    while nodes[-1] != ends[0]:
        if previous[nodes[-1]] < 0:
            return []
        nodes.append(int(previous[nodes[-1]]))
    return nodes[::-1]
