"""Guards of exact evidence: single weak edges between two well connected parts, and joins that constraints forbid.

Belongs here: which of many equal identifiers are not followed. Does not belong here: probabilistic pairs
(`agglomeration` weighs them) and the words in which a cut is told (`clustering`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from orchestration.identity.graph.components import Flags, Integers, Numbers, component_labels, smallest_members
from orchestration.identity.graph.constraints import (
    Constraints,
    Holdings,
    are_disjoint,
    holdings_by_unit,
    must_link_labels,
    obstacle,
    united,
)


@dataclass(frozen=True)
class Evidence:
    """Pairs of nodes that show one identifier, all pairs of an identifier, one row per pair and identifier.

    Attributes:
        left: node numbers.
        right: node numbers.
        priorities: 1 is believed first.
        weights: match weights.
    """

    left: Integers
    right: Integers
    priorities: Integers
    weights: Numbers

    def chosen(self, flags: Flags) -> "Evidence":
        """Return the rows whose flag is set."""
        return Evidence(self.left[flags], self.right[flags], self.priorities[flags], self.weights[flags])


@dataclass(frozen=True)
class BridgeGuard:
    """When a single edge is not enough.

    Attributes:
        max_weight: highest match weight of an edge that is called weak.
        min_records: records that each of the two parts has at least.
    """

    max_weight: float
    min_records: int


@dataclass(frozen=True)
class Doubts:
    """What speaks against evidence that is too weak to hold against anything.

    Attributes:
        max_weight: highest match weight of evidence that is doubted.
        conflict_rules: as those of the constraints; contradicting each other by one of these is enough.
    """

    max_weight: float = 0.0
    conflict_rules: tuple[tuple[int, ...], ...] = ()

    def constraints(self, given: Constraints) -> Constraints:
        """Return what binds doubted evidence: all that binds anyway, and then the doubts."""
        return replace(given, conflict_rules=(*given.conflict_rules, *self.conflict_rules))


NO_DOUBTS = Doubts()


def bridges(evidence: Evidence, units: Integers, guard: BridgeGuard) -> Flags:
    """Return for each row of evidence whether it is the only thing that joins two well connected parts.

    A part is what edges that are not weak (or must_link) hold together and has `min_records` records or more; a bridge
    is a weak row that has no second one, of whatever identifier, between the same two parts.

    Args:
        evidence: all pairs of the identifiers.
        units: the unit of each node, by must_link.
        guard: what is weak, and what is well connected.
    """
    is_strong = evidence.weights > guard.max_weight
    own = np.stack([np.arange(len(units)), units], axis=1)
    strong = np.stack([evidence.left[is_strong], evidence.right[is_strong]], axis=1)
    parts = component_labels(np.concatenate([own, strong]), nodes_count=len(units))
    sizes = np.bincount(parts, minlength=len(units))
    one, other = parts[evidence.left], parts[evidence.right]
    keys = np.minimum(one, other) * len(units) + np.maximum(one, other)
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    is_single = counts[inverse] == 1
    is_between_parts = (one != other) & (np.minimum(sizes[one], sizes[other]) >= guard.min_records)
    flags: Flags = is_single & is_between_parts
    return flags


def joined_within_constraints(
    evidence: Evidence, constraints: Constraints, *, nodes_count: int, doubts: Doubts = NO_DOUBTS
) -> Integers:
    """Return for each node the smallest node of its cluster when the strongest evidence is followed first.

    Evidence is followed as long as no constraint forbids the join, so that what is cut is the weakest. Pairs whose own
    values contradict each other come last, pairs of few such values before pairs of many; then the best priority among
    the identifiers that a pair shares, the weight of all that it shares, and the node numbers decide. What was
    forbidden is tried again when clusters have grown. Doubted evidence is not followed between clusters that contradict
    each other in any rule of the doubts.

    Args:
        evidence: all pairs of the identifiers, in any order.
        constraints: what binds.
        nodes_count: number of nodes.
        doubts: which evidence is doubted, and what speaks against it.

    Raises:
        DecisionsContradicted: must_link joins the ends of a cannot_link.
    """
    units = must_link_labels(constraints, nodes_count=nodes_count)
    wanted = np.unique(np.concatenate([evidence.left, evidence.right])).tolist()
    by_node = holdings_by_unit(constraints, np.arange(nodes_count), wanted)
    compared = sorted({attribute for rule in constraints.conflict_rules for attribute in rule})
    contradictions = [
        sum(are_disjoint(by_node[left], by_node[right], attribute) for attribute in compared)
        for left, right in zip(evidence.left.tolist(), evidence.right.tolist(), strict=True)
    ]
    low, high = np.minimum(evidence.left, evidence.right), np.maximum(evidence.left, evidence.right)
    best, total = _of_pairs(low * nodes_count + high, evidence)
    order = np.lexsort((high, low, -total, best, np.array(contradictions, dtype=np.int64)))
    is_doubted = evidence.weights[order] <= doubts.max_weight
    pairs = np.stack([units[low[order]], units[high[order]], is_doubted], axis=1).tolist()
    wanted = np.unique(units[np.concatenate([low, high])]).tolist()
    forest = _Forest.of(units, constraints, doubts, wanted)
    while forest.joined(pairs):
        continue
    labels = np.arange(nodes_count)
    for unit in forest.parents:
        labels[unit] = forest.root(unit)
    return smallest_members(labels[units])


def _of_pairs(pairs: Integers, evidence: Evidence) -> tuple[Integers, Numbers]:
    """Return for each row of evidence the best priority and the weight of all identifiers that its pair shares."""
    _, inverse = np.unique(pairs, return_inverse=True)
    best = np.full(len(pairs), np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(best, inverse, evidence.priorities)
    total = np.zeros(len(pairs))
    np.add.at(total, inverse, evidence.weights)
    return best[inverse], total[inverse]


@dataclass
class _Forest:
    """Units that grow into clusters, each cluster with its values and with the clusters that it may never join.

    `binding` is what binds evidence, and what binds doubted evidence.
    """

    parents: dict[int, int]
    holdings: dict[int, Holdings]
    apart: dict[int, set[int]]
    binding: tuple[Constraints, Constraints]

    @classmethod
    def of(cls, units: Integers, constraints: Constraints, doubts: Doubts, wanted: Sequence[int]) -> "_Forest":
        apart: dict[int, set[int]] = {unit: set() for unit in wanted}
        for one, other in units[constraints.cannot_link].tolist():
            apart.setdefault(one, set()).add(other)
            apart.setdefault(other, set()).add(one)
        return cls(
            parents={unit: unit for unit in wanted},
            holdings=holdings_by_unit(constraints, units, wanted),
            apart=apart,
            binding=(constraints, doubts.constraints(constraints)),
        )

    def root(self, unit: int) -> int:
        while self.parents[unit] != unit:
            self.parents[unit] = unit = self.parents[self.parents[unit]]
        return unit

    def joined(self, pairs: Sequence[Sequence[int]]) -> int:
        """Join the clusters of each pair (two units, and 1 when doubted) as far as allowed; return how many joins."""
        joins_count = 0
        for left, right, is_doubted in pairs:
            one, other = self.root(left), self.root(right)
            if one == other or other in self.apart[one]:
                continue
            if obstacle(self.holdings[one], self.holdings[other], self.binding[is_doubted]) is None:
                self._join(one, other)
                joins_count += 1
        return joins_count

    def _join(self, kept: int, gone: int) -> None:
        self.parents[gone] = kept
        self.holdings[kept] = united(self.holdings[kept], self.holdings.pop(gone))
        for third in self.apart.pop(gone):
            self.apart[third].discard(gone)
            self.apart[third].add(kept)
            self.apart[kept].add(third)
