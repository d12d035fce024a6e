"""A merge or split that is taken back leaves everything as it was before it: compared, not assumed."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from orchestration.cli.link_decisions import Asked, preview_decision, run_decision, run_withdrawal
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.settings import PROJECT_ROOT, Settings
from orchestration.identity.evidence.effects import CustomerEffect
from tests.support.nights import LAST_DAY, published_differences, run_night, settings_of

pytestmark = pytest.mark.night

QUIET = Console(quiet=True)
TOMORROW, DAY_AFTER = LAST_DAY + timedelta(days=1), LAST_DAY + timedelta(days=2)
_STRANGERS_SQL = """
with buyers as (
    select c.customer_id, has_consent
    from serving.mart_customer_360 as c
    join customer.dim_customer_consents using (customer_id)
    where channel = 'email' and purpose = 'marketing' and orders_count > 1
)

select
    (select min(customer_id) from buyers where has_consent),
    (select max(customer_id) from buyers where not has_consent)
"""
_ONE_PERSON_SQL = """
select min(record_id), max(record_id)
from identity.int_customer_records_linked
where cluster_rule = 'exact_identifier' and (record_id like 'crm:%' or record_id like 'shop:accounts:%')
group by customer_id
having count(distinct source) = 2 and count(*) = 2
order by customer_id
limit 1
"""
_PAIR_SQL = {"must_link": _STRANGERS_SQL, "cannot_link": _ONE_PERSON_SQL}
_EVENTS = {
    "must_link": {
        (TOMORROW, "merged_into", "must_link"),
        (TOMORROW, "kept", "records_changed"),
        (DAY_AFTER, "split_from", "evidence_changed"),
        (DAY_AFTER, "kept", "records_changed"),
    },
    "cannot_link": {
        (TOMORROW, "born", "split"),
        (TOMORROW, "split_from", "cannot_link"),
        (TOMORROW, "kept", "records_changed"),
        (DAY_AFTER, "merged_into", "evidence_changed"),
        (DAY_AFTER, "kept", "records_changed"),
    },
}
_MADE_SQL = """
select customer_id, records_count, orders_count, net_revenue_amount, segment_name
from serving.mart_customer_360
where list_contains(?, customer_id)
order by customer_id
"""
_CONSENTS_SQL = "select channel, purpose, consent_status from customer.dim_customer_consents where customer_id = ?"


@pytest.fixture
def own_settings(own_night: Path, tmp_path: Path) -> Settings:
    policies = shutil.copytree(PROJECT_ROOT / "lake" / "policies", tmp_path / "policies")
    return settings_of(own_night, policies_dir=policies)


def _asked(root: Path, sql: str, *values: object) -> list[Any]:
    with duckdb.connect(root / "warehouse.duckdb", read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def _lineage(root: Path) -> set[tuple[object, ...]]:
    [path] = Lake(root).paths("identity/customer_id_lineage")
    return set(map(tuple, (row.values() for row in pq.read_table(path).to_pylist())))


def _made(root: Path, customer_ids: list[str]) -> list[CustomerEffect]:
    found = []
    for customer_id, records, orders, amount, segment in _asked(root, _MADE_SQL, customer_ids):
        consents = {(channel, purpose): status for channel, purpose, status in _asked(root, _CONSENTS_SQL, customer_id)}
        found.append(CustomerEffect(customer_id, records, orders, amount, segment, consents))
    return found


@pytest.mark.parametrize("decision", ["must_link", pytest.param("cannot_link", marks=pytest.mark.in_full)])
def test_a_decision_does_what_its_preview_said_and_taken_out_it_leaves_no_trace_but_named_events(
    decision: Literal["must_link", "cannot_link"], own_settings: Settings, quiet_night: Path
) -> None:
    root = own_settings.lake_root
    [names] = _asked(root, _PAIR_SQL[decision])
    preview, pair = preview_decision(own_settings, names, decision, TOMORROW)
    assert (len(preview.before), len(preview.after)) == ((2, 1) if decision == "must_link" else (1, 2))
    asked = Asked(decision, names, "Known at the desk", "store manager", TOMORROW)
    run_decision(own_settings, console=QUIET, asked=asked, is_confirmed=True)
    lineage = _lineage(root)
    assert run_night(own_settings, TOMORROW).is_success
    assert _made(root, [each.customer_id for each in preview.after]) == list(preview.after)

    records = pair[0].record_id, pair[1].record_id
    run_withdrawal(own_settings, console=QUIET, decision=decision, record_ids=records, is_confirmed=True)
    assert run_night(own_settings, DAY_AFTER).is_success
    born = {each.customer_id for each in preview.after} - {each.customer_id for each in preview.before}
    differences = {table: count for table, count in published_differences(quiet_night, root).items() if count}
    differences.pop("mart_identity_agreement")  # the undisturbed lake has no night of tomorrow that was measured
    assert differences == ({"mart_customer_ids": len(born)} if born else {}), "an id once given resolves for ever"
    consents = "from customer.dim_customer_consents order by all"
    assert _asked(root, consents) == _asked(quiet_night, consents) != []

    grown = _lineage(root)
    assert grown > lineage
    assert {(row[0], row[2], row[4]) for row in grown - lineage} <= _EVENTS[decision]
    [path] = Lake(root).paths("identity/customer_ids")
    stands_for = dict(zip(*pq.read_table(path).to_pydict().values(), strict=True))
    present = {each.customer_id for each in preview.before}
    assert {stands_for[each.customer_id] for each in (*preview.before, *preview.after)} == present
