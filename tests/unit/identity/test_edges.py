from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.identity.graph.edges import DeterministicEdges, IdentifierTypesUnknown, deterministic_edges
from orchestration.identity.graph.tables import EDGE_SCHEMA, REVIEW_SCHEMA

Observation = tuple[str | None, str, str | None, int]

SEEDS = Path(__file__).parents[3] / "dbt_project" / "seeds"
NAMES = ("record_id", "identifier_type", "identifier_hash")
NIGHT = date(2026, 6, 30)
TYPES = pa.table(
    {
        "identifier_type": ["email", "phone"],
        "priority": [1, 2],
        "match_weight": [14.0, 9.0],
        "unverified_priority": [3, 2],
        "unverified_match_weight": [8.0, 9.0],
        "max_records_per_identifier": [4, 3],
    }
)
BLOCKED = pa.table({"identifier_type": ["email"], "identifier_hash": ["noreply"], "reason_code": ["placeholder"]})


def _observed(rows: Sequence[Observation], told_by: str = "") -> pa.Table:
    """Return observations; what the records of `told_by` show is merely told."""
    types: dict[str, pa.DataType] = {**dict.fromkeys(NAMES, pa.string()), "observed_on": pa.date32()}
    schema = pa.schema({**types, "is_verified": pa.bool_()})
    observed = [(*row[:3], date(2026, 1, row[3]), (row[0] or "-") not in told_by) for row in rows]
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in observed], schema=schema)


def _found(rows: Sequence[Observation], told_by: str = "") -> DeterministicEdges:
    return deterministic_edges(
        _observed(rows, told_by), identifier_types=TYPES, blocked_identifiers=BLOCKED, as_of_on=NIGHT
    )


def _pairs(found: DeterministicEdges) -> list[tuple[str, str, str]]:
    return [(row["record_id_left"], row["record_id_right"], row["rule"]) for row in found.edges.to_pylist()]


def test_records_that_show_one_identifier_hang_on_the_smallest_of_them() -> None:
    found = _found([("c", "email", "1", 3), ("a", "email", "1", 9), ("b", "email", "1", 2), ("b", "phone", "1", 1)])
    assert _pairs(found) == [("a", "b", "email"), ("a", "c", "email")]
    assert found.edges.schema == EDGE_SCHEMA
    assert found.refused.schema == REVIEW_SCHEMA
    assert found.refused.num_rows == 0


def test_what_a_record_merely_tells_is_believed_less_than_what_two_records_proved() -> None:
    found = _found([(name, "email", "1", 1) for name in "abcd"], told_by="ad")
    believed = [
        (row["record_id_left"], row["record_id_right"], row["priority"], row["match_weight"])
        for row in found.edges.to_pylist()
    ]
    assert believed == [("b", "c", 1, 14.0), ("a", "b", 3, 8.0), ("b", "d", 3, 8.0)]


def test_an_edge_holds_from_the_day_on_which_both_records_showed_the_identifier() -> None:
    found = _found([("a", "email", "1", 5), ("a", "email", "1", 9), ("b", "email", "1", 2)])
    row = found.edges.to_pylist()[0]
    assert (row["observed_on"], row["match_weight"], row["priority"]) == (date(2026, 1, 5), 14.0, 1)
    assert row["evidence_json"] == '{"identifier_type":"email","identifier_hash":"1"}'


def test_an_identifier_beyond_the_limit_of_its_type_joins_none_and_is_told() -> None:
    rows: list[Observation] = [(name, kind, "1", 1) for name in "abcd" for kind in ("phone", "email")]
    found = _found(rows)
    assert [rule for _, _, rule in _pairs(found)] == ["email"] * 3
    told = found.refused.to_pylist()
    assert [(row["guard"], row["reason_code"], row["rule"], row["records_count"]) for row in told] == [
        ("identifier_limit", "too_many_records", "phone", 4)
    ]
    assert told[0]["as_of_on"] == NIGHT


def test_a_blocked_value_joins_none_and_is_told_with_its_reason() -> None:
    found = _found([("a", "email", "noreply", 1), ("b", "email", "noreply", 1), ("c", "phone", "noreply", 1)])
    assert _pairs(found) == []
    assert [(row["guard"], row["reason_code"]) for row in found.refused.to_pylist()] == [
        ("blocked_identifier", "placeholder")
    ]


def test_values_that_are_missing_and_records_that_repeat_join_nothing() -> None:
    rows: list[Observation] = [("a", "email", None, 1), ("b", "email", None, 1), (None, "email", "1", 1)]
    found = _found([*rows, ("a", "email", "1", 1), ("a", "email", "1", 2)])
    assert (_pairs(found), found.refused.num_rows) == ([], 0)


def test_a_type_of_which_nothing_is_known_is_refused() -> None:
    with pytest.raises(IdentifierTypesUnknown, match="'passport'"):
        _found([("a", "passport", "1", 1)])


@settings(derandomize=True, max_examples=12)
@given(st.data())
def test_the_order_and_number_of_the_rows_changes_nothing(data: st.DataObject) -> None:
    row = st.tuples(
        st.sampled_from("abcdef"), st.sampled_from(["email", "phone"]), st.sampled_from("123"), st.integers(1, 9)
    )
    rows = data.draw(st.lists(row, max_size=25))
    shuffled = data.draw(st.permutations(rows))
    one, other = _found(rows), _found([*shuffled, *shuffled[:3]])
    assert one.edges.equals(other.edges)
    assert one.refused.equals(other.refused)


def test_the_seeds_say_all_that_edges_need_in_an_order_without_ties() -> None:
    types = pc.read_csv(SEEDS / "identifier_types.csv")
    blocked = pc.read_csv(SEEDS / "blocked_identifiers.csv")
    found = deterministic_edges(
        _observed([("a", "email", "1", 1), ("b", "email", "1", 1)]),
        identifier_types=types,
        blocked_identifiers=blocked,
        as_of_on=NIGHT,
    )
    assert found.edges.num_rows == 1
    by_priority = types.sort_by("priority")
    assert len(set(by_priority["priority"].to_pylist())) == types.num_rows
    weights = by_priority["match_weight"].to_numpy()
    assert (weights[:-1] > weights[1:]).all()
    told = {row["identifier_type"]: row["unverified_match_weight"] for row in types.to_pylist()}
    proved = {row["identifier_type"]: row["match_weight"] for row in types.to_pylist()}
    assert all(told[name] <= proved[name] for name in proved)
    assert max(told["login_id"], told["loyalty_card"]) < min(proved["phone"], proved["email"])
