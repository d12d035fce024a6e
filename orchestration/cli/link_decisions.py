"""`genome merge` and `genome split`: what a decision about two records would change, and its way into the policy."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import typer
from rich.console import Console
from rich.table import Table

from orchestration.foundation.atomic_files import write_bytes_atomically
from orchestration.foundation.connections import DuckdbLimits, connect, limits_in_force
from orchestration.foundation.errors import GenomeError
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.link_decisions_file import (
    PairDecided,
    decision_about,
    with_decision,
    without_decision,
)
from orchestration.foundation.link_decisions_policy import LinkDecision
from orchestration.foundation.night import night_lock
from orchestration.foundation.policies import load_policies
from orchestration.foundation.settings import Settings
from orchestration.identity.evidence.effects import CustomerEffect
from orchestration.identity.evidence.previews import WITHDRAWN, Preview, Trial, decision_previewed, next_night
from orchestration.identity.evidence.stored import Named, named_pair, stored_identity
from orchestration.identity.graph.decisions import decisions_in_force
from orchestration.identity.rules import clustering_rules

_VERBS = {"must_link": "merge", "cannot_link": "split"}


class PreviewOutdated(GenomeError):
    """A decision of which other things would come than were shown."""

    @classmethod
    def of(cls, decision: LinkDecision) -> "PreviewOutdated":
        """Return the error for a decision that is not written."""
        one, other = decision.record_ids
        return cls(
            f"what the decision about {one} and {other} would change is no longer what was shown: a night has ended or "
            f"another decision was written meanwhile. A decision is written only with the effect that was shown; give "
            f"the command again and look at what it shows now. Nothing was written."
        )


@dataclass(frozen=True)
class Asked:
    """What is to be decided about two names, by whom, why and from which day on."""

    decision: Literal["must_link", "cannot_link"]
    names: tuple[str, str]
    reason: str
    decided_by: str
    decided_on: date


def run_decision(settings: Settings, *, console: Console, asked: Asked, is_confirmed: bool) -> None:
    """Print what a decision would change and, once it is confirmed, write it into the policy.

    Raises:
        NameUnknown: a name is no record and no customer.
        NamesOneRecord: both names stand for the same.
        PairDecided: the pair has a decision.
        DecisionsContradicted: others forbid what it demands.
        PreviewOutdated: what it would change is not what was shown any more.
        NightAlreadyRunning: a night is at work.
    """

    def looked() -> tuple[Preview, LinkDecision]:
        preview, pair = preview_decision(settings, asked.names, asked.decision, asked.decided_on)
        decision = LinkDecision(
            decision=asked.decision,
            record_ids=(pair[0].record_id, pair[1].record_id),
            reason=asked.reason,
            decided_by=asked.decided_by,
            decided_on=asked.decided_on,
        )
        with_decision(_text(path), decision)
        return preview, decision

    path = _path(settings)
    with _at_rest(settings, asked.decision):
        shown = preview, decision = looked()
    one, other = decision.record_ids
    persons = "one person" if asked.decision == "must_link" else "two persons"
    console.print(f"{one} and {other}: {persons}, by {asked.decided_by}, {asked.reason}", markup=False, soft_wrap=True)
    _show(console, preview)
    told = (
        f"Written to {path.name}. The night that closes {asked.decided_on}, and every later one, makes it so; "
        f"`genome {_VERBS[asked.decision]} {one} {other} --withdraw` takes it back."
    )
    if _is_wanted(console, is_confirmed=is_confirmed):
        with _at_rest(settings, asked.decision):
            _require_same(looked(), shown)
            _write(path, with_decision(_text(path), decision))
        console.print(told, markup=False, soft_wrap=True)


def run_withdrawal(
    settings: Settings, *, console: Console, decision: str, record_ids: tuple[str, str], is_confirmed: bool
) -> None:
    """Print what taking a decision out would change and, once it is confirmed, take it out of the policy.

    Raises:
        PairDecided: there is no such decision about the two records.
        NameUnknown: a record is not there any more; a decision in vain changes nothing and is taken out by hand.
        NightAlreadyRunning: a night is at work.
    """

    def looked() -> tuple[Preview, LinkDecision]:
        found = decision_about(load_policies(settings.policies_dir).link_decisions, record_ids)
        if found is None or found.decision != decision:
            raise PairDecided.never(decision, record_ids)
        return preview_decision(settings, record_ids, WITHDRAWN, found.decided_on)[0], found

    path = _path(settings)
    with _at_rest(settings, decision):
        shown = preview, found = looked()
    console.print(
        f"Without the {decision} by {found.decided_by} on {found.decided_on}, {found.reason}",
        markup=False,
        soft_wrap=True,
    )
    _show(console, preview)
    told = f"Taken out of {path.name}. The next night makes it so."
    if _is_wanted(console, is_confirmed=is_confirmed):
        with _at_rest(settings, decision):
            _require_same(looked(), shown)
            _write(path, without_decision(_text(path), found))
        console.print(told, markup=False, soft_wrap=True)


def _at_rest(settings: Settings, decision: str) -> AbstractContextManager[object]:
    """Keep nights away while the last one's tables are read."""
    return night_lock(settings.night_lock_path, holder=f"genome {_VERBS[decision]}, looking what would change")


