import hashlib
import random

import networkx as nx
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.identity.clusters import Clustering, customers_from_identifiers
from orchestration.identity.graph.numbering import RecordsRepeated

Observation = tuple[str, str, str | None]
Node = str | tuple[str, str | None]


def _clustered(records: list[str], observed: list[Observation], *, limit: int = 20) -> Clustering:
    return customers_from_identifiers(
        pa.table({"record_id": pa.array(records, type=pa.string())}),
        pa.table(
            {
                "record_id": pa.array([o[0] for o in observed], type=pa.string()),
                "identifier_type": pa.array([o[1] for o in observed], type=pa.string()),
                "identifier_hash": pa.array([o[2] for o in observed], type=pa.string()),
            }
        ),
        max_records_per_identifier=limit,
    )


def _groups(clustering: Clustering) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for row in clustering.customer_records.to_pylist():
        groups.setdefault(row["customer_id"], set()).add(row["record_id"])
    return {frozenset(group) for group in groups.values()}


def test_records_that_share_an_identifier_are_one_customer() -> None:
    clustering = _clustered(["a", "b", "c"], [("a", "email", "1"), ("b", "email", "1"), ("c", "email", "2")])
    assert _groups(clustering) == {frozenset("ab"), frozenset("c")}
    assert clustering.customer_records.schema == LAKE_TABLES["identity/customer_records"].schema
    rows = clustering.customer_records.to_pylist()
    assert [(row["record_id"], row["records_count"], row["cluster_rule"]) for row in rows] == [
        ("a", 2, "exact_identifier"),
        ("b", 2, "exact_identifier"),
        ("c", 1, "single_record"),
    ]
    assert clustering.customers_count == 2


def test_a_chain_of_different_identifiers_is_one_customer() -> None:
    observed: list[Observation] = [("a", "email", "1"), ("b", "email", "1"), ("b", "phone", "2"), ("c", "phone", "2")]
    assert _groups(_clustered(["a", "b", "c"], observed)) == {frozenset("abc")}


def test_the_same_hash_of_another_type_links_nothing() -> None:
    assert len(_groups(_clustered(["a", "b"], [("a", "email", "1"), ("b", "phone", "1")]))) == 2


def test_a_customer_is_named_after_its_smallest_record() -> None:
    clustering = _clustered(["shop:1", "crm:1"], [("shop:1", "email", "1"), ("crm:1", "email", "1")])
    expected = "c_" + hashlib.sha256(b"crm:1").hexdigest()[:20]
    assert clustering.customer_records["customer_id"].to_pylist() == [expected, expected]


def test_an_identifier_that_too_many_records_share_links_none_of_them() -> None:
    records = ["a", "b", "c", "d"]
    observed: list[Observation] = [*((r, "phone", "0") for r in records), ("a", "email", "1"), ("b", "email", "1")]
    blocked = _clustered(records, observed, limit=3)
    assert _groups(blocked) == {frozenset("ab"), frozenset("c"), frozenset("d")}
    assert (blocked.identifiers_blocked_count, blocked.observations_blocked_count) == (1, 4)
    linked = _clustered(records, observed, limit=4)
    assert _groups(linked) == {frozenset("abcd")}
    assert (linked.identifiers_blocked_count, linked.observations_blocked_count) == (0, 0)


def test_an_observation_that_repeats_counts_once_towards_the_limit() -> None:
    observed: list[Observation] = [*[("a", "email", "1")] * 5, ("b", "email", "1")]
    assert _groups(_clustered(["a", "b"], observed, limit=2)) == {frozenset("ab")}


def test_missing_hashes_and_unknown_records_link_nothing() -> None:
    observed: list[Observation] = [("a", "email", None), ("b", "email", None), ("z", "email", "1"), ("a", "email", "1")]
    assert _groups(_clustered(["a", "b"], observed)) == {frozenset("a"), frozenset("b")}


def test_no_records_are_no_customers() -> None:
    clustering = _clustered([], [])
    assert clustering.customer_records.num_rows == 0
    assert clustering.customers_count == 0


def test_a_record_given_twice_is_refused() -> None:
    with pytest.raises(RecordsRepeated, match="'a'"):
        _clustered(["a", "a"], [])


@pytest.mark.parametrize("seed", range(12))
def test_clusters_are_the_connected_components_that_networkx_finds(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a test, no secret
    records = [f"r{number}" for number in range(rng.randint(1, 120))]
    observed: list[Observation] = [
        (rng.choice(records), rng.choice(["email", "phone"]), str(rng.randint(0, len(records))))
        for _ in range(rng.randint(0, 2 * len(records)))
    ]
    limit = rng.randint(2, 5)
    sharing: dict[tuple[str, str | None], set[str]] = {}
    for record, kind, value in observed:
        sharing.setdefault((kind, value), set()).add(record)
    graph: nx.Graph[Node] = nx.Graph()
    graph.add_nodes_from(records)
    for identifier, members in sharing.items():
        if len(members) <= limit:
            graph.add_edges_from((member, identifier) for member in members)
    expected = {
        frozenset(str(node) for node in component if isinstance(node, str))
        for component in nx.connected_components(graph)
    }
    expected.discard(frozenset())
    clustering = _clustered(records, observed, limit=limit)
    assert _groups(clustering) == expected
    assert clustering.identifiers_blocked_count == sum(len(members) > limit for members in sharing.values())


@settings(derandomize=True, max_examples=40)
@given(st.data())
def test_the_order_of_the_rows_changes_nothing(data: st.DataObject) -> None:
    names = st.sampled_from([f"r{number}" for number in range(15)])
    records = data.draw(st.lists(names, unique=True))
    observed = data.draw(
        st.lists(st.tuples(names, st.sampled_from(["email", "phone"]), st.sampled_from(["1", "2", "3", "4"])))
    )
    shuffled_records = data.draw(st.permutations(records))
    shuffled_observed = data.draw(st.permutations(observed))
    one = _clustered(records, list(observed), limit=6)
    other = _clustered(list(shuffled_records), list(shuffled_observed), limit=6)
    assert one.customer_records.equals(other.customer_records)
