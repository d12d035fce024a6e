"""Runs each measured thing in a process of its own, A-B-A-B, and watches the memory of all its processes."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from tests.benchmarks.work import memory_bytes

PROJECT_ROOT = Path(__file__).resolve().parents[2]
_LOOK_EVERY_SECONDS = 0.1


class JobFailed(Exception):
    """A measured job ended badly; the message is its traceback's end."""


@dataclass(frozen=True)
class Measurement:
    """One run of a job.

    Attributes:
        cpu: CPU seconds of the measured part, children included.
        wall: wall seconds of the measured part.
        whole_cpu: CPU seconds of the whole process tree, start-up and imports included.
        whole_wall: wall seconds of the whole process.
        before_bytes: memory before the measured part.
        peak_bytes: highest memory of the job's own process.
        child_peak_bytes: highest memory of any process below it, such as dbt's; 0 when there is none.
        facts: what the job says of its output.
    """

    cpu: float
    wall: float
    whole_cpu: float
    whole_wall: float
    before_bytes: int
    peak_bytes: int
    child_peak_bytes: int
    facts: Mapping[str, Any]


Run: TypeAlias = Callable[[], Measurement]


@dataclass
class Pairs:
    """The runs of A and of B, in the order in which they were interleaved."""

    a: list[Measurement] = field(default_factory=list)
    b: list[Measurement] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether all outputs are equal in what both sides say of them."""
        first = self.b[0].facts
        names = [name for name in first if not name.startswith("_") and name in self.a[0].facts]
        return all(run.facts[name] == first[name] for run in (*self.a, *self.b) for name in names)

    def ratios(self, what: str) -> list[float]:
        """Return A / B of one measure, one value a pair."""
        pairs = zip(self.a, self.b, strict=True)
        return [float(getattr(a, what)) / max(float(getattr(b, what)), 1e-9) for a, b in pairs]

    def medians(self, what: str) -> tuple[float, float]:
        """Return the medians of one measure, of A and of B."""
        a, b = ([float(getattr(run, what)) for run in runs] for runs in (self.a, self.b))
        return statistics.median(a), statistics.median(b)


def interleaved(a: Run, b: Run, *, pairs: int) -> Pairs:
    """Return what A and B measured, run as A-B-A-B."""
    done = Pairs()
    for _ in range(pairs):
        done.a.append(a())
        done.b.append(b())
    return done


class Runner:
    """Starts jobs; cold processes, or forks of a warm one for the smoke size."""

    def __init__(self, work: Path, warm: "subprocess.Popen[str] | None") -> None:
        self._work = work
        self._warm = warm
        self._count = 0

    def run(self, job: str, arguments: Mapping[str, Any]) -> Measurement:
        """Return what a job measured.

        Raises:
            JobFailed: it ended badly.
        """
        self._count += 1
        report = self._work / f"report-{self._count}.json"
        request = json.dumps({"job": job, "arguments": dict(arguments), "report": str(report)}, default=str) + "\n"
        began = time.perf_counter()
        cpu, child_peak = self._warmly(request) if self._warm else self._coldly(request)
        wall = time.perf_counter() - began
        found = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {"error": "killed"}
        report.unlink(missing_ok=True)
        if "error" in found:
            raise JobFailed("\n".join(found["error"].strip().splitlines()[-6:]))
        return Measurement(**found, whole_cpu=cpu, whole_wall=wall, child_peak_bytes=child_peak)

    def _coldly(self, request: str) -> tuple[float, int]:
        log = self._work / "jobs.log"
        with log.open("a", encoding="utf-8") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.benchmarks.work"],
                cwd=PROJECT_ROOT,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                text=True,
            )
        with _watched(process.pid) as peak:
            assert process.stdin is not None
            process.stdin.write(request)
            process.stdin.close()
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_utime + used.ru_stime, peak[0]

    def _warmly(self, request: str) -> tuple[float, int]:
        assert self._warm is not None
        assert self._warm.stdin is not None
        assert self._warm.stdout is not None
        self._warm.stdin.write(request)
        self._warm.stdin.flush()
        _, cpu = json.loads(self._warm.stdout.readline())
        return cpu, 0


@contextmanager
def runner(work: Path, *, is_warm: bool) -> Iterator[Runner]:
    """Yield what runs jobs; a warm process ends with the block."""
    if not is_warm:
        yield Runner(work, None)
        return
    with (
        (work / "jobs.log").open("a", encoding="utf-8") as log,
        subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.work", "--serve"],
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as warm,
    ):
        assert warm.stdout is not None
        warm.stdout.readline()
        yield Runner(work, warm)


@contextmanager
def _watched(process: int) -> Iterator[list[int]]:
    """Yield the highest memory of any process below `process`, as the one element of a list, while the block lasts."""
    peak, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK_EVERY_SECONDS):
            peak[0] = max([peak[0], *(memory_bytes("VmHWM", below) for below in _below(process))])

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _below(process: int) -> list[int]:
    found: list[int] = []
    for tasks in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(child) for child in tasks.read_text(encoding="ascii").split()]
        except OSError:
            continue
        found += [each for child in children for each in (child, *_below(child))]
    return found
