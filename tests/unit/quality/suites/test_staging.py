"""The staging gate passes sound staging tables, and each of its facts stops one that is not."""

from collections.abc import Callable
from datetime import date

import pytest

from orchestration.foundation.quality_policy import Limits, QualityPolicy, WaivedFile
from orchestration.quality.suites import staging
from orchestration.quality.verdicts import Verdict

NIGHT = date(2026, 3, 31)
FILE_A, FILE_B, FILE_C = "a" * 64, "b" * 64, "c" * 64

GOOD = f"""
create schema staging; create schema vault; create schema lake_ledger;
create table lake_ledger.files as
select * from (values
    ('crm', 'contacts', '{FILE_A}', 'landed', 30),
    ('crm', 'contacts', '{FILE_A}', 'already_landed', 0),
    ('shop', 'orders', '{FILE_B}', 'landed', 2),
    ('online_retail', 'lines', '{FILE_C}', 'landed', 1)
) as t(source, feed, file_sha256, file_fate, landed_count);
create table staging.stg_crm__contacts_judged as
select
    '{FILE_A}:' || number as row_id,
    '{FILE_A}' as file_sha256,
    case number when 1 then 'rejected' when 2 then 'duplicate' when 3 then 'repaired' else 'accepted' end as row_fate,
    case when number <= 3 then 'some_reason' end as reason_code,
    case when number = 2 then '{FILE_A}:4' end as duplicate_of_row_id
from range(1, 31) as t(number);
create table staging.stg_shop__orders_judged as
select
    '{FILE_B}:' || number as row_id, '{FILE_B}' as file_sha256,
    'accepted' as row_fate, null::varchar as reason_code, null::varchar as duplicate_of_row_id
from range(1, 3) as t(number);
create table staging.stg_online_retail__lines_judged as
select
    '{FILE_C}:1' as row_id, '{FILE_C}' as file_sha256,
    'accepted' as row_fate, null::varchar as reason_code, null::varchar as duplicate_of_row_id;
create table vault.stg_crm__contacts as
select * from (values
    ('k1', 'ada@example.org', '+441632960001', 'GB'),
    ('k2', 'zoë@müller.example.de', null, null)
) as t(contact_id_crm, email, phone, country_code);
create table vault.stg_shop__orders as
select * from (values
    ('o1', 'sale', timestamp '2026-03-01 10:00:00', 'ada@example.org', '+441632960001', 'GB', 'GBP'),
    ('o2', 'return', timestamp '2026-03-02 10:00:00', null, null, null, 'GBP')
) as t(order_id_shop, order_type, ordered_at, email, phone, country_code, currency_code);
create table staging.stg_shop__order_lines as
select * from (values ('l1', 2, 1.25::decimal(18, 4), 2.50::decimal(18, 2)), ('l2', -1, 3.00, -3.00))
as t(order_line_id, quantity, unit_price, line_amount);
create table staging.stg_online_retail__lines as
select * from (values ('r1', 'sale', 6, 2.55::decimal(18, 4), 15.30::decimal(18, 2)), ('r2', 'return', -1, 1.00, -1.00))
as t(order_line_id, order_type, quantity, unit_price, line_amount);
"""

