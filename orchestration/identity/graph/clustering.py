"""Which records are one person: exact evidence within its guards, then compared pairs by average linkage over that.

Belongs here: the order of the steps, and the review rows of what was cut. Does not belong here: the steps themselves,
the customer's id (`persistent_ids`), and what evidence there is (`edges`, `link`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from orchestration.foundation.connections import in_memory
from orchestration.identity.graph.agglomeration import AverageLinkage, WeightedPairs, agglomerated
from orchestration.identity.graph.components import Integers, component_labels
from orchestration.identity.graph.constraints import AttributeValues, Constraints, groups_that_may_conflict
from orchestration.identity.graph.cuts import Cuts, Reason, Telling, cuts_of_compared, review_rows
from orchestration.identity.graph.guards import BridgeGuard, Doubts, bridges, joined_within_constraints
from orchestration.identity.graph.numbering import (
    RecordGraph,
    attribute_values,
    decided_pairs,
    edges_of_kind,
    expanded,
    number_all,
    record_names,
)

_ASSIGNED_SQL = """
select
    numbered_records.record_id,
    clusters.record_id as cluster_record_id,
    components.record_id as component_record_id,
    exact_clusters.record_id as exact_cluster_record_id
from numbered_records
join labels_found
    using (node)
join numbered_records as clusters
    on labels_found.cluster = clusters.node
join numbered_records as components
    on labels_found.component = components.node
join numbered_records as exact_clusters
    on labels_found.exact_cluster = exact_clusters.node
