import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.identity.graph.components import Integers, component_labels
from orchestration.identity.graph.constraints import UNCONSTRAINED, AttributeValues, Constraints
from orchestration.identity.graph.guards import BridgeGuard, Evidence, bridges, joined_within_constraints

NODES = 8
Row = tuple[int, int, int]  # left, right, priority; the weight is 15 less the priority
BIRTHDAY, GIVEN_NAME, PHONE = 0, 1, 2

rows_drawn = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.integers(1, 9)), max_size=16)
pairs_drawn = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=3)
values_drawn = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, 2), st.integers(0, 2)), max_size=16)


def _evidence(rows: list[Row]) -> Evidence:
    left, right, priorities = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Evidence(left, right, priorities, (15 - priorities).astype(np.float64))


def _array(pairs: list[tuple[int, int]]) -> Integers:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _constraints(
    values: list[tuple[int, int, int]],
    *,
    must_link: list[tuple[int, int]] | None = None,
    cannot_link: list[tuple[int, int]] | None = None,
    phones: int = 2,
) -> Constraints:
    return Constraints(
        must_link=_array(must_link or []),
        cannot_link=_array(cannot_link or []),
        holdings=AttributeValues(*np.array(values, dtype=np.int64).reshape(-1, 3).T),
        conflict_rules=((BIRTHDAY, GIVEN_NAME),),
        limits=((PHONE, phones),),
    )


def _labels(rows: list[Row], constraints: Constraints = UNCONSTRAINED, *, nodes_count: int = NODES) -> list[int]:
    return [int(label) for label in joined_within_constraints(_evidence(rows), constraints, nodes_count=nodes_count)]


def _bridges(rows: list[Row], *, nodes_count: int = NODES) -> list[bool]:
    guard = BridgeGuard(max_weight=8.0, min_records=3)
    return [bool(flag) for flag in bridges(_evidence(rows), np.arange(nodes_count), guard)]


@settings(derandomize=True, max_examples=200)
@given(rows_drawn)
def test_without_constraints_clusters_are_connected_components(rows: list[Row]) -> None:
    pairs = _array([row[:2] for row in rows])
    assert _labels(rows) == component_labels(pairs, nodes_count=NODES).tolist()


@settings(derandomize=True, max_examples=200)
@given(st.data(), rows_drawn, pairs_drawn, values_drawn)
def test_the_order_of_the_evidence_changes_nothing(
    data: st.DataObject, rows: list[Row], cannot_link: list[tuple[int, int]], values: list[tuple[int, int, int]]
) -> None:
    apart = [pair for pair in cannot_link if pair[0] != pair[1]]
    constraints = _constraints(values, cannot_link=apart)
    turned = [(right, left, priority) for left, right, priority in data.draw(st.permutations(rows))]
    shuffled = _constraints(data.draw(st.permutations(values)), cannot_link=[pair[::-1] for pair in apart[::-1]])
    assert _labels(rows, constraints) == _labels([*turned, *turned[:3]], shuffled)


@settings(derandomize=True, max_examples=200)
@given(rows_drawn, pairs_drawn, values_drawn)
def test_no_cut_is_without_a_reason_and_no_cluster_against_a_constraint(
    rows: list[Row], cannot_link: list[tuple[int, int]], values: list[tuple[int, int, int]]
) -> None:
    apart = [pair for pair in cannot_link if pair[0] != pair[1]]
    labels = _labels(rows, _constraints(values, cannot_link=apart))
    held = [{(kind, value) for node, kind, value in values if labels[node] == label} for label in range(NODES)]
    for label, _ in enumerate(labels):
        members = [node for node in range(NODES) if labels[node] == label]
        most = max((len({v for n, k, v in values if n == node and k == PHONE}) for node in members), default=0)
        assert len({value for kind, value in held[label] if kind == PHONE}) <= max(2, most)
    assert all(labels[left] != labels[right] for left, right in apart)
    for left, right, _ in rows:
        one, other = labels[left], labels[right]
        if one != other:
            is_decided = any({labels[a], labels[b]} == {one, other} for a, b in apart)
            kinds = (BIRTHDAY, GIVEN_NAME)
            values_of = {kind: [{v for k, v in held[x] if k == kind} for x in (one, other)] for kind in kinds}
            is_contradicted = all(a and b and not a & b for a, b in values_of.values())
            is_too_many = len({v for k, v in held[one] | held[other] if k == PHONE}) > 2
            assert is_decided or is_contradicted or is_too_many


