"""The dbt project as files: its fingerprint, its parsed manifest, and the child process that runs it.

What the models mean stands in `dbt_project/`; how they become Dagster assets stands in `dbt_models.py`.
"""

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import IO, Any, Self

from orchestration.foundation.errors import GenomeError
from orchestration.foundation.lake_io import write_bytes_atomically
from orchestration.foundation.policies import Policies
from orchestration.foundation.room import way_out_of
from orchestration.foundation.settings import Settings, child_environment

_SOURCE_FOLDERS = ("macros", "models", "seeds", "snapshots", "tests")
_SOURCE_FILES = ("dbt_project.yml", "profiles.yml")
_ANY_DAY = date(1970, 1, 1)
_EXIT_WITHOUT_A_WORD = 70
_PARTIAL_PARSE = "partial_parse.msgpack"  # what spares the next parse, or the night's child, most of it


class DbtProjectUnparsable(GenomeError):
    """The dbt project does not parse."""

    @classmethod
    def because(cls, project_dir: Path, output: str) -> "DbtProjectUnparsable":
        """Return the error with the last lines that dbt printed."""
        tail = "\n".join(output.strip().splitlines()[-15:])
        way_out = way_out_of(output) or "Mend the named file and run again; no model was built."
        return cls(f"dbt cannot parse {project_dir}:\n{tail}\n{way_out}")


class DbtChildGone(GenomeError):
    """The dbt child ended before the night did."""

    is_passing = True

    @classmethod
    def with_exit_code(cls, exit_code: int | None) -> "DbtChildGone":
        """Return the error for a child that takes no more commands."""
        return cls(
            f"the dbt child ended (exit code {exit_code}) before the night's blocks were built: it was killed, or the "
            "machine had no memory for it. Run the night again; it resumes over the same inputs."
        )


@dataclass(frozen=True)
class DbtProjectFiles:
    """Where the dbt project, its artifacts and its warehouse are, what DuckDB may take, which policies dbt reads."""

    project_dir: Path
    target_dir: Path
    warehouse: Path
    memory_limit: str
    threads: int
    timezone: str
    reporting_currency_code: str
    survivorship: str

    @classmethod
    def of(cls, settings: Settings, policies: Policies) -> "DbtProjectFiles":
        """Return the project of one installation."""
        return cls(
            project_dir=settings.dbt_dir,
            target_dir=settings.dbt_target_dir,
            warehouse=settings.warehouse_path,
            memory_limit=settings.duckdb_memory_limit,
            threads=settings.duckdb_threads,
            timezone=settings.timezone,
            reporting_currency_code=policies.money.reporting_currency_code,
            survivorship=policies.survivorship.as_json(),
        )


