"""What may never stand in one cluster and what always does: pairs that people decided, and values that contradict.

Belongs here: the constraints as numbers and the question whether two sets of values contradict each other. Does not
belong here: where the values come from and what a cut is called.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from orchestration.foundation.errors import GenomeError, some_of
from orchestration.identity.graph.components import NO_PAIRS, Flags, Integers, component_labels

Holdings = Mapping[int, frozenset[int]]
"""The values that a cluster holds, by attribute."""

NO_VALUES: frozenset[int] = frozenset()
_NO_NUMBERS: Integers = np.empty(0, dtype=np.int64)


class DecisionsContradicted(GenomeError):
    """Pairs that must be one and, directly or through others, may not be one."""

    @classmethod
    def of(cls, pairs: Sequence[tuple[object, object]]) -> "DecisionsContradicted":
        """Return the error for pairs that are cannot_link and that must_link decisions join."""
        listed = some_of(" and ".join(str(end) for end in pair) for pair in pairs)
        return cls(
            f"{len(pairs)} cannot_link decisions forbid what must_link decisions demand, directly or through other "
            f"records: {listed}. A pair of records has one decision: withdraw the must_link or the cannot_link that "
            f"no longer holds; no customer was made."
        )


@dataclass(frozen=True)
class AttributeValues:
    """Values that nodes hold, one row per node, attribute and value; a node may hold several values of an attribute."""

    nodes: Integers = field(default_factory=_NO_NUMBERS.copy)
    attributes: Integers = field(default_factory=_NO_NUMBERS.copy)
    values: Integers = field(default_factory=_NO_NUMBERS.copy)


@dataclass(frozen=True)
class Constraints:
    """What binds a clustering.

    Attributes:
        must_link: shape (n, 2), nodes that are always in one cluster, whatever their values.
        cannot_link: shape (n, 2), nodes that are never in one cluster.
        holdings: the values that nodes hold.
        conflict_rules: each a set of attributes. Two clusters contradict each other by a rule when for every attribute
            of the rule both hold values and share none. A rule of one attribute is a hard identifier; one of two says
            "another birthday and another given name".
        limits: each an attribute and how many of its values a cluster may hold; two clusters that would hold more are
            kept apart, unless one of them holds them all anyway.
        names: what a message calls the nodes; their numbers when empty.
    """

    must_link: Integers = field(default_factory=NO_PAIRS.copy)
    cannot_link: Integers = field(default_factory=NO_PAIRS.copy)
    holdings: AttributeValues = field(default_factory=AttributeValues)
    conflict_rules: tuple[tuple[int, ...], ...] = ()
    limits: tuple[tuple[int, int], ...] = ()
    names: Sequence[str] = ()


UNCONSTRAINED = Constraints()


def must_link_labels(constraints: Constraints, *, nodes_count: int) -> Integers:
    """Return for each node the smallest node that it must be one with, directly or through others.

    Raises:
        DecisionsContradicted: must_link pairs join the two ends of a cannot_link pair.
    """
    labels = component_labels(constraints.must_link, nodes_count=nodes_count)
    cannot_link, names = constraints.cannot_link, constraints.names
    contradicted = cannot_link[labels[cannot_link[:, 0]] == labels[cannot_link[:, 1]]]
    if len(contradicted):
        ordered = np.unique(np.sort(contradicted, axis=1), axis=0).tolist()
        raise DecisionsContradicted.of(
            [(names[low], names[high]) if names else (f"node {low}", f"node {high}") for low, high in ordered]
        )
    return labels


def obstacle(one: Holdings, other: Holdings, constraints: Constraints) -> int | None:
    """Return the place of the first rule, or behind the rules the first limit, that keeps two clusters apart, or None.

    Example:
        >>> bob, rob, ann = ({0: frozenset({n}), 1: frozenset({b})} for n, b in ((1, 5), (2, 5), (3, 6)))
        >>> people = Constraints(conflict_rules=((0, 1),), limits=((1, 1),))
        >>> obstacle(bob, rob, people), obstacle(bob, ann, people), obstacle(bob, {1: frozenset({6})}, people)
        (None, 0, 1)
    """
    if not one or not other:
        return None
    for place, rule in enumerate(constraints.conflict_rules):
        if all(are_disjoint(one, other, attribute) for attribute in rule):
            return place
    for place, (attribute, limit) in enumerate(constraints.limits, start=len(constraints.conflict_rules)):
        of_one, of_other = one.get(attribute, NO_VALUES), other.get(attribute, NO_VALUES)
        together = len(of_one | of_other)
        if together > limit and together > max(len(of_one), len(of_other)):
            return place
    return None


def are_disjoint(one: Holdings, other: Holdings, attribute: int) -> bool:
    """Return whether both hold values of an attribute and share none."""
    return attribute in one and attribute in other and one[attribute].isdisjoint(other[attribute])


def united(one: Holdings, other: Holdings) -> Holdings:
    """Return the values that two clusters hold together."""
    if not one or not other:
        return one or other
    return {attribute: one.get(attribute, NO_VALUES) | other.get(attribute, NO_VALUES) for attribute in {*one, *other}}


def holdings_by_unit(constraints: Constraints, units: Integers, wanted: Iterable[int]) -> dict[int, Holdings]:
    """Return the values of each wanted unit by attribute; `units` names the unit of each node."""
    growing: dict[int, dict[int, set[int]]] = {unit: {} for unit in wanted}
    held = constraints.holdings
    is_wanted = np.isin(units[held.nodes], np.fromiter(growing, dtype=np.int64, count=len(growing)))
    columns = (units[held.nodes][is_wanted], held.attributes[is_wanted], held.values[is_wanted])
    for unit, attribute, value in zip(*(column.tolist() for column in columns), strict=True):
        growing[unit].setdefault(attribute, set()).add(value)
    return {
        unit: {attribute: frozenset(values) for attribute, values in by_attribute.items()}
        for unit, by_attribute in growing.items()
    }


def groups_that_may_conflict(constraints: Constraints, groups: Integers, *, groups_count: int) -> Flags:
    """Return for each group of nodes whether constraints might keep two of its nodes apart.

    Args:
        constraints: what binds; must_link has no part in the answer.
        groups: group number of each node, from 0.
        groups_count: number of groups.
    """
    flags = np.zeros(groups_count, dtype=np.bool_)
    ends = groups[constraints.cannot_link]
    flags[ends[ends[:, 0] == ends[:, 1], 0]] = True
    held = constraints.holdings
    is_in_a_pair = np.bincount(groups, minlength=groups_count)[groups[held.nodes]] > 1
    if not is_in_a_pair.any():
        return flags
    named = [attribute for rule in constraints.conflict_rules for attribute in rule]
    named += [attribute for attribute, _ in constraints.limits]
    attributes_count = 1 + max(int(held.attributes.max()), *named, 0)
    cells = (groups[held.nodes] * attributes_count + held.attributes)[is_in_a_pair]
    values_count = 1 + int(held.values.max())
    distinct = np.unique(cells * values_count + held.values[is_in_a_pair])
    values_counts = np.bincount(distinct // values_count, minlength=groups_count * attributes_count).reshape(
        groups_count, attributes_count
    )
    for rule in constraints.conflict_rules:
        flags |= (values_counts[:, list(rule)] > 1).all(axis=1)
    for attribute, limit in constraints.limits:
        flags |= values_counts[:, attribute] > limit
    return flags
