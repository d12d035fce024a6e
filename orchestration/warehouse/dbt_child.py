"""The dbt child of a night: imports dbt and parses the project once, then forks one process a command.

Run as `python -m orchestration.warehouse.dbt_child`. It reads one command a line from standard input, a JSON list of
dbt's arguments, and writes dbt's events to standard output, then a last line `{"ended": <exit code>}`. Each command
has a process of its own, so that DuckDB's lock on the warehouse ends with it. It ends when its input does.
"""

import json
import os
import signal
import sys
from types import FrameType

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

EXIT_UNPARSED = 2


def serve() -> int:
    """Return the exit code after the last command: 0, or 2 when the project did not parse."""
    parsed = dbtRunner().invoke(["parse"]).result
    if not isinstance(parsed, Manifest):
        return EXIT_UNPARSED
    sys.stdout.flush()
    for line in sys.stdin:
        ended = _run_forked(json.loads(line), parsed)
        sys.stdout.write(json.dumps({"ended": ended}) + "\n")
        sys.stdout.flush()
    return 0


def _run_forked(arguments: list[str], manifest: Manifest) -> int:
    process = os.fork()
    if process == 0:
        outcome = dbtRunner(manifest=manifest).invoke(arguments)
        sys.stdout.flush()
        os._exit(0 if outcome.success else 1)

    def forward(number: int, _: FrameType | None) -> None:
        os.kill(process, number)

    before = {number: signal.signal(number, forward) for number in (signal.SIGINT, signal.SIGTERM)}
    _, status = os.waitpid(process, 0)
    for number, handler in before.items():
        signal.signal(number, handler)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    raise SystemExit(serve())