def test_a_family_with_one_address_is_parted_by_birthday_and_name_even_where_a_record_lacks_the_birthday() -> None:
    helen_crm, lucy_crm, lucy_shop, helen_shop = range(4)
    names = [(helen_crm, GIVEN_NAME, 1), (helen_shop, GIVEN_NAME, 1), (lucy_crm, GIVEN_NAME, 2)]
    values = [*names, (lucy_shop, GIVEN_NAME, 2), (helen_crm, BIRTHDAY, 1), (lucy_crm, BIRTHDAY, 2)]
    rows = [(one, other, 3) for one in range(4) for other in range(one + 1, 4)]
    assert _labels(rows, _constraints(values), nodes_count=4) == [0, 1, 1, 0]


def test_a_record_of_a_family_address_goes_to_the_one_with_whom_it_also_shares_a_phone() -> None:
    daughter_and_mother = _constraints([(0, BIRTHDAY, 1), (0, GIVEN_NAME, 1), (1, BIRTHDAY, 2), (1, GIVEN_NAME, 2)])
    address, phone = 3, 4
    assert _labels([(0, 2, address), (1, 2, address)], daughter_and_mother, nodes_count=3) == [0, 1, 0]
    assert _labels([(0, 2, address), (1, 2, address), (1, 2, phone)], daughter_and_mother, nodes_count=3) == [0, 1, 1]


def test_the_weaker_of_two_edges_is_cut() -> None:
    son, unnamed, father = 0, 1, 2
    values = [(node, kind, node) for node in (son, father) for kind in (BIRTHDAY, GIVEN_NAME)]
    rows = [(son, unnamed, 4), (unnamed, father, 3)]
    assert _labels(rows, _constraints(values), nodes_count=3) == [0, 1, 1]


def test_a_record_that_knows_both_values_makes_up_for_a_changed_one() -> None:
    before, both, after = 0, 1, 2
    values = [(node, kind, 0) for node in (before, both) for kind in (BIRTHDAY, GIVEN_NAME)]
    values += [(node, kind, 1) for node in (after, both) for kind in (BIRTHDAY, GIVEN_NAME)]
    assert _labels([(before, after, 1)], _constraints(values), nodes_count=3) == [0, 1, 2]
    assert _labels([(before, after, 1), (both, after, 5)], _constraints(values), nodes_count=3) == [0, 0, 0]


def test_records_that_show_too_many_values_together_stay_apart() -> None:
    values = [(node, PHONE, node) for node in range(3)]
    assert _labels([(0, 1, 3), (1, 2, 3)], _constraints(values), nodes_count=3) == [0, 0, 2]


def test_a_decision_outweighs_values_that_contradict_each_other() -> None:
    values = [(node, kind, node) for node in (0, 1) for kind in (BIRTHDAY, GIVEN_NAME)]
    assert _labels([(0, 1, 1)], _constraints(values, must_link=[(0, 1)]), nodes_count=2) == [0, 0]


def test_a_single_weak_edge_between_two_well_connected_parts_is_a_bridge() -> None:
    parts = [(0, 1, 1), (1, 2, 1), (3, 4, 1), (4, 5, 1)]
    assert _bridges([*parts, (2, 3, 9)]) == [False] * 4 + [True]
    assert _bridges([*parts, (2, 3, 9), (0, 5, 8)]) == [False] * 6
    assert _bridges([*parts, (2, 3, 1)]) == [False] * 5
    assert _bridges([(0, 1, 1), (1, 2, 1), (3, 4, 1), (2, 3, 9)]) == [False] * 4
