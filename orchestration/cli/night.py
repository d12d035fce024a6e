"""`genome night` and `genome land`: run the job, say in one screen what came of it, and tell people when it failed."""

from datetime import date

from rich.console import Console

from orchestration.automation import LANDING, NIGHTLY
from orchestration.cli.runs import NightFailed, RunEnd, run_job
from orchestration.cli.status import print_deliveries, print_published
from orchestration.foundation import alerts, clock
from orchestration.foundation.catch_up import due_nights, last_closed_day
from orchestration.foundation.errors import GenomeError
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.policies import load_policies
from orchestration.foundation.settings import Settings


def run_night(settings: Settings, *, console: Console, as_of_on: date | None) -> None:
    """Run one whole night and print what was published.

    Raises:
        NightFailed: a gate or a step refused; nothing behind it was built, and people were told.
    """
    end = _run_told(settings, NIGHTLY, console=console, as_of_on=as_of_on)
    if not end.is_success:
        raise NightFailed.because(end)
    print_deliveries(settings, console, run_id=end.run_id)
    print_published(settings, console)


def run_missed_nights(settings: Settings, *, console: Console, as_of_on: date | None) -> None:
    """Run every night since the last closed one, oldest first, `as_of_on` (yesterday's when left out) last.

    A missed night that fails is told and does not keep the next one, which has its data, from running.

    Raises:
        NightFailed: the last one failed.
    """
    through = as_of_on or clock.day_to_close(clock.utc_now(), settings.timezone)
    operations = load_policies(settings.policies_dir).operations
    closed = last_closed_day(Lake(settings.lake_root), through=through)
    due = due_nights(closed, through=through, at_most=operations.catch_up_nights_at_most)
    for day in due.days[:-1]:
        console.print(f"[bold]Catching up[/] the night of {day}")
        end = _run_told(settings, NIGHTLY, console=console, as_of_on=day)
        if not end.is_success:
            console.print(str(NightFailed.because(end)), style="red", markup=False, soft_wrap=True)
    run_night(settings, console=console, as_of_on=through)


def run_landing(settings: Settings, *, console: Console) -> None:
    """Land what waits in the inbox and print the fate of every file.

    Raises:
        NightFailed: a landed file does not balance, or the raw gate refused it; people were told.
    """
    end = _run_told(settings, LANDING, console=console, as_of_on=None)
    print_deliveries(settings, console, run_id=end.run_id)
    if not end.is_success:
        raise NightFailed.because(end)


def _run_told(settings: Settings, job: str, *, console: Console, as_of_on: date | None) -> RunEnd:
    """Return how the job ended after telling people if it failed, also where it could not even be recorded."""
    try:
        end = run_job(settings, job, console=console, as_of_on=as_of_on)
    except GenomeError as refusal:
        _tell(settings, console, job, as_of_on=as_of_on, run_id="not on record", reasons=(str(refusal),))
        raise
    if not end.is_success:
        _tell(settings, console, job, as_of_on=as_of_on, run_id=end.run_id, reasons=end.told_reasons)
    return end


def _tell(  # noqa: PLR0913 - an alert has this many facts
    settings: Settings, console: Console, job: str, *, as_of_on: date | None, run_id: str, reasons: tuple[str, ...]
) -> None:
    """Tell people of a failed run; a channel that does not take the alert is named on the terminal."""
    alert = alerts.alert_of_failure(job=job, as_of_on=as_of_on, run_id=run_id, reasons=reasons)
    policy = load_policies(settings.policies_dir).operations.alerts
    for fault in alerts.tell(alert, alerts.channels(settings, policy)):
        console.print(fault, style="red", markup=False)