order by numbered_records.record_id
"""


@dataclass(frozen=True)
class ClusteringRules:
    """What the guards go by.

    Attributes:
        linkage: limits of average linkage for compared pairs.
        bridge: when a single edge of exact evidence is not enough.
        max_records_per_customer: records that one customer may have.
        conflict_rules: attribute types by rule code; a rule keeps two clusters apart when they contradict each other in
            all of its attributes.
        value_limits: how many values of an attribute type one customer may have.
        review_min_weight: match weight from which a compared pair that was not followed is told.
        weak_conflict_rules: as `conflict_rules`, for two clusters that nothing stronger than `bridge.max_weight` joins.
    """

    linkage: AverageLinkage
    bridge: BridgeGuard
    max_records_per_customer: int
    conflict_rules: Mapping[str, tuple[str, ...]]
    value_limits: Mapping[str, int]
    review_min_weight: float
    weak_conflict_rules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def attribute_types(self) -> list[str]:
        """The attribute types that any rule or limit names, in order."""
        rules = (*self.conflict_rules.values(), *self.weak_conflict_rules.values())
        return sorted({*self.value_limits, *(name for names in rules for name in names)})


@dataclass(frozen=True)
class Clusters:
    """Clusters of records, and what guards did not let join.

    Attributes:
        assignments: one row per record, ordered: `record_id`, `cluster_record_id` (the smallest of its cluster),
            `component_record_id` (the smallest that any evidence connects it with, cut or not) and
            `exact_cluster_record_id` (the smallest that exact evidence and decisions alone join it with).
        review: `REVIEW_SCHEMA`, one row per two clusters, rule and identifier that were kept apart.
    """

    assignments: pa.Table
    review: pa.Table


def clustered(given: RecordGraph, *, rules: ClusteringRules, as_of_on: date) -> Clusters:
    """Return the clusters of the records.

    Exact evidence is followed to connected components. Where a component holds values that contradict each other, too
    many values or records, or two well connected parts that one weak edge joins, all pairs of its identifiers are
    looked at, and the strongest are followed first, as far as the guards allow it. Over the groups so found, compared
    pairs are joined by average linkage within the same constraints.

    Args:
        given: records, edges, attributes and decisions.
        rules: what the guards go by.
        as_of_on: the night, for the review rows.

    The order of the rows that come in changes nothing. The clusters of records that no edge or decision connects, by
    whatever path, do not depend on each other.

    Raises:
        RecordsRepeated: a record is given twice.
        DecisionsContradicted: must_link decisions join what a cannot_link decision parts.
    """
    with in_memory() as connection:
        nodes_count = number_all(connection, given)
        constraints = _constraints(connection, rules, nodes_count=nodes_count)
        exact_components, groups, cuts = _groups_of_exact_evidence(
            connection, constraints, rules, nodes_count=nodes_count
        )
        compared = edges_of_kind(connection, "probabilistic")
        own_groups = np.stack([np.arange(nodes_count), groups], axis=1)
        labels = agglomerated(
            WeightedPairs(compared.left, compared.right, compared.weights),
            nodes_count=nodes_count,
            limits=rules.linkage,
            constraints=replace(constraints, must_link=own_groups),
        )
        may_join = compared.weights >= rules.linkage.stop
        pairs = np.stack([compared.left, compared.right], axis=1)[may_join]
        exact_pairs = np.stack([np.arange(nodes_count), exact_components], axis=1)
        components = component_labels(np.concatenate([exact_pairs, pairs]), nodes_count=nodes_count)
        cuts += cuts_of_compared(compared, may_join)
        telling = Telling(
            reasons=_reasons(rules), doubts=_doubts(rules), min_weight=rules.review_min_weight, as_of_on=as_of_on
        )
        review = review_rows(connection, cuts, labels, constraints, telling)
        found = {"node": np.arange(nodes_count), "cluster": labels, "component": components, "exact_cluster": groups}
        numbers = {name: pa.array(column, type=pa.int64()) for name, column in found.items()}
        connection.register("labels_found", pa.table(numbers))
        assignments = connection.execute(_ASSIGNED_SQL).to_arrow_table()
    return Clusters(assignments, review)


def _constraints(connection: duckdb.DuckDBPyConnection, rules: ClusteringRules, *, nodes_count: int) -> Constraints:
    """Return the constraints as numbers; a record is a value of its own, so that records can be limited as values."""
    types = rules.attribute_types
    place = {name: number for number, name in enumerate(types)}
    nodes, attributes, values = attribute_values(connection, types)
    own = np.arange(nodes_count)
    must_link, cannot_link = (decided_pairs(connection, decision) for decision in ("must_link", "cannot_link"))
    return Constraints(
        must_link=must_link,
        cannot_link=cannot_link,
        holdings=AttributeValues(
            nodes=np.concatenate([nodes, own]),
            attributes=np.concatenate([attributes, np.full(nodes_count, len(types))]),
            values=np.concatenate([values, own]),
        ),
        conflict_rules=tuple(tuple(place[name] for name in names) for names in rules.conflict_rules.values()),
        limits=(
            *((place[name], limit) for name, limit in rules.value_limits.items()),
            (len(types), rules.max_records_per_customer),
        ),
        names=record_names(connection) if len(must_link) and len(cannot_link) else (),
    )


def _doubts(rules: ClusteringRules) -> Doubts:
    """Return what speaks against doubted evidence, as numbers."""
    place = {name: number for number, name in enumerate(rules.attribute_types)}
    return Doubts(
        max_weight=rules.bridge.max_weight,
        conflict_rules=tuple(tuple(place[name] for name in names) for names in rules.weak_conflict_rules.values()),
    )


def _reasons(rules: ClusteringRules) -> list[Reason]:
    """Return what each rule, doubt and limit is called, in the order in which they bind weak evidence."""
    conflicts = [Reason("conflict", code) for code in (*rules.conflict_rules, *rules.weak_conflict_rules)]
    return [*conflicts, *(Reason("cardinality", f"too_many_{name}s") for name in (*rules.value_limits, "record"))]


def _groups_of_exact_evidence(
    connection: duckdb.DuckDBPyConnection, constraints: Constraints, rules: ClusteringRules, *, nodes_count: int
) -> tuple[Integers, Integers, Cuts]:
    """Return for each record the smallest of its component and of its group, and pairs that guards may have cut."""
    guard, doubts = rules.bridge, _doubts(rules)
    exact = edges_of_kind(connection, "deterministic")
    pairs = np.concatenate([np.stack([exact.left, exact.right], axis=1), constraints.must_link])
    components = component_labels(pairs, nodes_count=nodes_count)
    is_doubtful = groups_that_may_conflict(constraints, components, groups_count=nodes_count)
    sizes = np.bincount(components, minlength=nodes_count)
    of_weak = components[exact.left[exact.weights <= guard.max_weight]]
    is_doubtful[of_weak[sizes[of_weak] >= 2 * guard.min_records]] = True
    of_doubted = components[exact.left[exact.weights <= doubts.max_weight]]
    is_contradicted = groups_that_may_conflict(doubts.constraints(constraints), components, groups_count=nodes_count)
    is_doubtful[of_doubted] |= is_contradicted[of_doubted]
    looked_at = expanded(connection, exact.edges[is_doubtful[components[exact.left]]])
    units = component_labels(constraints.must_link, nodes_count=nodes_count)
    is_bridge = bridges(looked_at.evidence, units, guard)
    followed = joined_within_constraints(
        looked_at.evidence.chosen(~is_bridge), constraints, nodes_count=nodes_count, doubts=doubts
    )
    groups = np.where(is_doubtful[components], followed, components)
    return (
        components,
        groups,
        Cuts(
            edges=looked_at.edges,
            left=looked_at.evidence.left,
            right=looked_at.evidence.right,
            weights=looked_at.evidence.weights,
            is_exact=np.ones(len(is_bridge), dtype=np.bool_),
        ),
    )
