"""How good a probability is on outcomes it has not seen: numbers with intervals. Nothing here fits or plots.

Outcomes are 0 or 1, one per customer; all intervals are at 95 % and take customers as independent.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_Z = 1.959963984540054
_CLIP = 1e-12
_NEWTON_STEPS = 50
_CONVERGED = 1e-10
_DIVERGED = 1e3


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval; all NaN when the data do not determine it."""

    value: float
    low: float
    high: float


_UNDETERMINED = Estimate(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class ComparedAuc:
    """The AUC of a model and of a baseline on the same rows, and model less baseline as a paired difference."""

    model: Estimate
    baseline: Estimate
    difference: Estimate


@dataclass(frozen=True)
class LiftDecile:
    """One tenth of the customers, the likeliest first; `lift` is its purchase share over the overall share."""

    decile: int
    customers_count: int
    purchasers_count: int
    score_mean: float
    purchase_share: float
    lift: float
    cumulative_purchasers_share: float


@dataclass(frozen=True)
class ReliabilityBin:
    """One bin of customers with like probabilities: what was predicted and what happened, with Wilson's interval."""

    customers_count: int
    probability_mean: float
    purchase_share: float
    purchase_share_low: float
    purchase_share_high: float


def auc(outcomes: Numbers, scores: Numbers) -> float:
    """Return the share of (buyer, non-buyer) pairs in which the buyer scores higher; ties count half, 0..1.

    NaN when one of the outcomes is missing. Mann and Whitney (1947), by midranks in O(n log n).

    Example:
        >>> auc(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.4, 0.35, 0.8]))
        0.75
    """
    positives = outcomes > 0
    positive_count, negative_count = int(positives.sum()), int((~positives).sum())
    if not positive_count or not negative_count:
        return float("nan")
    rank_sum = float(_midranks(scores)[positives].sum())
    return (rank_sum - positive_count * (positive_count + 1) / 2) / (positive_count * negative_count)


def compared_auc(outcomes: Numbers, scores: Numbers, baseline_scores: Numbers) -> ComparedAuc:
    """Return both AUCs and their paired difference, with DeLong intervals clipped to what is possible.

    DeLong, DeLong and Clarke-Pearson (1988), in the midrank form of Sun and Xu (2014). All NaN when an outcome has
    fewer than two rows.
    """
    positives = outcomes > 0
    positive_count, negative_count = int(positives.sum()), int((~positives).sum())
    if min(positive_count, negative_count) < 2:  # noqa: PLR2004 - a variance needs two rows
        return ComparedAuc(_UNDETERMINED, _UNDETERMINED, _UNDETERMINED)
    placements = [_placements(column, positives) for column in (scores, baseline_scores)]
    of_positives = np.vstack([placed[0] for placed in placements])
    of_negatives = np.vstack([placed[1] for placed in placements])
    values = of_positives.mean(axis=1)
    covariance = np.cov(of_positives) / positive_count + np.cov(of_negatives) / negative_count
    contrast = np.array([1.0, -1.0])
    difference_variance = float(contrast @ covariance @ contrast)
    return ComparedAuc(
        model=_interval(float(values[0]), float(covariance[0, 0]), lowest=0.0),
        baseline=_interval(float(values[1]), float(covariance[1, 1]), lowest=0.0),
        difference=_interval(float(values[0] - values[1]), difference_variance, lowest=-1.0),
    )


def calibration_slope(outcomes: Numbers, probabilities: Numbers) -> Estimate:
    """Return the slope of the outcome on logit(probability): 1 is calibrated, below 1 is too extreme.

    Unpenalised logistic regression with an intercept, by Newton's method, with Wald's interval (Cox 1958; Van Calster
    and others 2019). All NaN when the probabilities do not vary or separate the outcomes.

    Example:
        >>> outcomes = np.array([1.0] * 2 + [0.0] * 8 + [1.0] * 8 + [0.0] * 2)
        >>> round(calibration_slope(outcomes, np.repeat([0.2, 0.8], 10)).value, 6)
        1.0
    """
    logits = log_odds(probabilities)
    if not np.ptp(logits) or not np.ptp(outcomes):
        return _UNDETERMINED
    design = np.column_stack([np.ones_like(logits), logits])
    weights = np.zeros(2)
    for _ in range(_NEWTON_STEPS):
        fitted = 1 / (1 + np.exp(-np.clip(design @ weights, -50, 50)))
        information = design.T @ (design * (fitted * (1 - fitted))[:, None])
        if np.linalg.cond(information) > 1 / np.finfo(np.float64).eps:
            return _UNDETERMINED
        step = np.linalg.solve(information, design.T @ (outcomes - fitted))
        weights = weights + step
        if np.abs(weights).max() > _DIVERGED:
            return _UNDETERMINED
        if np.abs(step).max() < _CONVERGED:
            variance = float(np.linalg.inv(information)[1, 1])
            return _interval(float(weights[1]), variance, lowest=-np.inf, highest=np.inf)
    return _UNDETERMINED


def brier_score(outcomes: Numbers, probabilities: Numbers) -> float:
    """Return the mean squared distance of probability and outcome, 0 (perfect) to 1 (Brier 1950).

    Example:
        >>> brier_score(np.array([0.0, 1.0]), np.array([0.5, 1.0]))
        0.125
    """
    return float(np.mean((probabilities - outcomes) ** 2))


def lift_by_decile(outcomes: Numbers, scores: Numbers) -> tuple[LiftDecile, ...]:
    """Return ten rows (fewer below ten customers), the highest scores first; ties keep the order of the rows."""
    order = np.argsort(-scores, kind="stable")
    purchasers, base_rate, captured = float(outcomes.sum()), float(outcomes.mean()), 0.0
    deciles = []
    for number, rows in enumerate(_parts(order), start=1):
        bought = float(outcomes[rows].sum())
        captured += bought
        share = bought / len(rows)
        deciles.append(
            LiftDecile(
                decile=number,
                customers_count=len(rows),
                purchasers_count=int(bought),
                score_mean=float(scores[rows].mean()),
                purchase_share=share,
                lift=share / base_rate if base_rate else float("nan"),
                cumulative_purchasers_share=captured / purchasers if purchasers else float("nan"),
            )
        )
    return tuple(deciles)


def reliability(outcomes: Numbers, probabilities: Numbers) -> tuple[ReliabilityBin, ...]:
    """Return ten bins of equal size (fewer below ten customers), the lowest probabilities first.

    The interval of each observed share is Wilson's (1927), which always holds the share; of all or none rounding would
    leave it just outside.
    """
    bins = []
    for rows in _parts(np.argsort(probabilities, kind="stable")):
        count, share = len(rows), float(outcomes[rows].mean())
        centre = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
        half = _Z * np.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2)) / (1 + _Z**2 / count)
        bins.append(
            ReliabilityBin(
                customers_count=count,
                probability_mean=float(probabilities[rows].mean()),
                purchase_share=share,
                purchase_share_low=min(share, max(0.0, float(centre - half))),
                purchase_share_high=max(share, min(1.0, float(centre + half))),
            )
        )
    return tuple(bins)


def log_odds(probabilities: Numbers) -> Numbers:
    """Return log(p / (1 - p)), with probabilities kept off 0 and 1 by 1e-12."""
    kept = np.clip(probabilities, _CLIP, 1 - _CLIP)
    return np.log(kept) - np.log1p(-kept)


def _parts(order: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    return [part for part in np.array_split(order, 10) if len(part)]


def _midranks(values: Numbers) -> Numbers:
    """Return 1-based ranks in which ties share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[inverse], dtype=np.float64)


def _placements(scores: Numbers, positives: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Return each buyer's share of non-buyers below, and each non-buyer's share of buyers above, ties half."""
    overall = _midranks(scores)
    positive_count, negative_count = int(positives.sum()), int((~positives).sum())
    of_positives = (overall[positives] - _midranks(scores[positives])) / negative_count
    of_negatives = 1 - (overall[~positives] - _midranks(scores[~positives])) / positive_count
    return of_positives, of_negatives


def _interval(value: float, variance: float, *, lowest: float, highest: float = 1.0) -> Estimate:
    half = _Z * float(np.sqrt(max(variance, 0.0)))
    return Estimate(value, max(lowest, value - half), min(highest, value + half))
