"""What is past its stated time and needed by nobody: found, removed, and put on record.

Delivered files by their feed's contract, lake files that no manifest record names, leftovers of killed writers, dbt's
logs. Never touched: what a manifest record names, the ledger, published databases (`publish` keeps the last ones), and
anything outside the folders named here. Runs are removed by `orchestration.runs`, which knows Dagster.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

import pyarrow as pa

from orchestration.foundation.clock import business_day, naive_utc
from orchestration.foundation.contracts import Contracts
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.operations_policy import RetentionPolicy

REMOVALS_TABLE = "privacy/removals"
_LEDGER = "ledger/files"
_SHA_LENGTH = 12
_FOLDERS_OF_WRITERS = ("nights", "models", "serving")


@dataclass(frozen=True)
class Removal:
    """One thing that is removed: its kind, its name (a path below the lake or state, or a run id), bytes, and why."""

    kind: str
    name: str
    bytes: int
    reason: str


@dataclass(frozen=True)
class Places:
    """What the removal may look at: the lake, and dbt's folder of logs and manifests.

    Attributes:
        lake: the lake.
        dbt_target_dir: dbt's folder.
        timezone: IANA zone in which arrival days are counted.
    """

    lake: Lake
    dbt_target_dir: Path
    timezone: str


def remove_expired(
    places: Places, contracts: Contracts, policy: RetentionPolicy, *, at: datetime
) -> tuple[Removal, ...]:
    """Return what was removed, by kind and name, at most `removals_at_most` of each kind.

    Args:
        places: where to look.
        contracts: for how long each feed's delivered files are kept.
        policy: for how long everything else is kept.
        at: the present instant, zone-aware.

    Raises:
        LakeFileDamaged: a manifest record cannot be read; what was not yet removed stays.
    """
    finders: tuple[Callable[[], Iterable[tuple[Path, Removal]]], ...] = (
        lambda: expired_deliveries(places, contracts, policy, at=at),
        lambda: superseded_files(places.lake, policy, at=at),
        lambda: leftovers(places.lake, policy, at=at),
        lambda: expired_dbt_logs(places.dbt_target_dir, policy, at=at),
    )
    return tuple(removal for find in finders for removal in _removed(islice(find(), policy.removals_at_most)))


def expired_deliveries(
    places: Places, contracts: Contracts, policy: RetentionPolicy, *, at: datetime
) -> Iterator[tuple[Path, Removal]]:
    """Yield the archived files whose every delivery is older than its feed keeps them, oldest path first.

    A file that no ledger row names is not among them, nor one that arrived again within its time. A feed whose
    contract is gone keeps its files: nobody says for how long.

    Args:
        places: where to look.
        contracts: for how long each feed's files are kept.
        policy: for how long files of no feed are kept.
        at: the present instant, zone-aware.
    """
    days_kept: dict[tuple[str, str], int] = {(f.source, f.name): f.retention_days for f in contracts.feeds()}
    today = business_day(at, places.timezone)
    for path, deliveries in sorted(_deliveries(places.lake).items()):
        ages = [(today - delivered_on).days for _, _, delivered_on in deliveries]
        limits = [
            days_kept.get((source, feed)) if feed else policy.unclaimed_file_days for source, feed, _ in deliveries
        ]
        if all(limit is not None and age > limit for age, limit in zip(ages, limits, strict=True)):
            found = places.lake.root / path
            if found.is_file() and not found.is_symlink() and _is_below(found, places.lake.root / "archive"):
                yield (
                    found,
                    Removal("delivered file", path, found.stat().st_size, f"{min(ages)} days old, kept {limits[0]}"),
                )


def superseded_files(lake: Lake, policy: RetentionPolicy, *, at: datetime) -> Iterator[tuple[Path, Removal]]:
    """Yield the Parquet files of every table that no manifest record names any more, by path.

    The time counts from when the record that replaced the file was written, so that a reader that still holds its
    name has all of it; for a file that no record ever named, from when it was written.

    Args:
        lake: where the tables are.
        policy: for how long superseded files are kept.
        at: the present instant, zone-aware.

    Raises:
        LakeFileDamaged: a manifest record cannot be read.
    """
    kept = timedelta(days=policy.superseded_file_days)
    for table in lake.tables():
        records = lake.records(table)
        named = {file.path for record in records for file in record.files}
        written = {record.key: record.written_at for record in records}
        for path in _parquet_files(lake.root / table):
            name = path.relative_to(lake.root).as_posix()
            since = max(_modified_at(path), written.get(_key_of(path), datetime.min.replace(tzinfo=UTC)))
            if name not in named and at - since > kept:
                reason = f"superseded {since.date()}, kept {policy.superseded_file_days} days"
                yield path, Removal("superseded file", name, path.stat().st_size, reason)


def leftovers(lake: Lake, policy: RetentionPolicy, *, at: datetime) -> Iterator[tuple[Path, Removal]]:
    """Yield the temporary files that killed writers left in the lake's folders, by path.

    Args:
        lake: where to look.
        policy: for how long they are kept.
        at: the present instant, zone-aware.
    """
    kept = timedelta(days=policy.superseded_file_days)
    folders = [lake.root / name for name in (*lake.tables(), *_FOLDERS_OF_WRITERS)]
    for path in sorted({found for folder in folders for found in folder.rglob(".*.tmp")}):
        if path.is_file() and not path.is_symlink() and at - _modified_at(path) > kept:
            name = path.relative_to(lake.root).as_posix()
            reason = f"left by a killed writer, kept {policy.superseded_file_days} days"
            yield path, Removal("leftover", name, path.stat().st_size, reason)


def expired_dbt_logs(target_dir: Path, policy: RetentionPolicy, *, at: datetime) -> Iterator[tuple[Path, Removal]]:
    """Yield dbt's rotated logs, and all but the newest of what is kept a version, that are past their time, by name.

    Args:
        target_dir: dbt's folder.
        policy: for how long they are kept.
        at: the present instant, zone-aware.
    """
    kept = timedelta(days=policy.dbt_log_days)
    versions = (sorted(target_dir.glob(f"{name}-*.json"), key=_modified_at) for name in ("manifest", "column_lineage"))
    earlier = (path for of_one_kind in versions for path in of_one_kind[:-1])
    for path in (*sorted(target_dir.glob("dbt.log.*")), *earlier):
        if path.is_file() and at - _modified_at(path) > kept:
            reason = f"older than {policy.dbt_log_days} days"
            yield path, Removal("dbt log", path.name, path.stat().st_size, reason)


def as_table(removals: Iterable[Removal], *, removed_at: datetime, run_id: str) -> pa.Table:
    """Return one row per removed thing, in the schema of `privacy/removals`.

    Args:
        removals: what was removed.
        removed_at: when, zone-aware.
        run_id: the run that removed it.
    """
    rows = [
        {
            "removed_kind": removal.kind,
            "removed_name": removal.name,
            "removed_bytes": removal.bytes,
            "reason_text": removal.reason,
            "removed_at": naive_utc(removed_at),
            "_run_id": run_id,
        }
        for removal in removals
    ]
    return pa.Table.from_pylist(rows, schema=LAKE_TABLES[REMOVALS_TABLE].schema)


def by_kind(removals: Iterable[Removal]) -> list[tuple[str, int, int]]:
    """Return kind, count and bytes of what was removed, by kind."""
    counted: dict[str, tuple[int, int]] = {}
    for removal in removals:
        count, size = counted.get(removal.kind, (0, 0))
        counted[removal.kind] = (count + 1, size + removal.bytes)
    return [(kind, count, size) for kind, (count, size) in sorted(counted.items())]


def _removed(found: Iterable[tuple[Path, Removal]]) -> Iterator[Removal]:
    for path, removal in list(found):
        path.unlink(missing_ok=True)
        _drop_empty_day(path.parent)
        yield removal


def _drop_empty_day(folder: Path) -> None:
    is_day = len(folder.name) == len("2026-06-30") and folder.name.count("-") == 2  # noqa: PLR2004 - an ISO day
    if is_day and not any(folder.iterdir()):
        folder.rmdir()


def _deliveries(lake: Lake) -> Mapping[str, list[tuple[str, str, date]]]:
    """Return source, feed and arrival day of every delivery, by the archived file that holds its bytes."""
    table = LAKE_TABLES[_LEDGER]
    columns = ["source", "feed", "delivered_on", "archive_path"]
    found: dict[str, list[tuple[str, str, date]]] = defaultdict(list)
    for row in lake.read_table(_LEDGER, table.schema).select(columns).to_pylist():
        if row["archive_path"]:
            found[row["archive_path"]].append((row["source"], row["feed"], row["delivered_on"]))
    return found


def _parquet_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.parquet")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield path


def _key_of(path: Path) -> str:
    return path.stem[: -_SHA_LENGTH - 1]


def _modified_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _is_below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