def preview_decision(
    settings: Settings, names: tuple[str, str], decision: str, decided_on: date
) -> tuple[Preview, tuple[Named, Named]]:
    """Return what a decision about two names would change, and the records that they stand for.

    Args:
        settings: where lake, warehouse and policies are.
        names: ids of records or customers.
        decision: `must_link`, `cannot_link`, or `withdrawn` for one that is taken out.
        decided_on: the day from which nights know of it.

    Raises:
        NameUnknown: a name is no record and no customer.
        NamesOneRecord: both names stand for the same.
        DecisionsContradicted: others forbid what it demands.
    """
    policies = load_policies(settings.policies_dir)
    limits = DuckdbLimits(settings.duckdb_memory_limit, settings.duckdb_threads)
    lake = Lake(settings.lake_root)
    with (
        limits_in_force(limits),
        stored_identity(lake, memory_limit=limits.memory_limit, threads=limits.threads) as stored,
    ):
        pair = named_pair(stored, *names)
        as_of_on = next_night(stored, decided_on)
        decisions = decisions_in_force(policies.link_decisions, as_of_on=as_of_on)
        with connect(settings.warehouse_path, limits, read_only=True) as warehouse:
            types = warehouse.execute("from reference.identifier_types").to_arrow_table()
            rules = clustering_rules(policies.identity, types)
            trial = Trial(pair, decision, decisions, as_of_on)
            return decision_previewed(stored, warehouse, trial, rules=rules), pair


def _show(console: Console, preview: Preview) -> None:
    if not preview.before:
        console.print("No customer would change by it.")
        return
    console.print(_customers("Today", preview.before))
    console.print(_customers("After the next night", preview.after))
    consents = _consents(preview)
    if consents.row_count:
        console.print(consents)
    else:
        console.print("No consent would change.")


def _customers(title: str, customers: Sequence[CustomerEffect]) -> Table:
    grid = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None)
    for name, is_number in (
        ("customer", False),
        ("records", True),
        ("orders", True),
        ("net revenue", True),
        ("segment", False),
    ):
        grid.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for each in customers:
        counts = f"{each.records_count:,}", f"{each.orders_count:,}", f"{each.net_revenue_amount:,.2f}"
        grid.add_row(each.customer_id, *counts, each.segment_name)
    return grid


def _consents(preview: Preview) -> Table:
    """Return the consents in which customers differ, before and after."""
    grid = Table(title="Consent", title_justify="left", title_style="bold", header_style="dim", box=None)
    everybody = (*preview.before, *preview.after)
    for name in ("channel", "purpose", "customer", "today", "after the next night"):
        grid.add_column(name, overflow="fold")
    for channel, purpose in sorted({key for each in everybody for key in each.consents}):
        if len({each.consents.get((channel, purpose)) for each in everybody}) == 1:
            continue
        before = {each.customer_id: each.consents.get((channel, purpose), "nothing said") for each in preview.before}
        after = {each.customer_id: each.consents.get((channel, purpose), "nothing said") for each in preview.after}
        for customer_id in sorted({*before, *after}):
            grid.add_row(channel, purpose, customer_id, before.get(customer_id, ""), after.get(customer_id, ""))
    return grid


def _is_wanted(console: Console, *, is_confirmed: bool) -> bool:
    """Return whether what was shown is to be written, after asking where somebody is there to answer."""
    if is_confirmed or (console.is_terminal and typer.confirm("Write this decision?")):
        return True
    console.print("Nothing was written; with --yes it is.")
    return False


def _require_same(now: tuple[Preview, LinkDecision], shown: tuple[Preview, LinkDecision]) -> None:
    if now != shown:
        raise PreviewOutdated.of(now[1])


def _write(path: Path, text: str) -> None:
    write_bytes_atomically(path, text.encode())


def _path(settings: Settings) -> Path:
    return settings.policies_dir / "link_decisions.yml"


def _text(path: Path) -> str:
    return path.read_bytes().decode()
