"""Training on a small made-up shop: determinism, no leak, too little history, the control."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from orchestration.insight.errors import FeaturesUnusable
from orchestration.insight.limits import TrainingLimits
from orchestration.insight.pipeline import fitted_pipeline, purchase_probabilities, weights_by_input
from orchestration.insight.rows import labelled_rows
from orchestration.insight.training import Champion, Withheld, train_purchase_model
from tests.support.purchase_history import OPENED_ON, TONIGHT, Shop, make_shop

LIMITS = TrainingLimits()


def trained(shop: Shop, limits: TrainingLimits = LIMITS) -> Champion | Withheld:
    return train_purchase_model(shop.features, shop.labels, as_of_on=shop.tonight, limits=limits, permutations=2)


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    return table.take(np.random.default_rng(seed).permutation(table.num_rows))


def test_the_model_orders_the_future_better_than_chance_and_states_the_rows_of_both_fits(champion: Champion) -> None:
    backtest = champion.backtest
    assert backtest.compared.model.low > 0.6
    assert 0 < backtest.slope.low < backtest.slope.value < backtest.slope.high
    assert backtest.test_on == TONIGHT - timedelta(days=90)
    assert max(backtest.trained_dates) <= backtest.test_on - timedelta(days=90)
    assert max(champion.trained_dates) == backtest.test_on
    assert backtest.trained_rows_count < champion.trained_rows_count


def test_a_permuted_target_gives_an_auc_of_one_half(champion: Champion) -> None:
    assert champion.backtest.permuted_auc == pytest.approx(0.5, abs=0.02)


def test_the_same_rows_in_another_order_give_the_same_model_and_figures(shop: Shop) -> None:
    first = trained(shop)
    other = trained(replace(shop, features=shuffled(shop.features, 1), labels=shuffled(shop.labels, 2)))
    assert isinstance(first, Champion)
    assert isinstance(other, Champion)
    assert weights_by_input(first.pipeline) == weights_by_input(other.pipeline)
    assert first.backtest == other.backtest


def test_rows_dated_after_the_night_change_nothing(shop: Shop) -> None:
    """A night that is run again for an older day finds later days in the tables and must not look at them."""
    earlier = make_shop(tonight=shop.tonight - timedelta(days=60))
    replayed = trained(replace(shop, tonight=earlier.tonight))
    once = trained(earlier)
    assert isinstance(replayed, Champion)
    assert isinstance(once, Champion)
    assert replayed.backtest == once.backtest
    assert weights_by_input(replayed.pipeline) == weights_by_input(once.pipeline)


def test_outcomes_of_overlapping_windows_do_not_reach_the_backtest(shop: Shop) -> None:
    """Every outcome between the last training date and the test date is turned round: the figures stay."""
    window = timedelta(days=90)
    test_on = shop.tonight - window
    is_between = pc.and_(
        pc.less(shop.labels["as_of_on"], pa.scalar(test_on)),
        pc.greater(shop.labels["as_of_on"], pa.scalar(test_on - window)),
    )
    outcomes = shop.labels["has_purchased_next_90d"]
    turned = pc.if_else(is_between, pc.invert(outcomes), outcomes)
    labels = shop.labels.set_column(2, "has_purchased_next_90d", turned)
    honest, tampered = trained(shop), trained(replace(shop, labels=labels))
    assert isinstance(honest, Champion)
    assert isinstance(tampered, Champion)
    assert pc.any(is_between).as_py()
    assert honest.backtest == tampered.backtest
    assert weights_by_input(honest.pipeline) != weights_by_input(tampered.pipeline)


@pytest.mark.parametrize(
    ("history_days", "limits", "reason_code", "figure"),
    [
        (150, LIMITS, "history_too_short", "150 days"),
        (60, replace(LIMITS, minimum_history_days=30), "no_closed_label_window", "90 days"),
        (200, LIMITS, "no_training_date", "90 days"),
        (389, replace(LIMITS, minimum_training_rows=5_000), "training_rows_too_few", "5000"),
        (389, replace(LIMITS, minimum_positive_rows=400), "outcome_rows_too_few", "400"),
    ],
)
def test_too_little_history_is_said_with_its_figures(
    history_days: int, limits: TrainingLimits, reason_code: str, figure: str
) -> None:
    shop = make_shop(tonight=OPENED_ON + timedelta(days=history_days))
    result = trained(shop, limits)
    assert isinstance(result, Withheld)
    assert result.reason_code == reason_code
    assert figure in result.reason


def test_an_empty_shop_has_too_little_history(shop: Shop) -> None:
    result = trained(replace(shop, features=shop.features.slice(0, 0), labels=shop.labels.slice(0, 0)))
    assert isinstance(result, Withheld)
    assert result.reason_code == "history_too_short"


def test_a_large_history_is_drawn_by_whole_customers_and_near_the_limit(shop: Shop) -> None:
    rows = labelled_rows(shop.features, shop.labels)
    drawn = rows.at_most(rows.count // 2)
    kept = drawn.features["customer_id"].unique()
    whole = rows.features.filter(pc.is_in(rows.features["customer_id"], value_set=kept))
    assert whole.num_rows == drawn.count
    assert drawn.count == pytest.approx(rows.count / 2, rel=0.2)


def test_a_feature_table_without_a_column_is_refused_with_its_name(shop: Shop) -> None:
    with pytest.raises(FeaturesUnusable, match="tenure_days"):
        trained(replace(shop, features=shop.features.drop_columns(["tenure_days"])))


def test_the_threads_of_linear_algebra_do_not_change_the_model(shop: Shop) -> None:
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    rows = labelled_rows(shop.features, shop.labels)
    with threadpool_limits(limits=1):
        one = fitted_pipeline(rows.inputs, rows.outcomes)
    two = fitted_pipeline(rows.inputs, rows.outcomes)
    assert weights_by_input(one) == weights_by_input(two)
    assert np.array_equal(purchase_probabilities(one, rows.inputs), purchase_probabilities(two, rows.inputs))
