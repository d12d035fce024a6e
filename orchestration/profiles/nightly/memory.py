"""What earlier nights left of a feed: when it was profiled, and which of its columns are kept as sketches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow.parquet as pq

from orchestration.foundation.feed_contract import FeedContract
from orchestration.foundation.lake_io import Json, Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.profiles.nightly.arrivals import ArrivedColumn
from orchestration.profiles.nightly.drift import ProfileRow
from orchestration.profiles.nightly.sketches import SKETCHES_TABLE, is_comparable

COLUMNS_TABLE = "profiles/columns"

_NIGHTS_KEPT = 2


@dataclass(frozen=True)
class FeedMemory:
    """What is known of one feed.

    Attributes:
        nights: the last nights in which it was profiled, `YYYY-MM-DD`, ordered; none when it must be profiled anew.
        sketched: columns whose values are all in a sketch.
        left_out: columns that had values and no sketch; they get none later, since it would lack these.
    """

    nights: tuple[str, ...] = ()
    sketched: frozenset[str] = field(default_factory=frozenset)
    left_out: frozenset[str] = field(default_factory=frozenset)

    def night_before(self, as_of_on: date) -> str | None:
        """Return the last profiled night before a day, or None."""
        return max((night for night in self.nights if night < as_of_on.isoformat()), default=None)

    def after(self, columns: Iterable[ArrivedColumn], as_of_on: date) -> "FeedMemory":
        """Return what is known after a night in which these columns of the feed were profiled."""
        filled = [column for column in columns if column.filled_count]
        new = [column for column in filled if column.name not in self.sketched | self.left_out]
        comparable = {column.name for column in new if is_comparable(column)}
        return FeedMemory(
            tuple(sorted({*self.nights, as_of_on.isoformat()})[-_NIGHTS_KEPT:]),
            self.sketched | comparable,
            self.left_out | {column.name for column in new} - comparable,
        )

    def facts(self, rules: str) -> dict[str, Json]:
        """Return what the manifest record of the feed's sketches says."""
        return {
            "rules": rules,
            "nights": list(self.nights),
            "sketched": [*sorted(self.sketched)],
            "left_out": [*sorted(self.left_out)],
        }


def sketches_key(feed: FeedContract) -> str:
    """Return the key of a feed's sketches in the lake."""
    return f"{feed.source}.{feed.name}"


def remembered(lake: Lake, feed: FeedContract, *, rules: str) -> FeedMemory:
    """Return what is known of a feed; nothing when its sketches were made by other rules.

    Raises:
        LakeFileDamaged: the record of its sketches cannot be read.
    """
    record = lake.record(SKETCHES_TABLE, sketches_key(feed))
    if record is None or record.facts.get("rules") != rules:
        return FeedMemory()
    nights, sketched, left_out = (_texts(record.facts.get(name)) for name in ("nights", "sketched", "left_out"))
    return FeedMemory(tuple(nights), frozenset(sketched), frozenset(left_out))


def latest_nights(lake: Lake) -> dict[tuple[str, str], str]:
    """Return by source and feed the last night in which the feed was profiled.

    Raises:
        LakeFileDamaged: the record of a feed's sketches cannot be read.
    """
    found = {record.key: _texts(record.facts.get("nights")) for record in lake.records(SKETCHES_TABLE)}
    return {(key.partition(".")[0], key.partition(".")[2]): max(nights) for key, nights in found.items() if nights}


def rows_of_nights(lake: Lake, table: str, nights: Mapping[tuple[str, str], str]) -> list[ProfileRow]:
    """Return the rows of `profiles/columns` or `profiles/drift` of feeds, each of the night named with it.

    A night whose profile was damaged and then forgotten by `genome rebuild` has none.

    Args:
        lake: where the tables are.
        table: one of the two.
        nights: by source and feed, the night `YYYY-MM-DD`.

    Raises:
        LakeFileDamaged: a profile is missing or damaged.
    """
    rows: list[ProfileRow] = []
    for night in sorted(set(nights.values()) & set(lake.keys(table))):
        for path in lake.checked_paths(table, [night]):
            found = pq.read_table(path, schema=LAKE_TABLES[table].schema, partitioning=None).to_pylist()
            rows += [row for row in found if nights.get((row["source"], row["feed"])) == night]
    return rows


def _texts(value: Json) -> Sequence[str]:
    return [str(text) for text in value] if isinstance(value, list) else []
