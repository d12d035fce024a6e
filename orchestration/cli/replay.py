"""`genome replay`: lands again, from the archive, what a mended contract reads otherwise; a night builds on it."""

import uuid
from collections import Counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from orchestration.foundation import clock
from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contracts import Contracts, load_contracts
from orchestration.foundation.errors import GenomeError, some_of
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.night import night_lock
from orchestration.foundation.settings import Settings
from orchestration.ingest.ledger import FileLanding
from orchestration.ingest.replay import ReplayChoice, Replayed, ReplayFile, files_to_replay, replay

_NOTHING = "Every file is as it lands by the contracts of now; nothing was landed again."


class OriginalsGone(GenomeError):
    """Damaged rows whose original the archive holds no more."""

    @classmethod
    def of(cls, names: list[str]) -> "OriginalsGone":
        """Return the error that names the delivered files."""
        return cls(
            f"the rows of {len(names)} delivered files are damaged, and the archive does not hold their originals any "
            f"more: [{some_of(names, limit=20)}]. Restore the lake's files from a copy, or ask the vendor for the "
            "originals, lay them where the ledger's archive_path says, and replay again. All others were landed again."
        )


def run_replay(settings: Settings, *, console: Console, choice: ReplayChoice, is_dry: bool) -> None:
    """Land again what would land otherwise by the contracts of now, and print what became of each delivery.

    Raises:
        ConfigurationFaulty: a contract is wrong; nothing was landed.
        NightAlreadyRunning: a night is at work.
        OriginalsGone: a damaged file cannot be landed again.
    """
    contracts, lake = load_contracts(settings.contracts_dir), Lake(settings.lake_root)
    with night_lock(settings.night_lock_path, holder="genome replay"):
        files = files_to_replay(lake, contracts, choice)
        if is_dry:
            _print_files(console, files)
            return
        results = _replayed(settings, console, contracts, choice, total=len(files))
    for result in results:
        _print_result(console, result)
    fates = Counter(_change(result) for result in results)
    console.print("; ".join(f"{count:,} files {what}" for what, count in sorted(fates.items())) or _NOTHING)
    if any(not result.is_gone for result in results):
        console.print("Next: `genome night` makes every table anew upon it.")
    damaged = [_name(r.file.entries[0].landing) for r in results if r.is_gone and r.file.reason == "damaged"]
    if damaged:
        raise OriginalsGone.of(damaged)


def _replayed(
    settings: Settings, console: Console, contracts: Contracts, choice: ReplayChoice, *, total: int
) -> tuple[Replayed, ...]:
    limits = DuckdbLimits(settings.duckdb_memory_limit, settings.duckdb_threads)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        lake, run_id = Lake(settings.lake_root), str(uuid.uuid4())
        landed = replay(lake, contracts, choice, run_id=run_id, at=clock.utc_now(), limits=limits)
        return tuple(progress.track(landed, total=total, description="landing again"))


def _print_files(console: Console, files: tuple[ReplayFile, ...]) -> None:
    for file in files:
        console.print(f"{_name(file.entries[0].landing)}: {file.reason}", markup=False, soft_wrap=True)
    console.print(f"{len(files):,} files would be landed again; nothing was.")


def _print_result(console: Console, result: Replayed) -> None:
    first = result.file.entries[0].landing
    if result.is_gone:
        console.print(f"{_name(first)}: its original is gone, it stays {_said(first)}", markup=False, soft_wrap=True)
        return
    for entry, now in zip(result.file.entries, result.now, strict=True):
        before = entry.landing
        console.print(f"{_name(before)}: {_said(before)} -> {_said(now)}", markup=False, soft_wrap=True)
        if now.fate == "refused":
            console.print(f"  {now.reason_text}", markup=False, soft_wrap=True)


def _name(landing: FileLanding) -> str:
    return f"{landing.source}/{landing.file_name}"


def _said(landing: FileLanding) -> str:
    if landing.fate != "landed":
        return landing.fate.replace("_", " ")
    return f"{landing.landed_count:,} landed, {landing.quarantined_count:,} quarantined"


def _change(result: Replayed) -> str:
    if result.is_gone:
        return "kept what they were: their originals are gone"
    return "landed again" if any(now.fate == "landed" for now in result.now) else "are refused"
