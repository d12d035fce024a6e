"""The job of publishing under readers: every publish is built, verified and swapped in while readers open and read."""

import json
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.foundation.connections import DuckdbLimits
from orchestration.publish import swap as swapping
from orchestration.publish.candidate import build_candidate, verify_candidate
from tests.benchmarks.processes import PROJECT_ROOT
from tests.benchmarks.work import Facts, Meter

_AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
_TABLES = ("mart_people", "mart_segments", "mart_sums")
_ROWS = 20_000
_PAUSE_SECONDS = 0.02


def publish(arguments: Facts, meter: Meter) -> Facts:
    """Publish again and again with readers; say how long each swap was visible and what the readers saw."""
    folder = Path(arguments["folder"]) / "publishing"
    serving, warehouse = folder / "serving", folder / "warehouse.duckdb"
    serving.mkdir(parents=True)
    seen = _Instants()
    vars(swapping)["fault_point"] = seen.note  # the points that the swap names to tests of its crashes
    _publish(warehouse, serving, 0)
    readers = [_reader(folder) for _ in range(arguments["readers"])]
    for reader in readers:
        assert reader.stdout is not None
        reader.stdout.readline()
    seen.swaps.clear()
    with meter.measured():
        whole = [_publish(warehouse, serving, number) for number in range(1, arguments["publishes"] + 1)]
    (folder / "over").touch()
    reports = [json.loads(reader.communicate()[0]) for reader in readers]
    return {
        "visible_ms": [1_000 * seconds for seconds in seen.swaps],
        "whole_ms": [1_000 * seconds for seconds in whole],
        "reads": sum(report["reads"] for report in reports),
        "builds_seen": max(report["builds"] for report in reports),
        "failed": [fault for report in reports for fault in report["failed"]],
        "mixed": sum(report["mixed"] for report in reports),
    }


class _Instants:
    """When a swap began to change what readers can see, and when it had: from the second name to the synced rename."""

    def __init__(self) -> None:
        self.swaps: list[float] = []
        self._began = 0.0

    def note(self, point: str) -> None:
        if point == "swap.before_keep":
            self._began = time.perf_counter()
        if point == "swap.after_rename":
            self.swaps.append(time.perf_counter() - self._began)


def _publish(warehouse: Path, serving: Path, number: int) -> float:
    """Publish build `number`, of which every row says so, and return the seconds that the swap took."""
    with duckdb.connect(warehouse) as connection:
        connection.execute("create schema if not exists serving")
        for table in _TABLES:
            connection.execute(
                f"create or replace table serving.{table} as "
                f"select i as row_id, {number} as version, 'row ' || i as text from range({_ROWS}) as t(i)"
            )
    limits = DuckdbLimits("1GB", 1)
    built = build_candidate(warehouse=warehouse, serving_dir=serving, build_id=f"build-{number}", limits=limits)
    verify_candidate(built, limits=limits)
    began = time.perf_counter()
    swapping.swap(built, serving_dir=serving, as_of_on=date(2026, 6, 30), published_at=_AT)
    seconds = time.perf_counter() - began
    swapping.keep_last(serving, 3)
    return seconds


def _reader(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.benchmarks.jobs_publish", str(folder)]
    return subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True)


def _read(database: Path) -> set[tuple[Any, ...]]:
    """Return the distinct versions, builds and row counts that one connection sees in all tables."""
    found = set()
    with duckdb.connect(database, read_only=True, config={"threads": 1}) as connection:
        for table in _TABLES:
            query = f"select min(version), max(version), min(build_id), max(build_id), count(*) from {table}"
            low, high, first, last, count = connection.execute(query).fetchall()[0]
            found |= {(low, first, count), (high, last, count)}
    return found


def _keep_reading(folder: Path) -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    reads = mixed = 0
    failed: list[str] = []
    builds = set()
    while not (folder / "over").exists():
        try:
            found = _read(folder / "serving" / "genome.duckdb")
        except (duckdb.Error, OSError) as error:
            failed.append(str(error)[:300])
            continue
        reads += 1
        version, build, count = next(iter(found))
        mixed += len(found) > 1 or build != f"build-{version}" or count != _ROWS
        builds.add(build)
        time.sleep(_PAUSE_SECONDS)
    sys.stdout.write(json.dumps({"reads": reads, "mixed": mixed, "failed": failed, "builds": len(builds)}))


if __name__ == "__main__":
    _keep_reading(Path(sys.argv[1]))
