"""The unit and the cron line are what systemd and cron take, for awkward paths too."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from orchestration.cli.services import SECRETS_FILE, Installation, cron_lines, systemd_unit


def _installation(root: Path = Path("/opt/genome"), **variables: str) -> Installation:
    return Installation(
        genome=root / "bin" / "genome",
        project_root=root,
        user="root",
        variables=variables,
        night_at="02:05",
        timezone="Europe/London",
        port=3000,
    )


def test_the_unit_starts_with_the_machine_and_again_when_it_fails() -> None:
    lines = systemd_unit(_installation(GENOME_LAKE="/data/lake")).splitlines()
    for line in (
        "ExecStart=/opt/genome/bin/genome up --port 3000",
        "WorkingDirectory=/opt/genome",
        'Environment="GENOME_LAKE=/data/lake"',
        f"EnvironmentFile=-{SECRETS_FILE}",
        "Restart=on-failure",
        "WantedBy=multi-user.target",
    ):
        assert line in lines


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("needs systemd-analyze")
    root = tmp_path / "a folder, 100% $good"
    program = root / "bin" / "genome"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "consumer-genome.service"
    unit.write_text(systemd_unit(_installation(root, GENOME_LAKE=str(root / "lake"))))
    ended = subprocess.run([verify, "verify", str(unit)], capture_output=True, text=True, check=False)
    said = [line for line in ended.stderr.splitlines() if unit.name in line or "genome" in line]
    assert ended.returncode == 0, ended.stderr
    assert said == []


def test_cron_runs_missed_nights_first_at_the_stated_time_in_the_stated_zone() -> None:
    *_, zone, line = cron_lines(_installation(GENOME_LAKE="/data/lake")).splitlines()
    assert zone == "CRON_TZ=Europe/London"
    assert line.startswith("5 2 * * * cd /opt/genome && ")
    assert line.endswith("GENOME_LAKE=/data/lake /opt/genome/bin/genome night --catch-up")


def test_cron_gets_awkward_paths_whole() -> None:
    line = cron_lines(_installation(Path("/a folder/100%"), GENOME_LAKE="/it's/lake")).splitlines()[-1]
    command = line.split("* * * ", 1)[1]
    assert "%" not in command.replace(r"\%", "")
    assert shlex.split(command.replace(r"\%", "%")) == [
        "cd",
        "/a folder/100%",
        "&&",
        "GENOME_LAKE=/it's/lake",
        "/a folder/100%/bin/genome",
        "night",
        "--catch-up",
    ]
