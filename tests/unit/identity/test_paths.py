from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import networkx as nx
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.identity.graph.agglomeration import AverageLinkage
from orchestration.identity.graph.clustering import ClusteringRules, clustered
from orchestration.identity.graph.guards import BridgeGuard
from orchestration.identity.graph.numbering import RecordGraph
from orchestration.identity.graph.paths import RecordsUnconnected, previewed, strongest_path
from orchestration.identity.graph.tables import EDGE_SCHEMA

Compared = tuple[str, str, float]

NIGHT = date(2026, 6, 30)
RULES = ClusteringRules(
    linkage=AverageLinkage(missing_weight=-3.0, cap=15.0, stop=0.0),
    bridge=BridgeGuard(max_weight=9.0, min_records=3),
    max_records_per_customer=20,
    conflict_rules={},
    value_limits={},
    review_min_weight=6.0,
)


def _texts(names: Sequence[str], rows: Sequence[tuple[str, ...]]) -> pa.Table:
    columns: dict[str, pa.DataType] = dict.fromkeys(names, pa.string())
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=pa.schema(columns))


def _decided(*rows: tuple[str, str, str]) -> pa.Table:
    return _texts(["record_id_left", "record_id_right", "decision"], rows)


def _graph(
    records: str, compared: Sequence[Compared], *, emails: Sequence[str] = (), decisions: pa.Table | None = None
) -> RecordGraph:
    stars = [(min(shared), other, "email", str(place)) for place, shared in enumerate(emails) for other in shared[1:]]
    exact = [("deterministic", 3, 14.0, *star) for star in stars]
    model = [("probabilistic", 100, weight, left, right, "model", None) for left, right, weight in compared]
    names = ("edge_kind", "priority", "match_weight", "record_id_left", "record_id_right", "rule", "identifier_hash")
    shared = {"observed_on": NIGHT, "evidence_json": "{}"}
    edges = [{**dict(zip(names, row, strict=True)), **shared} for row in (*exact, *model)]
    return RecordGraph(
        records=_texts(["record_id"], [(name,) for name in records]),
        edges=pa.Table.from_pylist(edges, schema=EDGE_SCHEMA),
        attributes=_texts(["record_id", "attribute_type", "attribute_value"], []),
        decisions=_decided() if decisions is None else decisions,
    )


def _path(graph: RecordGraph, one: str, other: str) -> list[tuple[object, ...]]:
    names = ("step", "record_id_from", "record_id_to", "edge_kind", "rule", "match_weight")
    return [tuple(row[name] for name in names) for row in strongest_path(graph, one, other).to_pylist()]


def test_the_path_goes_where_the_weakest_edge_is_strongest() -> None:
    graph = _graph("abcd", [("a", "b", 9.0), ("b", "c", 7.0), ("c", "d", 8.0), ("a", "d", 6.5)])
    assert _path(graph, "d", "a") == [
        (1, "d", "c", "probabilistic", "model", 8.0),
        (2, "c", "b", "probabilistic", "model", 7.0),
        (3, "b", "a", "probabilistic", "model", 9.0),
    ]


def test_records_of_one_address_are_one_step_apart_and_a_decision_is_stronger_than_any_weight() -> None:
    graph = _graph("abcd", [("c", "d", 20.0)], emails=["abc"], decisions=_decided(("c", "d", "must_link")))
    assert _path(graph, "b", "d") == [
        (1, "b", "c", "deterministic", "email", 14.0),
        (2, "c", "d", "decision", "must_link", None),
    ]
    assert _path(graph, "a", "a") == []


def test_records_that_no_evidence_connects_are_refused_by_name() -> None:
    with pytest.raises(RecordsUnconnected, match="from a to c"):
        _path(_graph("abc", [("a", "b", 9.0)]), "a", "c")
    with pytest.raises(RecordsUnconnected, match="from a to z"):
        _path(_graph("abc", [("a", "b", 9.0)]), "a", "z")


@settings(derandomize=True, max_examples=6)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(-5, 9)), min_size=6, max_size=16))
def test_no_other_path_has_a_stronger_weakest_edge(rows: list[tuple[int, int, int]]) -> None:
    compared = [("abcdefg"[min(row[:2])], "abcdefg"[max(row[:2])], float(row[2])) for row in rows if row[0] != row[1]]
    oracle: nx.Graph[str] = nx.Graph()
    oracle.add_nodes_from("ag")
    for left, right, weight in compared:
        oracle.add_edge(left, right, weight=max(weight, oracle.get_edge_data(left, right, {}).get("weight", -9.0)))
    graph = _graph("abcdefg", compared)
    if not nx.has_path(oracle, "a", "g"):
        with pytest.raises(RecordsUnconnected):
            strongest_path(graph, "a", "g")
        return
    steps = strongest_path(graph, "a", "g").to_pylist()
    best = max(
        min(oracle[left][right]["weight"] for left, right in pairwise(path))
        for path in nx.all_simple_paths(oracle, "a", "g")
    )
    assert min(step["match_weight"] for step in steps) == best
    assert [step["record_id_from"] for step in steps] == ["a", *(step["record_id_to"] for step in steps[:-1])]
    assert steps[-1]["record_id_to"] == "g"


def test_a_preview_tells_the_records_of_all_clusters_that_would_change_and_no_other() -> None:
    graph = _graph(
        "abcdef", [("b", "c", 5.0)], emails=["ab", "cd", "ef"], decisions=_decided(("a", "e", "cannot_link"))
    )
    before = clustered(graph, rules=RULES, as_of_on=NIGHT)

    def changed(*rows: tuple[str, str, str]) -> list[tuple[str, ...]]:
        table = previewed(graph, _decided(*rows), before=before, rules=RULES, as_of_on=NIGHT)
        return [tuple(row.values()) for row in table.to_pylist()]

    assert changed(("c", "d", "cannot_link")) == [
        ("a", "a", "a"),
        ("b", "a", "a"),
        ("c", "a", "a"),
        ("d", "a", "d"),
    ]
    assert {row[2] for row in changed(("e", "a", "must_link"))} == {"a"}
    assert changed(("e", "f", "must_link")) == []
