"""Serves Dagster's web page and daemon of this installation as one process group, ended as one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from orchestration.foundation.dagster_home import prepare_dagster_home
from orchestration.foundation.settings import Settings, child_environment

_PATIENCE_SECONDS = 20


def serve_ui(settings: Settings, *, port: int) -> int:
    """Return the exit code of `dagster dev` after it ended or was interrupted; nothing of it stays behind.

    Args:
        settings: the installation whose runs, assets and schedule the page shows.
        port: where the page listens, on this machine only.
    """
    home = prepare_dagster_home(settings.dagster_home)
    command = [
        str(Path(sys.executable).with_name("dagster")),
        "dev",
        "-w",
        str(settings.project_root / "workspace.yaml"),
    ]
    process = subprocess.Popen(  # noqa: S603 - the command is this environment's own dagster
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        cwd=settings.project_root,
        env=child_environment({"DAGSTER_HOME": str(home)}),
        start_new_session=True,
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _end_group(process)


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=_PATIENCE_SECONDS)
        os.killpg(process.pid, signal.SIGKILL)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
