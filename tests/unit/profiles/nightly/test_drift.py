"""What changed is told when it is large and more than chance, and not otherwise."""

import json
import random
from collections import Counter
from datetime import date
from typing import Any

import pytest

from orchestration.foundation.profiles_policy import ProfileDriftLimits
from orchestration.profiles.nightly.drift import (
    TYPE_SHARES,
    ProfileRow,
    found_drift,
    population_stability_index,
    two_proportions_z,
)

LIMITS = ProfileDriftLimits()


def profile(name: str = "city", *, rows: int = 1_000, empty: float = 0.0, **facts: object) -> ProfileRow:
    filled = round(rows * (1 - empty))
    plain = dict.fromkeys(TYPE_SHARES, 0.0)
    return {
        "as_of_on": date(2026, 6, 30),
        "source": "crm",
        "feed": "contacts",
        "column_name": name,
        "files_count": 1,
        "rows_count": rows,
        "judged_count": filled,
        "filled_count": filled,
        "empty_share": empty,
        "distinct_count": filled,
        "is_distinct_exact": True,
        "categories_json": None,
        "_run_id": "run",
        **plain,
        **facts,
    }


def reasons(now: list[ProfileRow], before: list[ProfileRow], limits: ProfileDriftLimits = LIMITS) -> list[str]:
    return [row["reason_code"] for row in found_drift(now, before, limits).to_pylist()]


def categories(**counts: int) -> dict[str, Any]:
    return {"categories_json": json.dumps(counts), "distinct_count": len(counts)}


@pytest.mark.parametrize(
    ("empty", "rows", "expected"),
    [
        (0.30, 1_000, ["empty_share_changed"]),  # large, and far from chance
        (0.13, 1_000, []),  # three points more: not large, whatever the rows
        (0.13, 1_000_000, []),
        (0.18, 60, []),  # large, but so few rows show it by chance
        (1.0, 1_000, ["column_vanished"]),
        (0.9, 19, []),  # too few to say anything
    ],
)
def test_more_empty_cells(empty: float, rows: int, expected: list[str]) -> None:
    assert reasons([profile(rows=rows, empty=empty)], [profile(empty=0.1)]) == expected


def test_a_type_that_goes_and_a_column_that_comes_are_told_by_name() -> None:
    before = [profile("birthday", date_share=1.0)]
    now = [profile("birthday", date_share=0.4, integer_share=0.6), profile("tier")]
    found = {(row["column_name"], row["measure"]) for row in found_drift(now, before, LIMITS).to_pylist()}
    assert found == {("birthday", "date_share"), ("birthday", "integer_share"), ("tier", "empty_share")}


def test_categories_that_move_are_told_and_those_that_only_vary_are_not() -> None:
    before = profile(**categories(gold=500, silver=500))
    assert reasons([profile(**categories(gold=880, silver=120))], [before]) == ["categories_moved"]
    assert reasons([profile(**categories(gold=520, silver=480))], [before]) == []
    few = profile(rows=20, **categories(gold=15, silver=5))
    assert reasons([few], [before]) == []  # an index of 0.27, which 20 rows reach by chance


def test_twice_as_many_categories_are_told() -> None:
    before = profile(**categories(**{f"k{number}": 250 for number in range(4)}))
    more = {f"k{number}": 240 for number in range(4)} | {f"x{number}": 10 for number in range(4)}
    assert "categories_multiplied" in reasons([profile(**categories(**more) | {"judged_count": 900})], [before])


def test_an_id_that_repeats_is_told_unless_two_files_arrived() -> None:
    repeated = profile("id", distinct_count=900)
    assert reasons([repeated], [profile("id")]) == ["no_longer_unique"]
    assert reasons([{**repeated, "files_count": 2}], [profile("id")]) == []
    assert reasons([repeated], [profile("id", rows=500)]) == []  # among more values more repeat
    assert reasons([profile("birthday", rows=32, distinct_count=29)], [profile("birthday", rows=40)]) == []  # chance


def test_a_feed_without_an_earlier_profile_has_no_drift() -> None:
    assert reasons([profile()], [{**profile(), "feed": "other"}]) == []


def test_two_samples_of_one_distribution_are_told_as_seldom_as_is_stated() -> None:
    chance = random.Random(7)  # noqa: S311 - a fixed seed, no secret
    limits = ProfileDriftLimits(false_alarm_probability=0.05, share_change_at_least=1e-9, categories_psi_at_least=1e-9)

    def night(rows: int) -> ProfileRow:
        empty = sum(chance.random() < 0.2 for _ in range(rows)) / rows
        drawn = Counter(chance.choices("abcde", weights=[5, 4, 3, 2, 1], k=rows))
        return profile(rows=rows, empty=empty, judged_count=rows, **categories(**drawn))

    told = sum(bool(reasons([night(400)], [night(700)], limits)) for _ in range(400))
    assert told <= 32  # 20 are expected at most; 32 is 2.7 standard deviations more


def test_the_index_and_the_statistic_are_those_of_the_books() -> None:
    even, moved = {"a": 5_000, "b": 5_000}, {"a": 8_000, "b": 2_000}
    assert population_stability_index(even, moved) == pytest.approx(0.4159, abs=0.001)
    assert population_stability_index(even, even) == 0
    assert two_proportions_z(0.5, 200, 0.4, 200) == pytest.approx(2.010, abs=0.001)
    assert two_proportions_z(0.0, 10, 0.0, 10) == 0
