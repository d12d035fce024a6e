"""A process that has imported what a night imports, and runs one `genome` command a request in a fork of itself.

Starting Python and importing Dagster, Great Expectations and scikit-learn takes longer than a small night. Each command
runs in a process group of its own, as `genome` does from a shell, and can be killed after a time: its group or the
leader alone. Requests and answers are JSON lines: see `tests.support.kills`.
"""

import importlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from typing import Any

_IMPORTED_ONCE = (
    "great_expectations",
    "orchestration.cli.night",
    "orchestration.cli.rebuild",
    "orchestration.insight.nightly",
    "orchestration.quality.expectations",
    "skops.io",
    "sklearn.linear_model",
    "sklearn.pipeline",
)


def serve() -> None:
    """Answer each request with how its command ended: wait status, seconds by clock and of CPU."""
    for name in _IMPORTED_ONCE:
        importlib.import_module(name)
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        json.dump(_run(json.loads(line)), answers)
        answers.write("\n")
        answers.flush()


def _run(request: dict[str, Any]) -> dict[str, Any]:
    began = time.monotonic()
    process = os.fork()
    if process == 0:
        _become(request)
    deadline = request.get("kill_after")
    is_killed = False
    while True:
        found, status, used = os.wait4(process, os.WNOHANG)
        if found:
            # Of its children too, but those that outlive it.
            cpu_seconds = used.ru_utime + used.ru_stime
            return {"status": status, "seconds": time.monotonic() - began, "cpu_seconds": cpu_seconds}
        if deadline is not None and not is_killed and time.monotonic() - began >= deadline:
            is_killed = True
            end = os.killpg if request["victim"] == "group" else os.kill
            end(process, signal.SIGKILL)
        time.sleep(0.02)


def _become(request: dict[str, Any]) -> None:
    """Turn this fork into the command; it ends here."""
    os.setsid()
    if request["file_bytes_at_most"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["file_bytes_at_most"],) * 2)
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, standard in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(descriptor, standard)
    os.environ.update(request["environment"])
    sys.argv = ["genome", *request["arguments"]]
    from orchestration.cli.main import main

    code = 1
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:  # noqa: BLE001 - as the interpreter does at the top
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
