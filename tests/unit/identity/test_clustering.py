import json
from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.identity.graph.agglomeration import AverageLinkage
from orchestration.identity.graph.clustering import ClusteringRules, Clusters, clustered
from orchestration.identity.graph.constraints import DecisionsContradicted
from orchestration.identity.graph.guards import BridgeGuard
from orchestration.identity.graph.incremental import changed_records, clustered_again
from orchestration.identity.graph.numbering import RecordGraph, RecordsRepeated
from orchestration.identity.graph.tables import EDGE_SCHEMA, REVIEW_SCHEMA

Attribute = tuple[str, str, str]
Decision = tuple[str, str, str]
Edge = dict[str, object]

NIGHT = date(2026, 6, 30)
RULES = ClusteringRules(
    linkage=AverageLinkage(missing_weight=-3.0, cap=15.0, stop=0.0),
    bridge=BridgeGuard(max_weight=9.0, min_records=3),
    max_records_per_customer=6,
    conflict_rules={"another_birthday_and_given_name": ("birth_on", "given_name")},
    value_limits={"phone": 2},
    weak_conflict_rules={"another_title": ("title",)},
    review_min_weight=6.0,
)


def _star(rule: str, value: str, records: str, *, weight: float = 14.0, priority: int = 3) -> list[Edge]:
    shared = {"edge_kind": "deterministic", "rule": rule, "identifier_hash": value, "priority": priority}
    hub, *others = sorted(records)
    evidence = {"match_weight": weight, "observed_on": NIGHT, "evidence_json": json.dumps({"hash": value})}
    return [{"record_id_left": hub, "record_id_right": other, **shared, **evidence} for other in others]


def _phone(value: str, records: str) -> list[Edge]:
    return _star("phone", value, records, weight=9.0, priority=4)


def _compared(left: str, right: str, weight: float) -> Edge:
    edge = {"record_id_left": left, "record_id_right": right, "edge_kind": "probabilistic", "rule": "model"}
    return {**edge, "priority": 100, "match_weight": weight, "observed_on": NIGHT, "evidence_json": "{}"}


def _texts(names: Sequence[str], rows: Sequence[tuple[str, ...]]) -> pa.Table:
    columns: dict[str, pa.DataType] = dict.fromkeys(names, pa.string())
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=pa.schema(columns))


def _graph(
    records: str,
    edges: Sequence[Edge],
    *,
    attributes: Sequence[Attribute] = (),
    decisions: Sequence[Decision] = (),
) -> RecordGraph:
    return RecordGraph(
        records=_texts(["record_id"], [(name,) for name in records]),
        edges=pa.Table.from_pylist(list(edges), schema=EDGE_SCHEMA),
        attributes=_texts(["record_id", "attribute_type", "attribute_value"], attributes),
        decisions=_texts(["record_id_left", "record_id_right", "decision"], decisions),
    )


def _clustered(
    records: str,
    edges: Sequence[Edge],
    *,
    attributes: Sequence[Attribute] = (),
    decisions: Sequence[Decision] = (),
) -> Clusters:
    return clustered(_graph(records, edges, attributes=attributes, decisions=decisions), rules=RULES, as_of_on=NIGHT)


def _groups(found: Clusters) -> str:
    groups: dict[str, str] = {}
    for row in found.assignments.to_pylist():
        groups[row["cluster_record_id"]] = groups.get(row["cluster_record_id"], "") + row["record_id"]
    assert all(name == members[0] for name, members in groups.items())
    return " ".join(groups.values())


def _told(found: Clusters) -> list[tuple[str, str, str, str, str]]:
    names = ("guard", "reason_code", "rule", "record_id_left", "record_id_right")
    return [tuple(row[name] for name in names) for row in found.review.to_pylist()]


def _people(birthdays: dict[str, str], names: dict[str, str]) -> list[Attribute]:
    born = [(record, "birth_on", value) for record, value in birthdays.items()]
    return born + [(record, "given_name", value) for record, value in names.items()]


def test_exact_evidence_and_compared_pairs_form_one_graph() -> None:
    found = _clustered("abcdef", [*_star("email", "1", "ab"), *_phone("2", "bc"), _compared("c", "d", 9.0)])
    assert _groups(found) == "abcd e f"
    assert found.review.num_rows == 0
    assert found.review.schema == REVIEW_SCHEMA


def test_a_family_with_one_address_is_two_people_and_the_cut_is_told_once() -> None:
    people = _people({"a": "1964", "b": "1995"}, {"a": "helen", "b": "lucy", "c": "lucy", "d": "helen"})
    found = _clustered("abcd", _star("email", "1", "abcd"), attributes=people)
    assert _groups(found) == "ad bc"
    assert _told(found) == [("conflict", "another_birthday_and_given_name", "email", "a", "b")]
    row = found.review.to_pylist()[0]
    assert (row["identifier_hash"], row["match_weight"], row["records_count"], row["as_of_on"]) == ("1", 14, 4, NIGHT)
    assert json.loads(row["evidence_json"]) == {"pairs_count": 4, "edge": {"hash": "1"}}


