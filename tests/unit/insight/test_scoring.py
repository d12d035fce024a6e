"""Scores: one a customer, replayed and never fitted, with reasons that add up."""

import json

import numpy as np
import pyarrow as pa
import pytest

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.insight.errors import FeaturesUnusable
from orchestration.insight.inputs import FEATURE_COLUMNS, PLAIN_WORDS, model_inputs
from orchestration.insight.metrics import log_odds
from orchestration.insight.pipeline import contributions, purchase_probabilities, weights_by_input
from orchestration.insight.scoring import SCORES_TABLE, no_scores, reason_effects, score_customers
from orchestration.insight.training import Champion
from tests.support.purchase_history import Shop


def test_every_customer_has_one_score_in_the_lakes_schema(champion: Champion, shop: Shop) -> None:
    scores = score_customers(champion.pipeline, shop.features_tonight(), model_id="m")
    assert scores.schema == LAKE_TABLES[SCORES_TABLE].schema
    assert scores["customer_id"].equals(shop.features_tonight().sort_by("customer_id")["customer_id"])
    probabilities = scores["purchase_probability_next_90d"].to_numpy()
    assert ((probabilities > 0) & (probabilities < 1)).all()


def test_customers_in_another_order_get_the_same_scores(champion: Champion, shop: Shop) -> None:
    tonight = shop.features_tonight()
    turned = tonight.take(np.arange(tonight.num_rows)[::-1])
    expected = score_customers(champion.pipeline, tonight, model_id="m")
    assert score_customers(champion.pipeline, turned, model_id="m").equals(expected)


def test_a_customer_scored_alone_has_the_score_he_has_among_all(champion: Champion, shop: Shop) -> None:
    """What was learnt in training is replayed: nothing is scaled by tonight's customers."""
    tonight = shop.features_tonight().sort_by("customer_id")
    everyone = score_customers(champion.pipeline, tonight, model_id="m").slice(17, 1).to_pylist()[0]
    alone = score_customers(champion.pipeline, tonight.slice(17, 1), model_id="m").to_pylist()[0]
    assert alone["purchase_probability_next_90d"] == pytest.approx(everyone["purchase_probability_next_90d"], abs=1e-12)
    assert alone["reasons_json"] == everyone["reasons_json"]


def test_effects_of_all_features_and_the_intercept_sum_to_the_log_odds(champion: Champion, shop: Shop) -> None:
    inputs = model_inputs(shop.features_tonight())
    effects = reason_effects(contributions(champion.pipeline, inputs)).sum(axis=1).to_numpy()
    intercept = champion.pipeline.named_steps["weigh"].intercept_[0]
    expected = log_odds(purchase_probabilities(champion.pipeline, inputs))
    np.testing.assert_allclose(effects + intercept, expected, atol=1e-9)


def test_reasons_are_the_strongest_features_with_their_values_and_directions(champion: Champion, shop: Shop) -> None:
    tonight = shop.features_tonight().sort_by("customer_id")
    scores = score_customers(champion.pipeline, tonight, model_id="m")
    effects = reason_effects(contributions(champion.pipeline, model_inputs(tonight)))
    for row, (text, customer) in enumerate(zip(scores["reasons_json"].to_pylist(), tonight.to_pylist(), strict=True)):
        reasons = json.loads(text or "")
        assert len(reasons) <= 3
        strongest = effects.iloc[row].abs().sort_values(ascending=False)
        for reason, magnitude in zip(reasons, strongest, strict=False):
            assert abs(reason["effect"]) == pytest.approx(magnitude, abs=6e-4)
            assert reason["direction"] == ("raises" if reason["effect"] > 0 else "lowers")
            assert reason["label"] == PLAIN_WORDS[reason["feature"]]
            assert reason["value"] == pytest.approx(float(customer[reason["feature"]]), abs=1e-4)


def test_a_long_silence_lowers_the_probability(champion: Champion, shop: Shop) -> None:
    assert weights_by_input(champion.pipeline)["orders_missed"] < 0
    customer = {**shop.features_tonight().slice(0, 1).to_pylist()[0], "tenure_days": 300, "active_days_count_365d": 6}
    silent = [{**customer, "customer_id": name, "recency_days": days} for name, days in (("a", 5), ("b", 200))]
    lately, long_ago = score_customers(champion.pipeline, pa.Table.from_pylist(silent), model_id="m").to_pylist()
    assert lately["purchase_probability_next_90d"] > long_ago["purchase_probability_next_90d"]


def test_extreme_and_missing_values_still_give_a_probability_and_json(champion: Champion, shop: Shop) -> None:
    ordinary = shop.features_tonight().slice(0, 1).to_pylist()[0]
    odd = [
        {**ordinary, "customer_id": "one order today", "recency_days": 0, "tenure_days": 0},
        {**ordinary, "customer_id": "every day", "active_days_count_365d": 365, "tenure_days": 4000},
        {**ordinary, "customer_id": "gone for years", "active_days_count_365d": 0, "recency_days": 4000},
        {**ordinary, "customer_id": "all returned", "net_revenue_amount_365d": -1e9, "return_share_365d": None},
    ]
    scores = score_customers(champion.pipeline, pa.Table.from_pylist(odd), model_id="m")
    assert np.isfinite(scores["purchase_probability_next_90d"].to_numpy()).all()
    assert all(isinstance(json.loads(text or ""), list) for text in scores["reasons_json"].to_pylist())


def test_no_customers_give_no_scores(champion: Champion, shop: Shop) -> None:
    empty = shop.features.slice(0, 0)
    assert score_customers(champion.pipeline, empty, model_id="m").equals(no_scores())


def test_features_of_several_dates_are_refused(champion: Champion, shop: Shop) -> None:
    with pytest.raises(FeaturesUnusable, match="one date"):
        score_customers(champion.pipeline, shop.features, model_id="m")


def test_a_null_recency_is_refused_and_no_customer_is_named(champion: Champion, shop: Shop) -> None:
    rows = [{**shop.features_tonight().slice(0, 1).to_pylist()[0], "recency_days": None}]
    table = pa.Table.from_pylist(rows, schema=shop.features.schema)
    with pytest.raises(FeaturesUnusable, match="recency_days") as refusal:
        score_customers(champion.pipeline, table, model_id="m")
    assert rows[0]["customer_id"] not in str(refusal.value)


def test_every_feature_that_reasons_show_is_read() -> None:
    assert set(PLAIN_WORDS) <= set(FEATURE_COLUMNS)
    assert not any(mark in label for label in PLAIN_WORDS.values() for mark in '"\\')
