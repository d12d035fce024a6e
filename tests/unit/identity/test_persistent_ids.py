import hashlib
from collections.abc import Sequence
from datetime import date, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.identity.persistent_ids import IdentityState, after_night, assignments_of, resolved_ids

FIRST = date(2026, 6, 1)
Decision = tuple[str, str, str]


def _night(state: IdentityState, number: int, groups: str, decisions: Sequence[Decision] = ()) -> IdentityState:
    rows = [(record, min(group)) for group in groups.split() for record in group]
    clusters = pa.table(
        {
            "record_id": pa.array([row[0] for row in rows], type=pa.string()),
            "cluster_record_id": pa.array([row[1] for row in rows], type=pa.string()),
        }
    )
    names = ("record_id_left", "record_id_right", "decision")
    decided = {name: pa.array([row[place] for row in decisions], type=pa.string()) for place, name in enumerate(names)}
    return after_night(state, clusters, decisions=pa.table(decided), as_of_on=FIRST + timedelta(days=number))


def _nights(*nights: str) -> IdentityState:
    state = IdentityState.empty()
    for number, groups in enumerate(nights):
        state = _night(state, number, groups)
    return state


def _ids(state: IdentityState) -> dict[str, str]:
    return {row["record_id"]: row["customer_id"] for row in assignments_of(state).to_pylist()}


def _id(born_of: str) -> str:
    return "c_" + hashlib.sha256(born_of.encode()).hexdigest()[:20]


def _events(state: IdentityState, number: int) -> set[tuple[str, str, str | None, str]]:
    return {
        (row["event"], row["customer_id"], row["other_customer_id"], row["cause"])
        for row in state.lineage.to_pylist()
        if row["as_of_on"] == FIRST + timedelta(days=number)
    }


def _resolved(state: IdentityState) -> dict[str, str | None]:
    return {row["customer_id"]: row["resolved_customer_id"] for row in resolved_ids(state).to_pylist()}


def _grouped(labels: list[int]) -> str:
    groups = ("".join(r for r, own in zip("abcdef", labels, strict=True) if own == label) for label in range(4))
    return " ".join(group for group in groups if group)


groups_drawn = st.lists(st.integers(0, 3), min_size=6, max_size=6).map(_grouped)


def test_a_customer_is_named_after_its_smallest_record_and_keeps_the_name_when_a_smaller_one_comes() -> None:
    state = _nights("bc", "abc", "abc")
    assert _ids(state) == dict.fromkeys("abc", _id("b"))
    assert [_events(state, night) for night in range(3)] == [
        {("born", _id("b"), None, "new_record")},
        {("kept", _id("b"), None, "records_changed")},
        set(),
    ]


def test_the_customer_with_most_records_lives_on_in_a_merge_and_of_equals_the_oldest() -> None:
    assert set(_ids(_nights("a bc", "abc")).values()) == {_id("b")}
    assert set(_ids(_nights("b", "a b", "ab")).values()) == {_id("b")}
    assert set(_ids(_nights("a b", "ab")).values()) == {min(_id("a"), _id("b"))}


def test_an_undone_merge_gives_the_former_ids_back() -> None:
    apart = _nights("ab c")
    must_link = [("c", "a", "must_link")]
    merged = _night(apart, 1, "abc", must_link)
    assert _events(merged, 1) == {
        ("merged_into", _id("c"), _id("a"), "must_link"),
        ("kept", _id("a"), None, "records_changed"),
    }
    assert _resolved(merged) == {_id("a"): _id("a"), _id("c"): _id("a")}
    undone = _night(merged, 2, "ab c", [("a", "c", "cannot_link")])
    assert _ids(undone) == _ids(apart)
    assert _events(undone, 2) == {
        ("split_from", _id("c"), _id("a"), "cannot_link"),
        ("kept", _id("a"), None, "records_changed"),
    }
    assert _resolved(undone) == {_id("a"): _id("a"), _id("c"): _id("c")}


def test_a_new_part_of_a_split_gets_an_id_that_nobody_had() -> None:
    state = _nights("abc", "a bc")
    ids = _ids(state)
    assert ids["b"] == ids["c"] == _id("a")
    assert ids["a"] == _id("a|2026-06-02")
    assert _events(state, 1) == {
        ("born", ids["a"], None, "split"),
        ("split_from", ids["a"], _id("a"), "evidence_changed"),
        ("kept", _id("a"), None, "records_changed"),
    }


def test_a_small_part_of_a_merged_customer_does_not_take_its_id() -> None:
    state = _nights("abcd efg", "abcdefg", "abcdef g")
    assert _ids(state)["g"] == _id("g")
    assert _resolved(state)[_id("e")] == _id("a")


def test_old_ids_resolve_through_all_merges_and_to_nobody_when_the_records_are_gone() -> None:
    state = _nights("a bc defg hi", "abc defg hi", "abcdefg hi", "abcdefg")
    assert _resolved(state) == {_id("a"): _id("d"), _id("b"): _id("d"), _id("d"): _id("d"), _id("h"): None}
    assert _events(state, 3) == {("ended", _id("h"), None, "records_removed")}


def test_a_merge_by_a_new_record_says_so() -> None:
    assert ("merged_into", max(_id("a"), _id("b")), min(_id("a"), _id("b")), "new_record") in _events(
        _nights("a b", "abc"), 1
    )


def test_the_history_tells_who_was_whom_on_each_night() -> None:
    state = _nights("ab c", "abc", "ab c")
    rows = [tuple(row.values())[1:] for row in state.history.to_pylist() if row["record_id"] == "c"]
    days = [FIRST + timedelta(days=number) for number in range(3)]
    assert rows == [(_id("c"), days[0], days[1]), (_id("a"), days[1], days[2]), (_id("c"), days[2], None)]


@settings(derandomize=True, max_examples=6)
@given(st.lists(groups_drawn, min_size=2, max_size=3))
def test_ids_are_whole_stable_and_accounted_for(nights: list[str]) -> None:
    state = _nights(*nights)
    groups = [set(group) for group in nights[-1].split()]
    ids = _ids(state)
    assert len({ids[min(group)] for group in groups}) == len(groups)
    assert all(len({ids[record] for record in group}) == 1 for group in groups)
    again = _night(state, len(nights) - 1, " ".join(group[::-1] for group in nights[-1].split()[::-1]))
    assert again.history.equals(state.history)
    assert again.lineage.equals(state.lineage)
    next_night = _night(state, len(nights), nights[-1])
    assert (_ids(next_night), next_night.lineage.num_rows) == (ids, state.lineage.num_rows)
    born = [row["customer_id"] for row in state.lineage.to_pylist() if row["event"] == "born"]
    assert len(born) == len(set(born))
    assert set(ids.values()) <= set(born)
    resolved = _resolved(state)
    assert set(resolved) == set(born)
    assert set(resolved.values()) == set(ids.values())


@settings(derandomize=True, max_examples=6)
@given(groups_drawn)
def test_any_merge_and_its_undoing_give_back_all_ids(groups: str) -> None:
    before = _nights(groups)
    merged = _night(before, 1, groups.replace(" ", "", 1))
    assert _ids(_night(merged, 2, groups)) == _ids(before)


def test_a_customer_that_grew_while_merged_gets_its_id_back_and_leaves_the_other_its_own() -> None:
    state = _nights("ab c", "abc", "abcdefgh", "ab cdefgh")
    assert {record: _ids(state)[record] for record in "abch"} == {
        **dict.fromkeys("ab", _id("a")),
        **dict.fromkeys("ch", _id("c")),
    }
