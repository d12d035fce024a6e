import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.identity.graph.agglomeration import AverageLinkage, LinkageUnusable, WeightedPairs, agglomerated
from orchestration.identity.graph.components import Integers, component_labels
from orchestration.identity.graph.constraints import (
    UNCONSTRAINED,
    AttributeValues,
    Constraints,
    DecisionsContradicted,
)

Edge = tuple[int, int, float]
NODES = 9
MISSING, CAP, STOP = -3.0, 15.0, -1.0
LIMITS = AverageLinkage(missing_weight=MISSING, cap=CAP, stop=STOP)
RULES = ((0,), (0, 1))

edges_drawn = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.integers(-16, 40).map(lambda n: n / 2)),
    max_size=30,
)
pairs_drawn = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=3)
values_drawn = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, 1), st.integers(0, 2)), max_size=12)


def _pairs(edges: list[Edge]) -> WeightedPairs:
    left, right = (np.array([edge[end] for edge in edges], dtype=np.int64) for end in (0, 1))
    return WeightedPairs(left, right, np.array([edge[2] for edge in edges], dtype=np.float64))


def _array(pairs: list[tuple[int, int]]) -> Integers:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _holdings(values: list[tuple[int, int, int]]) -> AttributeValues:
    return AttributeValues(*np.array(values, dtype=np.int64).reshape(-1, 3).T)


def _labels(edges: list[Edge], constraints: Constraints = UNCONSTRAINED, *, nodes_count: int = NODES) -> list[int]:
    labels = agglomerated(_pairs(edges), nodes_count=nodes_count, limits=LIMITS, constraints=constraints)
    return [int(label) for label in labels]


def _by_definition(edges: list[Edge]) -> list[int]:
    weights: dict[frozenset[int], float] = {}
    for left, right, weight in edges:
        pair = frozenset({left, right})
        weights[pair] = max(min(weight, CAP), weights.get(pair, -np.inf))
    clusters = [[node] for node in range(NODES)]
    while True:
        joins = []
        for one, other in itertools.combinations(range(len(clusters)), 2):
            pairs = [frozenset(pair) for pair in itertools.product(clusters[one], clusters[other])]
            mean = sum(weights.get(pair, MISSING) for pair in pairs) / len(pairs)
            joins.append((-mean, one, other))
        if not joins or -min(joins)[0] < STOP:
            return [next(cluster[0] for cluster in clusters if node in cluster) for node in range(NODES)]
        _, one, other = min(joins)
        clusters[one] = sorted(clusters[one] + clusters.pop(other))


@settings(derandomize=True, max_examples=400)
@given(edges_drawn)
def test_clusters_are_those_of_average_linkage_by_its_definition(edges: list[Edge]) -> None:
    assert _labels(edges) == _by_definition(edges)


@settings(derandomize=True, max_examples=150)
@given(st.data(), edges_drawn, pairs_drawn, values_drawn)
def test_the_order_of_pairs_and_of_their_ends_changes_nothing(
    data: st.DataObject, edges: list[Edge], cannot_link: list[tuple[int, int]], values: list[tuple[int, int, int]]
) -> None:
    apart = [pair for pair in cannot_link if pair[0] != pair[1]]
    given = Constraints(cannot_link=_array(apart), holdings=_holdings(values), conflict_rules=RULES)
    turned = [(right, left, weight) for left, right, weight in data.draw(st.permutations(edges))]
    turned_apart = [(right, left) for left, right in data.draw(st.permutations(apart))]
    shuffled = Constraints(
        cannot_link=_array(turned_apart), holdings=_holdings(data.draw(st.permutations(values))), conflict_rules=RULES
    )
    assert _labels(edges, given) == _labels([*turned, *turned[:2]], shuffled)


