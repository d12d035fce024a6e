"""The process of one measured thing: `python -m tests.benchmarks.work`, a JSON request in, a JSON report out.

A job is a function of a module in this folder, `job(arguments, meter) -> facts`; it prepares, works inside
`meter.measured()`, and returns facts of its output, which are compared. With `--serve` the process imports what nights
import, and then forks one process a request: for the smoke size, where imports would be all that is seen.
"""

import importlib
import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

Facts: TypeAlias = dict[str, Any]
_PRELOADED = ("great_expectations", "skops.io", "pandas", "orchestration.cli.night", "orchestration.insight.nightly")


class Meter:
    """CPU seconds (children included), wall seconds and peak memory of the measured part of a job."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0
        self.before_bytes = self.peak_bytes = 0

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure what happens inside; parts add up."""
        cpu, wall = _cpu_seconds(), time.perf_counter()
        self.before_bytes = self.before_bytes or memory_bytes("VmRSS")
        yield
        self.cpu += _cpu_seconds() - cpu
        self.wall += time.perf_counter() - wall
        self.peak_bytes = memory_bytes("VmHWM")


def memory_bytes(what: str, process: int | str = "self") -> int:
    """Return `VmRSS` or `VmHWM` of a process; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{what}:")), 0)


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _answer(request: dict[str, Any]) -> int:
    """Run one job, write its report, and return the exit code."""
    module, _, name = request["job"].partition(":")
    meter = Meter()
    try:
        job: Callable[[Facts, Meter], Facts] = getattr(importlib.import_module(f"tests.benchmarks.{module}"), name)
        facts = job(request["arguments"], meter)
    except BaseException:  # noqa: BLE001 - whatever ended the job is the report
        Path(request["report"]).write_text(json.dumps({"error": traceback.format_exc()}), encoding="utf-8")
        return 1
    Path(request["report"]).write_text(json.dumps({**vars(meter), "facts": facts}), encoding="utf-8")
    return 0


def _serve() -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in _PRELOADED:
            importlib.import_module(name)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            os._exit(_answer(json.loads(line)))
        _, status, used = os.wait4(process, 0)
        sys.stdout.write(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if "--serve" in sys.argv:
        _serve()
        raise SystemExit(0)
    raise SystemExit(_answer(json.loads(sys.stdin.readline())))
