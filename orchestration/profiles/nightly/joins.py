"""Which columns of different feeds hold the same things: how much of each column's values is found in the other.

Containment is estimated from the sketches: below the smaller of two bounds both are complete, so that the share of the
one's hashes that the other has too is that of a random sample of its values. Its interval is Wilson's at 95 % (Wilson
1927); it is exact, and the interval a point, where both columns are held whole or all values were counted (`counted`).
"""

from datetime import date

import duckdb
import pyarrow as pa

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.profiles_policy import JoinLimits
from orchestration.profiles.nightly.sketches import SKETCH_SIZE

JOINS_TABLE = "profiles/joins"
PAIR = ("feed", "column_name", "other_feed", "other_column_name")
"""What tells pairs of columns apart in `join_candidates`: a column and the one in which its values are looked for."""

_WHOLE = 2**63 - 1
_Z = 1.959963984540054


def create_candidates(connection: duckdb.DuckDBPyConnection, limits: JoinLimits) -> None:
    """Make the table `join_candidates`: the pairs of columns whose interval reaches `overlap_share_at_least`.

    Columns: those of `PAIR`, `distinct_count`, `other_distinct_count`, `compared_count`, `shared_count`,
    `containment_share`, `containment_low_share`, `containment_high_share`, `is_exact`.

    Args:
        connection: with the table `sketches`.
        limits: how many values must be compared, and which shares count.
    """
    asked = {"values_at_least": limits.values_at_least, "overlap": limits.overlap_share_at_least}
    connection.execute(f"create or replace temp table join_candidates as {_CANDIDATES}", asked)


def found_joins(connection: duckdb.DuckDBPyConnection, limits: JoinLimits, *, as_of_on: date, run_id: str) -> pa.Table:
    """Return the pairs of columns of different feeds whose containment is beyond the limits, as `profiles/joins`.

    One row a direction, the surest containment first. `inclusion` means that the interval's lower end reaches
    `inclusion_share_at_least`, `overlap` that it reaches `overlap_share_at_least`.

    Args:
        connection: with the tables `join_candidates` and `joins_counted`.
        limits: which shares count.
        as_of_on: the business day that the night closes.
        run_id: the run that asks.
    """
    found = connection.execute(
        _FOUND,
        {
            "as_of_on": as_of_on,
            "run_id": run_id,
            "inclusion": limits.inclusion_share_at_least,
            "overlap": limits.overlap_share_at_least,
        },
    ).to_arrow_table()
    return found.select(LAKE_TABLES[JOINS_TABLE].schema.names).cast(LAKE_TABLES[JOINS_TABLE].schema)


_CANDIDATES = f"""
with columns_sketched as (
    select
        feed,
        column_name,
        count(*) as kept_count,
        case when count(*) < {SKETCH_SIZE} then {_WHOLE} else max(value_hash) end as bound
    from sketches
    group by feed, column_name
),
columns_sized as (
    select
        *,
        case
            when bound = {_WHOLE} then kept_count
            else ({SKETCH_SIZE} - 1) / (bound / {_WHOLE}::double)
        end::bigint as distinct_count
    from columns_sketched
    where kept_count >= $values_at_least
),
hashes_shared as (
    select
        one.feed,
        one.column_name,
        other.feed as other_feed,
        other.column_name as other_column_name,
        count(*) as shared_count
    from sketches as one
    inner join sketches as other on one.value_hash = other.value_hash and one.feed <> other.feed
    group by one.feed, one.column_name, other.feed, other.column_name
),
pairs_bounded as (
    select
        hashes_shared.*,
        one.distinct_count,
        other.distinct_count as other_distinct_count,
        least(one.bound, other.bound) as bound
    from hashes_shared
    inner join columns_sized as one
        on hashes_shared.feed = one.feed and hashes_shared.column_name = one.column_name
    inner join columns_sized as other
        on hashes_shared.other_feed = other.feed and hashes_shared.other_column_name = other.column_name
    where hashes_shared.shared_count >= $values_at_least * $overlap
),
pairs_compared as (
    select
        pairs_bounded.feed,
        pairs_bounded.column_name,
        other_feed,
        other_column_name,
        bound = {_WHOLE} as is_exact,
        any_value(shared_count) as shared_count,
        any_value(distinct_count) as distinct_count,
        any_value(other_distinct_count) as other_distinct_count,
        count(*) as compared_count
    from pairs_bounded
    inner join sketches
        on pairs_bounded.feed = sketches.feed and pairs_bounded.column_name = sketches.column_name
    where sketches.value_hash <= pairs_bounded.bound
    group by all
),
pairs_estimated as (
    select
        *,
        shared_count / compared_count as containment_share,
        (shared_count + {_Z**2 / 2}) / (compared_count + {_Z**2}) as middle,
        {_Z} / (compared_count + {_Z**2}) * sqrt(
            shared_count * (compared_count - shared_count) / compared_count + {_Z**2 / 4}
        ) as half
    from pairs_compared
    where compared_count >= $values_at_least
),
pairs_judged as (
    select
        *,
        case when is_exact then containment_share else greatest(middle - half, 0) end as containment_low_share,
        case
            when is_exact or shared_count = compared_count then containment_share
            else least(middle + half, 1)
        end as containment_high_share
    from pairs_estimated
)
select
    feed,
    column_name,
    other_feed,
    other_column_name,
    distinct_count,
    other_distinct_count,
    compared_count,
    shared_count,
    containment_share,
    containment_low_share,
    containment_high_share,
    is_exact
from pairs_judged
where containment_high_share >= $overlap
"""
_FOUND = """
with pairs_counted as (
    select
        candidates.* replace (
            coalesce(counted.distinct_count, candidates.distinct_count) as distinct_count,
            coalesce(counted.other_distinct_count, candidates.other_distinct_count) as other_distinct_count,
            coalesce(counted.distinct_count, candidates.compared_count) as compared_count,
            coalesce(counted.shared_count, candidates.shared_count) as shared_count,
            coalesce(counted.shared_count / counted.distinct_count, containment_share) as containment_share,
            coalesce(counted.shared_count / counted.distinct_count, containment_low_share) as containment_low_share,
            coalesce(counted.shared_count / counted.distinct_count, containment_high_share) as containment_high_share,
            is_exact or counted.shared_count is not null as is_exact
        )
    from join_candidates as candidates
    left join joins_counted as counted using (feed, column_name, other_feed, other_column_name)
)
select
    $as_of_on::date as as_of_on,
    split_part(feed, '/', 1) as source,
    split_part(feed, '/', 2) as feed,
    column_name,
    split_part(other_feed, '/', 1) as found_in_source,
    split_part(other_feed, '/', 2) as found_in_feed,
    other_column_name as found_in_column_name,
    case when containment_low_share >= $inclusion then 'inclusion' else 'overlap' end as join_type,
    distinct_count,
    other_distinct_count as found_in_distinct_count,
    compared_count,
    shared_count,
    containment_share,
    containment_low_share,
    containment_high_share,
    is_exact,
    $run_id as _run_id
from pairs_counted
where containment_low_share >= $overlap
order by containment_low_share desc, pairs_counted.feed, column_name, other_feed, other_column_name
"""
