"""What several tests of whole nights look at; only to be read."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from orchestration.foundation.settings import PROJECT_ROOT, child_environment
from tests.support.nights import LAST_DAY, run_night, settings_of


@dataclass(frozen=True)
class Demo:
    """The demo as somebody ran it who had nothing but the README: its lake, and what it printed."""

    lake: Path
    printed: str


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo that CI ran as its first command, whose output it kept; without it, one that is run now."""
    if kept := os.environ.get("DEMO_PRINTED"):
        return Demo(PROJECT_ROOT / "lake", Path(kept).read_text(encoding="utf-8"))
    lake = tmp_path_factory.mktemp("demo") / "lake"
    genome = str(Path(sys.executable).with_name("genome"))
    environment = child_environment({"GENOME_LAKE": str(lake), "NO_COLOR": "1"})
    ended = subprocess.run([genome, "demo"], env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    return Demo(lake, ended.stdout)


@pytest.fixture(scope="session")
def quiet_night(finished_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished lake two nights later, when nothing arrived and nobody decided anything."""
    root = Path(shutil.copytree(finished_night, tmp_path_factory.mktemp("quiet") / "lake"))
    end = run_night(settings_of(root), LAST_DAY + timedelta(days=2))
    assert end.is_success, end.reasons
    return root
