"""What changed in a feed's columns since the last night in which it arrived: large changes that are not chance.

Shares are compared by the two-proportion z-test, categories by the population stability index against its limit and
against the quantile that two samples of one distribution reach by chance (Yurdakul 2018: the index times
n1 n2 / (n1 + n2) is about chi-squared with one degree of freedom less than there are categories). The false alarms
allowed are shared among all comparisons of a feed (Bonferroni).
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, TypeAlias

import pyarrow as pa

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.profiles_policy import ProfileDriftLimits

DRIFT_TABLE = "profiles/drift"
TYPE_SHARES = (
    "integer_share",
    "decimal_share",
    "date_share",
    "boolean_share",
    "email_share",
    "phone_share",
    "uuid_share",
    "json_share",
)

ProfileRow: TypeAlias = Mapping[str, Any]
"""One row of `profiles/columns` by its columns."""


@dataclass(frozen=True)
class _Comparison:
    """One measure of one column on two nights, and by how much it may differ."""

    column: str
    reason_code: str
    measure: str
    before: float
    now: float
    statistic: float
    limit: float
    is_large: bool
    told: str

    @property
    def is_drift(self) -> bool:
        return self.is_large and self.statistic >= self.limit


def found_drift(columns: Sequence[ProfileRow], previous: Sequence[ProfileRow], limits: ProfileDriftLimits) -> pa.Table:
    """Return what changed, as `profiles/drift`, by feed, column and measure; a feed without earlier profile has none.

    A column that one of the nights lacks counts as empty in it. What a person reads in `reason_text` are shares and
    counts, never a value.

    Args:
        columns: rows of `profiles/columns` of one night.
        previous: those of each feed's last night before.
        limits: which changes are told.
    """
    schema = LAKE_TABLES[DRIFT_TABLE].schema
    before = _by_feed(previous)
    rows = [
        {
            **{name: now[0][name] for name in ("as_of_on", "source", "feed", "_run_id")},
            "previous_on": before[feed][0]["as_of_on"],
            "column_name": found.column,
            "reason_code": found.reason_code,
            "measure": found.measure,
            "previous_value": found.before,
            "value": found.now,
            "statistic": found.statistic,
            "limit": found.limit,
            "reason_text": found.told,
        }
        for feed, now in _by_feed(columns).items()
        if feed in before
        for found in _compared(now, before[feed], limits)
    ]
    rows.sort(key=lambda row: (row["source"], row["feed"], row["column_name"], row["measure"]))
    return pa.Table.from_pylist(rows, schema=schema)


def _by_feed(rows: Iterable[ProfileRow]) -> dict[tuple[str, str], list[ProfileRow]]:
    found: dict[tuple[str, str], list[ProfileRow]] = {}
    for row in rows:
        found.setdefault((row["source"], row["feed"]), []).append(row)
    return found


def _compared(
    now: Sequence[ProfileRow], before: Sequence[ProfileRow], limits: ProfileDriftLimits
) -> Iterator[_Comparison]:
    pairs = [pair for pair in _pairs(now, before) if min(map(_rows, pair)) >= limits.judged_from_rows]
    judged = [pair for pair in pairs if min(row["judged_count"] for row in pair) >= limits.judged_from_rows]
    categorical = [pair for pair in judged if all(row["categories_json"] for row in pair)]
    count = len(pairs) + len(judged) * (len(TYPE_SHARES) + 1) + len(categorical)
    chance = limits.false_alarm_probability / max(count, 1)
    found = [
        *(_presence(one, other, limits, chance) for one, other in pairs),
        *(_typed(one, other, name, limits, chance) for one, other in judged for name in TYPE_SHARES),
        *(_categories(one, other, limits, chance) for one, other in categorical),
        *(_more_categories(one, other, limits) for one, other in categorical),
        *(_unique(one, other, limits, chance) for one, other in judged),
    ]
    yield from (comparison for comparison in found if comparison.is_drift)


def _pairs(now: Sequence[ProfileRow], before: Sequence[ProfileRow]) -> list[tuple[ProfileRow, ProfileRow]]:
    """Return the rows of each column tonight and before; an empty column where one of the nights lacks it."""
    here, there = ({row["column_name"]: row for row in rows} for rows in (now, before))
    names = [*here, *(name for name in there if name not in here)]
    return [
        (here.get(name) or _empty(there[name], now[0]), there.get(name) or _empty(here[name], before[0]))
        for name in names
    ]


def _empty(column: ProfileRow, night: ProfileRow) -> ProfileRow:
    shared = {name: night[name] for name in ("as_of_on", "files_count", "rows_count")}
    none = {"filled_count": 0, "judged_count": 0, "empty_share": 1.0, "distinct_count": 0, "categories_json": None}
    return {**column, **shared, **none}


def _rows(row: ProfileRow) -> int:
    return int(row["rows_count"])


def _presence(now: ProfileRow, before: ProfileRow, limits: ProfileDriftLimits, chance: float) -> _Comparison:
    one, other = float(before["empty_share"]), float(now["empty_share"])
    code = "empty_share_changed"
    if one < 1 and other == 1:
        code = "column_vanished"
    elif one == 1 and other < 1:
        code = "column_appeared"
    return _shares(now, code, "empty_share", (one, _rows(before)), (other, _rows(now)), limits, chance)


def _typed(now: ProfileRow, before: ProfileRow, name: str, limits: ProfileDriftLimits, chance: float) -> _Comparison:
    one, other = (before[name], before["judged_count"]), (now[name], now["judged_count"])
    return _shares(now, "type_share_changed", name, one, other, limits, chance)


def _shares(  # noqa: PLR0913, PLR0917 - two samples of one measure, and what is told of them
    now: ProfileRow,
    code: str,
    measure: str,
    one: tuple[float, int],
    other: tuple[float, int],
    limits: ProfileDriftLimits,
    chance: float,
) -> _Comparison:
    statistic, limit = abs(two_proportions_z(*one, *other)), NormalDist().inv_cdf(1 - chance / 2)
    what = "empty cells" if measure == "empty_share" else f"values that are {measure.removesuffix('_share')}"
    told = (
        f"the share of {what} went from {one[0]:.1%} of {one[1]:,} to {other[0]:.1%} of {other[1]:,} "
        f"(z {statistic:.1f}, by chance up to {limit:.1f})"
    )
    is_large = abs(one[0] - other[0]) >= limits.share_change_at_least
    return _Comparison(now["column_name"], code, measure, one[0], other[0], statistic, limit, is_large, told)


def two_proportions_z(share: float, count: int, other_share: float, other_count: int) -> float:
    """Return the z statistic of the difference of two shares, their pooled share being true; 0 when both are one.

    Example:
        >>> round(two_proportions_z(0.1, 100, 0.2, 100), 3)
        -1.98
    """
    pooled = (share * count + other_share * other_count) / (count + other_count)
    variance = pooled * (1 - pooled) * (1 / count + 1 / other_count)
    return (share - other_share) / math.sqrt(variance) if variance > 0 else 0.0


def _categories(now: ProfileRow, before: ProfileRow, limits: ProfileDriftLimits, chance: float) -> _Comparison:
    from scipy.special import chdtri

    one, other = json.loads(before["categories_json"]), json.loads(now["categories_json"])
    index = population_stability_index(one, other)
    kinds, first, second = len(one.keys() | other.keys()), sum(one.values()), sum(other.values())
    by_chance = float(chdtri(kinds - 1, chance)) * (1 / first + 1 / second) if kinds > 1 else 0.0
    limit = max(limits.categories_psi_at_least, by_chance)
    told = (
        f"the shares of {kinds} categories moved (population stability index {index:.2f}, told from {limit:.2f}; "
        f"{len(other.keys() - one.keys())} are new, {len(one.keys() - other.keys())} are gone)"
    )
    return _Comparison(now["column_name"], "categories_moved", "categories", 0.0, index, index, limit, True, told)  # noqa: FBT003


def population_stability_index(before: Mapping[str, int], now: Mapping[str, int]) -> float:
    """Return the sum of (q - p) ln(q / p) over all categories, half a row added to each so that none is zero.

    Example:
        >>> round(population_stability_index({"a": 50, "b": 50}, {"a": 80, "b": 20}), 2)
        0.41
    """
    names = sorted(before.keys() | now.keys())
    totals = [sum(counts.values()) + len(names) / 2 for counts in (before, now)]
    shares = [
        [(counts.get(name, 0) + 1 / 2) / total for counts, total in zip((before, now), totals, strict=True)]
        for name in names
    ]
    return math.fsum((new - old) * math.log(new / old) for old, new in shares)


def _more_categories(now: ProfileRow, before: ProfileRow, limits: ProfileDriftLimits) -> _Comparison:
    """Compare only with a night of at least as many rows: a larger one shows more of what is rare."""
    one, other = len(json.loads(before["categories_json"])), len(json.loads(now["categories_json"]))
    is_fair = now["judged_count"] <= before["judged_count"]
    told = f"{other} categories, {one} before"
    limit = limits.categories_growth_at_least * one
    return _Comparison(
        now["column_name"], "categories_multiplied", "distinct_count", one, other, other, limit, is_fair, told
    )


def _unique(now: ProfileRow, before: ProfileRow, limits: ProfileDriftLimits, chance: float) -> _Comparison:
    """Compare only nights of one file each, all rows judged: an id stands once in a file, not once in all.

    Nor with a smaller night: among more values more repeat by chance, as birthdays do.
    """
    is_fair = all(row["files_count"] == 1 and row["is_distinct_exact"] for row in (now, before))
    was_unique = before["distinct_count"] == before["filled_count"] >= now["filled_count"]
    one, other = before["filled_count"], now["filled_count"]
    repeated = 1 - (now["distinct_count"] or 0) / other
    statistic = abs(two_proportions_z(0.0, one, repeated, other))
    limit = NormalDist().inv_cdf(1 - chance / 2)
    told = f"{repeated:.1%} of {other:,} values repeat another; none of {one:,} did before"
    is_large = is_fair and was_unique and repeated >= limits.share_change_at_least
    return _Comparison(
        now["column_name"], "no_longer_unique", "repeated_share", 0.0, repeated, statistic, limit, is_large, told
    )
