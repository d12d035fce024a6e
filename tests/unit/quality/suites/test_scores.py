"""The scores gate passes sound scores and honest silence, and each of its facts stops what is neither."""

from collections.abc import Callable

import pytest

from orchestration.quality.suites import scores
from orchestration.quality.verdicts import Verdict

SHA = "e" * 64
GOOD = f"""
create schema lake_insight; create schema insight;
create table insight.feat_customers__365d as
select * from (values ('c1', date '2026-03-31'), ('c2', date '2026-03-31'), ('c3', date '2026-03-01'))
as t(customer_id, as_of_on);
create table lake_insight.model_records as
select * from (values
    ('m0', date '2026-01-01', 'withheld', 'history_too_short', null, null, timestamp '2026-01-02 02:00:00'),
    ('m1', date '2026-03-30', 'champion', 'trained', '{SHA}', 0.4, timestamp '2026-03-31 02:00:00'),
    ('m2', date '2026-04-30', 'withheld', 'history_too_short', null, null, timestamp '2026-05-01 02:00:00')
) as t(model_id, as_of_on, model_status, status_reason_code, model_sha256, base_rate_share, trained_at);
create table lake_insight.purchase_scores as
select * from (values
    ('c1', date '2026-03-31', 'm1', 0.7::double),
    ('c2', date '2026-03-31', 'm1', 0.2),
    ('c1', date '2026-03-30', 'm1', 0.6)
) as t(customer_id, as_of_on, model_id, purchase_probability_next_90d);
"""
WITHHELD = "update lake_insight.model_records set model_status = 'withheld' where model_id = 'm1';"

SCORES = "lake_insight.purchase_scores"
BREACHES = {
    "probabilities_lie_between_zero_and_one": (
        f"update {SCORES} set purchase_probability_next_90d = 'nan' where as_of_on = date '2026-03-30'"
    ),
    "no_customer_has_two_scores_in_a_night": f"insert into {SCORES} from {SCORES} where customer_id = 'c2'",
    "mean_probability_is_near_the_base_rate": f"update {SCORES} set purchase_probability_next_90d = 0.95",
    "scores_come_from_the_champion_on_record": (
        f"update {SCORES} set model_id = 'm9' where as_of_on = date '2026-03-31'"
    ),
    "every_customer_with_features_is_scored_when_a_champion_stands": (
        "insert into insight.feat_customers__365d values ('c4', date '2026-03-31')"
    ),
    "every_score_belongs_to_a_customer_with_features": (
        f"insert into {SCORES} values ('c3', date '2026-03-31', 'm1', 0.3)"
    ),
    "no_model_in_two_records": "update lake_insight.model_records set model_id = 'm2' where model_id = 'm0'",
    "every_model_is_a_champion_with_a_hash_or_withheld_with_a_reason": (
        "update lake_insight.model_records set status_reason_code = null where model_id = 'm0'"
    ),
}


def test_sound_scores_pass(judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]) -> None:
    assert failed(judge(scores.gate(), GOOD)) == []


def test_no_scores_pass_while_the_latest_model_is_withheld(
    judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    assert failed(judge(scores.gate(), GOOD, WITHHELD, f"delete from {SCORES}")) == []


def test_scores_of_a_withheld_model_fail(judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]) -> None:
    assert failed(judge(scores.gate(), GOOD, WITHHELD)) == [
        "scores_come_from_the_champion_on_record",
        "no_score_without_a_champion",
    ]


def test_a_champion_whose_file_has_no_hash_fails(
    judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    unhashed = "update lake_insight.model_records set model_sha256 = 'unknown' where model_id = 'm1'"
    assert failed(judge(scores.gate(), GOOD, unhashed)) == [
        "scores_come_from_the_champion_on_record",
        "every_model_is_a_champion_with_a_hash_or_withheld_with_a_reason",
    ]


def test_every_fact_has_a_breach_that_shows_it() -> None:
    shown_above = {"no_score_without_a_champion"}
    assert {fact.fact for fact in scores.gate().facts} == set(BREACHES) | shown_above


@pytest.mark.parametrize("fact", BREACHES)
def test_broken_scores_fail_exactly_that_fact(
    fact: str, judge: Callable[..., Verdict], failed: Callable[[Verdict], list[str]]
) -> None:
    assert failed(judge(scores.gate(), GOOD, BREACHES[fact])) == [fact]
