"""One night's standardising: finds the raw values that are new, cleans them once, and commits them to the lake.

A value that was standardised by the rules of now is not looked at again: only raw files that no closed night has read
are searched. When the rules change, or a kind has nothing yet, all files are searched and what was done is redone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pyarrow.compute as pc

from orchestration.foundation.faults import fault_point
from orchestration.foundation.feed_contract import FeedContract, raw_schema
from orchestration.foundation.lake_io import Json, Lake, create_views
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.night import keys_since_closed_night
from orchestration.standardise.rules import rules_version
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
    raw = {feed.table: raw_schema(feed) for feed in listed}
    arrived = keys_since_closed_night(lake, raw)
    with duckdb.connect() as connection:
        for kind in KINDS.values():
            fault_point("standardise.before_kind")
            known, outdated = _keys_by_rules(lake, kind)
            schemas = {**raw, kind.table: LAKE_TABLES[kind.table].schema}
            create_views(connection, lake, schemas, keys={**(arrived if known else {}), kind.table: known})
            found = kind.standardise(new_values(connection, listed, kind))
            if found.num_rows:
                key = _free_key(lake, kind, as_of_on)
                facts: dict[str, Json] = {"rules_version": rules_version()}
                lake.write_table(kind.table, key, found, run_id=run_id, written_at=at, facts=facts)
            fault_point("standardise.before_forgetting")
            for key in outdated:
                lake.forget(kind.table, key)
            fault_point("standardise.after_kind")
            refused = Counter(found.filter(pc.invert(found["is_valid"]))["reason_code"].to_pylist())
            yield StandardisedReport(
                kind=kind.name,
                values_count=sum(record.rows for record in lake.records(kind.table)),
                new_count=found.num_rows,
                refused_count=refused.total(),
                refused_by_reason={str(reason): count for reason, count in sorted(refused.items())},
            )


def _keys_by_rules(lake: Lake, kind: Kind) -> tuple[list[str], list[str]]:
    """Return the keys of what was standardised by the rules of now, and of what was by others."""
    by_rules: dict[bool, list[str]] = {True: [], False: []}
    for record in lake.records(kind.table):
        by_rules[record.facts.get("rules_version") == rules_version()].append(record.key)
    return by_rules[True], by_rules[False]


def _free_key(lake: Lake, kind: Kind, as_of_on: date) -> str:
    taken = {record.key for record in lake.records(kind.table)}
    numbers = range(1, len(taken) + 2)
    return next(key for key in (f"{as_of_on.isoformat()}-{number:04d}" for number in numbers) if key not in taken)
