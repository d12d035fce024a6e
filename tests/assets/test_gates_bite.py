"""Every gate is shown stopping one broken night: nothing behind it is built, and what is published stays as it was."""

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from rich.console import Console

from orchestration.cli.runs import RunEnd
from orchestration.cli.status import show_status
from orchestration.definitions import build_definitions
from orchestration.foundation.lake_io import Lake, sha256_of
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.settings import PROJECT_ROOT, Settings, child_environment
from orchestration.identity import nightly as identity_nightly
from orchestration.identity.graph.clustering import Clusters, clustered
from orchestration.identity.graph.numbering import RecordGraph
from orchestration.insight import nightly as insight_nightly
from orchestration.insight.scoring import score_customers
from orchestration.publish.swap import published
from tests.assets.boundaries import Boundaries
from tests.assets.event_log import RunLog, run_log
from tests.support.nights import LAST_DAY, run_night, settings_of

pytestmark = pytest.mark.night

NEXT_DAY = LAST_DAY + timedelta(days=1)
RECORDS = 40  # more than the quality policy's judged_from_records, which spares smaller files
LEAKED = "leaked.person@example.com"

Break = Callable[[Path, pytest.MonkeyPatch], Settings]


@dataclass(frozen=True)
class BrokenNight:
    """How a night is broken, and the one gate and the facts that must say so."""

    gate: str
    breaks: Break
    failed: frozenset[tuple[str, str]]
    also_held: frozenset[str] = frozenset()  # tables of the layer that no fact is about


def contacts_without_dates(root: Path, _: pytest.MonkeyPatch) -> Settings:
    """A CRM export whose every `updated_at` is no date: text is landed as received, and the raw gate refuses it."""
    rows = "".join(f"X{number};Ann;Lee;ann{number}@example.com;;;;GB;;;next week\n" for number in range(RECORDS))
    header = "contact_id;first_name;last_name;email;phone;postcode;city;country;birthday;created_at;updated_at\n"
    _drop(root / "inbox" / "crm" / "contacts_2026-07-01.csv", header + rows)
    return settings_of(root)


def orders_without_quantity(root: Path, _: pytest.MonkeyPatch) -> Settings:
    """A shop export that has the shape agreed, but whose every line is of no piece: staging rejects each order."""
    [delivered] = (root / "archive" / "shop").rglob("*orders_*.ndjson")
    orders = [json.loads(line) for line in delivered.read_bytes().splitlines()[: RECORDS * 2] if line.startswith(b"{")]
    for number, order in enumerate(orders):
        order["order_id"] = f"EMPTY-{number}"
        order["lines"] = [{**line, "quantity": 0} for line in order["lines"]]
    _drop(root / "inbox" / "shop" / "orders_2026-07-01.ndjson", "".join(f"{json.dumps(order)}\n" for order in orders))
    return settings_of(root)


