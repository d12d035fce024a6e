"""Scores: the stored pipeline replayed on tonight's customers in one vectorised pass, each with its top reasons.

Nothing is fitted here. How a model came to be is in `training`; whether it may be used tonight is in `retraining`.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.insight.errors import FeaturesUnusable
from orchestration.insight.inputs import (
    FEATURE_COLUMNS,
    INPUTS,
    PLAIN_WORDS,
    feature_values,
    model_inputs,
    require_columns,
)
from orchestration.insight.pipeline import contributions, purchase_probabilities

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

SCORES_TABLE = "insight/purchase_scores"
REASONS_SHOWN = 3

_EFFECT_DECIMALS = 3
_VALUE_DECIMALS = 4


def no_scores() -> pa.Table:
    """Return the score table without rows, for a night whose model is withheld."""
    return LAKE_TABLES[SCORES_TABLE].schema.empty_table()


def score_customers(pipeline: "Pipeline", features_tonight: pa.Table, *, model_id: str) -> pa.Table:
    """Return one score per customer, ordered by customer_id, in the schema of `insight/purchase_scores`.

    Columns out:
        purchase_probability_next_90d: 0..1.
        reasons_json: up to three objects, the strongest first: feature, label (plain words), value (as in the
            feature table, rounded to 4 decimals), direction (`raises` or `lowers` the probability against the average
            training customer) and effect (in log-odds; a feature whose effect rounds to .000 is left out).

    Args:
        pipeline: the champion, as loaded from its file.
        features_tonight: `feat_customers__365d` of one date; no rows give no scores.
        model_id: the champion's id.

    Raises:
        FeaturesUnusable: a column is missing, the rows are of several dates, or a value that is never null is null.
    """
    require_columns(features_tonight, ["customer_id", "as_of_on", *FEATURE_COLUMNS], name="feat_customers__365d")
    if not features_tonight.num_rows:
        return no_scores()
    dates = [day for day in features_tonight["as_of_on"].unique().to_pylist() if day is not None]
    if len(dates) != 1:
        raise FeaturesUnusable.holding_dates(dates)
    features = features_tonight.sort_by("customer_id")
    inputs = model_inputs(features)
    schema = LAKE_TABLES[SCORES_TABLE].schema
    scores = features.select(["customer_id", "as_of_on"])
    scores = scores.append_column(schema.field("model_id"), pa.repeat(model_id, features.num_rows))
    scores = scores.append_column(
        schema.field("purchase_probability_next_90d"), pa.array(purchase_probabilities(pipeline, inputs))
    )
    reasons = _reasons_json(contributions(pipeline, inputs), features)
    return scores.append_column(schema.field("reasons_json"), reasons).cast(schema)


def reason_effects(shares: pd.DataFrame) -> pd.DataFrame:
    """Return each shown feature's effect in log-odds: the sum of the contributions of the inputs that it stands for."""
    inputs_of = {feature: [each.name for each in INPUTS if each.feature == feature] for feature in PLAIN_WORDS}
    return pd.DataFrame({feature: shares[names].sum(axis=1) for feature, names in inputs_of.items()})


def _reasons_json(shares: pd.DataFrame, features: pa.Table) -> pa.StringArray:
    effects = reason_effects(shares).to_numpy().round(_EFFECT_DECIMALS)
    known = feature_values(features)
    values = np.column_stack([known[feature] for feature in PLAIN_WORDS]).round(_VALUE_DECIMALS)
    strongest = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :REASONS_SHOWN]
    ranked = [_reason_objects(strongest[:, rank], effects, values) for rank in range(REASONS_SHOWN)]
    return _joined("[", _joined(*ranked, between=", ", null_handling="skip"), "]")


def _reason_objects(
    chosen: NDArray[np.intp], effects: NDArray[np.float64], values: NDArray[np.float64]
) -> pa.StringArray:
    """Return each row's chosen reason as a JSON object; null where its effect is zero."""
    rows = np.arange(len(chosen))
    effect, value = effects[rows, chosen], values[rows, chosen]
    openings = np.array(
        [f'{{"feature": "{feature}", "label": "{label}", "value": ' for feature, label in PLAIN_WORDS.items()]
    )
    directions = np.array([', "direction": "lowers", "effect": ', ', "direction": "raises", "effect": '])
    return _joined(
        pa.array(openings).take(pa.array(chosen, type=pa.int64())),
        pa.array(value).cast(pa.string()),
        pa.array(directions).take(pa.array((effect > 0).astype(np.int64))),
        pa.array(np.where(effect == 0, np.nan, effect), from_pandas=True).cast(pa.string()),
        "}",
    )


def _joined(*parts: Any, between: str = "", null_handling: str = "emit_null") -> pa.StringArray:  # noqa: ANN401 - arrays and texts
    """Return the texts of each row joined; a null part makes the row null, unless nulls are skipped."""
    return pc.binary_join_element_wise(*parts, between, null_handling=null_handling)  # type: ignore[call-overload,no-any-return]
