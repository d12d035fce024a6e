"""`genome night` and `genome land`: run the job, then say in one screen what came of it."""

from datetime import date

from rich.console import Console

from orchestration.automation import LANDING, NIGHTLY
from orchestration.cli.runs import NightFailed, run_job
from orchestration.cli.status import print_deliveries, print_published
from orchestration.foundation.errors import GenomeError
from orchestration.foundation.settings import Settings


def run_night(settings: Settings, *, console: Console, as_of_on: date | None) -> None:
    """Run one whole night and print what was published.

    Raises:
        NightFailed: a gate or a step refused; nothing behind it was built.
    """
    end = run_job(settings, NIGHTLY, console=console, as_of_on=as_of_on)
    if not end.is_success:
        raise NightFailed.because(end)
    print_deliveries(settings, console, run_id=end.run_id)
    print_published(settings, console)


def run_landing(settings: Settings, *, console: Console) -> None:
    """Land what waits in the inbox and print the fate of every file.

    Raises:
        NightFailed: a landed file does not balance, or the raw gate refused it.
        DeliveriesRefused: files were refused whole; all others landed.
    """
    end = run_job(settings, LANDING, console=console)
    refused = print_deliveries(settings, console, run_id=end.run_id)
    if not end.is_success:
        raise NightFailed.because(end)
    if refused:
        raise DeliveriesRefused.of(refused)


class DeliveriesRefused(GenomeError):
    """Files that could not land; the reason of each was printed with it."""

    @classmethod
    def of(cls, count: int) -> "DeliveriesRefused":
        """Return the error for so many refused files."""
        files = "1 file was" if count == 1 else f"{count} files were"
        return cls(f"{files} refused and moved to archive/refused; the reasons stand above. All other files landed.")
