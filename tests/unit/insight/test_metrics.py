"""The metrics against definitions of a few lines, simulations with known truth, and the bootstrap."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from orchestration.insight.metrics import (
    auc,
    brier_score,
    calibration_slope,
    compared_auc,
    lift_by_decile,
    log_odds,
    reliability,
)

Numbers = NDArray[np.float64]


def auc_by_definition(outcomes: Numbers, scores: Numbers) -> float:
    wins = 0.0
    pairs = 0
    for buyer in scores[outcomes == 1]:
        for other in scores[outcomes == 0]:
            wins += 1.0 if buyer > other else 0.5 if buyer == other else 0.0
            pairs += 1
    return wins / pairs


def simulated(seed: int, count: int, *, slope: float = 1.0) -> tuple[Numbers, Numbers]:
    """Return outcomes, and probabilities whose true calibration slope is `slope`."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(-0.5, 1.2, count)
    outcomes = (generator.random(count) < 1 / (1 + np.exp(-slope * logits))).astype(np.float64)
    return outcomes, 1 / (1 + np.exp(-logits))


@pytest.mark.parametrize("seed", range(5))
def test_auc_is_the_share_of_pairs_in_which_the_buyer_scores_higher_with_ties_half(seed: int) -> None:
    generator = np.random.default_rng(seed)
    outcomes = (generator.random(80) < 0.4).astype(np.float64)
    scores = generator.integers(0, 12, 80).astype(np.float64)
    assert auc(outcomes, scores) == pytest.approx(auc_by_definition(outcomes, scores), abs=1e-12)
    compared = compared_auc(outcomes, scores, -scores)
    assert compared.model.value == pytest.approx(auc_by_definition(outcomes, scores), abs=1e-12)
    assert compared.baseline.value == pytest.approx(1 - compared.model.value, abs=1e-12)


def test_auc_without_one_of_the_outcomes_is_not_a_number() -> None:
    assert math.isnan(auc(np.zeros(5), np.arange(5.0)))
    assert math.isnan(compared_auc(np.array([1.0, 0.0, 0.0]), np.arange(3.0), np.arange(3.0)).model.value)


def test_delong_intervals_are_those_of_the_bootstrap() -> None:
    outcomes, probabilities = simulated(3, 600)
    baseline = probabilities + np.random.default_rng(4).normal(0, 0.25, 600)
    compared = compared_auc(outcomes, probabilities, baseline)
    generator = np.random.default_rng(5)
    drawn = [generator.integers(0, 600, 600) for _ in range(1_500)]
    models = np.array([auc(outcomes[rows], probabilities[rows]) for rows in drawn])
    differences = models - np.array([auc(outcomes[rows], baseline[rows]) for rows in drawn])
    assert (compared.model.high - compared.model.low) / 2 == pytest.approx(1.96 * models.std(), rel=0.1)
    assert (compared.difference.high - compared.difference.low) / 2 == pytest.approx(1.96 * differences.std(), rel=0.1)


def test_a_model_compared_with_itself_differs_by_nothing() -> None:
    outcomes, probabilities = simulated(1, 300)
    difference = compared_auc(outcomes, probabilities, probabilities).difference
    assert (difference.value, difference.low, difference.high) == pytest.approx((0, 0, 0), abs=1e-9)


@pytest.mark.parametrize("slope", [0.5, 1.0, 1.6])
def test_calibration_slope_finds_the_slope_of_a_simulation_inside_its_interval(slope: float) -> None:
    found = calibration_slope(*simulated(11, 20_000, slope=slope))
    assert found.low <= slope <= found.high
    assert found.value == pytest.approx(slope, abs=0.06)


def test_calibration_slope_is_that_of_an_unpenalised_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    outcomes, probabilities = simulated(2, 2_000, slope=0.8)
    oracle = LogisticRegression(C=np.inf, tol=1e-10).fit(log_odds(probabilities)[:, None], outcomes)
    assert calibration_slope(outcomes, probabilities).value == pytest.approx(oracle.coef_[0, 0], abs=1e-5)


@pytest.mark.parametrize(
    ("outcomes", "probabilities"),
    [([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5]), ([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]), ([1, 1, 1, 1], [0.1, 0.2, 0.8, 0.9])],
    ids=["one probability for all", "outcomes separated", "one outcome"],
)
def test_calibration_slope_that_the_data_do_not_determine_is_not_a_number(
    outcomes: list[float], probabilities: list[float]
) -> None:
    assert math.isnan(calibration_slope(np.array(outcomes, dtype=np.float64), np.array(probabilities)).value)


def test_brier_score_of_certain_and_right_is_zero() -> None:
    outcomes = np.array([0.0, 1.0, 1.0])
    assert brier_score(outcomes, outcomes) == 0


def test_deciles_hold_every_customer_once_and_their_lifts_average_to_one() -> None:
    outcomes, probabilities = simulated(8, 1_003)
    deciles = lift_by_decile(outcomes, probabilities)
    customers = np.array([each.customers_count for each in deciles])
    assert customers.sum() == 1_003
    assert sum(each.purchasers_count for each in deciles) == outcomes.sum()
    assert np.average([each.lift for each in deciles], weights=customers) == pytest.approx(1)
    assert deciles[-1].cumulative_purchasers_share == pytest.approx(1)
    assert deciles[0].score_mean > deciles[-1].score_mean


def test_reliability_bins_rise_in_probability_and_their_intervals_hold_the_observed_share() -> None:
    bins = reliability(*simulated(9, 5_000))
    means = [each.probability_mean for each in bins]
    assert means == sorted(means)
    assert all(each.purchase_share_low <= each.purchase_share <= each.purchase_share_high for each in bins)
    hits = sum(each.purchase_share_low <= each.probability_mean <= each.purchase_share_high for each in bins)
    assert hits >= 8


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_interval_of_none_and_of_all_holds_the_share_whatever_the_count(share: float) -> None:
    for count in range(10, 400):
        bins = reliability(np.full(count, share), np.linspace(0.1, 0.9, count))
        assert all(each.purchase_share_low <= share <= each.purchase_share_high for each in bins)
