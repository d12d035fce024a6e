"""`genome status`: how the last night went, its gates, its ledger, and what is published; reads and changes nothing."""

from collections.abc import Iterable
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.table import Table

from orchestration.foundation.clock import naive_utc
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.night import Night, last_night
from orchestration.foundation.settings import Settings
from orchestration.publish.swap import published


def show_status(settings: Settings, *, console: Console) -> None:
    """Print the last night, its gates, the ledger of delivered files, and what is published.

    Raises:
        LakeFileDamaged: a committed file is missing or damaged.
        PublishedFileUnknown: the serving file is not one that was published.
    """
    lake = Lake(settings.lake_root)
    night = last_night(lake)
    if night is None:
        if not _print_stopped(lake, console, after=None):
            console.print("No night has run yet. `genome demo` shows one; `genome night` runs yours.")
        return
    end = f"ended {night.closed_at:%Y-%m-%d %H:%M} UTC" if night.closed_at else "did not end; run it again to resume"
    console.print(f"[bold]Last night[/] {night.as_of_on}  {end}  run {night.run_id}")
    _print_gates(lake, console, night_day=night.as_of_on)
    _print_stopped(lake, console, after=night)
    print_deliveries(settings, console)
    print_published(settings, console)


def print_deliveries(settings: Settings, console: Console, *, run_id: str | None = None) -> int:
    """Print one line a delivered file (of one run, if given), and return how many of them were refused."""
    table = LAKE_TABLES["ledger/files"]
    files = Lake(settings.lake_root).read_table(table.name, table.schema)
    if run_id is not None:
        files = files.filter(pc.field("_run_id") == run_id)
    files = files.sort_by([("delivered_on", "ascending"), ("source", "ascending"), ("file_name", "ascending")])
    if files.num_rows == 0:
        console.print("No file was waiting in the inbox.")
        return 0
    shown = files.select(["source", "file_name", "file_fate", "records_count", "landed_count", "quarantined_count"])
    titles = ("source", "file", "fate", "records", "landed", "quarantined")
    console.print(grid("Delivered files", titles, shown))
    for reason in filter(None, files["reason_text"].to_pylist()):
        console.print(f"  {reason}", markup=False, highlight=False)
    return files["file_fate"].to_pylist().count("refused")


def print_published(settings: Settings, console: Console) -> None:
    """Print what readers of the serving database see now."""
    build = published(settings.serving_dir)
    if build is None:
        console.print("Nothing is published yet.")
        return
    path = settings.serving_dir / "genome.duckdb"
    console.print(f"[bold]Published[/] {path}  as of {build.as_of_on}  build {build.build_id}", soft_wrap=True)
    for table in build.tables:
        console.print(f"  {table.name:<24} {table.rows_count:>10,} rows")


def _print_gates(lake: Lake, console: Console, *, night_day: date) -> None:
    table = LAKE_TABLES["quality/verdicts"]
    verdicts = lake.read_table(table.name, table.schema)
    verdicts = verdicts.filter(pc.field("as_of_on") == night_day)
    gates = verdicts.group_by("gate", use_threads=False).aggregate([("is_passed", "count"), ("is_passed", "sum")])
    console.print(grid("Gates", ("gate", "facts", "that hold"), gates))
    failed = verdicts.filter(pc.invert(verdicts["is_passed"]))
    for fact in failed.select(["gate", "table_name", "fact", "observed_json", "is_blocking"]).to_pylist():
        gate = f"[red]{fact['gate']}[/]" if fact["is_blocking"] is not False else f"[yellow]{fact['gate']} warns[/]"
        console.print(f"  {gate}: {fact['table_name']} {fact['fact']} {fact['observed_json']}")


def _print_stopped(lake: Lake, console: Console, *, after: Night | None) -> bool:
    """Print which later runs a gate stopped before they could pin their night, and return whether there are any."""
    table = LAKE_TABLES["quality/verdicts"]
    verdicts = lake.read_table(table.name, table.schema)
    failed = verdicts.filter(pc.invert(verdicts["is_passed"])).to_pylist()
    later = [
        fact
        for fact in failed
        if fact["is_blocking"] is not False
        and (after is None or (fact["checked_at"] > naive_utc(after.pinned_at) and fact["_run_id"] != after.run_id))
    ]
    for day, gate, run_id in sorted({(fact["as_of_on"], fact["gate"], fact["_run_id"]) for fact in later}):
        console.print(f"[bold]Stopped[/] before night {day} began, at the {gate} gate  run {run_id}")
    for fact in later:
        if after is None or fact["as_of_on"] != after.as_of_on:
            console.print(f"  [red]{fact['gate']}[/]: {fact['table_name']} {fact['fact']} {fact['observed_json']}")
    return bool(later)


def grid(title: str, columns: Iterable[str], rows: pa.Table) -> Table:
    """Return rows as the terminal shows them under `title`; integers to the right, nulls empty."""
    grid = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None)
    for column, field in zip(columns, rows.schema, strict=True):
        grid.add_column(column, justify="right" if pa.types.is_integer(field.type) else "left", overflow="fold")
    for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        grid.add_row(*("" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    return grid
