"""The sheets of an old workbook (XLS), counted and read by `xls_child` so that no damaged file ends this process."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from signal import SIGXCPU, Signals
from typing import Any

from orchestration.foundation.errors import GenomeError
from orchestration.ingest.sheet_limits import SheetTooSparse
from orchestration.ingest.workbook_cells import Texts
from orchestration.ingest.xls_child import EXIT_SPARSE, EXIT_UNREAD

_PROJECT_ROOT = Path(__file__).resolve().parents[2]
_CHILD = ("-m", "orchestration.ingest.xls_child")
_MIB = 1 << 20


class NotAnXls(Exception):
    """A file that is no XLS workbook, or a damaged one; the text says how that showed."""


class XlsChildFailed(GenomeError):
    """The child could not do its work, for a reason that is not the file's: a full disk, a missing library."""

    @classmethod
    def of(cls, code: int, told: str) -> "XlsChildFailed":
        """Return the error for a child's exit code and the last words of its error output."""
        return cls(
            f"the process that reads XLS workbooks ended with exit code {code}, not because of the workbook: {told} "
            f"The file stays where it is; mend the installation and run again."
        )


@dataclass(frozen=True)
class SheetRows:
    """One sheet: its name, whether it is shown, and how many of its rows hold anything."""

    name: str
    is_visible: bool
    filled: int


@dataclass(frozen=True)
class ChildLimits:
    """What a child may take for a workbook.

    Attributes:
        memory_bytes: of address space.
        cpu_seconds: of processor time.
        wall_seconds: until it is ended, however little it did.
    """

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float

    @classmethod
    def of_size(cls, written_bytes: int) -> "ChildLimits":
        """Return what the densest sheet of a file's size may take, twice: what takes more is no honest workbook."""
        cpu_seconds = 4 + 3 * written_bytes // _MIB
        return cls(min(448 * _MIB + 100 * written_bytes, 4096 * _MIB), cpu_seconds, 15.0 * cpu_seconds)


def count_xls_rows(path: Path, limits: ChildLimits | None = None) -> tuple[SheetRows, ...]:
    """Return the worksheets of an XLS workbook in order.

    Args:
        path: the workbook.
        limits: what counting may take; as the file's size allows when left out.

    Raises:
        NotAnXls: the file is something else, locked by a password, or damaged where that shows.
        SheetTooSparse: the cells of a sheet are spread over too many places to be read.
    """
    return tuple(SheetRows(*sheet) for sheet in _answer(path, limits, verb="count"))


def xls_rows(path: Path, sheet: str, limits: ChildLimits | None = None) -> list[Texts]:
    """Return the texts of all places of a sheet, from its first to its last filled row and column.

    Args:
        path: the workbook.
        sheet: its name.
        limits: what reading may take; as the file's size allows when left out.

    Raises:
        NotAnXls: the sheet cannot be read.
    """
    return _answer(path, limits, verb="read", sheet=sheet)


def _answer(path: Path, limits: ChildLimits | None, **question: str) -> list[Any]:
    limits = limits or ChildLimits.of_size(path.stat().st_size)
    asked = {"path": str(path.absolute()), "memory_bytes": limits.memory_bytes, "cpu_seconds": limits.cpu_seconds}
    try:
        ended = subprocess.run(  # noqa: S603 - the command is ours; what comes from outside goes to its input
            [sys.executable, *_CHILD],
            input=json.dumps(asked | question).encode(),
            capture_output=True,
            timeout=limits.wall_seconds,
            cwd=_PROJECT_ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotAnXls(f"it was not read within {limits.wall_seconds:g} seconds") from error
    if ended.returncode == 0:
        answer: list[Any] = json.loads(ended.stdout)
        return answer
    raise _why_none(ended, limits)


def _why_none(ended: subprocess.CompletedProcess[bytes], limits: ChildLimits) -> Exception:
    match ended.returncode:
        case code if code == EXIT_SPARSE:
            return SheetTooSparse(ended.stdout.decode(errors="replace"))
        case code if code == EXIT_UNREAD and ended.stdout:
            return NotAnXls(f"it cannot be read: {ended.stdout.decode(errors='replace')}")
        case code if code == -SIGXCPU:
            return NotAnXls(f"it takes more than {limits.cpu_seconds} seconds of processor time to be read")
        case code if code < 0:
            return NotAnXls(f"its reader was ended by {Signals(-code).name}")
        case _:
            words = ended.stderr.decode(errors="replace").strip().splitlines()
            return XlsChildFailed.of(ended.returncode, words[-1] if words else "it said nothing.")
