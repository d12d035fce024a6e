"""The staging gate passes sound staging tables, and each of its facts stops one that is not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from orchestration.foundation.contracts import Contracts, load_contracts
from orchestration.foundation.quality_policy import Limits, QualityPolicy, WaivedFile
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.quality.declarations import GateSpec
from orchestration.quality.suites import staging
from orchestration.quality.verdicts import Verdict

CONTRACTS: Contracts = load_contracts(PROJECT_ROOT / "lake" / "contracts")
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
alter table staging.stg_shop__order_lines add column discount_amount decimal(18, 2) default 0;
create table staging.stg_online_retail__lines as
select * from (values ('r1', 'sale', 6, 2.55::decimal(18, 4), 15.30::decimal(18, 2)), ('r2', 'return', -1, 1.00, -1.00))
as t(order_line_id, order_type, quantity, unit_price, line_amount);
"""
LATER_FEEDS = [
    feed
    for feed in CONTRACTS.feeds()
    if (feed.source, feed.name) not in {("crm", "contacts"), ("shop", "orders"), ("online_retail", "lines")}
]
GOOD += "".join(
    f"create table staging.stg_{feed.source}__{feed.name}_judged as select 'r' as row_id, 'f' as file_sha256, "
    "'accepted' as row_fate, null::varchar as reason_code, null::varchar as duplicate_of_row_id; "
    f"insert into lake_ledger.files values ('{feed.source}', '{feed.name}', 'f', 'landed', 1);"
    for feed in LATER_FEEDS
)

# One sound row of each thing; what breaks it is one column of it.
THINGS = {
    "vault.stg_shop__accounts": "'A1' as account_id_shop, 'ada@example.org' as email, '+441632960001' as phone, "
    "'GB' as country_code",
    "staging.stg_shop__order_payments": "'captured' as payment_status",
    "staging.stg_pos__receipt_lines": "'l' as receipt_line_id, 2 as quantity, 5.00::decimal(18, 4) as unit_price, "
    "1.00::decimal(18, 2) as discount_amount, 9.00::decimal(18, 2) as line_amount",
    "vault.stg_pos__receipts": "'r' as receipt_id_pos, '0061120000000001' as card_number, "
    "null::varchar as receipt_email",
    "vault.stg_loyalty__members": "'r' as row_id, '0061120000000001' as card_number, null::varchar as email, "
    "null::varchar as phone",
    "vault.stg_loyalty__member_repairs": "'22404' as value_before, 'birthday_read' as repair_reason_code",
    "staging.stg_catalogue__products": "'LH-1001' as sku, 24.50::decimal(18, 2) as list_price_amount",
    "staging.stg_catalogue__stock": "0 as quantity",
    "staging.stg_newsletter__events": "'sent' as event_type, timestamp '2026-03-01' as happened_at, 'c' as campaign_id",
    "staging.stg_web__events": "'page_viewed' as event_type, 'd' as device_id, timestamp '2026-03-01' as occurred_at, "
    "null::bigint as x_px, 0::bigint as y_px",
    "vault.stg_contact_centre__tickets": "'t' as ticket_id_contact_centre, timestamp '2026-03-01' as opened_at, "
    "null::timestamp as closed_at, null::varchar as email, null::varchar as phone",
    "vault.stg_surveys__answers": "'a' as response_id_surveys, 'nps' as survey_type, 10 as score, "
    "null::varchar as email",
    "vault.stg_surveys__reviews": "5 as star_rating",
    "staging.stg_offers__offers": "'o' as offer_id, 0.15::double as discount_share, date '2026-03-01' as starts_on, "
    "date '2026-03-01' as ends_on",
    "staging.stg_offers__attempts": "'a' as attempt_id_offers, 'denied' as outcome, "
    "timestamp '2026-03-01' as attempted_at, null::varchar as card_number",
    "staging.stg_sightings__sightings": "'h' as device_hash, timestamp '2026-03-01' as seen_at, 0 as dwell_seconds",
    "staging.stg_ads__spend": "0.00::decimal(18, 2) as spend_amount",
    "staging.stg_reference__postcodes": "-0.1 as longitude_deg, 51.5::double as latitude_deg, 1 as urban_share",
    "vault.stg_consent__changes": "'marketing' as purpose, 'email' as channel, 'granted' as consent_status, "
    "timestamp '2026-03-01' as changed_at",
    "vault.stg_privacy_requests__requests": "'q' as request_id_privacy_requests, 'erasure' as request_type, "
    "timestamp '2026-03-01' as received_at, null::varchar as email, null::varchar as phone",
    "vault.stg_social__engagements": "'like' as engagement_type, timestamp '2026-03-01' as engaged_at",
}
GOOD += "".join(f"create table {table} as select {columns};" for table, columns in THINGS.items())
BROKEN_THINGS = {
    ("vault.stg_shop__accounts", "emails_are_well_formed"): "email = 'ada@example'",
    ("vault.stg_shop__accounts", "phones_are_e164"): "phone = '01632 960001'",
    ("vault.stg_shop__accounts", "countries_are_iso_codes"): "country_code = 'England'",
    ("staging.stg_shop__order_payments", "payments_are_captured_failed_or_refunded"): "payment_status = 'pending'",
    ("staging.stg_pos__receipt_lines", "amounts_multiply_out"): "discount_amount = 0",
    ("vault.stg_pos__receipts", "cards_have_sixteen_digits"): "card_number = '61120000000001'",
    ("vault.stg_pos__receipts", "emails_are_well_formed"): "receipt_email = 'ada at example.org'",
    ("vault.stg_loyalty__members", "cards_have_sixteen_digits"): "card_number = '4,06112E+15'",
    ("vault.stg_loyalty__members", "emails_are_well_formed"): "email = 'ada.example.org'",
    ("vault.stg_loyalty__members", "phones_are_e164"): "phone = '7700900123'",
    ("vault.stg_loyalty__member_repairs", "every_repair_keeps_what_was_received"): "value_before = null",
    ("staging.stg_catalogue__products", "list_prices_are_above_zero"): "list_price_amount = 0",
    ("staging.stg_catalogue__stock", "stock_is_never_negative"): "quantity = -1",
    ("staging.stg_newsletter__events", "every_event_is_of_a_known_type_and_campaign"): "event_type = 'processed'",
    ("staging.stg_web__events", "every_event_has_its_type_device_and_instant"): "event_type = null",
    ("staging.stg_web__events", "clicks_lie_on_the_page"): "x_px = -1",
    ("vault.stg_contact_centre__tickets", "no_ticket_closes_before_it_opens"): "closed_at = timestamp '2026-02-28'",
    ("vault.stg_contact_centre__tickets", "emails_are_well_formed"): "email = 'ada'",
    ("vault.stg_contact_centre__tickets", "phones_are_e164"): "phone = '0'",
    ("vault.stg_surveys__answers", "scores_lie_on_their_scale"): "score = 11",
    ("vault.stg_surveys__answers", "emails_are_well_formed"): "email = 'ada'",
    ("vault.stg_surveys__reviews", "stars_lie_between_one_and_five"): "star_rating = 6",
    ("staging.stg_offers__offers", "discounts_are_shares_and_days_are_in_order"): "discount_share = 15",
    ("staging.stg_offers__attempts", "every_attempt_was_redeemed_or_denied"): "outcome = 'perhaps'",
    ("staging.stg_offers__attempts", "cards_have_sixteen_digits"): "card_number = '1'",
    ("staging.stg_sightings__sightings", "nobody_stays_for_less_than_nothing"): "dwell_seconds = -5",
    ("staging.stg_ads__spend", "spend_is_never_negative"): "spend_amount = -0.01",
    ("staging.stg_reference__postcodes", "areas_lie_on_earth"): "latitude_deg = 151.5",
    ("vault.stg_consent__changes", "consents_say_what_for_by_which_channel_and_how"): "consent_status = 'maybe'",
    ("vault.stg_privacy_requests__requests", "every_request_names_its_right_and_day"): "request_type = null",
    ("vault.stg_privacy_requests__requests", "emails_are_well_formed"): "email = 'ada'",
    ("vault.stg_privacy_requests__requests", "phones_are_e164"): "phone = '0'",
    ("vault.stg_social__engagements", "engagements_are_of_a_known_type"): "engagement_type = 'reaction_98'",
}

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
    **{(table, fact): f"update {table} set {change}" for (table, fact), change in BROKEN_THINGS.items()},
}


