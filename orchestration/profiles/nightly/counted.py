"""Joins that sketches only estimate, counted exactly over all values of both columns, as far as it is affordable.

What a night may read for that is stated as cells (`verified_cells_at_most`); the surest joins come first. What was
counted stays while neither feed has new rows.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import duckdb
import pyarrow as pa

from orchestration.foundation.feed_contract import FeedContract, raw_schema
from orchestration.foundation.lake_io import Lake, create_views
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.profiles_policy import JoinLimits
from orchestration.profiles.nightly.arrivals import Arrival
from orchestration.profiles.nightly.joins import JOINS_TABLE, PAIR
from orchestration.profiles.nightly.sketches import distinct_hashes

_Column: TypeAlias = tuple[str, str]
_Pair: TypeAlias = tuple[_Column, _Column]


def count_exactly(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    feeds: Sequence[FeedContract],
    limits: JoinLimits,
    *,
    arrived: Collection[str],
) -> None:
    """Make the table `joins_counted`: pairs of columns with their distinct values and how many of them are shared.

    The views of feeds that are counted show all of their rows from then on.

    Args:
        connection: with the table `join_candidates`.
        lake: where raw tables and the joins of the last night are.
        feeds: whose raw tables can be read.
        limits: how much may be read.
        arrived: feeds with new rows, as `source/feed`.

    Raises:
        LakeFileDamaged: a committed file is missing or damaged.
    """
    counts = ", ".join(f"{name} bigint" for name in ("distinct_count", "other_distinct_count", "shared_count"))
    columns = ", ".join(f"{name} varchar" for name in PAIR)
    connection.execute(f"create or replace temp table joins_counted ({columns}, {counts})")
    _keep_known(connection, lake, arrived)
    listed = ", ".join(f"candidates.{name}" for name in PAIR)
    uncounted = connection.execute(
        f"""
        select {listed} from join_candidates as candidates
        anti join joins_counted using ({", ".join(PAIR)})
        where not is_exact
        order by containment_low_share desc, {listed}
        """
    ).fetchall()
    by_name = {f"{feed.source}/{feed.name}": feed for feed in feeds}
    rows = {name: sum(record.rows for record in lake.records(feed.table)) for name, feed in by_name.items()}
    pairs = [((one, column), (other, other_column)) for one, column, other, other_column in uncounted]
    chosen = _affordable(pairs, rows, cells_at_most=limits.verified_cells_at_most)
    if chosen:
        create_views(connection, lake, {by_name[name].table: raw_schema(by_name[name]) for name in _feeds(chosen)})
        _count(connection, chosen, by_name, rows)


def _keep_known(connection: duckdb.DuckDBPyConnection, lake: Lake, arrived: Collection[str]) -> None:
    known = lake.read_table(JOINS_TABLE, LAKE_TABLES[JOINS_TABLE].schema)
    connection.register("joins_known", known)
    connection.execute(
        """
        insert into joins_counted
        select
            source || '/' || feed,
            column_name,
            found_in_source || '/' || found_in_feed,
            found_in_column_name,
            distinct_count,
            found_in_distinct_count,
            shared_count
        from joins_known
        where is_exact
            and not list_contains($arrived::varchar[], source || '/' || feed)
            and not list_contains($arrived::varchar[], found_in_source || '/' || found_in_feed)
        """,
        {"arrived": sorted(arrived)},
    )
    connection.unregister("joins_known")


def _affordable(pairs: Iterable[_Pair], rows: Mapping[str, int], *, cells_at_most: int) -> list[_Pair]:
    """Return the first pairs whose columns, each read once, have no more cells; pairs of unknown feeds are left out."""
    chosen: list[_Pair] = []
    read: set[_Column] = set()
    for pair in pairs:
        if not {name for name, _ in pair} <= rows.keys():
            continue
        more = read | set(pair)
        if sum(rows[name] for name, _ in more) <= cells_at_most:
            chosen.append(pair)
            read = more
    return chosen


def _feeds(pairs: Iterable[_Pair]) -> list[str]:
    return sorted({name for pair in pairs for name, _ in pair})


def _count(
    connection: duckdb.DuckDBPyConnection,
    pairs: Sequence[_Pair],
    feeds: Mapping[str, FeedContract],
    rows: Mapping[str, int],
) -> None:
    connection.execute("create or replace temp table all_hashes (feed varchar, column_name varchar, value_hash bigint)")
    for name in _feeds(pairs):
        columns = sorted({column for pair in pairs for feed, column in pair if feed == name})
        for hashes in distinct_hashes(Arrival(feeds[name], 1, rows[name]), columns):
            connection.execute(f"insert into all_hashes {hashes}")
    asked = [dict(zip(PAIR, (*one, *other), strict=True)) for one, other in pairs]
    connection.register("pairs_asked", pa.Table.from_pylist(asked, schema=pa.schema(dict.fromkeys(PAIR, pa.string()))))
    connection.execute(_COUNTED)
    connection.unregister("pairs_asked")
    connection.execute("drop table all_hashes")


_COUNTED = """
insert into joins_counted
with sizes as (
    select feed, column_name, count(*) as distinct_count from all_hashes group by all
),
shared as (
    select asked.*, count(*) as shared_count
    from pairs_asked as asked
    inner join all_hashes as one on asked.feed = one.feed and asked.column_name = one.column_name
    inner join all_hashes as other
        on asked.other_feed = other.feed
        and asked.other_column_name = other.column_name
        and one.value_hash = other.value_hash
    group by all
)
select
    asked.*,
    one.distinct_count,
    other.distinct_count,
    coalesce(shared.shared_count, 0)
from pairs_asked as asked
inner join sizes as one on asked.feed = one.feed and asked.column_name = one.column_name
inner join sizes as other on asked.other_feed = other.feed and asked.other_column_name = other.column_name
left join shared
    on asked.feed = shared.feed
    and asked.column_name = shared.column_name
    and asked.other_feed = shared.other_feed
    and asked.other_column_name = shared.other_column_name
"""
