"""Clusters of a sparse weighted graph by average linkage, in which a pair that nobody compared counts as well.

Connected components chain: one wrong edge joins two people. Average linkage joins two clusters when the mean weight of
all pairs between them is high enough, so that a single edge between two well connected clusters does not.

Belongs here: the clustering of numbered nodes. Does not belong here: weights, names, and what becomes of an edge that
was not followed.
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from orchestration.foundation.errors import GenomeError
from orchestration.identity.graph.components import Flags, Integers, Numbers, component_labels, smallest_members
from orchestration.identity.graph.constraints import (
    UNCONSTRAINED,
    Constraints,
    Holdings,
    groups_that_may_conflict,
    holdings_by_unit,
    must_link_labels,
    obstacle,
    united,
)

_Neighbours = dict[int, tuple[float, int]]
_Join = tuple[float, int, int, int, int, int, int]


class LinkageUnusable(GenomeError):
    """Weights or limits with which average linkage has no meaning."""

    @classmethod
    def of_limits(cls, limits: "AverageLinkage") -> "LinkageUnusable":
        """Return the error for limits out of order."""
        return cls(
            f"missing_weight {limits.missing_weight}, stop {limits.stop} and cap {limits.cap} are not in rising order; "
            f"a pair that nobody compared must weigh less than what joins two clusters, and that no more than the cap. "
            f"Set them in this order."
        )

    @classmethod
    def of_weights(cls, faulty_count: int) -> "LinkageUnusable":
        """Return the error for pairs that have no finite weight."""
        return cls(
            f"{faulty_count} pairs have no finite weight; average linkage adds weights up. Give a certain pair the "
            f"cap as its weight, and leave out a pair that nobody compared."
        )


@dataclass(frozen=True)
class AverageLinkage:
    """The limits of average linkage.

    Attributes:
        missing_weight: what a pair that is not given weighs, less than `stop`.
        cap: highest weight that one pair may have, so that no single pair outweighs all doubts.
        stop: lowest mean weight that joins two clusters.

    Raises:
        LinkageUnusable: not `missing_weight` < `stop` <= `cap`.
    """

    missing_weight: float
    cap: float
    stop: float

    def __post_init__(self) -> None:
        if not self.missing_weight < self.stop <= self.cap:
            raise LinkageUnusable.of_limits(self)


@dataclass(frozen=True)
class WeightedPairs:
    """Pairs of nodes with their match weights, three arrays of one length.

    Attributes:
        left: node numbers.
        right: node numbers; a pair of a node with itself says nothing.
        weights: match weights: log2 of the Bayes factor or any other additive scale.
    """

    left: Integers
    right: Integers
    weights: Numbers

    def chosen(self, flags: Flags) -> "WeightedPairs":
        """Return the pairs whose flag is set."""
        return WeightedPairs(self.left[flags], self.right[flags], self.weights[flags])


def agglomerated(
    given: WeightedPairs, *, nodes_count: int, limits: AverageLinkage, constraints: Constraints = UNCONSTRAINED
) -> Integers:
    """Return for each node the smallest node of its cluster.

    From single nodes on, the two clusters are joined between which the mean weight of all pairs is highest, as long as
    it is at least `stop`. Of a pair that is given several times the highest weight counts; weights above `cap` count
    as `cap`; a pair that is not given counts as `missing_weight`. Nodes that must_link are one node from the start: the
    weight between two such is the mean of the pairs given between them. Two clusters that constraints keep apart are
    passed over, and looked at again when one of them has grown.

    Ties go to the lower node numbers, so that the order of the pairs given, and which end is left, change nothing; the
    clusters of one connected component do not depend on the others. Number nodes by a stable key.

    Args:
        given: the pairs that were compared.
        nodes_count: number of nodes; they are numbered from 0.
        limits: missing weight, cap and stop.
        constraints: pairs that are always or never one, and values that contradict each other.

    Raises:
        LinkageUnusable: a weight is not finite.
        DecisionsContradicted: must_link joins the ends of a cannot_link.

    Source: Sokal and Michener 1958 (average linkage).

    Example:
        >>> given = WeightedPairs(np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([9.0, 1.0, 9.0]))
        >>> agglomerated(given, nodes_count=4, limits=AverageLinkage(missing_weight=-3, cap=15, stop=0)).tolist()
        [0, 0, 2, 2]
    """
    is_finite = np.isfinite(given.weights)
    if not is_finite.all():
        raise LinkageUnusable.of_weights(int((~is_finite).sum()))
    units = must_link_labels(constraints, nodes_count=nodes_count)
    pairs = _distinct_pairs(given, units, cap=limits.cap)
    joining = pairs.chosen(pairs.weights >= limits.stop)
    components = component_labels(np.stack([joining.left, joining.right], axis=1), nodes_count=nodes_count)
    pairs = pairs.chosen(components[pairs.left] == components[pairs.right])
    is_easy = _are_of_one_mind(pairs, components[units], units, constraints=constraints, stop=limits.stop)
    hard_pairs = pairs.chosen(~is_easy[components[pairs.left]])
    joined = _joined_by_average(hard_pairs, units, constraints, limits)
    labels = np.where(is_easy[components], components, np.arange(nodes_count))
    labels[np.array(list(joined), dtype=np.int64)] = np.array(list(joined.values()), dtype=np.int64)
    return smallest_members(labels[units])


def _distinct_pairs(given: WeightedPairs, units: Integers, *, cap: float) -> WeightedPairs:
    """Return the pairs of units, left < right and ordered, each pair of nodes counted once with its highest weight."""
    nodes_count = len(units)
    keys = np.minimum(given.left, given.right) * nodes_count + np.maximum(given.left, given.right)
    order = np.lexsort((-given.weights, keys))
    node_keys, first = np.unique(keys[order], return_index=True)
    weights = np.minimum(given.weights[order][first], cap)
    low, high = units[node_keys // nodes_count], units[node_keys % nodes_count]
    is_pair = low != high
    unit_keys = (np.minimum(low, high) * nodes_count + np.maximum(low, high))[is_pair]
    unit_keys, inverse, counts = np.unique(unit_keys, return_inverse=True, return_counts=True)
    means = np.bincount(inverse, weights=weights[is_pair], minlength=len(unit_keys)) / counts
    return WeightedPairs(unit_keys // nodes_count, unit_keys % nodes_count, means)


def _are_of_one_mind(
    pairs: WeightedPairs, components: Integers, units: Integers, *, constraints: Constraints, stop: float
) -> Flags:
    """Return for each component's label whether all its pairs are given, join, and nothing keeps any two apart.

    Such a component is one cluster in whatever order it is joined: every mean of its weights is at least `stop`.
    """
    nodes_count = len(units)
    is_unit = units == np.arange(nodes_count)
    units_counts = np.bincount(components[is_unit], minlength=nodes_count)
    joining_counts = np.bincount(components[pairs.left[pairs.weights >= stop]], minlength=nodes_count)
    is_whole: Flags = joining_counts == units_counts * (units_counts - 1) // 2
    return is_whole & ~groups_that_may_conflict(constraints, components, groups_count=nodes_count)


def _joined_by_average(
    pairs: WeightedPairs, units: Integers, constraints: Constraints, limits: AverageLinkage
) -> dict[int, int]:
    """Return for each unit in `pairs` the unit whose cluster it ended in."""
    clusters = _Clusters.of(pairs, units, constraints, limits)
    clusters.join_all()
    return {unit: clusters.root(unit) for unit in clusters.parents}


@dataclass
class _Clusters:
    """Clusters that grow: sums and counts of the pairs between neighbours, and a heap of the joins that are possible.

    A heap's entry is out of date when one of its two clusters has grown since; `versions` tells. `firsts` holds each
    cluster's smallest unit, which breaks ties.
    """

    neighbours: dict[int, _Neighbours]
    apart: dict[int, set[int]]
    holdings: dict[int, Holdings]
    constraints: Constraints
    limits: AverageLinkage
    sizes: dict[int, int]
    versions: dict[int, int]
    parents: dict[int, int]
    firsts: dict[int, int]
    heap: list[_Join]

    @classmethod
    def of(cls, pairs: WeightedPairs, units: Integers, constraints: Constraints, limits: AverageLinkage) -> "_Clusters":
        rows = list(zip(pairs.left.tolist(), pairs.right.tolist(), pairs.weights.tolist(), strict=True))
        neighbours: dict[int, _Neighbours] = {unit: {} for row in rows for unit in row[:2]}
        for low, high, weight in rows:
            neighbours[low][high] = neighbours[high][low] = (weight, 1)
        apart: dict[int, set[int]] = {}
        for low, high in units[constraints.cannot_link].tolist():
            apart.setdefault(low, set()).add(high)
            apart.setdefault(high, set()).add(low)
        heap = [(-weight, low, high, low, high, 0, 0) for low, high, weight in rows if weight >= limits.stop]
        heapify(heap)
        return cls(
            neighbours=neighbours,
            apart=apart,
            holdings=holdings_by_unit(constraints, units, neighbours),
            constraints=constraints,
            limits=limits,
            sizes=dict.fromkeys(neighbours, 1),
            versions=dict.fromkeys(neighbours, 0),
            parents={unit: unit for unit in neighbours},
            firsts={unit: unit for unit in neighbours},
            heap=heap,
        )

    def root(self, unit: int) -> int:
        while self.parents[unit] != unit:
            unit = self.parents[unit]
        return unit

    def join_all(self) -> None:
        while self.heap:
            _, _, _, one, other, one_version, other_version = heappop(self.heap)
            if (
                self.versions[one] == one_version
                and self.versions[other] == other_version
                and other not in self.apart.get(one, ())
                and obstacle(self.holdings[one], self.holdings[other], self.constraints) is None
            ):
                self._join(one, other)

    def _join(self, one: int, other: int) -> None:
        """Let the cluster with fewer neighbours become part of the other one."""
        kept, gone = (one, other) if len(self.neighbours[one]) >= len(self.neighbours[other]) else (other, one)
        self.parents[gone] = kept
        self.sizes[kept] += self.sizes[gone]
        self.versions[kept] += 1
        self.versions[gone] = -1
        self.holdings[kept] = united(self.holdings[kept], self.holdings.pop(gone))
        self.firsts[kept] = min(self.firsts[kept], self.firsts[gone])
        for third in self.apart.pop(gone, ()):
            self.apart[third].discard(gone)
            self.apart[third].add(kept)
            self.apart.setdefault(kept, set()).add(third)
        of_kept, of_gone = self.neighbours[kept], self.neighbours.pop(gone)
        del of_kept[gone], of_gone[kept]
        for third, (weight, count) in of_gone.items():
            del self.neighbours[third][gone]
            known_weight, known_count = of_kept.get(third, (0.0, 0))
            of_kept[third] = self.neighbours[third][kept] = (known_weight + weight, known_count + count)
        self._offer(kept)

    def _offer(self, cluster: int) -> None:
        """Put the joins of a cluster with its neighbours on the heap, as far as their mean weight allows them."""
        size = self.sizes[cluster]
        for other, (weight, count) in self.neighbours[cluster].items():
            all_count = size * self.sizes[other]
            mean = (weight + self.limits.missing_weight * (all_count - count)) / all_count
            if mean >= self.limits.stop:
                low, high = sorted((cluster, other), key=self.firsts.__getitem__)
                firsts = (self.firsts[low], self.firsts[high])
                heappush(self.heap, (-mean, *firsts, low, high, self.versions[low], self.versions[high]))
