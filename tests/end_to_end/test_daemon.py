"""`genome up`, for real: the daemon launches the scheduled night, the night ends, and a signal ends it all."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
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
LONGEST_SECONDS = 1_200
ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _until_the_night_ended(instance: dg.DagsterInstance) -> list[dg.RunRecord]:
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        records = list(instance.get_run_records(ascending=True))
        nights = [record.dagster_run for record in records if record.dagster_run.job_name == "nightly"]
        if nights and all(night.status in ENDED for night in nights):
            return records
        time.sleep(1)
    pytest.fail(f"no scheduled night ended within {LONGEST_SECONDS} seconds")


def _groups(home: Path) -> set[int]:
    lines = (home / "service_logs" / "up.log").read_text().splitlines()
    return {int(line.rsplit(" ", 1)[1]) for line in lines if "started as process group" in line}


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Path]:
    """A lake whose sample company ends yesterday, kept small."""
    root = tmp_path / "lake"
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    write_sample_company(root / "inbox", customers_count=100, ends_on=yesterday, sources=("crm", "shop"))
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
    at = datetime.now(UTC) + timedelta(seconds=85)
    port = _free_port()
    environment = {
        **os.environ,
        "GENOME_LAKE": str(lake),
        "GENOME_TIMEZONE": "UTC",
        "GENOME_NIGHT_AT": f"{at:%H:%M}",
    }
    up = subprocess.Popen(
        [GENOME, "up", "--port", str(port)], cwd=PROJECT_ROOT, env=environment, start_new_session=True
    )
    try:
        records = _until_the_night_ended(instance)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=30) as answer:
            assert answer.status == 200
        second = subprocess.run([GENOME, "up"], env=environment, capture_output=True, text=True, check=False)
        groups = _groups(lake / ".dagster")
    finally:
        up.send_signal(signal.SIGTERM)
        code = up.wait(timeout=60)

    (night,) = [record for record in records if record.dagster_run.job_name == "nightly"]
    yesterday = at.date() - timedelta(days=1)
    assert night.dagster_run.status == dg.DagsterRunStatus.SUCCESS
    assert night.dagster_run.tags["dagster/schedule_name"] == "every_night"
    assert night.dagster_run.run_config["resources"] == {"night": {"config": {"as_of_on": yesterday.isoformat()}}}
    spans = sorted((record.start_time or 0, record.end_time or 0) for record in records)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans)), spans
    shown = published(settings_of(lake).serving_dir)
    assert shown is not None
    assert shown.as_of_on == yesterday

    assert second.returncode == 1
    assert f"`genome up`, process {up.pid}, since" in second.stderr
    assert code == 0
    assert len(groups) == 2
    assert all(living_members(group) == () for group in {*groups, up.pid})
