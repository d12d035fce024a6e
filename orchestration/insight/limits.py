"""How much history a model needs before it may be fitted, and how much of it is used. No calculation."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingLimits:
    """What training needs: days of history and label window, rows, and rows of the rarer outcome.

    `minimum_positive_rows` holds for both outcomes, in the training rows and in the tested rows: a model of an event
    that nearly nobody (or nearly everybody) shows has no interval worth printing.
    """

    label_window_days: int = 90
    minimum_history_days: int = 180
    minimum_training_rows: int = 500
    minimum_positive_rows: int = 50
    maximum_training_rows: int = 200_000