def test_a_number_that_passed_to_a_stranger_joins_them_by_no_path() -> None:
    people = _people({"a": "1968", "c": "1999"}, {"a": "nigel", "c": "imogen"})
    edges = [*_phone("1", "abc"), *_star("email", "2", "ab"), _compared("a", "c", 12.0), _compared("b", "c", 12.0)]
    found = _clustered("abc", edges, attributes=people)
    assert _groups(found) == "ab c"
    assert {row[:3] for row in _told(found)} == {
        ("conflict", "another_birthday_and_given_name", rule) for rule in ("model", "phone")
    }


def test_records_that_show_too_many_numbers_or_are_too_many_stay_apart() -> None:
    numbers = [("a", "phone", "1"), ("b", "phone", "2"), ("c", "phone", "3")]
    found = _clustered("abc", _star("email", "1", "abc"), attributes=numbers)
    assert (_groups(found), _told(found)) == ("ab c", [("cardinality", "too_many_phones", "email", "a", "c")])
    crowd = _clustered("abcdefgh", _star("email", "1", "abcdefgh"))
    assert _groups(crowd) == "abcdef gh"
    assert _told(crowd) == [("cardinality", "too_many_records", "email", "a", "g")]


def test_one_weak_edge_between_two_well_connected_parts_is_cut_and_told() -> None:
    parts = [*_star("email", "1", "abc"), *_star("email", "2", "def")]
    found = _clustered("abcdef", [*parts, *_phone("9", "cf")])
    assert (_groups(found), _told(found)) == ("abc def", [("bridge", "single_weak_edge", "phone", "c", "f")])
    assert _groups(_clustered("abcdef", [*parts, *_phone("9", "cfe")])) == "abcdef"


def test_a_log_in_that_was_told_joins_nobody_whom_anything_parts_whatever_the_way_round() -> None:
    proved = _star("login_id", "1", "ab", weight=20.0, priority=1)
    told = [{**_star("login_id", "1", f"a{name}", weight=8.0, priority=5)[0]} for name in "cd"]
    titles = [("a", "title", "mr"), ("c", "title", "dr")]
    found = _clustered("abcd", [*proved, *told], attributes=titles)
    assert (_groups(found), _told(found)) == ("abd c", [("conflict", "another_title", "login_id", "a", "c")])
    assert _groups(_clustered("abcd", [*proved, *told])) == "abcd"
    strong = [{**edge, "match_weight": 20.0, "priority": 1} for edge in told]
    assert _groups(_clustered("abcd", [*proved, *strong], attributes=titles)) == "abcd"


def test_a_ticket_goes_to_whose_address_it_is_and_not_to_the_log_in_that_it_told() -> None:
    edges = [*_star("email", "1", "at"), *_star("login_id", "1", "bt", weight=8.0, priority=5)]
    titles = [("a", "title", "mr"), ("b", "title", "dr")]
    assert _groups(_clustered("abt", edges, attributes=titles)) == "at b"


def test_a_compared_pair_that_others_outweigh_is_told_when_it_weighs_enough() -> None:
    edges = [_compared("a", "b", 12.0), _compared("b", "c", 5.0), _compared("a", "c", -9.0)]
    assert _told(_clustered("abc", edges)) == []
    edges[1] = _compared("b", "c", 8.0)
    found = _clustered("abc", edges)
    assert _groups(found) == "ab c"
    assert _told(found) == [("average_linkage", "outweighed_by_other_pairs", "model", "b", "c")]


def test_decisions_bind_and_what_they_cut_is_told() -> None:
    edges = [*_star("email", "1", "ab"), _compared("a", "c", 12.0)]
    found = _clustered("abcd", edges, decisions=[("a", "b", "cannot_link"), ("c", "d", "must_link")])
    assert (_groups(found), _told(found)) == ("acd b", [("decision", "cannot_link", "email", "a", "b")])
    with pytest.raises(DecisionsContradicted, match="a and c"):
        _clustered("abc", [], decisions=[("a", "b", "must_link"), ("b", "c", "must_link"), ("c", "a", "cannot_link")])


def test_edges_and_decisions_of_unknown_records_bind_nobody_and_a_repeated_record_is_refused() -> None:
    assert _groups(_clustered("ab", _star("email", "1", "az"), decisions=[("b", "z", "must_link")])) == "a b"
    assert _groups(_clustered("", [])) == ""
    with pytest.raises(RecordsRepeated, match="'a'"):
        _clustered("aa", [])


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Edge], list[Attribute], list[Decision]]:
    name = st.sampled_from("abcdefgh")
    stars = dict(draw(st.lists(st.tuples(st.sampled_from("123"), st.sets(name, min_size=2).map("".join)), max_size=3)))
    weak = st.tuples(name, name, st.integers(-9, 15)).filter(lambda row: row[0] < row[1])
    edges = [edge for value, members in stars.items() for edge in _star("email", value, members)]
    edges += [_compared(left, right, float(weight)) for left, right, weight in draw(st.lists(weak, max_size=8))]
    attribute = st.tuples(name, st.sampled_from(["birth_on", "given_name", "phone"]), st.sampled_from("123"))
    apart = draw(st.lists(st.tuples(name, name).filter(lambda pair: pair[0] < pair[1]), max_size=2, unique=True))
    return edges, draw(st.lists(attribute, unique=True)), [(*pair, "cannot_link") for pair in apart]


