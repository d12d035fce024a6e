"""The customer gate passes a sound customer layer, and each of its facts stops one that is not."""

from collections.abc import Callable

import pytest

from orchestration.quality.suites import customer
from orchestration.quality.verdicts import Verdict

GOOD = """
create schema vault; create schema identity; create schema customer; create schema lake_identity;
create table lake_identity.review_queue as
select * from (values
    ('email', 'of_many', null, null), ('email', 'family', 'web:2', 'crm:contacts:1'), ('login_id', 'ada', null, null),
    ('model', null, 'crm:contacts:1', 'web:2')
) as t(rule, identifier_hash, record_id_left, record_id_right);
create table lake_identity.customer_records as
select * from (values ('crm:contacts:1', 'c1'), ('web:2', 'c2'), ('web:3', 'c3')) as t(record_id, customer_id);
create table identity.int_identifiers_observed as
select * from (values ('email', 'ada'), ('email', 'ada'), ('email', 'of_many'), ('email', 'of_many'),
('email', 'of_many'), ('email', 'family')) as t(identifier_type, identifier_hash);
create table vault.dim_customer_identifiers as
select * from (values
    ('c1', 'email', 'ada@example.org', 'ada', 'crm'),
    ('c1', 'email', 'ada@example.org', 'ada', 'shop'),
    ('c1', 'email', 'of.many@example.org', 'of_many', 'crm'),
    ('c2', 'email', 'of.many@example.org', 'of_many', 'shop'),
    ('c1', 'email', 'family@example.org', 'family', 'crm'),
    ('c2', 'email', 'family@example.org', 'family', 'shop'),
    ('c1', 'email', 'suspect@example.org', 'suspect', 'crm'),
    ('c2', 'email', 'suspect@example.org', 'suspect', 'shop'),
    ('c1', 'phone', '+441632960001', 'p1', 'crm'),
    ('c2', 'phone', '+441632960001', 'p1', 'shop')
) as t(customer_id, identifier_type, identifier_value, identifier_hash, source);
create table vault.dim_customer_attributes as
select * from (values
    ('c1', 'email', 'h1', true, false),
    ('c1', 'email', 'h2', false, true),
    ('c1', 'phone', 'h1', true, false),
    ('c2', 'email', 'h3', true, true)
) as t(customer_id, attribute, value_hash, is_chosen, is_suspect);
create table identity.int_customer_records_linked as
select * from (values ('crm:contacts:1', 'c1'), ('shop:accounts:a', 'c1'), ('shop:accounts:b', 'c2'))
as t(record_id, customer_id);
create table customer.dim_customers as
select * from (values ('c1', 2), ('c2', 1)) as t(customer_id, records_count);
create table customer.int_orders_unified as
select * from (values ('shop:1', 'shop:accounts:a'), ('shop:2', 'shop:accounts:b'), ('shop:3', null))
as t(order_id, record_id);
create table customer.fct_orders as
select * from (values
    ('shop:1', 'c1', 'sale', date '2026-03-01', 2, 30.00::decimal(18, 2), 25.00::decimal(18, 2)),
    ('shop:2', 'c2', 'return', date '2026-03-31', 1, -10.00, -10.00),
    ('shop:3', null, 'sale', date '2026-03-31', 1, 8.00, 8.00)
) as t(order_id, customer_id, order_type, ordered_on, lines_count, lines_amount, net_revenue_amount);
create table customer.fct_order_lines as
select * from (values
    ('l1', 'shop:1', 'c1', 'sale', 1, 25.00::decimal(18, 2), true),
    ('l2', 'shop:1', 'c1', 'sale', 1, 5.00, false),
    ('l3', 'shop:2', 'c2', 'return', -1, -10.00, true),
    ('l4', 'shop:3', null, 'sale', 2, 8.00, true)
) as t(order_line_id, order_id, customer_id, order_type, quantity, line_amount, is_revenue);
"""