def every_record_a_customer(root: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A linkage that links nothing, so that one e-mail address belongs to two customers."""

    def unlinked(given: RecordGraph, **named: Any) -> Clusters:
        return clustered(replace(given, edges=given.edges.slice(0, 0)), **named)

    monkeypatch.setattr(identity_nightly, "clustered", unlinked)
    monkeypatch.setattr(identity_nightly, "night_before", lambda *_, **__: None)
    return settings_of(root)


def recency_of_the_first_order(root: Path, _: pytest.MonkeyPatch) -> Settings:
    """A feature model that counts recency from the first order: its types, keys and ranges are all in order."""
    project = root.parent / "project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", project / "dbt_project")
    model = project / "dbt_project" / "models" / "insight" / "feat_customers__365d.sql"
    right = model.read_text()
    wrong = right.replace(
        "days_between('orders_windowed.last_ordered_on'", "days_between('orders_windowed.first_ordered_on'"
    )
    assert wrong != right
    model.write_text(wrong)
    return settings_of(root, project_root=project)


def a_probability_above_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A model that gives one customer a probability of 1.7."""

    def scored(*given: Any, **named: Any) -> pa.Table:
        return _with_last(score_customers(*given, **named), "purchase_probability_next_90d", 1.7)

    monkeypatch.setattr(insight_nightly, "score_customers", scored)
    return settings_of(root)


def a_reason_that_names_somebody(root: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A score whose reasons quote an e-mail address: no gate before the last looks into them."""

    def scored(*given: Any, **named: Any) -> pa.Table:
        reasons = json.dumps([{"feature": "recency_days", "label": f"as {LEAKED} did", "direction": "raises"}])
        return _with_last(score_customers(*given, **named), "reasons_json", reasons)

    monkeypatch.setattr(insight_nightly, "score_customers", scored)
    return settings_of(root)


BROKEN_NIGHTS = (
    BrokenNight("raw", contacts_without_dates, frozenset({("raw/crm/contacts", "values_parse_as_their_type")})),
    BrokenNight(
        "staging",
        orders_without_quantity,
        frozenset({("staging/stg_shop__orders_judged", "refused_share_is_under_its_limit")}),
        frozenset({"identity/int_identity_records", "identity/int_identifiers_observed"}),
    ),
    BrokenNight(
        "customer",
        every_record_a_customer,
        frozenset({("customer/dim_customer_identifiers", "no_email_in_two_customers")}),
    ),
    BrokenNight(
        "features",
        recency_of_the_first_order,
        frozenset({("insight/feat_customers__365d", "no_feature_from_the_future")}),
    ),
    BrokenNight(
        "scores",
        a_probability_above_one,
        frozenset({("insight/purchase_scores", "probabilities_lie_between_zero_and_one")}),
    ),
    BrokenNight(
        "serving",
        a_reason_that_names_somebody,
        frozenset({("publish/serving_candidate", "mart_customer_360__names_nobody")}),
    ),
)


@pytest.mark.parametrize("broken", BROKEN_NIGHTS, ids=lambda broken: broken.gate)
def test_a_gate_stops_a_broken_night_and_leaves_what_is_published(
    broken: BrokenNight, own_night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = broken.breaks(own_night, monkeypatch)
    database = settings.serving_dir / "genome.duckdb"
    before, build_before = sha256_of(database), published(settings.serving_dir)

    end = run_night(settings, NEXT_DAY)

    assert not end.is_success
    log = run_log(settings, end.run_id)
    assert log.status == "FAILURE"
    held = {(table, f"{broken.gate}_gate_is_passed") for table in broken.also_held}
    assert log.failed_checks == broken.failed | held
    _assert_built_up_to(broken.gate, settings, log)
    assert sha256_of(database) == before
    assert published(settings.serving_dir) == build_before
    _assert_told(broken, settings, end)
    assert LEAKED not in log.text
    assert not any(LEAKED in reason for reason in end.reasons)


def test_a_data_test_of_dbt_that_fails_stops_what_lies_behind_its_block(
    own_night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = "select record_id from identity.int_identity_records order by record_id offset 1"
    monkeypatch.setitem(identity_nightly.OBSERVED, "records", known)
    settings = settings_of(own_night)
    before = sha256_of(settings.serving_dir / "genome.duckdb")
    end = run_night(settings, NEXT_DAY)
    assert not end.is_success
    assert "every_known_record_has_a_customer" in " ".join(end.reasons)
    log = run_log(settings, end.run_id)
    assert not set(log.materialised) & Boundaries.of(build_definitions(settings)).assets_behind("customer")
    assert sha256_of(settings.serving_dir / "genome.duckdb") == before


def test_the_command_ends_with_1_and_names_the_fact_when_a_gate_refuses(
    own_night: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = contacts_without_dates(own_night, monkeypatch)
    before = sha256_of(settings.serving_dir / "genome.duckdb")
    ended = subprocess.run(
        [str(Path(sys.executable).with_name("genome")), "night", "--date", NEXT_DAY.isoformat()],
        env=child_environment({"GENOME_LAKE": str(own_night)}),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "values_parse_as_their_type" in ended.stderr
    assert "raw/crm/contacts" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) < 25
    assert sha256_of(settings.serving_dir / "genome.duckdb") == before


def _assert_built_up_to(gate: str, settings: Settings, log: RunLog) -> None:
    boundaries = Boundaries.of(build_definitions(settings))
    behind = boundaries.assets_behind(gate)
    made = set(log.materialised)
    assert not made & behind
    assert made == set(boundaries.step_of) - behind, (
        "what stands before the gate was built, or the night never got there"
    )


def _assert_told(broken: BrokenNight, settings: Settings, end: RunEnd) -> None:
    table = LAKE_TABLES["quality/verdicts"]
    verdicts = Lake(settings.lake_root).read_table(table.name, table.schema)
    failed = verdicts.filter(pc.invert(verdicts["is_passed"])).to_pylist()
    assert {verdict["fact"] for verdict in failed} == {fact for _, fact in broken.failed}
    assert {(verdict["gate"], verdict["as_of_on"], verdict["_run_id"]) for verdict in failed} == {
        (broken.gate, NEXT_DAY, end.run_id)
    }
    console = Console(record=True, width=400, file=io.StringIO())
    show_status(settings, console=console)
    told = console.export_text()
    for _, fact in broken.failed:
        assert fact in " ".join(end.reasons)
        [line] = [line for line in told.splitlines() if fact in line]
        assert broken.gate in line
        assert end.run_id in told


def _with_last(scores: pa.Table, column: str, value: object) -> pa.Table:
    values = scores[column].to_pylist()
    values[-1] = value  # previews show the first
    place = scores.schema.get_field_index(column)
    return scores.set_column(place, scores.schema.field(column), pa.array(values, scores.schema.field(column).type))


def _drop(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
