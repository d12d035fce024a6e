"""One night's standardising: finds the raw values that are new, cleans them once, and commits them to the lake."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pyarrow.compute as pc

from orchestration.foundation.faults import fault_point
from orchestration.foundation.feed_contract import FeedContract, raw_schema
from orchestration.foundation.lake_io import Lake, create_views
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.standardise.values import KINDS, Kind, new_values


@dataclass(frozen=True)
class StandardisedReport:
    """What one night standardised of one kind: all values known now, those new, and the new ones that are refused."""

    kind: str
    values_count: int
    new_count: int
    refused_count: int
    refused_by_reason: Mapping[str, int]


def standardise_new_values(
    lake: Lake, feeds: Iterable[FeedContract], *, as_of_on: date, run_id: str, at: datetime
) -> Iterator[StandardisedReport]:
    """Yield one report a kind, after committing the kind's new values; a night without any commits nothing.

    Args:
        lake: where raw and standardised tables are.
        feeds: whose raw tables are searched.
        as_of_on: the business day that the night closes; it names the commit.
        run_id: the run that commits.
        at: zone-aware instant of the commit.

    Raises:
        LakeFileDamaged: a committed file is missing or has another size.
    """
    listed = tuple(feeds)
    schemas = {feed.table: raw_schema(feed) for feed in listed}
    schemas |= {kind.table: LAKE_TABLES[kind.table].schema for kind in KINDS.values()}
    with duckdb.connect() as connection:
        create_views(connection, lake, schemas)
        for kind in KINDS.values():
            fault_point("standardise.before_kind")
            found = kind.standardise(new_values(connection, listed, kind))
            if found.num_rows:
                key = _free_key(lake, kind, as_of_on)
                lake.write_table(kind.table, key, found, run_id=run_id, written_at=at)
            fault_point("standardise.after_kind")
            refused = Counter(found.filter(pc.invert(found["is_valid"]))["reason_code"].to_pylist())
            yield StandardisedReport(
                kind=kind.name,
                values_count=sum(record.rows for record in lake.records(kind.table)),
                new_count=found.num_rows,
                refused_count=refused.total(),
                refused_by_reason={str(reason): count for reason, count in sorted(refused.items())},
            )


def _free_key(lake: Lake, kind: Kind, as_of_on: date) -> str:
    taken = {record.key for record in lake.records(kind.table)}
    numbers = range(1, len(taken) + 2)
    return next(key for key in (f"{as_of_on.isoformat()}-{number:04d}" for number in numbers) if key not in taken)
