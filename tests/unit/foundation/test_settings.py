"""Settings are read once, from stated variables only, and refused with every fault at once."""

from pathlib import Path

import pytest

from orchestration.foundation.errors import ConfigurationFaulty
from orchestration.foundation.settings import PROJECT_ROOT, load_settings, stated_variables


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


def test_secrets_are_never_shown() -> None:
    stated = {"GENOME_ALERT_WEBHOOK": "https://hooks.example.com/s3cret", "GENOME_SMTP_URL": "smtp://u:s3cret@host"}
    settings = load_settings(stated)
    assert "s3cret" not in repr(settings) + str(settings.model_dump())
    assert "GENOME_SMTP_URL" not in stated_variables({**stated, "GENOME_LAKE": "/lake"})


@pytest.mark.parametrize("name", ["GENOME_ALERT_WEBHOOK", "GENOME_SMTP_URL"])
@pytest.mark.parametrize("value", ["s3cret", "file:///s3cret", "https://", "smtp://u:s3cret@host:port"])
def test_a_wrong_secret_is_refused_without_being_shown(name: str, value: str) -> None:
    with pytest.raises(ConfigurationFaulty, match=name) as refusal:
        load_settings({name: value})
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize("time", ["2:00", "24:00", "02:60", "two"])
def test_the_nights_time_of_day_is_hours_and_minutes(time: str) -> None:
    with pytest.raises(ConfigurationFaulty, match="GENOME_NIGHT_AT"):
        load_settings({"GENOME_NIGHT_AT": time})
