"""dbt's manifest is parsed once for all that ask, and never taken from a half-written file."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestration.foundation.policies import load_policies
from orchestration.foundation.settings import load_settings
from orchestration.warehouse import dbt_project
from orchestration.warehouse.dbt_project import DbtProjectFiles, load_manifest


@pytest.fixture
def files(tmp_path: Path) -> DbtProjectFiles:
    """The project, with a target folder that holds nothing yet."""
    settings = load_settings()
    shipped = DbtProjectFiles.of(settings, load_policies(settings.policies_dir))
    return replace(shipped, target_dir=tmp_path / "target", warehouse=tmp_path / "warehouse.duckdb")


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The target folders of the parses that were started."""
    started: list[Path] = []

    def noted(command: Any, files: DbtProjectFiles, **others: Any) -> Any:
        started.append(files.target_dir)
        return start_dbt(command, files, **others)

    start_dbt = dbt_project.start_dbt
    monkeypatch.setattr(dbt_project, "start_dbt", noted)
    return started


def test_two_who_ask_at_once_parse_once_and_a_damaged_manifest_is_parsed_anew(
    files: DbtProjectFiles, parses: list[Path]
) -> None:
    with ThreadPoolExecutor(2) as both:
        one, other = both.map(load_manifest, (files, files))
    assert one == other
    assert len(parses) == 1
    assert parses[0] != files.target_dir
    assert not parses[0].exists()

    (kept,) = files.target_dir.glob("manifest-*.json")
    kept.write_bytes(kept.read_bytes()[:1_000])
    again = load_manifest(files)
    assert again["nodes"].keys() == one["nodes"].keys()
    assert len(parses) == 2
    assert load_manifest(files) == again
    assert len(parses) == 2
