"""Model records: what was trained or withheld, as rows of `insight/model_records`, and the evidence read back.

The record is the only way to a model file: its path and sha256 stand here. Whether a record still holds tonight is
decided in `retraining`.
"""

import json
import math
from dataclasses import asdict, dataclass
from datetime import date, datetime
from importlib.metadata import version

import pyarrow as pa

from orchestration.foundation.clock import naive_utc
from orchestration.foundation.lake_io import Json
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.insight.inputs import INPUTS, INPUTS_VERSION
from orchestration.insight.metrics import Estimate, LiftDecile, ReliabilityBin
from orchestration.insight.pipeline import weights_by_input
from orchestration.insight.storage import StoredModel
from orchestration.insight.training import Champion, Withheld

RECORDS_TABLE = "insight/model_records"
MODEL_NAME = "purchase_next_90d"
CHAMPION = "champion"
WITHHELD = "withheld"


@dataclass(frozen=True)
class Evidence:
    """What a champion's plots are drawn from, read back from its record."""

    lift: tuple[LiftDecile, ...]
    baseline_lift: tuple[LiftDecile, ...]
    reliability: tuple[ReliabilityBin, ...]


def sklearn_version() -> str:
    """Return the installed scikit-learn's version, without importing it."""
    return version("scikit-learn")


def champion_record(champion: Champion, stored: StoredModel, *, run_id: str, trained_at: datetime) -> pa.Table:
    """Return the one-row record of a stored champion; the same rows give the same record but run and instant.

    `trained_rows_count` counts the champion's rows; the metrics are those of the backtest, whose own rows and dates
    stand in `status_reason` and in `features_json` beside the inputs' weights, lift and reliability.
    """
    backtest = champion.backtest
    return _as_table(
        {
            "as_of_on": champion.as_of_on,
            "model_id": f"{MODEL_NAME}_{champion.as_of_on:%Y%m%d}_{stored.sha256[:12]}",
            "model_name": MODEL_NAME,
            "model_status": CHAMPION,
            "status_reason_code": "trained",
            "status_reason": _sentence(champion),
            "trained_rows_count": champion.trained_rows_count,
            "tested_rows_count": backtest.tested_rows_count,
            "test_as_of_on": backtest.test_on,
            **_interval("auc", backtest.compared.model),
            **_interval("baseline_auc", backtest.compared.baseline),
            **_interval("calibration_slope", backtest.slope),
            "permuted_auc": _number(backtest.permuted_auc),
            "brier_score": _number(backtest.brier_score),
            "base_rate_share": _number(backtest.base_rate_share),
            "model_path": stored.path,
            "model_sha256": stored.sha256,
            "features_json": json.dumps(_details(champion)),
        },
        run_id=run_id,
        trained_at=trained_at,
    )


def withheld_record(withheld: Withheld, *, run_id: str, trained_at: datetime) -> pa.Table:
    """Return the one-row record of a model that was not trained, with its reason and no metrics."""
    return _as_table(
        {
            "as_of_on": withheld.as_of_on,
            "model_id": f"{MODEL_NAME}_{withheld.as_of_on:%Y%m%d}_withheld",
            "model_name": MODEL_NAME,
            "model_status": WITHHELD,
            "status_reason_code": withheld.reason_code,
            "status_reason": withheld.reason,
        },
        run_id=run_id,
        trained_at=trained_at,
    )


def evidence(features_json: str) -> Evidence:
    """Return what to draw for a champion, from the `features_json` of its record."""
    backtest = json.loads(features_json)["backtest"]
    return Evidence(
        lift=tuple(LiftDecile(**row) for row in backtest["lift"]),
        baseline_lift=tuple(LiftDecile(**row) for row in backtest["baseline_lift"]),
        reliability=tuple(ReliabilityBin(**row) for row in backtest["reliability"]),
    )


def inputs_version(features_json: str | None) -> int | None:
    """Return the version of the inputs that a record's model reads; None when it names none."""
    return json.loads(features_json).get("inputs_version") if features_json else None


def _sentence(champion: Champion) -> str:
    backtest = champion.backtest
    return (
        f"The champion is fitted on {champion.trained_rows_count} rows of {_dates(champion.trained_dates)}. "
        f"Its figures are of the same pipeline fitted on {backtest.trained_rows_count} rows of "
        f"{_dates(backtest.trained_dates)} and tested on {backtest.tested_rows_count} customers as of "
        f"{backtest.test_on}, none of whose outcomes it had seen."
    )


def _dates(dates: tuple[date, ...]) -> str:
    return f"{len(dates)} dates, {dates[0]} to {dates[-1]}" if len(dates) > 1 else f"one date, {dates[0]}"


def _details(champion: Champion) -> dict[str, Json]:
    backtest = champion.backtest
    weights = weights_by_input(champion.pipeline)
    return {
        "inputs_version": INPUTS_VERSION,
        "inputs": [{"input": each.name, "feature": each.feature, "weight": weights[each.name]} for each in INPUTS],
        "champion": {
            "trained_dates": [day.isoformat() for day in champion.trained_dates],
            "trained_rows_count": champion.trained_rows_count,
        },
        "backtest": {
            "trained_dates": [day.isoformat() for day in backtest.trained_dates],
            "trained_rows_count": backtest.trained_rows_count,
            "permutations": backtest.permutations,
            "probability_mean": backtest.probability_mean,
            **_interval("auc_less_baseline", backtest.compared.difference),
            "lift": [asdict(row) for row in backtest.lift],
            "baseline_lift": [asdict(row) for row in backtest.baseline_lift],
            "reliability": [asdict(row) for row in backtest.reliability],
        },
    }


def _interval(name: str, estimate: Estimate) -> dict[str, float | None]:
    return {
        name: _number(estimate.value),
        f"{name}_low": _number(estimate.low),
        f"{name}_high": _number(estimate.high),
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _as_table(facts: dict[str, object], *, run_id: str, trained_at: datetime) -> pa.Table:
    schema = LAKE_TABLES[RECORDS_TABLE].schema
    row = {
        **dict.fromkeys(schema.names),
        **facts,
        "sklearn_version": sklearn_version(),
        "_run_id": run_id,
        "trained_at": naive_utc(trained_at),
    }
    return pa.Table.from_pylist([row], schema=schema)
