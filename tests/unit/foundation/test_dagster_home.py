from pathlib import Path

import yaml

from orchestration.foundation.dagster_home import prepare_dagster_home


def test_the_home_gets_the_projects_settings_again_when_they_were_changed(tmp_path: Path) -> None:
    wanted = (prepare_dagster_home(tmp_path) / "dagster.yaml").read_bytes()
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: true}\n")
    prepare_dagster_home(tmp_path)
    assert (tmp_path / "dagster.yaml").read_bytes() == wanted


def test_the_records_lie_below_the_home_whatever_its_name(tmp_path: Path) -> None:
    home = tmp_path / 'a "quoted" $name: #1 é'
    stated = yaml.safe_load((prepare_dagster_home(home) / "dagster.yaml").read_bytes())
    assert stated["event_log_storage"]["config"] == {"base_dir": f"{home.resolve()}/history/runs"}