def _gate_of(table: str) -> GateSpec:
    """Return the staging gate with the facts of one table only."""
    gate = staging.gate(CONTRACTS)
    return replace(gate, facts=tuple(fact for fact in gate.facts if fact.table == table))


def test_sound_staging_tables_pass(judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]) -> None:
    assert failed(judge(staging.gate(CONTRACTS), GOOD)) == []


def test_every_fact_has_a_breach_that_shows_it() -> None:
    facts = staging.gate(CONTRACTS).facts
    assert {fact.fact for fact in facts} == {fact for _, fact in BREACHES}
    assert {(fact.table, fact.fact) for fact in facts if fact.table in THINGS} == set(BROKEN_THINGS)


def test_every_feed_is_asked_for_the_fates_of_its_rows() -> None:
    asked = {fact.table for fact in staging.gate(CONTRACTS).facts if fact.fact == "every_landed_row_has_one_fate"}
    assert asked == {f"staging.stg_{feed.source}__{feed.name}_judged" for feed in CONTRACTS.feeds()}


@pytest.mark.parametrize(("table", "fact"), BREACHES)
def test_a_broken_staging_table_fails_exactly_that_fact(table: str, fact: str, judge: Callable[..., Verdict]) -> None:
    verdict = judge(_gate_of(table), GOOD, BREACHES[table, fact])
    assert [(broken.table, broken.fact) for broken in verdict.failed] == [(table, fact)]
    assert all(passed.observed.keys().isdisjoint({"missing_table", "not_checked"}) for passed in verdict.facts)


def test_a_file_that_was_waived_is_not_judged_by_its_share_of_refused_rows(
    judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    waiver = WaivedFile(file_sha256=FILE_A, reason="known", decided_by="data owner", decided_on=NIGHT)
    policy = QualityPolicy(waived_files=(waiver,))
    breach = BREACHES[CONTACTS, "refused_share_is_under_its_limit"]
    assert failed(judge(_gate_of(CONTACTS), GOOD, breach, policy=policy)) == []


def test_a_small_file_is_not_judged_by_its_share_of_refused_rows(
    judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    policy = QualityPolicy(limits=Limits(judged_from_records=31))
    breach = BREACHES[CONTACTS, "refused_share_is_under_its_limit"]
    assert failed(judge(_gate_of(CONTACTS), GOOD, breach, policy=policy)) == []


def test_the_share_of_refused_rows_is_observed_also_while_it_is_under_its_limit(judge: Callable[..., Verdict]) -> None:
    verdict = judge(_gate_of(CONTACTS), GOOD)
    observed = {(f.table, f.fact): f.observed for f in verdict.facts}
    assert observed[CONTACTS, "refused_share_is_under_its_limit"] == {"refused of file aaaaaaaaaaaa": 0.033333}
