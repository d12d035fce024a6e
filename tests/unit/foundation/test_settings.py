"""Settings are read once, from stated variables only, and refused with every fault at once."""

from pathlib import Path

import pytest

from orchestration.foundation.errors import ConfigurationFaulty
from orchestration.foundation.settings import PROJECT_ROOT, load_settings


def test_nothing_stated_means_the_lake_of_the_checkout() -> None:
    settings = load_settings({})
    assert settings.lake_root == PROJECT_ROOT / "lake"
    assert settings.warehouse_path == PROJECT_ROOT / "lake" / "warehouse.duckdb"


def test_another_lake_takes_its_warehouse_with_it(tmp_path: Path) -> None:
    settings = load_settings({"GENOME_LAKE": str(tmp_path)})
    assert settings.warehouse_path == tmp_path / "warehouse.duckdb"
    assert settings.dagster_home == tmp_path / ".dagster"
    assert settings.contracts_dir == PROJECT_ROOT / "lake" / "contracts"


def test_the_state_may_live_elsewhere(tmp_path: Path) -> None:
    settings = load_settings({"GENOME_LAKE": str(tmp_path / "lake"), "GENOME_STATE": str(tmp_path / "state")})
    assert settings.serving_dir == tmp_path / "lake" / "serving"
    assert settings.warehouse_path == tmp_path / "state" / "warehouse.duckdb"


def test_all_faults_are_listed_at_once() -> None:
    variables = {"GENOME_TIMEZONE": "Mars/Olympus", "GENOME_DUCKDB_THREADS": "none", "GENOME_DUCKDB_MEMORY_LIMIT": "x"}
    with pytest.raises(ConfigurationFaulty, match="3 faults") as refusal:
        load_settings(variables)
    for variable in variables:
        assert variable in str(refusal.value)