@settings(derandomize=True, max_examples=8)
@given(st.data(), graphs())
def test_the_order_of_the_rows_and_far_off_records_change_nothing(
    data: st.DataObject, drawn: tuple[list[Edge], list[Attribute], list[Decision]]
) -> None:
    edges, attributes, decisions = drawn
    one = _clustered("abcdefgh", edges, attributes=attributes, decisions=decisions)
    far_off = [*_star("email", "9", "xyz"), _compared("y", "z", 3.0)]
    other = _clustered(
        "".join(data.draw(st.permutations("abcdefghxyz"))),
        data.draw(st.permutations([*far_off, *edges])),
        attributes=data.draw(st.permutations(attributes)),
        decisions=decisions[::-1],
    )
    assert other.assignments.slice(0, 8).equals(one.assignments)
    assert other.review.equals(one.review)


@settings(derandomize=True, max_examples=6)
@given(st.lists(st.tuples(st.sets(st.sampled_from("abcdefgh"), min_size=3).map("".join), graphs()), max_size=3))
def test_after_many_nights_of_changes_the_clusters_are_those_of_one_rebuild(
    nights: list[tuple[str, tuple[list[Edge], list[Attribute], list[Decision]]]],
) -> None:
    before = _graph("", [])
    state = clustered(before, rules=RULES, as_of_on=NIGHT)
    for records, (edges, attributes, decisions) in nights:
        now = _graph(records, edges, attributes=attributes, decisions=decisions)
        changed = changed_records(before, now, clusters=state, rules=RULES)
        state = clustered_again(state, now, changed=changed, rules=RULES, as_of_on=NIGHT)
        rebuilt = clustered(now, rules=RULES, as_of_on=NIGHT)
        assert state.assignments.equals(rebuilt.assignments)
        assert state.review.equals(rebuilt.review)
        before = now


def test_a_record_that_comes_after_its_edges_and_decisions_brings_those_that_it_is_tied_to() -> None:
    edges = [*_star("email", "1", "abc"), _compared("d", "e", 9.0)]
    decisions = [("f", "g", "must_link")]
    before, now = (_graph(records, edges, decisions=decisions) for records in ("bcdf", "abcdefg"))
    state = clustered(before, rules=RULES, as_of_on=NIGHT)
    changed = changed_records(before, now, clusters=state, rules=RULES)
    assert changed["record_id"].to_pylist() == list("abcdefg")
    again = clustered_again(state, now, changed=changed, rules=RULES, as_of_on=NIGHT)
    assert (_groups(state), _groups(again)) == ("b c d f", "abc de fg")


def test_a_pair_too_weak_to_join_two_components_touches_neither() -> None:
    edges = _star("email", "1", "ab")
    before = _graph("abcd", edges)
    state = clustered(before, rules=RULES, as_of_on=NIGHT)
    now = _graph("abcd", [*edges, _compared("a", "b", -3.0), _compared("b", "c", -3.0), _compared("c", "d", 1.0)])
    changed = changed_records(before, now, clusters=state, rules=RULES)
    assert changed["record_id"].to_pylist() == ["a", "b", "c", "d"]
    weak = changed_records(before, _graph("abcd", [*edges, _compared("b", "c", -3.0)]), clusters=state, rules=RULES)
    assert weak.num_rows == 0


def test_a_night_leaves_what_it_does_not_touch_and_keeps_the_night_of_what_it_told() -> None:
    people = _people({"a": "1964", "b": "1995"}, {"a": "helen", "b": "lucy"})
    edges = _star("email", "1", "ab")
    before = _graph("abcd", edges, attributes=people)
    state = clustered(before, rules=RULES, as_of_on=NIGHT)
    now = _graph("abcde", [*edges, *_star("email", "2", "ae"), *_star("email", "3", "cd")], attributes=people)
    changed = changed_records(before, now, clusters=state, rules=RULES)
    assert changed["record_id"].to_pylist() == ["a", "c", "d", "e"]
    after = clustered_again(state, now, changed=changed, rules=RULES, as_of_on=date(2026, 7, 1))
    assert (_groups(after), [row["as_of_on"] for row in after.review.to_pylist()]) == ("ae b cd", [NIGHT])
    none = changed.slice(0, 0)
    assert clustered_again(state, now, changed=none, rules=RULES, as_of_on=NIGHT).assignments.equals(state.assignments)
