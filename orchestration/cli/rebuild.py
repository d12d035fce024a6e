"""`genome rebuild` and `genome rollback`: everything anew from what was received, or an earlier build shown again."""

from rich.console import Console

from orchestration.automation import NIGHTLY
from orchestration.cli.runs import NightFailed, run_job
from orchestration.cli.status import print_published
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.night import night_lock
from orchestration.foundation.rebuild import prepare_rebuild
from orchestration.foundation.settings import Settings
from orchestration.publish.swap import roll_back


def run_rebuild(settings: Settings, *, console: Console) -> None:
    """Make the warehouse, the derived tables and the serving database of the last night anew, and print what is shown.

    Raises:
        RebuildImpossible: there was no night yet, or a received file is damaged; nothing was removed.
        NightAlreadyRunning: a night is at work.
        NightFailed: a gate or a step refused; what was published stays.
    """
    with (
        console.status("checking every file"),
        night_lock(settings.night_lock_path, holder="genome rebuild, checking every file"),
    ):
        plan = prepare_rebuild(Lake(settings.lake_root), settings.warehouse_path)
    console.print(f"{plan.files_checked_count:,} files hold the bytes that were written.")
    for damage in plan.forgotten:
        console.print(f"forgotten: {damage}", markup=False, highlight=False)
    end = run_job(settings, NIGHTLY, console=console, as_of_on=plan.night.as_of_on)
    if not end.is_success:
        raise NightFailed.because(end)
    print_published(settings, console)


def run_rollback(settings: Settings, *, console: Console, build_id: str | None) -> None:
    """Show an earlier build again and print which one.

    Raises:
        RollbackImpossible: no such build is kept with the bytes that were published.
    """
    roll_back(settings.serving_dir, build_id=build_id)
    print_published(settings, console)
