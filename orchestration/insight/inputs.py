"""What the purchase model reads: customer features turned into its inputs, and their names in plain words.

The inputs are stateless arithmetic on one row each, so that a customer has the same inputs whoever stands beside him;
what is learnt from the data (scale, weights) is in the fitted pipeline. Fitting and scoring do not belong here.

The inputs follow the buy-till-you-die view of customers (Schmittlein, Morrison and Colombo 1987; Fader, Hardie and
Lee 2005): purchases come at a personal rate until the customer silently leaves. A count over a window grows with the
depth of the history, so that a model fitted on shallow history misreads it later; rates over the time on the books,
shrunk towards a slow customer, mean the same at every depth. That is why the 30- and 90-day windows are not read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from orchestration.insight.errors import FeaturesUnusable

Numbers = NDArray[np.float64]

INPUTS_VERSION = 1
"""Raised whenever an input changes its meaning: stored models of another version are not replayed but retrained."""


@dataclass(frozen=True)
class ModelInput:
    """One input of the model, and the feature that a score's reasons show for it."""

    name: str
    feature: str


INPUTS = (
    ModelInput("order_rate", "active_days_count_365d"),
    ModelInput("order_rate_while_active", "active_days_count_365d"),
    ModelInput("orders_missed", "recency_days"),
    ModelInput("net_revenue", "net_revenue_amount_365d"),
    ModelInput("distinct_products", "distinct_products_count_365d"),
    ModelInput("return_share", "return_share_365d"),
)
INPUT_NAMES = tuple(each.name for each in INPUTS)

PLAIN_WORDS = {
    "active_days_count_365d": "days with an order in the last 365 days",
    "recency_days": "days since the last order",
    "net_revenue_amount_365d": "net revenue in the last 365 days",
    "distinct_products_count_365d": "different products in the last 365 days",
    "return_share_365d": "share of returns among the orders of the last 365 days",
}
"""The features that reasons show, each with its name in plain words (no character that JSON escapes)."""

_NEVER_NULL = ("recency_days", "tenure_days", "active_days_count_365d")
FEATURE_COLUMNS = (*_NEVER_NULL, "net_revenue_amount_365d", "distinct_products_count_365d", "return_share_365d")

_WINDOW_DAYS = 365
_HORIZON_DAYS = 90
_MOST_EXPECTED_ORDERS = 20.0


def require_columns(table: pa.Table, columns: Sequence[str], *, name: str) -> None:
    """Check that `table` has all `columns`.

    Raises:
        FeaturesUnusable: a column is missing.
    """
    missing = [column for column in columns if column not in table.column_names]
    if missing:
        raise FeaturesUnusable.lacking_columns(name, missing=missing, present=table.column_names)


def feature_values(features: pa.Table) -> dict[str, Numbers]:
    """Return the columns that the model reads as doubles, in row order; an amount, count or share without a value is 0.

    Raises:
        FeaturesUnusable: a column is missing, or recency, tenure or active days hold a null.
    """
    require_columns(features, FEATURE_COLUMNS, name="feat_customers__365d")
    nulls = max(features[column].null_count for column in _NEVER_NULL)
    if nulls:
        raise FeaturesUnusable.holding_nulls(_NEVER_NULL, rows_count=nulls)
    values = {column: features[column].cast(pa.float64()).to_numpy() for column in FEATURE_COLUMNS}
    return {column: np.nan_to_num(numbers) for column, numbers in values.items()}


def model_inputs(features: pa.Table) -> pd.DataFrame:
    """Return the model's inputs, one row per feature row in the same order, columns `INPUT_NAMES`.

    Columns out (x = order days of the last 365 after the first; T = days on the books, at most 365; t = recency):
        order_rate: log-odds of an order in 90 days at the rate (x + 1/2) / (T + 120) a day.
        order_rate_while_active: the same at the rate up to the last order, (x + 1/2) / (T - t + 60) a day.
        orders_missed: log(1 + t (x + 1/2) / (T + 90)), the orders that the own rhythm would have brought since.
        net_revenue, distinct_products: log(1 + value); negative revenue counts as 0.
        return_share: 0 to 1.

    Raises:
        FeaturesUnusable: a column is missing, or recency, tenure or active days hold a null.
    """
    values = feature_values(features)
    recency = values["recency_days"]
    on_books = np.minimum(values["tenure_days"], _WINDOW_DAYS - 1) + 1
    repeats = np.maximum(values["active_days_count_365d"] - 1, 0) + 0.5
    while_active = np.maximum(on_books - recency, 0) + 60
    return pd.DataFrame(
        {
            "order_rate": _order_log_odds(repeats / (on_books + 120)),
            "order_rate_while_active": _order_log_odds(repeats / while_active),
            "orders_missed": np.log1p(recency * repeats / (on_books + 90)),
            "net_revenue": np.log1p(np.maximum(values["net_revenue_amount_365d"], 0)),
            "distinct_products": np.log1p(values["distinct_products_count_365d"]),
            "return_share": values["return_share_365d"],
        },
        columns=list(INPUT_NAMES),
    )


def _order_log_odds(orders_per_day: Numbers) -> Numbers:
    """Return logit(1 - exp(-90 rate)) = log(exp(90 rate) - 1), the rate capped so that it stays linear."""
    expected = np.minimum(orders_per_day * _HORIZON_DAYS, _MOST_EXPECTED_ORDERS)
    return np.log(np.expm1(expected))
