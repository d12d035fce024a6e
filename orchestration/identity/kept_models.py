"""Linkage models over the nights: the one in force, and keeping the one that a night trained.

Belongs here: records of models and the choice among them. Does not belong here: a model's file (`linkage.models`).
"""

import json
from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.foundation.atomic_files import sha256_of
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.identity.linkage.models import LinkageModel, load_model, store_model

MODELS = "identity/models"
_FOLDER = "models/linkage"


def model_in_force(lake: Lake, *, as_of_on: date) -> LinkageModel | None:
    """Return the model that was trained last on a night before this one; None when there is none, or its file is gone.

    A model of this night or a later one has no part in it, so that a night that is run again gives the same.

    Raises:
        LinkageModelDamaged: the model's file is not what was stored.
    """
    rows = [row for path in lake.checked_paths(MODELS) for row in pq.read_table(path, partitioning=None).to_pylist()]
    before = [row for row in rows if row["as_of_on"] < as_of_on]
    last = max(before, key=lambda row: row["as_of_on"], default=None)
    if last is None or not (lake.root / last["model_path"]).is_file():
        return None
    return load_model(lake.root / last["model_path"])


def keep_model(lake: Lake, model: LinkageModel, *, trained_because: str, run_id: str, at: datetime) -> None:
    """Store a model that this night trained, and commit its record."""
    path = store_model(model, lake.root / _FOLDER)
    row = {
        "as_of_on": model.trained_on,
        "model_id": model.model_id,
        "trained_because": trained_because,
        "records_count": model.records_count,
        "prior": model.prior,
        "shares_json": json.dumps(model.plain()["shares"], sort_keys=True),
        "model_path": path.relative_to(lake.root).as_posix(),
        "model_sha256": sha256_of(path),
        "_run_id": run_id,
    }
    table = pa.Table.from_pylist([row], schema=LAKE_TABLES[MODELS].schema)
    lake.write_table(MODELS, model.trained_on.isoformat(), table, run_id=run_id, written_at=at)
