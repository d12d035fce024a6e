"""`genome tidy`: removes what is past its stated time, as the end of every night does, and says what went."""

import pyarrow.compute as pc
from rich.console import Console

from orchestration.automation import TIDY
from orchestration.cli.runs import NightFailed, run_job
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.settings import Settings


def run_tidy(settings: Settings, *, console: Console) -> None:
    """Remove what is past its time and print how much of each kind went.

    Raises:
        NightFailed: a night is at work, or a file could not be removed.
    """
    end = run_job(settings, TIDY, console=console)
    if not end.is_success:
        raise NightFailed.because(end)
    table = LAKE_TABLES["privacy/removals"]
    removed = Lake(settings.lake_root).read_table(table.name, table.schema)
    removed = removed.filter(pc.field("_run_id") == end.run_id)
    counted = removed.group_by("removed_kind", use_threads=False).aggregate(
        [("removed_name", "count"), ("removed_bytes", "sum")]
    )
    if counted.num_rows == 0:
        console.print("Nothing is past its time (lake/policies/operations.yml, retention_days in lake/contracts).")
    for row in counted.sort_by("removed_kind").to_pylist():
        console.print(
            f"removed, as {row['removed_kind']}: {row['removed_name_count']:,}, {row['removed_bytes_sum']:,} bytes"
        )
