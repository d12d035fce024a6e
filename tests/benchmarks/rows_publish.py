"""The rows about publishing: how long a swap is visible, and what readers see meanwhile."""

import statistics
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.processes import Runner
from tests.benchmarks.sizes import Size
from tests.benchmarks.table import Row

_READERS = 8


def publish_rows(runner: Runner, size: Size, work: Path) -> Iterator[Row]:
    """Publish under readers."""
    readers = 2 if size.is_smoke else _READERS
    arguments = {"folder": str(work), "publishes": size.publishes, "readers": readers}
    measured = runner.run("jobs_publish:publish", arguments)
    facts = measured.facts
    whole = statistics.median(facts["whole_ms"])
    yield Row(
        key="publish_swap",
        what=f"visible swap: second name, record, rename, synced; {size.publishes} publishes",
        unit="ms",
        values=tuple(facts["visible_ms"]),
        target="<= 50",
        cpu=(measured.cpu,),
        wall=(measured.wall,),
        note=f"bound by the disk's fsync of two folders and a record; the whole swap with sync and hash {whole:.0f} ms",
    )
    wrong = len(facts["failed"]) + facts["mixed"]
    told = f"; first fault: {facts['failed'][0]}" if facts["failed"] else ""
    yield Row(
        key="publish_reads",
        what=f"failed or mixed reads of {readers} readers in {size.publishes} publishes",
        unit="rows",
        values=(float(wrong),),
        target="<= 0",
        is_equal=wrong == 0,
        note=f"{facts['reads']:,} whole reads; a reader saw up to {facts['builds_seen']} builds{told}",
    )
