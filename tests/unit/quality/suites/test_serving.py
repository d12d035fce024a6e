"""The serving gate passes a candidate that equals its warehouse, and each of its facts stops one that does not."""

from collections.abc import Callable

import pytest

from orchestration.quality.suites import serving
from orchestration.quality.verdicts import Verdict

MARTS = """
create table {schema}.mart_customer_360 as
select * from (values
    ('c1', date '2026-03-31', 'champions', 30.00::decimal(18, 2), 'm1', '[{{"label": "days"}}]'),
    ('c2', date '2026-03-31', 'lost', 0.00, null, null)
) as t(customer_id, as_of_on, segment_code, net_revenue_amount, model_id, purchase_reasons_json);
create table {schema}.mart_segments as
select * from (values
    ('champions', 1, 30.00::decimal(18, 2)), ('lost', 1, 0.00), ('new', 0, 0.00)
) as t(segment_code, customers_count, net_revenue_amount);
create table {schema}.mart_row_ledger as
select * from (values ('x1', 'contacts_2026-03-31.csv', 'a', 8), ('x2', 'contacts_2026-03-31.csv', 'a', 2))
as t(row_ledger_id, file_name, file_sha256, records_count);
create table {schema}.mart_models as select 'm1' as model_id, 'champion' as model_status;
create table {schema}.mart_feed_columns as
select * from (values
    ('f1', 'email', 'direct', null, 100), ('f2', 'order_id', 'none', 'aa-999', 3),
    ('f3', '_extras.tier', 'direct', null, 20)
) as t(feed_column_id, column_name, pii, frequent_pattern, filled_count);
create table {schema}.mart_feed_changes as select 'd1' as feed_change_id, 'column_vanished' as reason_code;
create table {schema}.mart_identity_agreement as select 'm1' as identity_measure_id, 'customers' as measure;
create table {schema}.mart_column_handling as
select 'f1' as feed_column_id, 'direct' as pii, 'vault' as handling_code, 'contact' as purpose, 730 as retention_days;
create table {schema}.mart_source_coverage as
select * from (values ('s1', 0.25, null), ('s2', null, 'no_key_found'))
as t(source_coverage_id, unmatched_share, unmatched_reason_code);
create table {schema}.mart_customer_ids as select unnest(['c1', 'c2', 'c0']) as customer_id;
create table {schema}.mart_feed_joins as select 'j1' as feed_join_id, 'inclusion' as join_type;
"""
WAREHOUSE = (
    "create schema serving; create schema customer; create schema lake_ledger;",
    MARTS.format(schema="serving"),
    "create table customer.dim_customers as select unnest(['c1', 'c2']) as customer_id",
    "create table lake_ledger.files as select 'a' as file_sha256, 10 as records_count",
)
TABLES = (
    *("mart_customer_360", "mart_customer_ids", "mart_segments", "mart_row_ledger", "mart_models"),
    *("mart_feed_columns", "mart_feed_changes", "mart_feed_joins", "mart_column_handling", "mart_source_coverage"),
    "mart_identity_agreement",
)
CANDIDATE = (
    MARTS.format(schema="main"),
    *(f"alter table {table} add column build_id varchar default 'b1'" for table in TABLES),
)

BREACHES = {
    "mart_models__has_the_rows_of_the_warehouse": "insert into mart_models values ('m2', 'withheld', 'b1')",
    "mart_row_ledger__has_no_row_twice": "update mart_row_ledger set row_ledger_id = 'x1'",
    "mart_segments__is_of_one_build": "update mart_segments set build_id = 'b2' where segment_code = 'new'",
    "mart_customer_360__is_of_one_build": "update mart_customer_360 set build_id = 'b2'",
    "mart_customer_360__names_nobody": "alter table mart_customer_360 rename purchase_reasons_json to email_domain",
    "mart_row_ledger__names_nobody": "update mart_row_ledger set file_name = 'for ada@example.org'",
    "mart_models__names_nobody": "update mart_models set model_status = 'call +441632960001'",
    "mart_segments__adds_up_to_all_customers": (
        "update mart_segments set customers_count = 2 where segment_code = 'champions'"
    ),
    "no_table_without_facts_is_published": "create table mart_secrets as select 'b1' as build_id",
    "mart_customer_360__knows_only_customers_of_the_warehouse": (
        "update mart_customer_360 set customer_id = 'c9' where customer_id = 'c2'"
    ),
    "mart_customer_360__is_as_of_the_night": "update mart_customer_360 set as_of_on = date '2026-03-30'",
    "mart_customer_360__names_only_models_on_record": (
        "update mart_customer_360 set model_id = 'm9' where customer_id = 'c1'"
    ),
    "mart_feed_columns__tells_no_shape_of_personal_data": (
        "update mart_feed_columns set frequent_pattern = 'aaaa' where feed_column_id = 'f1'"
    ),
    "mart_feed_columns__names_no_column_that_only_few_rows_have": (
        "update mart_feed_columns set filled_count = 19 where feed_column_id = 'f3'"
    ),
    "mart_column_handling__gives_every_column_a_rule": "update mart_column_handling set handling_code = null",
    "mart_source_coverage__tells_a_share_or_why_there_is_none": (
        "update mart_source_coverage set unmatched_reason_code = null"
    ),
    "mart_feed_joins__has_no_row_twice": "update mart_feed_joins set feed_join_id = null",
    "mart_feed_changes__is_of_one_build": "update mart_feed_changes set build_id = 'b2'",
    "mart_row_ledger__accounts_for_every_delivered_record": (
        "update mart_row_ledger set records_count = 3 where row_ledger_id = 'x2'"
    ),
}


def sentences(verdict_facts: set[str]) -> set[str]:
    return {fact.rpartition("__")[2] for fact in verdict_facts}


def test_a_candidate_that_equals_its_warehouse_passes(
    judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    assert failed(judge(serving.gate(), *CANDIDATE, attached={"warehouse": WAREHOUSE})) == []


def test_every_sentence_has_a_breach_that_shows_it() -> None:
    assert sentences({fact.fact for fact in serving.gate().facts}) == sentences(set(BREACHES))


@pytest.mark.parametrize("fact", BREACHES)
def test_a_broken_candidate_fails_exactly_that_fact(
    fact: str, judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    verdict = judge(serving.gate(), *CANDIDATE, BREACHES[fact], attached={"warehouse": WAREHOUSE})
    assert failed(verdict) == [fact]


def test_a_table_that_was_not_published_fails_all_of_its_facts(judge: Callable[..., Verdict]) -> None:
    verdict = judge(serving.gate(), *CANDIDATE, "drop table mart_row_ledger", attached={"warehouse": WAREHOUSE})
    assert {fact.table for fact in verdict.failed} == {"main.mart_row_ledger"}
    assert verdict.failed[0].observed == {"missing_table": "main.mart_row_ledger"}
