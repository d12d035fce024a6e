"""The purchase model's pipeline: what it is, how it is fitted, how it is replayed. No dates and no files.

A ridge-penalised logistic regression on standardised inputs. Its form was chosen once, by backtests on several real
and simulated retailers, against boosted trees, splines and larger sets of inputs: it ranks about as well as any of
them, and stays nearest to a calibration slope of 1 when the tested date has a deeper history than the training dates
had. Nothing is tuned when a model is trained, so that a backtest's test date takes no part in any choice.
"""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orchestration.insight.metrics import auc

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Numbers = NDArray[np.float64]

_INVERSE_PENALTY = 0.1
_TOLERANCE = 1e-8
_FEWEST_OUTCOMES = 20


def fitted_pipeline(inputs: pd.DataFrame, outcomes: Numbers) -> "Pipeline":
    """Return the pipeline fitted on rows of `model_inputs` and their outcomes (0 or 1, both present).

    The same rows in the same order give the same pipeline: there is no randomness, and linear algebra runs on one
    thread, because sums over threads depend on their number.
    """
    with _one_thread():
        return _fitted(inputs, outcomes)


def purchase_probabilities(pipeline: "Pipeline", inputs: pd.DataFrame) -> Numbers:
    """Return the probability of a purchase in the next 90 days, 0..1, row for row; nothing is refitted."""
    with _one_thread():
        return np.asarray(pipeline.predict_proba(inputs)[:, 1], dtype=np.float64)


def contributions(pipeline: "Pipeline", inputs: pd.DataFrame) -> pd.DataFrame:
    """Return each input's exact share of each row's log-odds, against the average training row.

    A row's contributions and the pipeline's intercept sum to the log-odds of its probability.
    """
    scaled = pipeline.named_steps["scale"].transform(inputs)
    weights = pipeline.named_steps["weigh"].coef_[0]
    return pd.DataFrame(scaled * weights, columns=inputs.columns)


def weights_by_input(pipeline: "Pipeline") -> dict[str, float]:
    """Return each input's weight: the change in log-odds for one training standard deviation."""
    names = [str(name) for name in pipeline.feature_names_in_]
    return dict(zip(names, (float(weight) for weight in pipeline.named_steps["weigh"].coef_[0]), strict=True))


def permuted_target_auc(  # noqa: PLR0913 - the control repeats a whole training and test
    train_inputs: pd.DataFrame,
    train_outcomes: Numbers,
    *,
    test_inputs: pd.DataFrame,
    test_outcomes: Numbers,
    permutations: int,
    seed: int,
    rows_limit: int = 20_000,
) -> float:
    """Return the mean test AUC of pipelines refitted on a shuffled target; 0.5 when no outcome leaks into the test.

    The target is shuffled over the training and test rows together, then split, refitted and tested as always (Ojala
    and Garriga 2010). Shuffling only the training outcomes would score the test along one random direction a fit,
    with an AUC anywhere between .2 and .8: its mean would need thousands of fits. At most `rows_limit` training and
    test rows are used, drawn once with the same seed. NaN when fewer than 20 drawn rows have the rarer outcome.
    """
    generator = np.random.default_rng(seed)
    trained = _drawn(generator, len(train_outcomes), rows_limit)
    tested = _drawn(generator, len(test_outcomes), rows_limit)
    train, test = train_inputs.iloc[trained], test_inputs.iloc[tested]
    target = np.concatenate([train_outcomes[trained], test_outcomes[tested]])
    if min(target.sum(), len(target) - target.sum()) < _FEWEST_OUTCOMES:
        return float("nan")
    values = []
    with _one_thread():
        for _ in range(permutations):
            shuffled = generator.permutation(target)
            scores = _fitted(train, shuffled[: len(train)]).decision_function(test)
            values.append(auc(shuffled[len(train) :], scores))
    return float(np.mean(values))


def _fitted(inputs: pd.DataFrame, outcomes: Numbers) -> "Pipeline":
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    weigh = LogisticRegression(C=_INVERSE_PENALTY, solver="newton-cholesky", tol=_TOLERANCE)
    return Pipeline([("scale", StandardScaler()), ("weigh", weigh)]).fit(inputs, outcomes)


def _one_thread() -> AbstractContextManager[object]:
    """Return the scope in which linear algebra runs on one thread."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits


def _drawn(generator: np.random.Generator, count: int, limit: int) -> NDArray[np.intp]:
    if count <= limit:
        return np.arange(count)
    return np.sort(generator.choice(count, size=limit, replace=False))