CONTACTS = "staging.stg_crm__contacts_judged"
BREACHES = {
    (CONTACTS, "every_landed_row_has_one_fate"): f"delete from {CONTACTS} where row_id = '{FILE_A}:30'",
    (CONTACTS, "every_refusal_has_a_reason"): f"update {CONTACTS} set reason_code = ' ' where row_fate = 'rejected'",
    (CONTACTS, "every_duplicate_names_the_row_it_repeats"): (
        f"update {CONTACTS} set duplicate_of_row_id = '{FILE_A}:99' where row_fate = 'duplicate'"
    ),
    (CONTACTS, "refused_share_is_under_its_limit"): (
        f"update {CONTACTS} set row_fate = 'rejected', reason_code = 'x' where row_id in ('{FILE_A}:5', '{FILE_A}:6')"
    ),
    ("staging.stg_shop__orders_judged", "something_was_accepted_if_anything_landed"): (
        "update staging.stg_shop__orders_judged set row_fate = 'rejected', reason_code = 'x'"
    ),
    ("vault.stg_crm__contacts", "no_contact_in_two_rows"): "update vault.stg_crm__contacts set contact_id_crm = 'k1'",
    ("vault.stg_crm__contacts", "emails_are_well_formed"): "update vault.stg_crm__contacts set email = 'ada@example'",
    ("vault.stg_crm__contacts", "phones_are_e164"): "update vault.stg_crm__contacts set phone = '01632 960001'",
    ("vault.stg_crm__contacts", "countries_are_iso_codes"): "update vault.stg_crm__contacts set country_code = 'gb'",
    ("vault.stg_shop__orders", "no_order_in_two_rows"): "update vault.stg_shop__orders set order_id_shop = 'o1'",
    ("vault.stg_shop__orders", "every_order_says_what_when_and_in_which_currency"): (
        "update vault.stg_shop__orders set currency_code = 'pounds'"
    ),
    ("vault.stg_shop__orders", "emails_are_well_formed"): "update vault.stg_shop__orders set email = 'a b@example.org'",
    ("vault.stg_shop__orders", "phones_are_e164"): "update vault.stg_shop__orders set phone = '+0441632960001'",
    ("vault.stg_shop__orders", "countries_are_iso_codes"): "update vault.stg_shop__orders set country_code = 'GBR'",
    ("staging.stg_shop__order_lines", "no_order_line_in_two_rows"): (
        "update staging.stg_shop__order_lines set order_line_id = 'l1'"
    ),
    ("staging.stg_shop__order_lines", "amounts_multiply_out"): (
        "update staging.stg_shop__order_lines set line_amount = 2.51 where order_line_id = 'l1'"
    ),
    ("staging.stg_online_retail__lines", "no_order_line_in_two_rows"): (
        "insert into staging.stg_online_retail__lines from staging.stg_online_retail__lines limit 1"
    ),
    ("staging.stg_online_retail__lines", "amounts_multiply_out"): (
        "update staging.stg_online_retail__lines set unit_price = -2.55, line_amount = -15.30 "
        "where order_line_id = 'r1'"
    ),
    ("staging.stg_online_retail__lines", "what_is_sold_is_positive_and_what_comes_back_negative"): (
        "update staging.stg_online_retail__lines set order_type = 'sale'"
    ),
}


def test_sound_staging_tables_pass(judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]) -> None:
    assert failed(judge(staging.gate(), GOOD)) == []


def test_every_fact_has_a_breach_that_shows_it() -> None:
    assert {fact.fact for fact in staging.gate().facts} == {fact for _, fact in BREACHES}


@pytest.mark.parametrize(("table", "fact"), BREACHES)
def test_a_broken_staging_table_fails_exactly_that_fact(table: str, fact: str, judge: Callable[..., Verdict]) -> None:
    verdict = judge(staging.gate(), GOOD, BREACHES[table, fact])
    assert [(broken.table, broken.fact) for broken in verdict.failed] == [(table, fact)]


def test_a_file_that_was_waived_is_not_judged_by_its_share_of_refused_rows(
    judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    waiver = WaivedFile(file_sha256=FILE_A, reason="known", decided_by="data owner", decided_on=NIGHT)
    policy = QualityPolicy(waived_files=(waiver,))
    breach = BREACHES[CONTACTS, "refused_share_is_under_its_limit"]
    assert failed(judge(staging.gate(), GOOD, breach, policy=policy)) == []


def test_a_small_file_is_not_judged_by_its_share_of_refused_rows(
    judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    policy = QualityPolicy(limits=Limits(judged_from_records=31))
    breach = BREACHES[CONTACTS, "refused_share_is_under_its_limit"]
    assert failed(judge(staging.gate(), GOOD, breach, policy=policy)) == []


def test_the_share_of_refused_rows_is_observed_also_while_it_is_under_its_limit(judge: Callable[..., Verdict]) -> None:
    verdict = judge(staging.gate(), GOOD)
    observed = {(f.table, f.fact): f.observed for f in verdict.facts}
    assert observed[CONTACTS, "refused_share_is_under_its_limit"] == {"refused of file aaaaaaaaaaaa": 0.033333}
