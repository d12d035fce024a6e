"""Runs `genome` commands that are killed, and compares what a lake holds afterwards with an uninterrupted one."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.settings import PROJECT_ROOT
from tests.support.nights import published_differences

WHEN_AND_WHO = ("_run_id", "_ingested_at")


@dataclass(frozen=True)
class Kill:
    """One way to end a night: at the n-th hit of a fault point, or after some seconds."""

    victim: str
    point: str = ""
    hit: int = 1
    seconds: float | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What arms it."""
        return {"GENOME_FAULT": f"{self.point}:{self.hit}:{self.victim}"} if self.point else {}

    def __str__(self) -> str:
        place = f"{self.point}:{self.hit}" if self.point else f"{self.seconds:.2f}s"
        return f"{place}-{self.victim}"


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code (negative for a signal), its seconds by clock and of CPU, and its output."""

    code: int
    seconds: float
    cpu_seconds: float
    output: str

    @property
    def is_killed(self) -> bool:
        """Whether the command's own process was killed."""
        return self.code == -signal.SIGKILL


class Nights:
    """Runs commands through a warm process (`tests.support.warm_nights`)."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process = process
        self._folder = folder

    def run(
        self,
        root: Path,
        arguments: Sequence[str],
        *,
        kill: Kill | None = None,
        more: Mapping[str, str] | None = None,
        file_bytes_at_most: int | None = None,
    ) -> Ended:
        """Return how `genome <arguments>` on the lake at `root` ended.

        Args:
            root: the lake and its state.
            arguments: the verb and its options.
            kill: when and how it is killed.
            more: further environment variables.
            file_bytes_at_most: the size beyond which no file may grow (RLIMIT_FSIZE).
        """
        output = self._folder / "output.txt"
        environment = {"GENOME_LAKE": str(root), "GENOME_FAULT": "", **(kill.environment if kill else {})}
        request: dict[str, Any] = {
            "arguments": list(arguments),
            "environment": {**environment, **(more or {})},
            "output": str(output),
            "kill_after": kill.seconds if kill else None,
            "victim": kill.victim if kill else "",
            "file_bytes_at_most": file_bytes_at_most,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Ended(
            os.waitstatus_to_exitcode(answer["status"]), answer["seconds"], answer["cpu_seconds"], output.read_text()
        )


@contextmanager
def warm_nights(*, policies: Path | None = None) -> Iterator[Nights]:
    """Yield what runs commands, with policies of its own if given; its process ends with the block."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
    if policies is not None:
        environment["GENOME_POLICIES"] = str(policies)
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.warm_nights"],
            cwd=PROJECT_ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        yield Nights(process, Path(folder))


def small_policies(folder: Path, *, builds_kept: int = 3) -> Path:
    """Return a copy of the policies with which so small a company gets a model, and so many builds are kept."""
    shutil.copytree(PROJECT_ROOT / "lake" / "policies", folder, dirs_exist_ok=True)
    _state(folder / "models.yml", "minimum_training_rows", 50)
    _state(folder / "models.yml", "minimum_positive_rows", 5)
    _state(folder / "publishing.yml", "keep_last", builds_kept)
    return folder


def _state(policy: Path, name: str, value: int) -> None:
    text, count = re.subn(rf"(?m)^{name}: \d+$", f"{name}: {value}", policy.read_text())
    assert count == 1, f"{policy} does not state {name}"
    policy.write_text(text)


def landed_differences(one: Path, other: Path, *, ignored: Sequence[str] = WHEN_AND_WHO) -> dict[str, int]:
    """Return by raw, ledger and quarantine table how many rows one lake has and the other has not, either way."""
    schemas = {**load_contracts(PROJECT_ROOT / "lake" / "contracts").raw_schemas()}
    schemas |= {name: table.schema for name, table in LAKE_TABLES.items() if table.writer == "ingest"}
    return {table: _differing(one, other, table, schema, ignored) for table, schema in schemas.items()}


def differences(one: Path, other: Path) -> dict[str, int]:
    """Return by published, raw, ledger and quarantine table the count of rows that differ, where any does."""
    counts = {**published_differences(one, other), **landed_differences(one, other)}
    return {table: count for table, count in counts.items() if count}


def _differing(one: Path, other: Path, table: str, schema: pa.Schema, ignored: Sequence[str]) -> int:
    kept = [name for name in schema.names if name not in ignored]
    rows = [sorted(map(repr, Lake(root).read_table(table, schema).select(kept).to_pylist())) for root in (one, other)]
    return sum(left != right for left, right in zip(*rows, strict=True)) if len(rows[0]) == len(rows[1]) else -1
