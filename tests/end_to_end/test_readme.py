"""What the README says is what happens."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.foundation.settings import PROJECT_ROOT
from tests.end_to_end.conftest import Demo
from tests.support.nights import published_columns

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
BUILD = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


def _commands() -> list[str]:
    return [line.strip() for line in README.splitlines() if line.startswith("    python3 -m venv")]


def test_ci_runs_the_two_commands_of_the_readme_as_they_stand_there() -> None:
    ci = (PROJECT_ROOT / ".ci" / "run").read_text(encoding="utf-8")
    setup = "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e"
    assert _commands() == [f"{setup} . && .venv/bin/genome demo", f"{setup} '.[test]' && .venv/bin/pytest"]
    for command in _commands():
        assert command in ci


def test_every_setting_that_the_readme_names_is_read_and_no_other_is() -> None:
    settings = (PROJECT_ROOT / "orchestration" / "foundation" / "settings.py").read_text(encoding="utf-8")
    assert set(re.findall(r"GENOME_[A-Z_]+[A-Z]", README)) == set(re.findall(r'"(GENOME_[A-Z_]+)":', settings))


def test_every_place_that_the_readme_links_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (PROJECT_ROOT / target).exists(), target


@pytest.mark.night
def test_the_readme_names_every_published_table(finished_night: Path) -> None:
    assert set(re.findall(r"^\| `(mart_\w+)` \|", README, flags=re.MULTILINE)) == set(published_columns(finished_night))


@pytest.mark.night
def test_the_readers_of_the_readme_read_the_published_file(finished_night: Path) -> None:
    readers = _blocks("python")
    assert len(readers) == 2
    for reader in readers:
        code = reader.replace("lake/serving", f"{finished_night}/serving")
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()


@pytest.mark.night
def test_the_demo_prints_what_the_readme_shows(demo: Demo) -> None:
    shown = next(block for block in _blocks("") if block.startswith("Delivered files"))
    assert _lines(demo.printed.replace(str(demo.lake), "lake")) == _lines(shown)


def _lines(text: str) -> list[str]:
    return [BUILD.sub("<build>", line.rstrip()) for line in text.strip().splitlines()]
