"""`python -m tests.benchmarks --size S|M|tiny [--only landing,…] [--json file]`: the benchmarks as a table and JSON.

Ratios, not times: A and B run interleaved, each run in its own process, and their outputs have to be equal. The JSON
is written anew after every row, so that a long run that is cut off leaves what it has.
"""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from tests.benchmarks.processes import PROJECT_ROOT, JobFailed, Runner, runner
from tests.benchmarks.rows_identity import IdentityRows
from tests.benchmarks.rows_landing import LandingRows
from tests.benchmarks.rows_night import NightRows
from tests.benchmarks.rows_publish import publish_rows
from tests.benchmarks.sizes import SEED, SIZES, Size
from tests.benchmarks.table import Row, machine, show, unjudged, write_json

SECTIONS = ("landing", "pandas", "staging", "publish", "orchestration", "history", "customers", "memory", "identity")
_WIDTH_OF_FILES = 220
_REAL_DATA = Path(os.environ.get("GENOME_REAL_DATA", PROJECT_ROOT.parent / "shared" / "data"))

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def benchmark(
    size: Annotated[str, typer.Option(help=f"One of {', '.join(SIZES)}.")] = "tiny",
    only: Annotated[str, typer.Option(help=f"Some of {','.join(SECTIONS)}.")] = ",".join(SECTIONS),
    json_file: Annotated[Path | None, typer.Option("--json", help="Where the JSON goes.")] = None,
    work: Annotated[Path | None, typer.Option(help="Folder for temporary files; the system's when left out.")] = None,
) -> None:
    """Measure, print a table, write JSON; exit code 1 when something could not be measured or outputs differ."""
    chosen = tuple(name.strip() for name in only.split(","))
    unknown = [name for name in chosen if name not in SECTIONS]
    if size not in SIZES or unknown:
        raise typer.BadParameter(f"--size is one of {', '.join(SIZES)}; --only some of {', '.join(SECTIONS)}")
    signal.signal(signal.SIGTERM, _end)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDTH_OF_FILES)
    folder = Path(tempfile.mkdtemp(prefix="genome-benchmarks-", dir=work))
    console.print(f"size {size}, seed {SEED}; takes {SIZES[size].time_note}; temporary files in {folder}")
    try:
        rows = _measure(SIZES[size], chosen, folder=folder, console=console, json_file=json_file)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(console, rows, f"Benchmarks, size {size}: {machine()}")
    if any(row.verdict == "failed" for row in rows):
        raise typer.Exit(1)


def _measure(
    size: Size, chosen: tuple[str, ...], *, folder: Path, console: Console, json_file: Path | None
) -> list[Row]:
    rows: list[Row] = []
    facts = {"size": vars(size), "seed": SEED, "machine_before": machine()}
    with runner(folder, is_warm=size.is_smoke) as running:
        sections = _sections(running, size, folder, console)
        for name in SECTIONS:
            if name not in chosen:
                continue
            began = time.perf_counter()
            try:
                for row in sections[name]():
                    rows += unjudged([row]) if size.is_smoke else [row]
                    if json_file is not None:
                        write_json(json_file, rows, {**facts, "machine_after": machine()})
            except JobFailed as failure:
                rows.append(Row(key=name, what="could not be measured", failure=str(failure)))
            console.print(f"{name}: {time.perf_counter() - began:,.0f} s", style="dim")
    if json_file is not None:
        write_json(json_file, rows, {**facts, "machine_after": machine()})
    return rows


def _sections(running: Runner, size: Size, folder: Path, console: Console) -> Mapping[str, Callable[[], Iterator[Row]]]:
    nights = NightRows(running, size, folder)
    made: list[LandingRows] = []

    def landing() -> LandingRows:
        if not made:
            made.append(LandingRows(running, size, folder))
            console.print(f"generated {made[0].generated}")
        return made[0]

    return {
        "landing": lambda: landing().landing(),
        "pandas": lambda: landing().pandas(),
        "staging": lambda: landing().staging(nights.sql),
        "publish": lambda: publish_rows(running, size, folder),
        "orchestration": nights.orchestration,
        "history": nights.history,
        "customers": nights.customers,
        "memory": nights.memory,
        "identity": lambda: IdentityRows(running, size, folder, real_data=_REAL_DATA).rows(),
    }


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    app()
