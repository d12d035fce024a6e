"""The benchmarks run at their smoke size, and compare equal outputs; how long anything takes is not asserted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.processes import PROJECT_ROOT

_WITHOUT_A_NIGHT = {
    "landing_clean",
    "landing_ragged",
    "landing_types",
    "rows_lost",
    "pandas_wall",
    "pandas_memory",
    "publish_swap",
    "publish_reads",
}
_OF_NIGHTS = {
    "staging_typed",
    "staging_whole",
    "orchestration_added",
    "orchestration_ratio",
    "memory_night",
    "growth_history",
    "growth_customers",
    "limited_night",
    "memory_limited",
}
_OF_IDENTITY = {
    "identity_splink_trained_people",
    "identity_splink_stored_people",
    "identity_increment",
    "identity_poison",
    "identity_ids_rerun",
    "identity_ids_shuffled",
    "identity_growth",
}
_NOT_COMPARED = {
    *("publish_swap", "memory_night", "memory_limited", "growth_history", "growth_customers"),
    *("identity_poison", "identity_growth"),
}


@pytest.mark.parametrize(
    ("sections", "keys"),
    [
        ("landing,pandas,publish", _WITHOUT_A_NIGHT),
        pytest.param("identity", _OF_IDENTITY, marks=pytest.mark.in_full),
        pytest.param(
            "staging,orchestration,history,customers,memory", _OF_NIGHTS, marks=[pytest.mark.in_full, pytest.mark.night]
        ),
    ],
)
def test_every_row_is_measured_and_compared_outputs_are_equal(sections: str, keys: set[str], tmp_path: Path) -> None:
    written = tmp_path / "benchmarks.json"
    work = tmp_path / "work"
    work.mkdir()
    command = [sys.executable, "-m", "tests.benchmarks", "--size", "tiny", "--only", sections]
    command += ["--json", str(written), "--work", str(work)]
    ended = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    rows = {row["key"]: row for row in json.loads(written.read_text())["rows"]}
    assert set(rows) == keys
    assert all(row["values"] for row in rows.values())
    assert {key for key, row in rows.items() if row["is_equal"]} == keys - _NOT_COMPARED
    assert not list(work.iterdir()), "temporary files are left"