@settings(derandomize=True, max_examples=200)
@given(edges_drawn, pairs_drawn, pairs_drawn)
def test_decisions_hold_or_are_refused(
    edges: list[Edge], must_link: list[tuple[int, int]], cannot_link: list[tuple[int, int]]
) -> None:
    try:
        labels = _labels(edges, Constraints(must_link=_array(must_link), cannot_link=_array(cannot_link)))
    except DecisionsContradicted:
        closure = component_labels(_array(must_link), nodes_count=NODES)
        assert any(closure[left] == closure[right] for left, right in cannot_link)
    else:
        assert all(labels[left] == labels[right] for left, right in must_link)
        assert all(labels[left] != labels[right] for left, right in cannot_link)


@settings(derandomize=True, max_examples=200)
@given(edges_drawn, st.lists(st.integers(0, 2), min_size=NODES, max_size=NODES))
def test_a_cluster_never_holds_two_values_of_a_hard_identifier(edges: list[Edge], values: list[int]) -> None:
    holdings = [(node, 0, value) for node, value in enumerate(values) if value]
    labels = _labels(edges, Constraints(holdings=_holdings(holdings), conflict_rules=((0,),)))
    held = {(labels[node], value) for node, _, value in holdings}
    assert len(held) == len({label for label, _ in held})


@settings(derandomize=True, max_examples=60)
@given(edges_drawn, edges_drawn)
def test_the_clusters_of_a_component_do_not_depend_on_other_components(edges: list[Edge], others: list[Edge]) -> None:
    alone = _labels(edges)
    far_off = [(left + NODES, right + NODES, weight) for left, right, weight in others]
    assert _labels([*far_off, *edges], nodes_count=2 * NODES)[:NODES] == alone


def test_one_edge_between_two_well_connected_parts_does_not_join_them() -> None:
    parts = [(*pair, 8.0) for start in (0, 4) for pair in itertools.combinations(range(start, start + 4), 2)]
    assert _labels([*parts, (3, 4, 7.0)], nodes_count=8) == [0, 0, 0, 0, 4, 4, 4, 4]


def test_people_of_one_family_are_parted_when_birthday_and_given_name_differ() -> None:
    helen, unnamed, lucy = 0, 1, 2
    edges: list[Edge] = [(helen, unnamed, 9.0), (unnamed, lucy, 8.0), (helen, lucy, 7.0)]
    values = [(helen, 0, 1), (helen, 1, 1), (lucy, 0, 2), (lucy, 1, 2)]
    rules = ((0, 1),)
    parted = Constraints(holdings=_holdings(values), conflict_rules=rules)
    assert _labels(edges, parted, nodes_count=3) == [0, 0, 2]
    same_given_name = Constraints(holdings=_holdings([*values, (lucy, 1, 1)]), conflict_rules=rules)
    assert _labels(edges, same_given_name, nodes_count=3) == [0, 0, 0]


def test_nodes_that_must_link_are_one_node_against_all_evidence() -> None:
    edges: list[Edge] = [(0, 1, -20.0), (1, 2, 12.0), (0, 2, -4.0)]
    hard = Constraints(must_link=_array([(0, 1)]), holdings=_holdings([(0, 0, 1), (1, 0, 2)]), conflict_rules=((0,),))
    assert _labels(edges, hard, nodes_count=4) == [0, 0, 0, 3]


def test_decisions_that_contradict_each_other_are_refused_by_name() -> None:
    decided = Constraints(
        must_link=_array([(0, 1), (1, 2)]), cannot_link=_array([(2, 0)]), names=("crm:1", "crm:2", "shop:3")
    )
    with pytest.raises(DecisionsContradicted, match=r"crm:1 and shop:3"):
        _labels([], decided, nodes_count=3)


def test_limits_out_of_order_and_weights_without_end_are_refused() -> None:
    with pytest.raises(LinkageUnusable, match="rising order"):
        AverageLinkage(missing_weight=0.0, cap=9.0, stop=0.0)
    with pytest.raises(LinkageUnusable, match="1 pairs"):
        _labels([(0, 1, np.inf)])


def test_no_nodes_are_no_clusters() -> None:
    assert _labels([], nodes_count=0) == []
