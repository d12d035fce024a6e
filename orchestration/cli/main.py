"""The `genome` command: its verbs, its exit codes (0 done, 1 refused or failed, 2 wrong words) and its one screen."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from orchestration.foundation.errors import GenomeError
from orchestration.foundation.room import NoRoom
from orchestration.foundation.settings import load_settings

app = typer.Typer(
    help="Consumer Genome: raw customer files to trusted customers, scores and a published database, every night.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
feed_app = typer.Typer(help="Feeds: what vendors deliver.", no_args_is_help=True)
app.add_typer(feed_app, name="feed")
identity_app = typer.Typer(help="Identity: which records are one person.", no_args_is_help=True)
app.add_typer(identity_app, name="identity")
_DATE = typer.Option("--date", formats=["%Y-%m-%d"], help="The business day to close; yesterday when left out.")
_PORT = typer.Option(help="Where the web page listens, on this machine only.")
_NAME = Annotated[str, typer.Argument(help="A record, such as crm:contacts:42, or a customer, an old id too.")]
_REASON = Annotated[str | None, typer.Option(help="Why.")]
_BY = Annotated[str | None, typer.Option(help="Who decides: a role or a name of staff.")]
_ON = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="The first business day whose night knows of it; today when left out."),
]
_WITHDRAW = Annotated[bool, typer.Option("--withdraw", help="Take the decision about these two records out again.")]
_YES = Annotated[bool, typer.Option("--yes", help="Write it; otherwise it is only shown.")]

_WIDTH_OF_FILES = 110


def main() -> None:
    """Run the command line; a refusal is printed in one screen and ends with exit code 1."""
    try:
        app()
    except GenomeError as refusal:
        _refuse(refusal)
        raise SystemExit(1) from refusal
    except (OSError, MemoryError) as error:
        found = NoRoom.because(error)
        if found is None:
            raise
        _refuse(found)
        raise SystemExit(1) from error


def _refuse(refusal: GenomeError) -> None:
    Console(stderr=True, soft_wrap=True).print(str(refusal), style="red", markup=False, highlight=False)


@app.command()
def demo(
    customers: Annotated[int, typer.Option(min=50, help="How many people the sample company serves.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Same seed, same company.")] = 7,
) -> None:
    """Make the sample company, run its night, and answer three questions from what was published."""
    from orchestration.cli.demo import run_demo

    run_demo(load_settings(), console=_console(), customers_count=customers, seed=seed)


@app.command()
def sample(
    customers: Annotated[int, typer.Option(min=1, help="How many people the sample company serves.")] = 20_000,
    nights: Annotated[int, typer.Option(min=1, help="1 for the history; each further one adds a day's files.")] = 1,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 7,
    into: Annotated[Path | None, typer.Option(help="Folder for the files; the lake's inbox when left out.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Folder for the truth about them.")] = None,
) -> None:
    """Write the files that the sample company delivers, and say what is wrong in them."""
    from orchestration.cli.sample import run_sample

    run_sample(
        load_settings(),
        console=_console(),
        customers_count=customers,
        nights=nights,
        seed=seed,
        into=into,
        truth=truth,
    )


@app.command()
def evaluate() -> None:
    """Hold what the product concluded of the sample company against what is true, claim by claim."""
    from orchestration.cli.evaluate import run_evaluation

    run_evaluation(load_settings(), console=_console())


@app.command()
def lookup(
    identifier: Annotated[str, typer.Argument(help="E-mail address, phone number, card or log-in; - reads it in.")],
    country: Annotated[str, typer.Option(help="Where a number without dialling code is from.")] = "GB",
) -> None:
    """Say which customer an identifier leads to, with tier and card; exit code 1 when it leads to nobody."""
    from orchestration.cli.lookup import run_lookup

    if not run_lookup(load_settings(), console=_console(), identifier=identifier, country_code=country):
        raise typer.Exit(1)


@app.command()
def night(
    as_of: Annotated[datetime | None, _DATE] = None,
    catch_up: Annotated[bool, typer.Option("--catch-up", help="First run the nights that were missed.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Run one whole night: land what arrived, build every table behind its gate, publish."""
    from orchestration.cli.night import run_missed_nights, run_night

    run = run_missed_nights if catch_up else run_night
    run(load_settings(), console=_console(), as_of_on=_day(as_of))


@app.command()
def land() -> None:
    """Land the files that wait in the inbox, and say what became of every record."""
    from orchestration.cli.night import run_landing

    run_landing(load_settings(), console=_console())


