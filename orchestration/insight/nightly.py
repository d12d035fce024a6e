"""One night's model and scores: train by rule or replay, store, record, score; reads tables, writes tables."""

import json
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.foundation.faults import fault_point
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.insight.limits import TrainingLimits
from orchestration.insight.plots import calibration_plot, lift_plot
from orchestration.insight.records import RECORDS_TABLE, champion_record, evidence, withheld_record
from orchestration.insight.retraining import current_champion, needs_training
from orchestration.insight.scoring import SCORES_TABLE, no_scores, score_customers
from orchestration.insight.storage import load_model, store_model
from orchestration.insight.training import Champion, train_purchase_model

_FEATURES = "select * from insight.feat_customers__365d"
_LABELS = "select * from insight.int_purchase_labels"


@dataclass(frozen=True)
class ModelNight:
    """What the night decided about its model: the record in force, whether it is new, and why."""

    record: pa.Table
    is_new: bool
    reason: str

    @property
    def row(self) -> dict[str, object]:
        """The record's one row."""
        return dict(self.record.to_pylist()[0])


def train_or_replay(  # noqa: PLR0913 - one night has this many facts
    lake: Lake,
    warehouse: duckdb.DuckDBPyConnection,
    *,
    as_of_on: date,
    limits: TrainingLimits,
    retrain_after_days: int,
    run_id: str,
    at: datetime,
) -> ModelNight:
    """Return the model record in force tonight, after training, storing and recording a model if the rule says so.

    Args:
        lake: where models and their records are kept.
        warehouse: connection that sees `insight.feat_customers__365d` and `insight.int_purchase_labels`.
        as_of_on: the day that the night closes.
        limits: how much history training needs.
        retrain_after_days: age in days at which a champion is replaced.
        run_id: the run that trains.
        at: zone-aware instant of the training.

    Raises:
        FeaturesUnusable: a feature column is missing or holds what it may not.
    """
    records = lake.read_table(RECORDS_TABLE, LAKE_TABLES[RECORDS_TABLE].schema)
    decision = needs_training(records, as_of_on=as_of_on, retrain_after_days=retrain_after_days)
    if decision.champion is not None:
        in_force = records.filter(pc.field("model_id") == decision.champion.model_id)
        return ModelNight(in_force.slice(0, 1), is_new=False, reason=decision.reason)
    trained = train_purchase_model(
        warehouse.sql(_FEATURES).to_arrow_table(),
        warehouse.sql(_LABELS).to_arrow_table(),
        as_of_on=as_of_on,
        limits=limits,
    )
    if isinstance(trained, Champion):
        stored = store_model(trained.pipeline, lake.root)
        fault_point("training.after_store")
        record = champion_record(trained, stored, run_id=run_id, trained_at=at)
    else:
        record = withheld_record(trained, run_id=run_id, trained_at=at)
    lake.write_table(RECORDS_TABLE, as_of_on.isoformat(), record, run_id=run_id, written_at=at)
    fault_point("training.after_record")
    return ModelNight(record, is_new=True, reason=decision.reason)


def score_tonight(
    lake: Lake, warehouse: duckdb.DuckDBPyConnection, *, as_of_on: date, run_id: str, at: datetime
) -> pa.Table:
    """Return tonight's scores after committing them; none, and that committed, when the model is withheld.

    Raises:
        ModelFileDamaged: the champion's file is missing or not what was stored.
        ModelFileForeign: the champion's file holds what a stored model may not.
        FeaturesUnusable: a feature column is missing or holds what it may not.
    """
    records = lake.read_table(RECORDS_TABLE, LAKE_TABLES[RECORDS_TABLE].schema)
    champion = current_champion(records, as_of_on=as_of_on)
    if champion is None:
        scores = no_scores()
    else:
        tonight = warehouse.execute(f"{_FEATURES} where as_of_on = ?", [as_of_on]).to_arrow_table()
        pipeline = load_model(champion.file(lake.root), champion.sha256)
        scores = score_customers(pipeline, tonight, model_id=champion.model_id)
    fault_point("scores.before_commit")
    lake.write_table(SCORES_TABLE, as_of_on.isoformat(), scores, run_id=run_id, written_at=at)
    return scores


def plots(record: dict[str, object]) -> dict[str, bytes]:
    """Return the champion's plots as PNG by name; none for a model that was withheld."""
    details = record["features_json"]
    if not isinstance(details, str):
        return {}
    seen = evidence(details)
    slope = "calibration slope {calibration_slope:.2f} ({calibration_slope_low:.2f} to {calibration_slope_high:.2f})"
    auc = "AUC {auc:.3f}, recency alone {baseline_auc:.3f}"
    return {
        "calibration": calibration_plot(seen.reliability, title=slope.format(**record)),
        "lift": lift_plot(seen.lift, seen.baseline_lift, title=auc.format(**record)),
    }


def inputs_of(record: dict[str, object]) -> list[tuple[str, float]]:
    """Return the model's inputs with their weights, strongest first; none for a model that was withheld."""
    details = record["features_json"]
    if not isinstance(details, str):
        return []
    listed = [(str(each["input"]), float(each["weight"])) for each in json.loads(details)["inputs"]]
    return sorted(listed, key=lambda pair: -abs(pair[1]))
