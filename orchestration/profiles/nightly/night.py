"""One night's profiles: what arrived is profiled, compared with the feed's last night, and searched for in other feeds.

A night looks only at what no closed night has read; what it must know of all nights before are the feed's sketches and
its last profile. A feed without sketches of the rules of now is profiled over all that it ever delivered. Run again,
the night finds the same: keys, profiles, drift, and sketches, which merging twice does not change.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.foundation.connections import DuckdbLimits, connect
from orchestration.foundation.feed_contract import FeedContract, raw_schema
from orchestration.foundation.lake_io import Lake, create_views
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.night import keys_since_closed_night
from orchestration.foundation.profiles_policy import ProfilesPolicy
from orchestration.foundation.secret_keys import secret_key
from orchestration.profiles.columns import ColumnProfile
from orchestration.profiles.nightly.arrivals import Arrival, ArrivedColumn, profile_arrivals
from orchestration.profiles.nightly.counted import count_exactly
from orchestration.profiles.nightly.drift import DRIFT_TABLE, found_drift
from orchestration.profiles.nightly.handling import HANDLING_TABLE, handling_table
from orchestration.profiles.nightly.joins import JOINS_TABLE, create_candidates, found_joins
from orchestration.profiles.nightly.memory import (
    COLUMNS_TABLE,
    FeedMemory,
    latest_nights,
    remembered,
    rows_of_nights,
    sketches_key,
)
from orchestration.profiles.nightly.sketches import (
    SKETCHES_TABLE,
    add_to_sketches,
    create_sketches,
    rules_version,
    sketch_of,
    use_key,
)

_LATEST = "latest"


@dataclass(frozen=True)
class ProfilesReport:
    """What one night's profiles say, as tables of the lake.

    Attributes:
        columns: rows of `profiles/columns` of this night; none when nothing arrived.
        drift: rows of `profiles/drift` of this night.
        joins: all of `profiles/joins`.
        handling: all of `profiles/handling`.
        hashes_count: rows of `profiles/sketches`, of all feeds.
        compared_feeds_count: feeds that arrived and have an earlier profile to compare with.
    """

    columns: pa.Table
    drift: pa.Table
    joins: pa.Table
    handling: pa.Table
    hashes_count: int
    compared_feeds_count: int


@dataclass(frozen=True)
class _Commit:
    """What a commit says of itself."""

    as_of_on: date
    run_id: str
    at: datetime


def profile_night(  # noqa: PLR0913 - one night has this many facts
    lake: Lake,
    feeds: Sequence[FeedContract],
    policy: ProfilesPolicy,
    *,
    as_of_on: date,
    run_id: str,
    at: datetime,
    limits: DuckdbLimits,
) -> ProfilesReport:
    """Return what the night's profiles say, after committing them.

    A night in which nothing arrived commits nothing but what contracts state otherwise than before.

    Args:
        lake: where raw tables and profiles are.
        feeds: whose raw tables are looked at.
        policy: which changes and which joins are told.
        as_of_on: the business day that the night closes.
        run_id: the run that commits.
        at: zone-aware instant of the commit.
        limits: memory and threads of the connection.

    Raises:
        LakeFileDamaged: a committed file is missing or damaged.
    """
    commit = _Commit(as_of_on, run_id, at)
    with (
        TemporaryDirectory(prefix="genome-profiles-") as folder,
        connect(Path(folder) / "profiles.duckdb", limits, read_only=False) as connection,
    ):
        use_key(connection, secret_key(lake, "profiles_key"))
        rules = rules_version(connection)
        memories = {feed.table: remembered(lake, feed, rules=rules) for feed in feeds}
        arrivals = _arrivals(connection, lake, feeds, memories, as_of_on)
        if arrivals:
            found = profile_arrivals(connection, arrivals)
            compared = _profile_and_drift(lake, found, memories, policy, commit)
            _sketches_and_joins(connection, lake, feeds, found, memories, policy, commit)
        else:
            compared = 0
    handling = _handling(lake, feeds, policy, commit)
    return ProfilesReport(
        columns=_of_night(lake, COLUMNS_TABLE, as_of_on, is_new=bool(arrivals)),
        drift=_of_night(lake, DRIFT_TABLE, as_of_on, is_new=bool(arrivals)),
        joins=lake.read_table(JOINS_TABLE, LAKE_TABLES[JOINS_TABLE].schema),
        handling=handling,
        hashes_count=sum(record.rows for record in lake.records(SKETCHES_TABLE)),
        compared_feeds_count=compared,
    )


def _arrivals(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    feeds: Sequence[FeedContract],
    memories: Mapping[str, FeedMemory],
    as_of_on: date,
) -> tuple[Arrival, ...]:
    """Return what arrived of each feed, after making a view of it: all it has when no earlier night profiled it."""
    new = keys_since_closed_night(lake, [feed.table for feed in feeds], besides=as_of_on)
    arrivals, keys = [], {}
    for feed in feeds:
        is_known = memories[feed.table].night_before(as_of_on) is not None
        chosen = set(new[feed.table] if is_known else lake.keys(feed.table))
        records = (
            [record for record in lake.records(feed.table) if record.key in chosen and record.rows] if chosen else []
        )
        if records:
            arrivals.append(Arrival(feed, len(records), sum(record.rows for record in records)))
            keys[feed.table] = tuple(record.key for record in records)
    create_views(connection, lake, {a.feed.table: raw_schema(a.feed) for a in arrivals}, keys=keys)
    return tuple(arrivals)


def _profile_and_drift(
    lake: Lake,
    found: Sequence[ArrivedColumn],
    memories: Mapping[str, FeedMemory],
    policy: ProfilesPolicy,
    commit: _Commit,
) -> int:
    """Return how many feeds could be compared with an earlier night, after committing profiles and drift."""
    feeds = {column.arrival.feed.table: column.arrival.feed for column in found}
    nights = {(feed.source, feed.name): memories[table].night_before(commit.as_of_on) for table, feed in feeds.items()}
    earlier = {feed: night for feed, night in nights.items() if night is not None}
    columns = profiles_table(found, as_of_on=commit.as_of_on, run_id=commit.run_id)
    before = rows_of_nights(lake, COLUMNS_TABLE, earlier)
    drift = found_drift(columns.to_pylist(), before, policy.drift)
    key = commit.as_of_on.isoformat()
    lake.write_table(COLUMNS_TABLE, key, columns, run_id=commit.run_id, written_at=commit.at)
    lake.write_table(DRIFT_TABLE, key, drift, run_id=commit.run_id, written_at=commit.at)
    return len({(row["source"], row["feed"]) for row in before})


def _sketches_and_joins(  # noqa: PLR0913, PLR0917 - what the night read, and what it knows
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    feeds: Sequence[FeedContract],
    found: Sequence[ArrivedColumn],
    memories: Mapping[str, FeedMemory],
    policy: ProfilesPolicy,
    commit: _Commit,
) -> None:
    """Commit the joins between all feeds and the sketches of those that arrived; the sketches, which remember, last."""
    rules = rules_version(connection)
    columns: dict[Arrival, list[ArrivedColumn]] = {}
    for column in found:
        columns.setdefault(column.arrival, []).append(column)
    now = {arrival: memories[arrival.feed.table].after(own, commit.as_of_on) for arrival, own in columns.items()}
    valid = [record.key for record in lake.records(SKETCHES_TABLE) if record.facts.get("rules") == rules]
    create_sketches(connection, map(str, lake.checked_paths(SKETCHES_TABLE, valid)))
    add_to_sketches(
        connection,
        {arrival: [c.name for c in own if c.name in now[arrival].sketched] for arrival, own in columns.items()},
    )
    create_candidates(connection, policy.joins)
    arrived = {f"{arrival.feed.source}/{arrival.feed.name}" for arrival in columns}
    count_exactly(connection, lake, feeds, policy.joins, arrived=arrived)
    joins = found_joins(connection, policy.joins, as_of_on=commit.as_of_on, run_id=commit.run_id)
    lake.write_table(JOINS_TABLE, _LATEST, joins, run_id=commit.run_id, written_at=commit.at)
    for arrival, memory in now.items():
        sketch = sketch_of(connection, arrival)
        facts = memory.facts(rules)
        key = sketches_key(arrival.feed)
        lake.write_table(SKETCHES_TABLE, key, sketch, run_id=commit.run_id, written_at=commit.at, facts=facts)


def _handling(lake: Lake, feeds: Sequence[FeedContract], policy: ProfilesPolicy, commit: _Commit) -> pa.Table:
    """Return how each column is to be handled, after committing it when it is not what the lake holds."""
    profiles = rows_of_nights(lake, COLUMNS_TABLE, latest_nights(lake))
    found = handling_table(feeds, profiles, policy.handling)
    known = lake.record(HANDLING_TABLE, _LATEST)
    if known is None or not lake.read_table(HANDLING_TABLE, found.schema).equals(found):
        lake.write_table(HANDLING_TABLE, _LATEST, found, run_id=commit.run_id, written_at=commit.at)
    return found


def _of_night(lake: Lake, table: str, as_of_on: date, *, is_new: bool) -> pa.Table:
    schema = LAKE_TABLES[table].schema
    if not is_new:
        return schema.empty_table()
    [path] = lake.checked_paths(table, [as_of_on.isoformat()])
    return pq.read_table(path, schema=schema, partitioning=None)


def profiles_table(found: Sequence[ArrivedColumn], *, as_of_on: date, run_id: str) -> pa.Table:
    """Return profiled columns as rows of `profiles/columns`, in their order."""
    rows = [{"as_of_on": as_of_on, **_row(column), "_run_id": run_id} for column in found]
    return pa.Table.from_pylist(rows, schema=LAKE_TABLES[COLUMNS_TABLE].schema)


def _row(column: ArrivedColumn) -> dict[str, object]:
    feed, judged = column.arrival.feed, column.judged
    pattern, pattern_rows = next(iter(judged.patterns.items()), (None, 0))
    return {
        "source": feed.source,
        "feed": feed.name,
        "column_name": column.name,
        "pii": column.pii,
        "value_kind": column.kind,
        "files_count": column.arrival.files_count,
        "rows_count": column.rows_count,
        "judged_count": judged.filled_count,
        "filled_count": column.filled_count,
        "empty_share": 1 - column.filled_count / column.rows_count if column.rows_count else 1.0,
        "distinct_count": column.distinct_count,
        "is_distinct_exact": column.is_distinct_exact,
        "min_length": column.min_length,
        "max_length": column.max_length,
        "padded_share": _share(judged.padded_count, judged),
        "patterns_count": judged.patterns_count,
        "frequent_pattern": pattern,
        "frequent_pattern_share": _share(pattern_rows, judged),
        **_type_shares(judged),
        "categories_json": json.dumps(column.categories, sort_keys=True) if column.categories else None,
    }


def _type_shares(judged: ColumnProfile) -> dict[str, float]:
    """Return the shares of the values that could be of each type; a value may be of several."""
    dates = sum(rows for fitting, rows in judged.date_fitting.items() if fitting)
    decimals = max(judged.share("decimals_after_point"), judged.share("decimals_after_comma"))
    plain = ("integer", "boolean", "email", "phone", "uuid", "json")
    return {
        **{f"{name}_share": judged.share(name) for name in plain},
        "decimal_share": decimals,
        "date_share": _share(dates, judged),
    }


def _share(rows: int, judged: ColumnProfile) -> float:
    return rows / judged.filled_count if judged.filled_count else 0.0
