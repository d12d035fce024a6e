"""The raw gate is derived from the contracts, passes what landed well, and each of its facts stops what did not."""

from collections.abc import Callable

import pytest

from orchestration.foundation.contracts import PROVENANCE, Contracts, FeedContract, SourceContract
from orchestration.foundation.quality_policy import Limits, QualityPolicy
from orchestration.quality.suites import raw
from orchestration.quality.verdicts import Verdict

COLUMN = {"pii": "none", "purpose": "test", "description": "A column."}
FEED = {
    "description": "One row per order.",
    "format": "csv",
    "file_pattern": "order_*.csv",
    "delivery": "events",
    "duplicate_rule": "latest_version",
    "retention_days": 1,
    "freshness_days": 2,
    "key": ["order_id"],
    "columns": {
        "order_id": {**COLUMN, "type": "text", "required": True},
        "email": {**COLUMN, "type": "text", "required": True},
        "kind": {**COLUMN, "type": "text", "accepted_values": ["sale", "o'clock"]},
        "quantity": {**COLUMN, "type": "integer"},
        "price": {**COLUMN, "type": "decimal", "decimal_mark": ","},
        "ordered_on": {**COLUMN, "type": "date", "formats": ["%d.%m.%Y"]},
        "updated_at": {**COLUMN, "type": "timestamp", "formats": ["%Y-%m-%dT%H:%M:%SZ"]},
        "gift": {**COLUMN, "type": "boolean"},
        "lines": {**COLUMN, "type": "json"},
    },
}
FILE, OTHER, REFUSED = "a" * 64, "b" * 64, "c" * 64
# A feed may be named like a word of SQL.
TABLE = 'lake_raw_shop."order"'


def contracts_of(feed: dict[str, object]) -> Contracts:
    contract = FeedContract.model_validate({**feed, "source": "shop", "name": "order"})
    return Contracts({"shop": SourceContract(source="shop", owner="o", description="d", feeds={"order": contract})})


CONTRACTS = contracts_of(FEED)
GOOD = f"""
create schema lake_raw_shop; create schema lake_ledger; create schema lake_quarantine;
create table {TABLE} as
select
    'o' || n as order_id, case when n < 10 then '' else 'x' end as email,
    case n when 1 then null when 2 then 'o''clock' else 'sale' end as kind, ' ' || n as quantity, '1.234,50' as price,
    '31.12.2025' as ordered_on, '2026-01-01T10:00:00Z' as updated_at, 'true' as gift, '[{{"sku": 1}}]' as lines,
    null::varchar as _extras, 'shop' as _source, 'order' as _feed, 'orders.csv' as _file,
    '{FILE}' as _file_sha256, n::bigint as _row_number, timestamp '2026-03-31 02:00:00' as _ingested_at, 'r1' as _run_id
from range(1, 101) as t(n);
create table lake_ledger.files as
select * from (values
    ('shop', 'order', 'orders.csv', '{FILE}', date '2026-03-31', 'landed', null, 101, 100, 1),
    ('shop', 'order', 'again.csv', '{FILE}', date '2026-03-31', 'already_landed', null, 101, 0, 0),
    ('shop', 'order', 'empty.csv', '{OTHER}', date '2026-03-31', 'landed', null, 0, 0, 0),
    ('shop', 'order', 'bad.csv', '{REFUSED}', date '2026-03-31', 'refused', 'columns_missing', null, 0, 0)
) as t(
    source, feed, file_name, file_sha256, delivered_on, file_fate, reason_code,
    records_count, landed_count, quarantined_count
);
create view lake_ledger.files_ever as select * from lake_ledger.files;
create table lake_quarantine.records as
select
    '{FILE}' as _file_sha256, 17::bigint as _row_number, 'abc'::blob as record_bytes, 'cells_missing' as reason_code;
"""

FEW = "where _row_number <= 6"
BREACHES = {
    "every_contract_column_is_there": f"alter table {TABLE} drop column _extras",
    "provenance_is_complete": f"update {TABLE} set _run_id = null where _row_number = 3",
    "row_counts_equal_the_ledger": f"delete from {TABLE} where _row_number = 3",
    "quarantined_share_is_under_its_limit": (
        "update lake_ledger.files set quarantined_count = 4, landed_count = 97 where file_name = 'orders.csv';"
        f"delete from {TABLE} where _row_number > 97;"
        "insert into lake_quarantine.records select r.* from lake_quarantine.records as r, range(3)"
    ),
    "keys_are_present": f"update {TABLE} set order_id = ' ' {FEW}",
    "required_columns_are_filled": f"update {TABLE} set email = null where _row_number < 60",
    "values_parse_as_their_type": f"update {TABLE} set ordered_on = '2025-12-31' {FEW}",
    "feed_is_fresh": "update lake_ledger.files set delivered_on = date '2026-03-28'",
    "values_are_those_accepted": f"update {TABLE} set kind = 'gift' {FEW}",
    "every_file_has_one_known_fate": "update lake_ledger.files set file_fate = 'lost' where file_name = 'empty.csv'",
    "every_file_balances": "update lake_ledger.files set records_count = 102 where file_name = 'orders.csv'",
    "no_file_lands_twice": "update lake_ledger.files set file_sha256 = 'd' where file_name in ('bad.csv', 'empty.csv');"
    "update lake_ledger.files set file_fate = 'landed', records_count = 0 where file_name = 'bad.csv'",
    "every_refused_file_has_a_reason": "update lake_ledger.files set reason_code = '' where file_name = 'bad.csv'",
    "every_quarantined_record_has_its_bytes_and_a_reason": "update lake_quarantine.records set record_bytes = null",
    "quarantine_holds_what_the_ledger_says": "delete from lake_quarantine.records",
}


