"""`genome up` and `genome ui`: Dagster's web page and daemon, kept at work for good or opened to look."""

import os
import pwd
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
from rich.console import Console

from orchestration.cli.processes import ChildSpec, Group, only_one, stopped_by_signals, supervise
from orchestration.cli.services import Installation
from orchestration.foundation import clock
from orchestration.foundation.dagster_home import prepare_dagster_home
from orchestration.foundation.settings import Settings, child_environment, stated_variables
from orchestration.runs import end_cut_off

_HOST = "127.0.0.1"
_LOGS = "service_logs"  # "logs" below DAGSTER_HOME is emptied by Dagster itself


def serve(settings: Settings, *, console: Console, port: int) -> None:
    """Keep the web page, the daemon and with it the schedule at work until the process is asked to end.

    Raises:
        AlreadyUp: page and daemon of this installation are up already.
    """
    home = prepare_dagster_home(settings.dagster_home)
    logs = home / _LOGS
    with stopped_by_signals() as stop, only_one(_lock(home), holder=_holder("genome up", port)) as lock:
        where = ["-w", str(settings.project_root / "workspace.yaml")]
        children = (
            _child(settings, "daemon", ["dagster-daemon", "run", *where], lock),
            _child(settings, "web", ["dagster-webserver", *where, "-h", _HOST, "-p", str(port)], lock),
        )
        console.print(
            f"The page is http://{_HOST}:{port}; the night runs at {settings.night_at} {settings.timezone}, missed "
            f"nights first. Logs: {logs}. Ctrl-C ends it all.",
            soft_wrap=True,
        )
        supervise(children, log_dir=logs, stop=stop, on_start=lambda: _tend(settings, home))


def look(settings: Settings, *, port: int) -> int:
    """Return the exit code of `dagster dev` after it ended or was interrupted; nothing of it stays behind.

    Raises:
        AlreadyUp: page and daemon of this installation are up already.
    """
    home = prepare_dagster_home(settings.dagster_home)
    where = ["-w", str(settings.project_root / "workspace.yaml")]
    with stopped_by_signals() as stop, only_one(_lock(home), holder=_holder("genome ui", port)) as lock:
        command = ["dagster", "dev", *where, "--host", _HOST, "--port", str(port)]
        group = Group.start(_child(settings, "ui", command, lock), None)
        try:
            return _wait(group, stop)
        finally:
            group.end()


def installation(settings: Settings, *, port: int) -> Installation:
    """Return what a systemd unit or a cron line says of this installation."""
    return Installation(
        genome=_program("genome"),
        project_root=settings.project_root,
        user=pwd.getpwuid(os.getuid()).pw_name,
        variables=stated_variables(),
        night_at=settings.night_at,
        timezone=settings.timezone,
        port=port,
    )


def _child(settings: Settings, name: str, command: Sequence[str], lock: int) -> ChildSpec:
    return ChildSpec(
        name=name,
        command=[str(_program(command[0])), *command[1:]],
        environment=child_environment({"DAGSTER_HOME": str(settings.dagster_home), "PYTHONUNBUFFERED": "1"}),
        folder=settings.project_root,
        inherited=[lock],
    )


def _tend(settings: Settings, home: Path) -> None:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        end_cut_off(instance, lock_path=settings.night_lock_path, at=clock.utc_now())


def _wait(group: Group, stop: threading.Event) -> int:
    while not stop.is_set():
        try:
            return group.process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            continue
    return 0


def _program(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def _lock(home: Path) -> Path:
    return home / "up.lock"


def _holder(verb: str, port: int) -> str:
    since = clock.utc_now().isoformat(timespec="seconds")
    return f"`{verb}`, process {os.getpid()}, since {since}, page http://{_HOST}:{port}"
