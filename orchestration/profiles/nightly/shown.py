"""The profiles as people read them: of each feed the last night in which it arrived, and which columns belong together.

No value is among them: shares, counts, lengths, masked shapes and names of columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.profiles.nightly.drift import DRIFT_TABLE, ProfileRow
from orchestration.profiles.nightly.handling import HANDLING_TABLE, contradictions
from orchestration.profiles.nightly.joins import JOINS_TABLE
from orchestration.profiles.nightly.memory import COLUMNS_TABLE, latest_nights, rows_of_nights

COLUMNS_SHOWN: Mapping[str, str] = {
    "column_name": "column",
    "value_kind": "looks like",
    "pii": "personal data",
    "empty": "empty",
    "distinct": "distinct",
    "length": "length",
    "shape": "most frequent shape",
}
PROFILE_SHOWN: Mapping[str, str] = {"table": "feed", **COLUMNS_SHOWN}
DRIFT_SHOWN: Mapping[str, str] = {
    "as_of_on": "night",
    "previous_on": "compared with",
    "table": "feed",
    "column_name": "column",
    "reason_code": "change",
    "reason_text": "how much",
}
JOINS_SHOWN: Mapping[str, str] = {
    "values_of": "values of",
    "found_in": "are found in",
    "join_type": "as",
    "containment": "share found",
    "distinct_count": "distinct",
    "found_in_distinct_count": "distinct there",
}
HANDLING_SHOWN: Mapping[str, str] = {
    "table": "feed",
    "contradicting_column_name": "column",
    "pii": "personal data by contract",
    "contradiction_code": "its values",
    "contradicted": "share of values",
}


@dataclass(frozen=True)
class ProfilesShown:
    """What is known of the feeds.

    Attributes:
        columns: by `source/feed`, the rows of `profiles/columns` of its last night.
        drift: rows of `profiles/drift` of each feed's last night.
        joins: rows of `profiles/joins`.
        contradictions: rows of `profiles/handling` whose values contradict the contract.
    """

    columns: Mapping[str, Sequence[ProfileRow]]
    drift: Sequence[ProfileRow]
    joins: Sequence[ProfileRow]
    contradictions: Sequence[ProfileRow]


def profiles_shown(lake: Lake, *, feed: str | None = None) -> ProfilesShown:
    """Return what is known of all feeds, or of one and of what it is joined with; empty before the first night.

    Args:
        lake: where the profiles are.
        feed: `source/feed`; all feeds when it is left out.

    Raises:
        LakeFileDamaged: a profile is missing or damaged.
    """
    nights = {names: night for names, night in latest_nights(lake).items() if feed in {None, "/".join(names)}}
    columns: dict[str, list[ProfileRow]] = {}
    for row in rows_of_nights(lake, COLUMNS_TABLE, nights):
        columns.setdefault(_table(row), []).append(row)
    joins = lake.read_table(JOINS_TABLE, LAKE_TABLES[JOINS_TABLE].schema).to_pylist()
    handling = contradictions(lake.read_table(HANDLING_TABLE, LAKE_TABLES[HANDLING_TABLE].schema)).to_pylist()
    return ProfilesShown(
        columns=dict(sorted(columns.items())),
        drift=rows_of_nights(lake, DRIFT_TABLE, nights),
        joins=[join for join in joins if feed in {None, _table(join), _found_in(join)}],
        contradictions=[row for row in handling if feed in {None, _table(row)}],
    )


def as_shown(rows: Iterable[ProfileRow], titles: Mapping[str, str]) -> list[list[str]]:
    """Return the cells of rows as people read them, one list a row, in the order of `titles`."""
    return [[_text(_told(row).get(name)) for name in titles] for row in rows]


def files_told(row: ProfileRow) -> str:
    """Return how many files a row of `profiles/columns` is of, in words."""
    return "1 file" if row["files_count"] == 1 else f"{row['files_count']:,} files"


def _told(row: ProfileRow) -> ProfileRow:
    """Return a row with what is made of several of its columns."""
    if "value_kind" in row:
        return {**row, "table": _table(row), **_profile_told(row)}
    if "found_in_feed" in row:
        return {**row, **_join_told(row)}
    if row.get("contradiction_code"):
        return {**row, "table": _table(row), **_contradiction_told(row)}
    return {**row, "table": _table(row)}


def _profile_told(row: ProfileRow) -> dict[str, str]:
    lengths = sorted({length for length in (row["min_length"], row["max_length"]) if length is not None})
    about = "" if row["is_distinct_exact"] else "about "
    shape, share = row["frequent_pattern"], row["frequent_pattern_share"]
    return {
        "empty": f"{row['empty_share']:.1%}",
        "distinct": "" if row["distinct_count"] is None else f"{about}{row['distinct_count']:,}",
        "length": "–".join(f"{length:,}" for length in lengths),  # noqa: RUF001 - a range
        "shape": "" if shape is None else f"{shape} ({share:.0%})",
    }


def _join_told(row: ProfileRow) -> dict[str, str]:
    low, high = row["containment_low_share"], row["containment_high_share"]
    interval = "exact" if row["is_exact"] else f"{low:.1%} to {high:.1%}"
    return {
        "values_of": f"{_table(row)} {row['column_name']}",
        "found_in": f"{_found_in(row)} {row['found_in_column_name']}",
        "containment": f"{row['containment_share']:.1%} ({interval})",
    }


def _contradiction_told(row: ProfileRow) -> dict[str, str]:
    return {
        "contradiction_code": row["contradiction_code"].replace("_", " "),
        "contradicted": f"{row['contradicting_share']:.1%}",
    }


def _table(row: ProfileRow) -> str:
    return f"{row['source']}/{row['feed']}"


def _found_in(row: ProfileRow) -> str:
    return f"{row['found_in_source']}/{row['found_in_feed']}"


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
