"""`genome why-merged`: why two records are one customer, or what keeps them apart; it changes nothing."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.foundation.atomic_files import write_bytes_atomically
from orchestration.foundation.connections import DuckdbLimits, connect, limits_in_force
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.night import night_lock
from orchestration.foundation.settings import Settings
from orchestration.identity.evidence.explained import Step, explained
from orchestration.identity.evidence.page import explanation_page
from orchestration.identity.evidence.stored import named_pair, stored_identity
from orchestration.identity.evidence.values import vault_values
from orchestration.identity.evidence.words import probability_words


def show_why_merged(  # noqa: PLR0913 - one option of the command each
    settings: Settings, *, console: Console, one: str, other: str, page: Path | None = None, with_values: bool = False
) -> None:
    """Print the path of evidence between two records or customers, and write it as a page when a path is given.

    Raises:
        NameUnknown: a name is no record and no customer.
        NamesOneRecord: both names stand for the same.
        LakeFileDamaged: a table of the last night is missing or damaged.
        NightAlreadyRunning: values are asked for while a night is at work.
    """
    limits = DuckdbLimits(settings.duckdb_memory_limit, settings.duckdb_threads)
    lake = Lake(settings.lake_root)
    with (
        limits_in_force(limits),
        stored_identity(lake, memory_limit=limits.memory_limit, threads=limits.threads) as connection,
    ):
        explanation = explained(connection, *named_pair(connection, one, other))
    values: Mapping[tuple[str, str], str] = {}
    if with_values:
        with (
            night_lock(settings.night_lock_path, holder="genome why-merged, looking up values"),
            connect(settings.warehouse_path, limits, read_only=True) as warehouse,
        ):
            values = vault_values(warehouse, [step.identifier for step in explanation.steps if step.identifier])
    for named in (explanation.one, explanation.other):
        if named.name not in {named.record_id, named.customer_id}:
            console.print(f"{named.name} is now part of {named.customer_id}.", markup=False, soft_wrap=True)
    console.print(explanation.summary, markup=False, soft_wrap=True)
    for number, step in enumerate(explanation.steps, start=1):
        _show_step(console, number, step, values)
        if explanation.apart:
            console.print(f"   Not followed, since {explanation.apart[number - 1]}.", markup=False, soft_wrap=True)
    if page is not None:
        write_bytes_atomically(page.absolute(), explanation_page(explanation, values).encode())
        console.print(f"Written to {page}", soft_wrap=True)


def _show_step(console: Console, number: int, step: Step, values: Mapping[tuple[str, str], str]) -> None:
    console.print()
    console.print(Text(f"{number}. {step.record_id_from} and {step.record_id_to}", "bold"), soft_wrap=True)
    console.print(f"   {step.headline}.", markup=False, soft_wrap=True)
    if step.identifier and step.identifier in values:
        console.print(f"   It is {values[step.identifier]}.", markup=False, soft_wrap=True)
    if not step.weights or step.probability is None:
        return
    grid = Table(header_style="dim", box=None, padding=(0, 2, 0, 0))
    for title, is_number in (("", False), ("bits", True), ("so far", True), ("which says", False)):
        grid.add_column(title, justify="right" if is_number else "left", overflow="fold")
    for bar in step.weights:
        grid.add_row(Text(f"   {bar.label}"), f"{bar.bits:+.1f}", f"{bar.total_bits:+.1f}", Text(bar.words))
    told = f"{probability_words(step.probability)} probable that both are one person"
    grid.add_row("   together", "", f"{step.weights[-1].total_bits:+.1f}", told, style="bold")
    console.print(grid)