@app.command()
def quarantine(
    source: Annotated[str | None, typer.Option(help="Only what this source delivered.")] = None,
    feed: Annotated[str | None, typer.Option(help="Only of this feed.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only what this rule refused.")] = None,
    sample: Annotated[
        int,
        typer.Option(
            min=0,
            help="Also show so many of each, as received, control characters escaped. Samples hold personal data: "
            "mind who sees your screen, and where you send it.",
        ),
    ] = 0,
) -> None:
    """List what was refused, by rule: whole files (`file`), records without shape (`landing`), and rows (`staging`).

    Each is sampled with its line and bytes as received. Those of a row of staging come out of the archive; where they
    do not (its file is past its retention, or is a workbook), its cells are shown, and why. `staging` is as of the
    last night.
    """
    from orchestration.cli.quarantine import show_quarantine
    from orchestration.ingest.refusals import RefusalChoice

    choice = RefusalChoice(source, feed, rule)
    show_quarantine(load_settings(), console=_console(), choice=choice, sample=sample)


@app.command()
def replay(
    source: Annotated[str | None, typer.Option(help="Only what this source delivered.")] = None,
    feed: Annotated[str | None, typer.Option(help="Only what landed, or lands now, in this feed.")] = None,
    every_file: Annotated[bool, typer.Option("--every-file", help="Also what its contract reads as before.")] = False,  # noqa: FBT002 - a flag
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which files.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Land again, from the archive, what a mended contract reads otherwise, and what was refused or is damaged.

    The next night then gives what it had given if the contract had been right from the start. When it is cut off,
    running it again, or the next landing, ends it.
    """
    from orchestration.cli.replay import run_replay
    from orchestration.ingest.replay import ReplayChoice

    choice = ReplayChoice(source, feed, every_file)
    run_replay(load_settings(), console=_console(), choice=choice, is_dry=dry_run)


@app.command()
def rebuild() -> None:
    """Make warehouse and serving of the last night anew from raw, quarantine and policies, all hashes checked first."""
    from orchestration.cli.rebuild import run_rebuild

    run_rebuild(load_settings(), console=_console())


@app.command()
def rollback(
    to: Annotated[str | None, typer.Option(help="The kept build to show; the one before when left out.")] = None,
) -> None:
    """Show an earlier kept build of the published database again, at once."""
    from orchestration.cli.rebuild import run_rollback

    run_rollback(load_settings(), console=_console(), build_id=to)


@app.command()
def status() -> None:
    """Say how the last night went: its gates, its ledger, and what is published."""
    from orchestration.cli.status import show_status

    show_status(load_settings(), console=_console())


@app.command()
def profiles(
    feed: Annotated[str | None, typer.Option(help="Only this feed, as source/feed, with its columns.")] = None,
    html: Annotated[Path | None, typer.Option(help="Also write all of it to this file, as one page.")] = None,
) -> None:
    """Say of what arrived: how full and varied each column is, what changed, and which columns belong together."""
    from orchestration.cli.profiles import show_profiles

    show_profiles(load_settings(), console=_console(), feed=feed, page=html)


@app.command("why-merged")
def why_merged(
    one: _NAME,
    other: _NAME,
    *,
    html: Annotated[Path | None, typer.Option(help="Also write it to this file, as one page with its chart.")] = None,
    values: Annotated[
        bool,
        typer.Option("--values", help="Also show the shared addresses and numbers: personal data, mind your screen."),
    ] = False,
) -> None:
    """Say why two records are one customer, step by step with the weight of each value, or what keeps them apart."""
    from orchestration.cli.why_merged import show_why_merged

    show_why_merged(load_settings(), console=_console(), one=one, other=other, page=html, with_values=values)


@app.command()
def merge(  # noqa: PLR0913 - one option of the command each
    one: _NAME,
    other: _NAME,
    *,
    reason: _REASON = None,
    by: _BY = None,
    on: _ON = None,
    withdraw: _WITHDRAW = False,
    yes: _YES = False,
) -> None:
    """Decide that two records are one person: first shows whom it changes in value, segment and consent."""
    _decide("must_link", (one, other), (reason, by, on), is_withdrawn=withdraw, is_confirmed=yes)


@app.command()
def split(  # noqa: PLR0913 - one option of the command each
    one: _NAME,
    other: _NAME,
    *,
    reason: _REASON = None,
    by: _BY = None,
    on: _ON = None,
    withdraw: _WITHDRAW = False,
    yes: _YES = False,
) -> None:
    """Decide that two records are never one person: first shows whom it changes in value, segment and consent."""
    _decide("cannot_link", (one, other), (reason, by, on), is_withdrawn=withdraw, is_confirmed=yes)


@app.command()
def contracts(
    schema: Annotated[bool, typer.Option("--schema", help="Also write the JSON schema that editors use.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Check all contracts and policies, and write dbt's source files from the contracts."""
    from orchestration.cli.contracts import check_contracts

    check_contracts(load_settings(), console=_console(), with_schema=schema)


@feed_app.command("new")
def feed_new(
    path: Annotated[Path, typer.Argument(help="One file as the vendor delivers it.")],
    source: Annotated[str | None, typer.Option(help="Who delivers it; its folder's name when left out.")] = None,
    feed: Annotated[str | None, typer.Option(help="What it tells of; after the file's name when left out.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Write the contract and staging.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Profile a file, propose its contract and staging, and show what would be quarantined."""
    from orchestration.cli.feed import new_feed

    new_feed(load_settings(), console=_console(), path=path, source=source, feed=feed, write=write)


@identity_app.command("benchmark")
def identity_benchmark(
    folder: Annotated[Path, typer.Argument(help="records.csv, or several files with a header each; truth.csv beside.")],
    columns: Annotated[Path | None, typer.Option(help="YAML: which column is which, where names do not tell.")] = None,
    into: Annotated[Path | None, typer.Option(help="Where clusters.csv, the report and the model go.")] = None,
    model: Annotated[
        Path | None, typer.Option(help="A model of an earlier run, to score with instead of training.")
    ] = None,
    as_of: Annotated[datetime | None, _DATE] = None,
) -> None:
    """Link the records of a folder as the nights link theirs, and say how well and at what cost."""
    from orchestration.cli.identity import run_identity_benchmark
    from orchestration.foundation import clock

    settings = load_settings()
    run_identity_benchmark(
        settings,
        console=_console(),
        folder=folder,
        as_of_on=_day(as_of) or clock.day_to_close(clock.utc_now(), settings.timezone),
        columns=columns,
        into=into,
        model=model,
    )


@app.command()
def ui(port: Annotated[int, _PORT] = 3000) -> None:
    """Open the Dagster web page of this installation to look; the schedule runs while it is open."""
    from orchestration.cli.up import look

    raise typer.Exit(look(load_settings(), port=port))


@app.command()
def up(
    port: Annotated[int, _PORT] = 3000,
    print_unit: Annotated[bool, typer.Option("--print-unit", help="Only print a systemd unit.")] = False,  # noqa: FBT002 - a flag
    print_cron: Annotated[bool, typer.Option("--print-cron", help="Only print crontab lines.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Run by itself, every night: the web page, the schedule, the inbox's watch and alerts, until it is ended."""
    from orchestration.cli.services import cron_lines, systemd_unit
    from orchestration.cli.up import installation, serve

    settings = load_settings()
    if print_unit or print_cron:
        text = systemd_unit if print_unit else cron_lines
        typer.echo(text(installation(settings, port=port)), nl=False)
        return
    serve(settings, console=_console(), port=port)


@app.command()
def tidy() -> None:
    """Remove what is past its stated time: run logs, delivered files, superseded lake files."""
    from orchestration.cli.tidy import run_tidy

    run_tidy(load_settings(), console=_console())


def _decide(
    decision: Literal["must_link", "cannot_link"],
    names: tuple[str, str],
    told: tuple[str | None, str | None, datetime | None],
    *,
    is_withdrawn: bool,
    is_confirmed: bool,
) -> None:
    from orchestration.cli.link_decisions import Asked, run_decision, run_withdrawal
    from orchestration.foundation import clock

    settings, console = load_settings(), _console()
    reason, by, on = told
    if is_withdrawn:
        run_withdrawal(settings, console=console, decision=decision, record_ids=names, is_confirmed=is_confirmed)
        return
    if not reason or not by:
        raise typer.BadParameter("a decision needs its --reason and --by whom")
    decided_on = _day(on) or clock.business_day(clock.utc_now(), settings.timezone)
    asked = Asked(decision, names, reason, by, decided_on)
    run_decision(settings, console=console, asked=asked, is_confirmed=is_confirmed)


def _console() -> Console:
    width = None if sys.stdout.isatty() else _WIDTH_OF_FILES
    return Console(file=sys.stdout, highlight=False, width=width)


def _day(stated: datetime | None) -> date | None:
    return stated.date() if stated else None
