"""Whether tonight trains a model or replays the one it has: the rule and its reason, from the model records alone."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.insight.inputs import INPUTS_VERSION
from orchestration.insight.records import CHAMPION, MODEL_NAME, inputs_version, sklearn_version


@dataclass(frozen=True)
class ModelReference:
    """A champion that may score tonight, and where its file is, relative to the lake root."""

    model_id: str
    as_of_on: date
    path: str
    sha256: str
    features_json: str
    sklearn_version: str

    def file(self, lake_root: Path) -> Path:
        """Return the model file's path."""
        return lake_root / self.path


@dataclass(frozen=True)
class Decision:
    """Whether to train tonight and why; `champion` is the one to replay, and None when a new one is needed."""

    is_needed: bool
    reason_code: str
    reason: str
    champion: ModelReference | None


def current_champion(records: pa.Table, *, as_of_on: date) -> ModelReference | None:
    """Return the champion of the latest record on or before `as_of_on`; None when that one is withheld or missing.

    Records of later days are not read, so that an older night that is run again never sees a model from its future.
    Of several records of one day the last trained counts.
    """
    row = _latest(records, as_of_on)
    if row is None or row["model_status"] != CHAMPION:
        return None
    return ModelReference(
        model_id=row["model_id"],
        as_of_on=row["as_of_on"],
        path=row["model_path"],
        sha256=row["model_sha256"],
        features_json=row["features_json"],
        sklearn_version=row["sklearn_version"],
    )


def needs_training(records: pa.Table, *, as_of_on: date, retrain_after_days: int) -> Decision:
    """Return whether tonight trains: no champion yet, one too old, or one that this installation cannot replay.

    The same night run again finds the model that it trained the first time, and trains nothing.

    Args:
        records: rows of `insight/model_records`.
        as_of_on: the day that the night closes.
        retrain_after_days: age in days at which a champion is replaced.
    """
    champion = current_champion(records, as_of_on=as_of_on)
    if champion is None:
        return _train("no_champion", f"No champion was trained on or before {as_of_on}.")
    if inputs_version(champion.features_json) != INPUTS_VERSION:
        return _train("inputs_changed", f"{champion.model_id} reads inputs of another version than {INPUTS_VERSION}.")
    if champion.sklearn_version != sklearn_version():
        fitted_with = f"scikit-learn {champion.sklearn_version}, and {sklearn_version()} is installed"
        return _train("library_changed", f"{champion.model_id} was fitted with {fitted_with}.")
    age_days = (as_of_on - champion.as_of_on).days
    if age_days >= retrain_after_days:
        rule = f"is {age_days} days old; the rule replaces it at {retrain_after_days}"
        return _train("champion_too_old", f"{champion.model_id} {rule}.")
    return Decision(
        is_needed=False,
        reason_code="champion_fresh",
        reason=f"{champion.model_id} is {age_days} days old and is replayed until it is {retrain_after_days}.",
        champion=champion,
    )


def _train(reason_code: str, reason: str) -> Decision:
    return Decision(is_needed=True, reason_code=reason_code, reason=reason, champion=None)


def _latest(records: pa.Table, as_of_on: date) -> dict[str, Any] | None:
    rows = [row for row in records.to_pylist() if row["as_of_on"] <= as_of_on and row["model_name"] == MODEL_NAME]
    return max(rows, key=lambda row: (row["as_of_on"], row["trained_at"], row["model_id"]), default=None)
