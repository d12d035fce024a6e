"""What tests need to run whole nights and to compare what they published."""

from datetime import date
from pathlib import Path

import duckdb
from rich.console import Console

from orchestration.cli.runs import RunEnd, run_job
from orchestration.foundation.settings import Settings

LAST_DAY = date(2026, 6, 30)
CUSTOMERS = 400


def settings_of(root: Path, **changes: object) -> Settings:
    """Return settings whose lake and state are below `root`."""
    return Settings.model_validate({"lake_root": root, "state_dir": root, **changes})


def run_night(settings: Settings, day: date = LAST_DAY) -> RunEnd:
    """Run one whole night in this process."""
    return run_job(settings, "nightly", console=Console(quiet=True), as_of_on=day)


def published_columns(root: Path) -> dict[str, list[str]]:
    """Return the columns of every published table."""
    with duckdb.connect(root / "serving" / "genome.duckdb", read_only=True) as connection:
        listed = connection.execute(
            "select table_name, list(column_name) from duckdb_columns() where not internal group by all"
        ).fetchall()
    return dict(listed)


def published_differences(one: Path, other: Path) -> dict[str, int]:
    """Return by published table how many rows are in one lake's database and not in the other's, run ids aside."""
    counts = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}/serving/genome.duckdb' as one (read_only)")
        connection.execute(f"attach '{other}/serving/genome.duckdb' as other (read_only)")
        for table, columns in published_columns(one).items():
            kept = ", ".join(column for column in columns if column != "build_id")
            count = 0
            for left, right in (("one", "other"), ("other", "one")):
                query = f"select {kept} from {left}.{table} except all select {kept} from {right}.{table}"
                count += len(connection.execute(query).fetchall())
            counts[table] = count
    return counts
