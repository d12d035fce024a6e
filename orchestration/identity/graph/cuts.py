"""What guards kept apart, as rows that a person can review: which guard, why, and on what evidence.

Belongs here: the reasons and the rows. Does not belong here: the choice of what is cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from orchestration.identity.graph.components import Flags, Integers, Numbers
from orchestration.identity.graph.constraints import Constraints, holdings_by_unit, obstacle
from orchestration.identity.graph.guards import Doubts
from orchestration.identity.graph.numbering import NumberedEdges
from orchestration.identity.graph.tables import REVIEW_SCHEMA

_REVIEW_SQL = """
with pairs_ranked as (
    select
        pairs_cut.*,
        rule,
        identifier_hash,
        evidence_json,
        coalesce(reasons_found.guard, if(is_exact, 'bridge', 'average_linkage')) as guard,
        coalesce(reasons_found.reason_code, if(is_exact, 'single_weak_edge', 'outweighed_by_other_pairs'))
            as reason_code,
        count(*) over clusters as pairs_count,
        row_number() over (
            partition by one_cluster, other_cluster, rule, identifier_hash
            order by weight desc, pairs_cut.left_node, pairs_cut.right_node, edge
        ) as place
    from pairs_cut
    join numbered_edges using (edge)
    left join reasons_found using (one_cluster, other_cluster, is_doubted)
    window clusters as (partition by one_cluster, other_cluster, rule, identifier_hash)
)

select
    guard,
    reason_code,
    lefts.record_id as record_id_left,
    rights.record_id as record_id_right,
    rule,
    identifier_hash,
    weight as match_weight,
    records_count,
    to_json({pairs_count: pairs_count, edge: evidence_json::json}) as evidence_json,
    ?::date as as_of_on
from pairs_ranked
join numbered_records as lefts
    on pairs_ranked.left_node = lefts.node
join numbered_records as rights
    on pairs_ranked.right_node = rights.node
where place = 1 and (guard <> 'average_linkage' or weight >= ?)
order by record_id_left, record_id_right, rule, identifier_hash
"""


@dataclass(frozen=True)
class Reason:
    """Which guard kept two clusters apart, and the code of why."""

    guard: str
    reason_code: str


@dataclass(frozen=True)
class Telling:
    """How cuts are told.

    Attributes:
        reasons: what each rule, doubt and limit is called, in the order in which they bind doubted evidence.
        doubts: what binds weak evidence beside the constraints.
        min_weight: match weight from which a compared pair that others outweighed is told.
        as_of_on: the night.
    """

    reasons: Sequence[Reason]
    doubts: Doubts
    min_weight: float
    as_of_on: date


@dataclass(frozen=True)
class Cuts:
    """Pairs of nodes with evidence that they are one, some of them cut.

    Attributes:
        edges: number of an edge with the pair's rule, identifier and evidence.
        left: node numbers.
        right: node numbers.
        weights: match weights.
        is_exact: whether the evidence is an exact identifier.
    """

    edges: Integers
    left: Integers
    right: Integers
    weights: Numbers
    is_exact: Flags

    def __add__(self, other: "Cuts") -> "Cuts":
        return Cuts(
            edges=np.concatenate([self.edges, other.edges]),
            left=np.concatenate([self.left, other.left]),
            right=np.concatenate([self.right, other.right]),
            weights=np.concatenate([self.weights, other.weights]),
            is_exact=np.concatenate([self.is_exact, other.is_exact]),
        )


def cuts_of_compared(compared: NumberedEdges, flags: Flags) -> Cuts:
    """Return the compared pairs whose flag is set, each with its own edge."""
    return Cuts(
        edges=compared.edges[flags],
        left=compared.left[flags],
        right=compared.right[flags],
        weights=compared.weights[flags],
        is_exact=np.zeros(int(flags.sum()), dtype=np.bool_),
    )


def review_rows(
    connection: duckdb.DuckDBPyConnection,
    cuts: Cuts,
    labels: Integers,
    constraints: Constraints,
    telling: Telling,
) -> pa.Table:
    """Return one row (`REVIEW_SCHEMA`) per two clusters, rule and identifier that were kept apart, strongest pair told.

    Args:
        connection: holds `numbered_records` and `numbered_edges`.
        cuts: pairs that may have been cut; those within one cluster are no cut.
        labels: the cluster of each node.
        constraints: what was binding.
        telling: the names of the reasons, and what is told.

    `records_count` is the number of records that the two clusters have together.
    """
    one, other = labels[cuts.left], labels[cuts.right]
    is_cut = one != other
    clusters = np.stack([np.minimum(one, other), np.maximum(one, other)], axis=1)[is_cut]
    sizes = np.bincount(labels, minlength=len(labels))
    is_doubted = (cuts.is_exact & (cuts.weights <= telling.doubts.max_weight))[is_cut]
    pairs_cut = {
        "edge": cuts.edges[is_cut],
        "left_node": np.minimum(cuts.left, cuts.right)[is_cut],
        "right_node": np.maximum(cuts.left, cuts.right)[is_cut],
        "weight": cuts.weights[is_cut],
        "is_exact": cuts.is_exact[is_cut],
        "is_doubted": is_doubted,
        "one_cluster": clusters[:, 0],
        "other_cluster": clusters[:, 1],
        "records_count": sizes[clusters].sum(axis=1),
    }
    connection.register("pairs_cut", pa.table(pairs_cut))
    reasons = _reasons_found(np.column_stack([clusters, is_doubted]), labels, constraints, telling)
    connection.register("reasons_found", reasons)
    return connection.execute(_REVIEW_SQL, [telling.as_of_on, telling.min_weight]).to_arrow_table().cast(REVIEW_SCHEMA)


def _reasons_found(cut: Integers, labels: Integers, constraints: Constraints, telling: Telling) -> pa.Table:
    """Return why two clusters (two columns of `cut`; the third: whether by doubted evidence) are kept apart, if known.

    A decision is told before all other reasons.
    """
    decided = np.sort(labels[constraints.cannot_link], axis=1)
    apart = set(map(tuple, decided.tolist()))
    held = holdings_by_unit(constraints, labels, np.unique(cut[:, :2]).tolist())
    rules_count, doubts_count = len(constraints.conflict_rules), len(telling.doubts.conflict_rules)
    reasons_of = (
        [*telling.reasons[:rules_count], *telling.reasons[rules_count + doubts_count :]],
        telling.reasons,
    )
    binding = (constraints, telling.doubts.constraints(constraints))
    rows: list[dict[str, object]] = []
    for one, other, is_doubted in np.unique(cut, axis=0).tolist():
        place = obstacle(held[one], held[other], binding[is_doubted])
        reason = reasons_of[is_doubted][place] if place is not None else None
        if (one, other) in apart:
            reason = Reason("decision", "cannot_link")
        if reason:
            names = {"guard": reason.guard, "reason_code": reason.reason_code}
            rows.append({"one_cluster": one, "other_cluster": other, "is_doubted": bool(is_doubted), **names})
    return pa.Table.from_pylist(rows, schema=_REASON_SCHEMA)


_REASON_COLUMNS: dict[str, pa.DataType] = {
    "one_cluster": pa.int64(),
    "other_cluster": pa.int64(),
    "is_doubted": pa.bool_(),
    "guard": pa.string(),
    "reason_code": pa.string(),
}
_REASON_SCHEMA = pa.schema(_REASON_COLUMNS)
