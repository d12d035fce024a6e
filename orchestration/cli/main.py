"""The `genome` command: its verbs, its exit codes (0 done, 1 refused or failed, 2 wrong words) and its one screen."""

import sys
from datetime import date, datetime
from typing import Annotated

import typer
from rich.console import Console

from orchestration.foundation.errors import GenomeError
from orchestration.foundation.settings import load_settings

app = typer.Typer(
    help="Consumer Genome: raw customer files to trusted customers, scores and a published database, every night.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_DATE = typer.Option("--date", formats=["%Y-%m-%d"], help="The business day to close; yesterday when left out.")

_WIDTH_OF_FILES = 110


def main() -> None:
    """Run the command line; a refusal is printed in one screen and ends with exit code 1."""
    try:
        app()
    except GenomeError as refusal:
        Console(stderr=True, soft_wrap=True).print(str(refusal), style="red", markup=False, highlight=False)
        raise SystemExit(1) from refusal


@app.command()
def demo(
    customers: Annotated[int, typer.Option(min=50, help="How many people the sample company serves.")] = 5_000,
    seed: Annotated[int, typer.Option(help="Same seed, same company.")] = 7,
) -> None:
    """Make the sample company, run its night, and answer three questions from what was published."""
    from orchestration.cli.demo import run_demo

    run_demo(load_settings(), console=_console(), customers_count=customers, seed=seed)


@app.command()
def night(as_of: Annotated[datetime | None, _DATE] = None) -> None:
    """Run one whole night: land what arrived, build every table behind its gate, publish."""
    from orchestration.cli.night import run_night

    run_night(load_settings(), console=_console(), as_of_on=_day(as_of))


@app.command()
def land() -> None:
    """Land the files that wait in the inbox, and say what became of every record."""
    from orchestration.cli.night import run_landing

    run_landing(load_settings(), console=_console())


@app.command()
def status() -> None:
    """Say how the last night went: its gates, its ledger, and what is published."""
    from orchestration.cli.status import show_status

    show_status(load_settings(), console=_console())


@app.command()
def ui(
    port: Annotated[int, typer.Option(help="Where the web page listens, on this machine only.")] = 3000,
) -> None:
    """Open the Dagster web page of this installation; the schedule runs while it is open."""
    from orchestration.cli.ui import serve_ui

    raise typer.Exit(serve_ui(load_settings(), port=port))


def _console() -> Console:
    width = None if sys.stdout.isatty() else _WIDTH_OF_FILES
    return Console(file=sys.stdout, highlight=False, width=width)


def _day(stated: datetime | None) -> date | None:
    return stated.date() if stated else None
