"""Counts the rows of an old workbook (XLS), or reads its cells, in a process of its own, which damaged bytes may end.

XLS has no checksums, and the libraries that read it believe the sizes that damaged bytes state: beyond all memory, or
for hours. Run as `python -m orchestration.ingest.xls_child`, with a JSON object on standard input: the `verb`, `count`
or `read`, the workbook's `path`, the `sheet` to read, and the limits `memory_bytes` and `cpu_seconds`. Standard output
then has the answer as JSON, or, with another exit code than 0, why there is none. Damaged bytes make the libraries
raise nearly anything, and panic: whatever ends the process while it reads is told by its hook for uncaught errors, as a
fault of the workbook. With nothing on standard output the fault is not the workbook's.
"""

import json
import resource
import sys
from collections.abc import Callable
from datetime import time
from errno import ENOMEM
from pathlib import Path
from types import TracebackType
from typing import Any

from orchestration.ingest.sheet_limits import SheetTooSparse

EXIT_UNREAD = 1
"""The exit code of an uncaught error: when the workbook cannot be read, as far as it may take."""

EXIT_SPARSE = 4
"""The exit code when a sheet's cells are too far apart to be read."""


def main() -> int:
    """Return the exit code after writing the answer, or why there is none."""
    asked = json.load(sys.stdin)
    answer = _counting() if asked["verb"] == "count" else _reading()
    _limit(asked["memory_bytes"], asked["cpu_seconds"])
    sys.excepthook = _telling(asked["memory_bytes"])
    try:
        text, code = json.dumps(answer(asked)), 0
    except SheetTooSparse as error:
        text, code = str(error), EXIT_SPARSE
    sys.stdout.write(text)
    return code


def _counting() -> Callable[[dict[str, str]], list[Any]]:
    from orchestration.ingest.counting_xls import counted_sheets

    return lambda asked: list(counted_sheets(Path(asked["path"])))


def _reading() -> Callable[[dict[str, str]], list[Any]]:
    from python_calamine import CalamineWorkbook

    from orchestration.ingest.workbook_cells import texts_of

    def texts(asked: dict[str, str]) -> list[Any]:
        path, name = asked["path"], asked["sheet"]
        rows = CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python(skip_empty_area=False)
        found = texts_of(rows)
        times = [(at, place) for at, row in enumerate(rows) for place, cell in enumerate(row) if isinstance(cell, time)]
        if times:
            # A negative number that is formatted as a day is taken for the time of a day.
            from orchestration.ingest.counting_xls import negative_numbers

            for at, place, number in negative_numbers(Path(path), name, times):
                found[at][place] = texts_of([[number]])[0][0]
        return found

    return texts


def _telling(memory_bytes: int) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """Return what tells why a workbook is not read; the machine's own faults go their usual way."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        number = error.errno if isinstance(error, OSError) else None
        if isinstance(error, MemoryError) or number == ENOMEM:
            sys.stdout.write(f"it takes more than {memory_bytes >> 20} MiB of memory")
        elif number is not None:
            sys.__excepthook__(kind, error, trace)
        else:
            # Behind a colon the libraries show bytes of the file, which a message must not.
            sys.stdout.write(f"{kind.__name__} {str(error).partition(':')[0][:200]}".rstrip())

    return tell


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))


if __name__ == "__main__":
    sys.exit(main())
