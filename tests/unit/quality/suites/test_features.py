"""The features gate passes sound features and segments, and each of its facts stops what is not."""

from collections.abc import Callable

import pytest

from orchestration.quality.suites import features
from orchestration.quality.verdicts import Verdict

GOOD = """
create schema customer; create schema insight; create schema reference;
create table customer.fct_orders as
select * from (values
    ('c1', 'sale', date '2025-11-01'), ('c1', 'sale', date '2026-03-01'), ('c2', 'sale', date '2026-03-30'),
    ('c3', 'return', date '2026-03-30'), (null, 'sale', date '2026-03-30')
) as t(customer_id, order_type, ordered_on);
create table insight.feat_customers__365d as
select * from (values
    ('c1', date '2025-12-01', 30, 30, 1, 1, 1, 1, 3, 0, 1, 0.0),
    ('c1', date '2026-03-31', 30, 150, 0, 1, 2, 2, 5, 0, 2, 0.0),
    ('c2', date '2026-03-31', 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5)
) as t(
    customer_id, as_of_on, recency_days, tenure_days, orders_count_30d, orders_count_90d, orders_count_365d,
    active_days_count_365d, items_count_365d, returns_count_365d, distinct_products_count_365d, return_share_365d
);
create table insight.int_purchase_labels as
select 'c1' as customer_id, date '2025-12-01' as as_of_on, true as has_purchased_next_90d;
create table insight.int_customers_scored_rfm as
select * from (values ('c1', 1, 5, 5, 'champions'), ('c2', 5, 1, 1, 'lost'))
as t(customer_id, recency_score, frequency_score, monetary_score, segment_code);
create table reference.rfm_segments as select unnest(['champions', 'lost']) as segment_code;
create table reference.rfm_grid as
select r.n as recency_score, f.n as frequency_score, m.n as monetary_score, 'champions' as segment_code
from range(1, 6) as r(n), range(1, 6) as f(n), range(1, 6) as m(n);
"""

FEATURES = "insight.feat_customers__365d"
BREACHES = {
    "one_row_per_customer_and_date": f"insert into {FEATURES} from {FEATURES} where customer_id = 'c2'",
    "no_feature_from_the_future": f"update {FEATURES} set recency_days = 0 where customer_id = 'c2'",
    "every_customer_who_bought_has_features_tonight": (
        "insert into customer.fct_orders values ('c4', 'sale', date '2026-03-31')"
    ),
    "features_lie_in_their_ranges": f"update {FEATURES} set return_share_365d = 1.5 where customer_id = 'c2'",
    "no_label_looks_past_the_night": "update insight.int_purchase_labels set as_of_on = date '2026-01-01'",
    "no_customer_in_two_segments": "insert into insight.int_customers_scored_rfm values ('c1', 1, 1, 1, 'lost')",
    "rfm_scores_lie_between_one_and_five": (
        "update insight.int_customers_scored_rfm set recency_score = 6 where customer_id = 'c1'"
    ),
    "rfm_grid_covers_all_125_cells_once": (
        "update reference.rfm_grid set recency_score = 1 "
        "where recency_score = 2 and frequency_score = 3 and monetary_score = 4"
    ),
}


def test_sound_features_pass(judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]) -> None:
    assert failed(judge(features.gate(), GOOD)) == []


def test_every_fact_has_a_breach_that_shows_it() -> None:
    assert {fact.fact for fact in features.gate().facts} == set(BREACHES)


@pytest.mark.parametrize("fact", BREACHES)
def test_broken_features_fail_exactly_that_fact(
    fact: str, judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    assert failed(judge(features.gate(), GOOD, BREACHES[fact])) == [fact]


def test_features_of_a_day_after_the_night_are_from_the_future(
    judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    tomorrow = (
        f"insert into {FEATURES} select * replace (date '2026-04-01' as as_of_on) from {FEATURES} "
        "where customer_id = 'c2'"
    )
    assert failed(judge(features.gate(), GOOD, tomorrow)) == ["no_feature_from_the_future"]


def test_a_grid_cell_that_leads_to_a_segment_without_a_name_fails(
    judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    unnamed = "update reference.rfm_grid set segment_code = 'nameless' where recency_score = 1"
    assert failed(judge(features.gate(), GOOD, unnamed)) == ["rfm_grid_covers_all_125_cells_once"]
