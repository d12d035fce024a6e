"""Rows for training and testing: features joined with what happened next, in one order whatever order they came in.

Which dates are used is decided in `splits`; the arithmetic of the inputs is in `inputs`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from orchestration.insight.inputs import FEATURE_COLUMNS, model_inputs, require_columns

KEY = ("customer_id", "as_of_on")
OUTCOME = "has_purchased_next_90d"

_SAMPLE_STEPS = 1_000_000


@dataclass(frozen=True)
class LabelledRows:
    """Feature rows with their outcome, ordered by (as_of_on, customer_id); `outcomes` is 0 or 1."""

    features: pa.Table
    outcomes: NDArray[np.float64]

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.outcomes)

    @property
    def rarer_outcome_count(self) -> int:
        """Rows of the rarer of the two outcomes."""
        positives = int(self.outcomes.sum())
        return min(positives, self.count - positives)

    @property
    def inputs(self) -> pd.DataFrame:
        """The model's inputs, row for row."""
        return model_inputs(self.features)

    @property
    def recency_scores(self) -> NDArray[np.float64]:
        """The baseline's scores: the shorter ago the last order, the higher."""
        return -np.asarray(self.features["recency_days"].to_numpy(), dtype=np.float64)

    def of_dates(self, dates: Sequence[date]) -> "LabelledRows":
        """Return the rows of `dates`, in the same order."""
        wanted = pc.is_in(self.features["as_of_on"], value_set=pa.array(dates, type=pa.date32()))
        return LabelledRows(self.features.filter(wanted), self.outcomes[wanted.to_numpy()])

    def at_most(self, maximum: int) -> "LabelledRows":
        """Return all rows, or about `maximum` of them: whole customers, drawn by the md5 of their id."""
        if self.count <= maximum:
            return self
        with duckdb.connect() as connection:
            connection.register("customers", self.features.select(["customer_id"]))
            drawn = connection.execute(
                "select md5_number_lower(customer_id) % ?::ubigint < ?::ubigint as is_drawn from customers",
                [_SAMPLE_STEPS, maximum * _SAMPLE_STEPS // self.count],
            ).to_arrow_table()["is_drawn"]
        return LabelledRows(self.features.filter(drawn), self.outcomes[drawn.to_numpy()])


def labelled_rows(features: pa.Table, labels: pa.Table) -> LabelledRows:
    """Return one row per (customer_id, as_of_on) that both tables hold, ordered by as_of_on and customer_id.

    Args:
        features: `feat_customers__365d`, at least the columns that `inputs` reads.
        labels: `int_purchase_labels`: customer_id, as_of_on, has_purchased_next_90d.

    Raises:
        FeaturesUnusable: a column is missing.
    """
    require_columns(features, [*KEY, *FEATURE_COLUMNS], name="feat_customers__365d")
    require_columns(labels, [*KEY, OUTCOME], name="int_purchase_labels")
    with duckdb.connect() as connection:
        connection.register("features", features.select([*KEY, *FEATURE_COLUMNS]))
        connection.register("labels", labels.select([*KEY, OUTCOME]))
        joined = connection.execute(
            """
            select features.*, labels.has_purchased_next_90d
            from features
            inner join labels
                on features.customer_id = labels.customer_id
                and features.as_of_on = labels.as_of_on
            order by features.as_of_on, features.customer_id
            """
        ).to_arrow_table()
    outcomes = np.asarray(joined[OUTCOME].cast(pa.int8()).to_numpy(), dtype=np.float64)
    return LabelledRows(joined.drop_columns([OUTCOME]), outcomes)
