"""Training the purchase model: enough history or not, the backtest on the future split, the champion. No files.

The backtest's pipeline and the champion are the same pipeline with the same settings on different rows: the first is
fitted on dates whose outcomes were known on the test date and is only measured; the second is fitted on every closed
date, stored and replayed. The record tells the rows of each.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from orchestration.foundation.faults import fault_point
from orchestration.insight.limits import TrainingLimits
from orchestration.insight.metrics import (
    ComparedAuc,
    Estimate,
    LiftDecile,
    ReliabilityBin,
    brier_score,
    calibration_slope,
    compared_auc,
    lift_by_decile,
    reliability,
)
from orchestration.insight.pipeline import fitted_pipeline, permuted_target_auc, purchase_probabilities
from orchestration.insight.rows import LabelledRows, labelled_rows
from orchestration.insight.splits import TimeSplit, time_split

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

PERMUTATIONS = 200
"""Shuffled refits of the control: with 50 buyers tested the mean has a standard error of .003, with more a smaller."""

_SEED = 20_260_630


@dataclass(frozen=True)
class Backtest:
    """What the pipeline, fitted on the past only, did on the test date; the baseline is recency on the same rows."""

    test_on: date
    trained_dates: tuple[date, ...]
    trained_rows_count: int
    tested_rows_count: int
    compared: ComparedAuc
    slope: Estimate
    permuted_auc: float
    permutations: int
    brier_score: float
    base_rate_share: float
    probability_mean: float
    lift: tuple[LiftDecile, ...]
    baseline_lift: tuple[LiftDecile, ...]
    reliability: tuple[ReliabilityBin, ...]


@dataclass(frozen=True)
class Champion:
    """A fitted pipeline that may score, the rows it was fitted on, and its backtest."""

    as_of_on: date
    pipeline: "Pipeline"
    trained_dates: tuple[date, ...]
    trained_rows_count: int
    backtest: Backtest


@dataclass(frozen=True)
class Withheld:
    """No model, and why: a reason code and a sentence with the figures."""

    as_of_on: date
    reason_code: str
    reason: str


def train_purchase_model(
    features: pa.Table,
    labels: pa.Table,
    *,
    as_of_on: date,
    limits: TrainingLimits,
    permutations: int = PERMUTATIONS,
) -> Champion | Withheld:
    """Return the champion trained as of a date with its backtest, or why none can be trained.

    The same rows in any order give the same champion. Rows dated after `as_of_on`, and labels whose window ends after
    it, are not read.

    Args:
        features: `feat_customers__365d`, one row per customer and feature date.
        labels: `int_purchase_labels`, one row per customer and closed feature date.
        as_of_on: the day that the night closes.
        limits: what training needs.
        permutations: shuffled refits of the control.

    Raises:
        FeaturesUnusable: a column is missing, or a value that is never null is null.
    """
    rows = labelled_rows(features, labels)
    dates = [day for day in rows.features["as_of_on"].unique().to_pylist() if day is not None]
    split = time_split(dates, as_of_on=as_of_on, label_window_days=limits.label_window_days)
    withheld = _too_short(features, as_of_on=as_of_on, limits=limits)
    if withheld is not None:
        return withheld
    if split is None:
        return _no_test_date(as_of_on, limits)
    withheld = _too_few(rows, split, as_of_on=as_of_on, limits=limits)
    if withheld is not None:
        return withheld
    fault_point("training.before_backtest")
    backtest = _backtest(
        rows.of_dates(split.backtest_dates).at_most(limits.maximum_training_rows),
        rows.of_dates([split.test_on]),
        split=split,
        permutations=permutations,
    )
    fault_point("training.after_backtest")
    chosen = rows.of_dates(split.champion_dates).at_most(limits.maximum_training_rows)
    pipeline = fitted_pipeline(chosen.inputs, chosen.outcomes)
    fault_point("training.after_fit")
    return Champion(
        as_of_on=as_of_on,
        pipeline=pipeline,
        trained_dates=split.champion_dates,
        trained_rows_count=chosen.count,
        backtest=backtest,
    )


def _backtest(train: LabelledRows, test: LabelledRows, *, split: TimeSplit, permutations: int) -> Backtest:
    train_inputs, test_inputs = train.inputs, test.inputs
    pipeline = fitted_pipeline(train_inputs, train.outcomes)
    probabilities = purchase_probabilities(pipeline, test_inputs)
    return Backtest(
        test_on=split.test_on,
        trained_dates=split.backtest_dates,
        trained_rows_count=train.count,
        tested_rows_count=test.count,
        compared=compared_auc(test.outcomes, probabilities, test.recency_scores),
        slope=calibration_slope(test.outcomes, probabilities),
        permuted_auc=permuted_target_auc(
            train_inputs,
            train.outcomes,
            test_inputs=test_inputs,
            test_outcomes=test.outcomes,
            permutations=permutations,
            seed=_SEED,
        ),
        permutations=permutations,
        brier_score=brier_score(test.outcomes, probabilities),
        base_rate_share=float(np.mean(test.outcomes)),
        probability_mean=float(np.mean(probabilities)),
        lift=lift_by_decile(test.outcomes, probabilities),
        baseline_lift=lift_by_decile(test.outcomes, test.recency_scores),
        reliability=reliability(test.outcomes, probabilities),
    )


def _too_short(features: pa.Table, *, as_of_on: date, limits: TrainingLimits) -> Withheld | None:
    history_days = _history_days(features, as_of_on)
    if history_days >= limits.minimum_history_days:
        return None
    return Withheld(
        as_of_on,
        "history_too_short",
        f"The sales history is {history_days} days deep on {as_of_on}; training needs at least "
        f"{limits.minimum_history_days} days.",
    )


def _no_test_date(as_of_on: date, limits: TrainingLimits) -> Withheld:
    return Withheld(
        as_of_on,
        "no_closed_label_window",
        f"No feature date with labels lies {limits.label_window_days} days or more before {as_of_on}, so no outcome "
        "is known yet.",
    )


def _too_few(rows: LabelledRows, split: TimeSplit, *, as_of_on: date, limits: TrainingLimits) -> Withheld | None:
    train, test = rows.of_dates(split.backtest_dates), rows.of_dates([split.test_on])
    if not split.backtest_dates:
        return Withheld(
            as_of_on,
            "no_training_date",
            f"The model would be tested on {split.test_on}, and no feature date lies {limits.label_window_days} days "
            "or more before it, so nothing can be fitted without seeing the tested outcomes.",
        )
    if train.count < limits.minimum_training_rows:
        return Withheld(
            as_of_on,
            "training_rows_too_few",
            f"The backtest has {train.count} training rows; it needs at least {limits.minimum_training_rows}.",
        )
    if min(train.rarer_outcome_count, test.rarer_outcome_count) < limits.minimum_positive_rows:
        return Withheld(
            as_of_on,
            "outcome_rows_too_few",
            f"The rarer outcome has {train.rarer_outcome_count} of {train.count} training rows and "
            f"{test.rarer_outcome_count} of {test.count} tested rows; each needs at least "
            f"{limits.minimum_positive_rows}.",
        )
    return None


def _history_days(features: pa.Table, as_of_on: date) -> int:
    """Return the days from the earliest first sale to `as_of_on`; 0 when no row is dated on or before it."""
    with duckdb.connect() as connection:
        connection.register("features", features.select(["as_of_on", "tenure_days"]))
        query = "select max(?::date - as_of_on + tenure_days) from features where as_of_on <= ?::date"
        found = connection.execute(query, [as_of_on, as_of_on]).fetchall()
    return int(found[0][0] or 0)