def fingerprint(project_dir: Path) -> str:
    """Return the sha256 over the names and bytes of all files that dbt compiles, lower hex."""
    digest = hashlib.sha256()
    files = [project_dir / name for name in _SOURCE_FILES]
    for folder in _SOURCE_FOLDERS:
        files += sorted(path for path in (project_dir / folder).rglob("*") if path.is_file())
    for path in files:
        digest.update(path.relative_to(project_dir).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def load_manifest(files: DbtProjectFiles) -> Mapping[str, Any]:
    """Return dbt's manifest of the project as it stands, parsing it only when its files changed.

    Raises:
        DbtProjectUnparsable: dbt refuses the project.
    """
    kept = files.target_dir / f"manifest-{fingerprint(files.project_dir)[:16]}.json"
    manifest = _kept_manifest(kept)
    if manifest is None:
        files.target_dir.mkdir(parents=True, exist_ok=True)
        with (files.target_dir / "parse.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            manifest = _kept_manifest(kept) or _parsed_manifest(files, kept, lock=lock.fileno())
    return manifest


def _kept_manifest(kept: Path) -> Mapping[str, Any] | None:
    """Return what was kept, or None where nothing was or where it is damaged: then the project is parsed anew."""
    try:
        manifest: Mapping[str, Any] = json.loads(kept.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return manifest


def _parsed_manifest(files: DbtProjectFiles, kept: Path, *, lock: int) -> Mapping[str, Any]:
    """Parse the project in a folder of its own, for a night may be writing dbt's files; keep what came of it.

    The child holds the lock too, so that one whose parent was killed is waited for.
    """
    folder = files.target_dir / "parsing"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    earlier = files.target_dir / _PARTIAL_PARSE
    if earlier.exists():
        shutil.copy(earlier, folder)
    command = [str(Path(sys.executable).with_name("dbt")), "--log-format", "text", "parse"]
    process = start_dbt(command, replace(files, target_dir=folder), as_of_on=_ANY_DAY, inherited=[lock])
    output, _ = process.communicate()
    if process.returncode != 0:
        raise DbtProjectUnparsable.because(files.project_dir, output.decode(errors="replace"))
    manifest = (folder / "manifest.json").read_bytes()
    (folder / _PARTIAL_PARSE).replace(earlier)
    shutil.rmtree(folder)
    write_bytes_atomically(kept, manifest)
    parsed: Mapping[str, Any] = json.loads(manifest)
    return parsed


def start_dbt(
    command: Sequence[str], files: DbtProjectFiles, *, as_of_on: date, inherited: Sequence[int] = ()
) -> "subprocess.Popen[bytes]":
    """Return the started process, with dbt's environment and pipes for its input and all of its output.

    Args:
        command: the program and its arguments.
        files: the project and its places.
        as_of_on: the business day that `var('as_of_on')` gives.
        inherited: descriptors that the child keeps open, such as that of the night's lock.
    """
    files.target_dir.mkdir(parents=True, exist_ok=True)
    environment = {
        "DBT_LOG_FORMAT": "json",
        # dbt's debug log is ten megabytes a night; the SQL of each model is kept below `run`.
        "DBT_LOG_LEVEL_FILE": "info",
        "DBT_LOG_PATH": str(files.target_dir),
        "DBT_PROFILES_DIR": str(files.project_dir),
        "DBT_PROJECT_DIR": str(files.project_dir),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_TARGET_PATH": str(files.target_dir),
        "GENOME_AS_OF_ON": as_of_on.isoformat(),
        "GENOME_DUCKDB_MEMORY_LIMIT": files.memory_limit,
        "GENOME_DUCKDB_THREADS": str(files.threads),
        "GENOME_REPORTING_CURRENCY": files.reporting_currency_code,
        "GENOME_SURVIVORSHIP": files.survivorship,
        "GENOME_TIMEZONE": files.timezone,
        # Its name only: dbt parses anew wherever what it connects to is another; the child is told the path.
        "GENOME_WAREHOUSE": files.warehouse.name,
        "PYTHONUNBUFFERED": "1",
    }
    return subprocess.Popen(  # noqa: S603 - the command is this environment's own Python
        command,
        cwd=files.project_dir,
        env=child_environment(environment),
        pass_fds=tuple(inherited),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@dataclass
class DbtLines:
    """The output of one dbt command, line by line, up to the child's word that it ended; then its exit code."""

    stream: IO[bytes]
    exit_code: int | None = None
    closed: bool = False

    def __iter__(self) -> Iterator[bytes]:
        while self.exit_code is None:
            line = self.stream.readline()
            if line.startswith(b'{"ended":'):
                self.exit_code = int(json.loads(line)["ended"])
            elif not line:
                self.exit_code = _EXIT_WITHOUT_A_WORD
            else:
                yield line

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True


@dataclass(frozen=True)
class DbtCommand:
    """One dbt command that a `DbtChild` runs; looks like a process to those who read dbt's events."""

    args: tuple[str, ...]
    stdout: DbtLines
    child: "subprocess.Popen[bytes]"

    @property
    def returncode(self) -> int | None:
        """The command's exit code; None while it runs."""
        return self.stdout.exit_code

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code after reading the output to its end."""
        del timeout
        for _ in self.stdout:
            continue
        return self.stdout.exit_code or 0

    def send_signal(self, number: int) -> None:
        """Send a signal to the command through the child."""
        self.child.send_signal(number)


@dataclass(frozen=True)
class DbtChild:
    """The dbt child of one night; it holds what it inherited, such as the night's lock, until it ends."""

    process: "subprocess.Popen[bytes]"

    @classmethod
    def start(cls, files: DbtProjectFiles, *, as_of_on: date, inherited: Sequence[int]) -> "DbtChild":
        """Return the child, which parses the project while the parent goes on."""
        command = [sys.executable, "-m", "orchestration.warehouse.dbt_child", str(files.warehouse)]
        return cls(start_dbt(command, files, as_of_on=as_of_on, inherited=inherited))

    def run(self, arguments: Sequence[str]) -> DbtCommand:
        """Return the started command; one runs at a time, and its output is read before the next is started.

        Raises:
            DbtChildGone: the child has ended.
        """
        sent, received = self.process.stdin, self.process.stdout
        if sent is None or received is None:
            raise DbtChildGone.with_exit_code(self.process.poll())
        try:
            sent.write(json.dumps(list(arguments)).encode() + b"\n")
            sent.flush()
        except BrokenPipeError as error:
            raise DbtChildGone.with_exit_code(self.process.poll()) from error
        return DbtCommand(("dbt", *arguments), DbtLines(received), self.process)

    def end(self) -> None:
        """End the child after its last command."""
        self.process.communicate()
