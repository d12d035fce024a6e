"""The dbt child of a night: imports dbt and parses the project once, then forks one process a command.

Run as `python -m orchestration.warehouse.dbt_child <warehouse>`. It reads one command a line from standard input, a
JSON list of dbt's arguments, and writes dbt's events to standard output, then a last line `{"ended": <exit code>}`.
Each command has a process of its own, so that DuckDB's lock on the warehouse ends with it. It ends when its input does,
and takes a command at work with it: an orphan writes nothing beside the next night.
"""

import json
import os
import select
import signal
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventLevel, EventMsg
from dbt_common.events.event_manager_client import get_event_manager

from orchestration.foundation.faults import fault_point
from orchestration.foundation.settings import state_for_libraries

EXIT_UNPARSED = 2
EXIT_ORPHANED = 3

_LOOK_EVERY_SECONDS = 0.05
_NO_ARTIFACTS = ("--no-write-json",)
"""The parse left a manifest; writing it, the graph and the results again with every command costs a second each."""


def serve(warehouse: str) -> int:
    """Return the exit code after the last command: 0, 2 when the project did not parse, 3 when the night is gone."""
    fault_point("dbt_child.before_parse")
    parsed = dbtRunner().invoke(["parse"]).result
    if not isinstance(parsed, Manifest):
        return EXIT_UNPARSED
    sys.stdout.flush()
    for line in sys.stdin:
        fault_point("dbt_child.before_command")
        ended = _run_forked(json.loads(line), parsed, warehouse=warehouse)
        if ended is None:
            return EXIT_ORPHANED
        fault_point("dbt_child.after_command")
        sys.stdout.write(json.dumps({"ended": ended}) + "\n")
        sys.stdout.flush()
    return 0


def _run_forked(arguments: list[str], manifest: Manifest, *, warehouse: str) -> int | None:
    """Return the command's exit code, or None when the night was gone before it ended."""
    process = os.fork()
    if process == 0:
        state_for_libraries({"GENOME_WAREHOUSE": warehouse})
        runner = dbtRunner(manifest=manifest, callbacks=[_make_no_line_in_vain, _pass_fault_points])
        outcome = runner.invoke([*arguments, *_NO_ARTIFACTS])
        # Else each of the next readers replays the whole block from DuckDB's write-ahead log.
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call] # dbt's own
        sys.stdout.flush()
        os._exit(0 if outcome.success else 1)

    def forward(number: int, _: FrameType | None) -> None:
        os.kill(process, number)

    before = {number: signal.signal(number, forward) for number in (signal.SIGINT, signal.SIGTERM)}
    ended = _exit_code(process)
    for number, handler in before.items():
        signal.signal(number, handler)
    return ended


def _exit_code(process: int) -> int | None:
    """Return the exit code of a forked command, or None after ending it because the input ended first.

    The night sends nothing while a command is at work, so input that can be read then is its end.
    """
    while True:
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        is_night_gone = bool(select.select([sys.stdin.fileno()], [], [], _LOOK_EVERY_SECONDS)[0])
        if is_night_gone:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return None


def _make_no_line_in_vain(event: EventMsg) -> None:
    """Spare dbt's loggers its debug events: they make a line of each before they ask whether to write it."""
    if event.info.name == "MainReportVersion":
        for logger in get_event_manager().loggers:
            if logger.level is not EventLevel.DEBUG:
                logger.filter = partial(_is_told, logger.filter)


def _is_told(is_let_through: Callable[[EventMsg], bool], event: EventMsg) -> bool:
    return event.info.level != EventLevel.DEBUG and is_let_through(event)


def _pass_fault_points(event: EventMsg) -> None:
    match event.info.name:
        case "NodeStart":
            fault_point("dbt_child.before_model")
        case "NodeFinished":
            fault_point("dbt_child.after_model")
        case "SQLQuery":
            fault_point("dbt_child.before_statement")
        case "SQLQueryStatus":
            fault_point("dbt_child.after_statement")


if __name__ == "__main__":
    raise SystemExit(serve(sys.argv[1]))
