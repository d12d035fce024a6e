"""`genome merge` and `genome split` show what would change, and write it only when they are told to."""

import shutil
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb
import pytest
from rich.console import Console

from orchestration.cli.link_decisions import Asked, PreviewOutdated, run_decision, run_withdrawal
from orchestration.foundation.link_decisions_file import PairDecided
from orchestration.foundation.policies import load_policies
from orchestration.foundation.settings import PROJECT_ROOT, Settings
from tests.support.linked_lake import NIGHT, LinkedLake, fill_warehouse
from tests.support.nights import settings_of

DECIDED_ON = date(2026, 7, 1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    root = tmp_path / "lake"
    shared = {("email", "h1"): ["crm:1", "loyalty:2"]}
    LinkedLake(root, records=["crm:1", "loyalty:2", "web:4"], shared=shared).night(NIGHT)
    with duckdb.connect(root / "warehouse.duckdb") as connection:
        fill_warehouse(connection)
    policies = shutil.copytree(PROJECT_ROOT / "lake" / "policies", tmp_path / "policies")
    return settings_of(root, policies_dir=policies)


def _run(
    settings: Settings,
    decision: Literal["must_link", "cannot_link"],
    one: str,
    other: str,
    *,
    is_confirmed: bool,
) -> str:
    console = Console(width=200, force_terminal=False)
    asked = Asked(decision, (one, other), "Same person at the desk", "store manager", DECIDED_ON)
    with console.capture() as captured:
        run_decision(settings, console=console, asked=asked, is_confirmed=is_confirmed)
    return " ".join(captured.get().split())


def _written(settings: Settings) -> list[tuple[str, set[str], str]]:
    decisions = load_policies(settings.policies_dir).link_decisions.decisions
    return [(each.decision, set(each.record_ids), each.reason) for each in decisions]


def test_a_merge_is_shown_with_its_effect_and_nothing_is_written(settings: Settings) -> None:
    told = _run(settings, "must_link", "crm:1", "web:4", is_confirmed=False)
    assert "Nothing was written; with --yes it is." in told
    today, then = told.split("After the next night")[:2]
    assert today.count(" No purchase yet") == 2
    assert then.count(" No purchase yet") == 1
    assert "email marketing" in told
    assert "granted withdrawn" in told
    assert _written(settings) == []


def test_what_was_shown_is_looked_at_again_before_it_is_written(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_decides_meanwhile(_: str) -> bool:
        _run(settings, "cannot_link", "loyalty:2", "crm:1", is_confirmed=True)
        return True

    monkeypatch.setattr("typer.confirm", another_decides_meanwhile)
    asked = Asked("must_link", ("crm:1", "web:4"), "Same person at the desk", "store manager", DECIDED_ON)
    console = Console(quiet=True, force_terminal=True)
    with pytest.raises(PreviewOutdated, match=r"crm:1 and web:4.*Nothing was written"):
        run_decision(settings, console=console, asked=asked, is_confirmed=False)
    assert _written(settings) == [("cannot_link", {"loyalty:2", "crm:1"}, "Same person at the desk")]


def test_a_confirmed_decision_stands_in_the_policy_until_it_is_withdrawn(settings: Settings) -> None:
    path = settings.policies_dir / "link_decisions.yml"
    before = path.read_text(encoding="utf-8")
    told = _run(settings, "cannot_link", "loyalty:2", "crm:1", is_confirmed=True)
    assert "The night that closes 2026-07-01, and every later one, makes it so" in told
    assert _written(settings) == [("cannot_link", {"crm:1", "loyalty:2"}, "Same person at the desk")]
    with pytest.raises(PairDecided, match=r"--withdraw"):
        _run(settings, "must_link", "crm:1", "loyalty:2", is_confirmed=True)
    console = Console(quiet=True)
    with pytest.raises(PairDecided, match="no must_link"):
        run_withdrawal(
            settings, console=console, decision="must_link", record_ids=("crm:1", "loyalty:2"), is_confirmed=True
        )
    run_withdrawal(
        settings, console=console, decision="cannot_link", record_ids=("crm:1", "loyalty:2"), is_confirmed=True
    )
    assert path.read_text(encoding="utf-8") == before