BREACHES = {
    "no_email_in_two_customers": (
        "insert into vault.dim_customer_identifiers values ('c2', 'email', 'ada@example.org', 'ada', 'shop')"
    ),
    "every_identifier_belongs_to_a_customer": (
        "insert into vault.dim_customer_identifiers values ('c9', 'phone', '+441632960009', 'p9', 'shop')"
    ),
    "no_value_of_a_customer_in_two_rows": (
        "insert into vault.dim_customer_attributes values ('c1', 'email', 'h2', false, true)"
    ),
    "exactly_one_value_of_an_attribute_is_chosen": (
        "update vault.dim_customer_attributes set is_chosen = true where value_hash = 'h2';"
        "update vault.dim_customer_attributes set is_suspect = false where value_hash = 'h2'"
    ),
    "no_suspect_value_is_chosen_beside_a_clean_one": (
        "update vault.dim_customer_attributes set is_chosen = is_suspect where attribute = 'email'"
    ),
    "no_customer_in_two_rows": "insert into customer.dim_customers values ('c1', 2)",
    "every_source_record_is_in_one_customer": (
        "update customer.dim_customers set records_count = 3 where customer_id = 'c1'"
    ),
    "no_order_in_two_rows": "insert into customer.fct_orders from customer.fct_orders where order_id = 'shop:3'",
    "no_order_after_the_night": (
        "update customer.fct_orders set ordered_on = date '2026-04-01' where order_id = 'shop:3'"
    ),
    "no_order_is_lost": "insert into customer.int_orders_unified values ('shop:4', null)",
    "every_order_of_a_known_record_has_a_customer": (
        "insert into identity.int_customer_records_linked values ('shop:accounts:c', 'c2');"
        "update customer.dim_customers set records_count = 2 where customer_id = 'c2';"
        "update customer.int_orders_unified set record_id = 'shop:accounts:c' where order_id = 'shop:3'"
    ),
    "every_ordering_customer_exists": (
        "update customer.fct_orders set customer_id = 'c9' where order_id = 'shop:3';"
        "update customer.fct_order_lines set customer_id = 'c9' where order_id = 'shop:3'"
    ),
    "order_amounts_equal_the_sum_of_their_lines": (
        "update customer.fct_orders set net_revenue_amount = 25.01 where order_id = 'shop:1'"
    ),
    "no_order_line_in_two_rows": (
        "update customer.fct_order_lines set order_line_id = 'l1' where order_line_id = 'l2'"
    ),
    "every_line_has_an_order_of_the_same_customer": (
        "update customer.fct_order_lines set customer_id = 'c2' where order_line_id = 'l4'"
    ),
    "what_comes_back_is_negative": ("update customer.fct_order_lines set quantity = 1 where order_line_id = 'l3'"),
}


def test_a_sound_customer_layer_passes(judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]) -> None:
    assert failed(judge(customer.gate(), GOOD)) == []


def test_every_fact_has_a_breach_that_shows_it() -> None:
    assert {fact.fact for fact in customer.gate().facts} == set(BREACHES)


@pytest.mark.parametrize("fact", BREACHES)
def test_a_broken_customer_layer_fails_exactly_that_fact(
    fact: str, judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    assert failed(judge(customer.gate(), GOOD, BREACHES[fact])) == [fact]


def test_the_evidence_of_a_shared_email_names_customers_and_never_the_address(judge: Callable[..., Verdict]) -> None:
    verdict = judge(customer.gate(), GOOD, BREACHES["no_email_in_two_customers"])
    (fact,) = verdict.failed
    assert fact.observed["keys"] == ["c1 c2"]
    assert "ada" not in repr(verdict)


def test_an_address_that_two_are_told_apart_by_does_not_let_a_third_customer_have_it(
    judge: Callable[..., Verdict],
) -> None:
    third = "insert into vault.dim_customer_identifiers values ('c3', 'email', 'family@example.org', 'family', 'web')"
    observed = {fact.fact: fact.observed for fact in judge(customer.gate(), GOOD, third).failed}
    assert observed["no_email_in_two_customers"]["keys"] == ["c1 c3", "c2 c3"]
