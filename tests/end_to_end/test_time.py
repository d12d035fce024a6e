"""The machine's zone and a midnight on the way change nothing that is published."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.sample_company.company import write_sample_company
from tests.support.nights import CUSTOMERS, LAST_DAY, published_columns

pytestmark = pytest.mark.night

OF_THE_RUN = {"build_id", "delivered_on", "last_delivered_on", "row_ledger_id", "trained_at", "_run_id"}
"""Columns that say when files came and by which run, which no two nights share."""

ACROSS_MIDNIGHT = f"""
import itertools
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from orchestration.foundation import clock
begin = datetime(2026, 6, 30, 22, 59, 50, tzinfo=UTC)  # ten seconds before London's midnight
later = itertools.count()
clock.utc_now = lambda: begin + timedelta(seconds=next(later))
from tests.support.nights import run_night, settings_of
end = run_night(settings_of(Path(__import__("sys").argv[1])), date.fromisoformat("{LAST_DAY}"))
assert end.is_success, end.reasons
assert next(later) > 10, "the night did not look at the clock often enough to cross midnight"
"""


def _differences(one: Path, other: Path) -> dict[str, int]:
    counts = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}/serving/genome.duckdb' as one (read_only)")
        connection.execute(f"attach '{other}/serving/genome.duckdb' as other (read_only)")
        for table, columns in published_columns(one).items():
            kept = ", ".join(column for column in columns if column not in OF_THE_RUN)
            counts[table] = sum(
                len(
                    connection.execute(
                        f"select {kept} from {a}.{table} except all select {kept} from {b}.{table}"
                    ).fetchall()
                )
                for a, b in (("one", "other"), ("other", "one"))
            )
    return counts


def test_beyond_the_date_line_and_across_midnight_the_same_tables_are_published(
    finished_night: Path, parsed_project: Path, tmp_path: Path
) -> None:
    root = tmp_path / "lake"
    write_sample_company(root / "inbox", customers_count=CUSTOMERS)
    shutil.copytree(parsed_project, root / ".dbt")
    ended = subprocess.run(
        [sys.executable, "-c", ACROSS_MIDNIGHT, str(root)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "TZ": "Pacific/Kiritimati", "PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert ended.returncode == 0, ended.stderr[-3_000:]
    differences = _differences(finished_night, root)
    assert len(differences) >= 4
    assert set(differences.values()) == {0}, differences
