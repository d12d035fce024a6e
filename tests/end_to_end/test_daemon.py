"""`genome up`, for real: the daemon launches the scheduled night, the night ends, and a signal ends it all.

Dagster starts to count a schedule's times when its daemon first sees it, so a night whose minute falls into the first
start would be left out or not by the machine's speed. The first start here is for the daemon to see the schedule; the
second launches the night at its minute, or, if it starts too slowly, as a missed one.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import dagster as dg
import pytest

from orchestration.cli.processes import living_members
from orchestration.foundation.dagster_home import prepare_dagster_home
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.publish.swap import published
from orchestration.sample_company.company import write_sample_company
from tests.support.nights import settings_of

pytestmark = pytest.mark.night

GENOME = Path(sys.executable).with_name("genome")
CHILDREN = ("daemon", "web")
LONGEST_SECONDS = 1_200
ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _nights(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    return [record.dagster_run for record in instance.get_run_records() if record.dagster_run.job_name == "nightly"]


def _a_night_ended(instance: dg.DagsterInstance) -> bool:
    nights = _nights(instance)
    return bool(nights) and all(night.status in ENDED for night in nights)


def _the_schedule_is_known(instance: dg.DagsterInstance) -> bool:
    return any(state.instigator_name == "every_night" for state in instance.all_instigator_state())


def _until(what: str, seen: Callable[[dg.DagsterInstance], bool], instance: dg.DagsterInstance) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        if seen(instance):
            return
        time.sleep(1)
    pytest.fail(f"not seen within {LONGEST_SECONDS} seconds: {what}")


@dataclass(frozen=True)
class Up:
    """A `genome up` at work.

    Attributes:
        process: It.
        environment: What it was started with.
        port: Where its page answers.
    """

    process: subprocess.Popen[bytes]
    environment: Mapping[str, str]
    port: int


@contextmanager
def _up(lake: Path, *, night_at: datetime) -> Iterator[Up]:
    """Keep `genome up` at work, and end it by a signal: it must end well and leave no process behind."""
    port = _free_port()
    environment = {
        **os.environ,
        "GENOME_LAKE": str(lake),
        "GENOME_TIMEZONE": "UTC",
        "GENOME_NIGHT_AT": f"{night_at:%H:%M}",
    }
    earlier = _groups(lake / ".dagster")
    process = subprocess.Popen(
        [GENOME, "up", "--port", str(port)], cwd=PROJECT_ROOT, env=environment, start_new_session=True
    )
    try:
        yield Up(process, environment, port)
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=60)
    groups = _groups(lake / ".dagster") - earlier
    assert code == 0
    assert len(groups) == len(CHILDREN)
    assert all(living_members(group) == () for group in {*groups, process.pid})


def _groups(home: Path) -> set[int]:
    log = home / "service_logs" / "up.log"
    lines = log.read_text().splitlines() if log.exists() else []
    return {int(line.rsplit(" ", 1)[1]) for line in lines if "started as process group" in line}


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Path]:
    """A lake without a file."""
    root = tmp_path / "lake"
    root.mkdir()
    yield root
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def instance(lake: Path) -> Iterator[dg.DagsterInstance]:
    """The lake's Dagster records, made before anybody else opens them."""
    with dg.DagsterInstance.from_config(str(prepare_dagster_home(lake / ".dagster"))) as opened:
        yield opened


def test_the_daemon_launches_the_scheduled_night_and_a_signal_ends_everything(
    lake: Path, instance: dg.DagsterInstance
) -> None:
    with _up(lake, night_at=datetime.now(UTC) + timedelta(hours=12)):
        _until("the schedule in Dagster's records", _the_schedule_is_known, instance)
    assert _nights(instance) == []
    at = datetime.now(UTC) + timedelta(minutes=1)
    yesterday = at.date() - timedelta(days=1)
    write_sample_company(lake / "inbox", customers_count=100, ends_on=yesterday, sources=("crm", "shop"))

    with _up(lake, night_at=at) as up:
        _until("the end of a scheduled night", _a_night_ended, instance)
        with urllib.request.urlopen(f"http://127.0.0.1:{up.port}/server_info", timeout=30) as answer:
            assert answer.status == 200
        second = subprocess.run([GENOME, "up"], env=up.environment, capture_output=True, text=True, check=False)

    records = list(instance.get_run_records(ascending=True))
    (night,) = _nights(instance)
    assert night.status == dg.DagsterRunStatus.SUCCESS
    assert night.tags["dagster/schedule_name"] == "every_night"
    assert night.run_config["resources"] == {"night": {"config": {"as_of_on": yesterday.isoformat()}}}
    spans = sorted((record.start_time or 0, record.end_time or 0) for record in records)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans)), spans
    shown = published(settings_of(lake).serving_dir)
    assert shown is not None
    assert shown.as_of_on == yesterday

    assert second.returncode == 1
    assert f"`genome up`, process {up.process.pid}, since" in second.stderr