def test_what_landed_well_passes(judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]) -> None:
    assert failed(judge(raw.gate(CONTRACTS), GOOD)) == []


def test_empty_feeds_pass(judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]) -> None:
    emptied = (f"delete from {TABLE}", "delete from lake_ledger.files", "delete from lake_quarantine.records")
    assert failed(judge(raw.gate(CONTRACTS), GOOD, *emptied)) == []


@pytest.mark.parametrize(
    ("delivered_on", "file_fate", "days"),
    [
        ("2026-04-01", "landed", 0),
        ("2026-03-31", "landed", 0),
        ("2026-03-29", "landed", 2),
        ("2026-03-28", "landed", 3),
        ("2026-03-31", "already_landed", 10),
        ("2026-03-31", "refused", 10),
    ],
    ids=["after midnight", "today", "just in time", "late", "only old bytes again", "only refused"],
)
def test_a_feed_is_as_old_as_its_last_landed_file_or_else_as_the_ledger(
    delivered_on: str, file_fate: str, days: int, judge: Callable[..., Verdict]
) -> None:
    moved = f"update lake_ledger.files set delivered_on = date '{delivered_on}', file_fate = '{file_fate}'"
    first = (
        "insert into lake_ledger.files by name select 'crm' as source, 'contacts' as feed, 'landed' as file_fate, "
        "date '2026-03-21' as delivered_on"
    )
    verdict = judge(raw.gate(CONTRACTS), GOOD, moved, first)
    (fresh,) = (fact for fact in verdict.facts if fact.fact == "feed_is_fresh")
    assert fresh.observed["days without a file"] == days
    assert fresh.measured == {"days_without_a_file": days, "limit": 2}
    assert fresh.is_passed == (days <= 2)


def test_a_late_feed_warns_and_the_gate_passes(judge: Callable[..., Verdict]) -> None:
    verdict = judge(raw.gate(CONTRACTS), GOOD, BREACHES["feed_is_fresh"])
    assert verdict.is_passed
    assert [fact.fact for fact in verdict.warned] == ["feed_is_fresh"]


def test_a_feed_without_stated_freshness_is_never_late() -> None:
    facts = raw.gate(contracts_of({**FEED, "freshness_days": None})).facts
    assert "feed_is_fresh" not in {fact.fact for fact in facts}


def test_a_share_is_told_beside_its_limit(judge: Callable[..., Verdict]) -> None:
    verdict = judge(raw.gate(CONTRACTS), GOOD, BREACHES["values_parse_as_their_type"])
    told = {fact.fact: fact.measured for fact in verdict.facts if fact.measured}
    assert told["values_parse_as_their_type"] == {"highest_share": 0.06, "limit": 0.05}
    assert told["quarantined_share_is_under_its_limit"] == {"highest_share": pytest.approx(1 / 101), "limit": 0.02}


def test_every_fact_has_a_breach_that_shows_it() -> None:
    assert {fact.fact for fact in raw.gate(CONTRACTS).facts} == set(BREACHES)


@pytest.mark.parametrize("fact", BREACHES)
def test_a_broken_landing_fails_exactly_that_fact(
    fact: str, judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    verdict = judge(raw.gate(CONTRACTS), GOOD, BREACHES[fact])
    assert [*failed(verdict), *(warned.fact for warned in verdict.warned)] == [fact]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("quantity", "1.5"),
        ("price", "1;5"),
        ("price", "NaN"),
        ("quantity", "inf"),
        ("ordered_on", "31.02.2025"),
        ("updated_at", "2026-01-01"),
        ("gift", "perhaps"),
        ("lines", "[{"),
    ],
)
def test_a_value_of_another_type_counts_for_its_column(column: str, value: str, judge: Callable[..., Verdict]) -> None:
    verdict = judge(raw.gate(CONTRACTS), GOOD, f"update {TABLE} set {column} = '{value}' {FEW}")
    (fact,) = verdict.failed
    assert fact.observed["outside_limits"] == [f"{column} of file aaaaaaaaaaaa"]
    assert fact.observed[f"{column} of file aaaaaaaaaaaa"] == 0.06
    assert fact.unexpected_count == 1


def test_a_feed_may_have_limits_of_its_own(
    judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    policy = QualityPolicy(limits=Limits(), feeds={"shop/order": {"unparsed_share_at_most": 0.06}})
    breach = BREACHES["values_parse_as_their_type"]
    assert failed(judge(raw.gate(CONTRACTS), GOOD, breach, policy=policy)) == []


def test_a_contract_without_key_types_and_accepted_values_has_no_facts_about_them() -> None:
    plain = {
        **FEED,
        "key": [],
        "duplicate_rule": "exact_row",
        "freshness_days": None,
        "columns": {"note": {**COLUMN, "type": "text"}},
    }
    feed_facts = {f.fact for f in raw.gate(contracts_of(plain)).facts if f.asset_key == ("raw", "shop", "order")}
    assert feed_facts == {
        "every_contract_column_is_there",
        "provenance_is_complete",
        "row_counts_equal_the_ledger",
        "quarantined_share_is_under_its_limit",
    }


def test_the_tables_here_have_the_columns_of_the_contract_and_of_provenance() -> None:
    (feed,) = CONTRACTS.feeds()
    assert all(f"as {name}" in GOOD for name in [*feed.columns, *PROVENANCE])
