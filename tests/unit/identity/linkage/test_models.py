from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.identity.linkage.comparisons import comparisons_of
from orchestration.identity.linkage.models import (
    FREQUENCIES_SCHEMA,
    LevelShares,
    LinkageModel,
    LinkageModelDamaged,
    RetrainingRule,
    load_model,
    reason_to_retrain,
    settings_sha256,
    store_model,
)

COMPARISONS = comparisons_of(frozenset({"full_name", "email"}))
MODEL = LinkageModel(
    prior=0.001,
    shares={"gender": (LevelShares("gender equal", 0.9, 0.5), LevelShares("different", 0.1, 0.5))},
    settings_sha256=settings_sha256(COMPARISONS),
    trained_on=date(2026, 3, 1),
    records_count=1000,
    frequencies=pa.table({"column_name": ["family"], "value": ["smith"], "share": [0.02]}).cast(FREQUENCIES_SCHEMA),
)


def test_a_stored_model_comes_back_as_it_was(tmp_path: Path) -> None:
    found = load_model(store_model(MODEL, tmp_path))

    assert found == MODEL
    assert found.model_id == MODEL.model_id


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    path = store_model(MODEL, tmp_path)
    path.write_text(path.read_text().replace("0.9", "0.8"))

    with pytest.raises(LinkageModelDamaged, match="does not hold what its name says"):
        load_model(path)


def test_changed_frequencies_are_refused(tmp_path: Path) -> None:
    path = store_model(MODEL, tmp_path)
    beside = path.with_suffix(".parquet")
    beside.write_bytes(beside.read_bytes()[:-1] + b"x")
    with pytest.raises(LinkageModelDamaged, match="unreadable"):
        load_model(path)

    other = MODEL.frequencies.set_column(2, "share", pa.array([0.5] * MODEL.frequencies.num_rows))
    pq.write_table(other, beside)
    with pytest.raises(LinkageModelDamaged, match="other values"):
        load_model(path)


def test_another_writer_of_the_same_frequencies_changes_nothing(tmp_path: Path) -> None:
    path = store_model(MODEL, tmp_path)
    pq.write_table(MODEL.frequencies, path.with_suffix(".parquet"), compression="none")

    assert load_model(path) == MODEL


@pytest.mark.parametrize(
    ("model", "records", "day", "why"),
    [
        (MODEL, 1100, date(2026, 3, 20), None),
        (MODEL, 1100, date(2026, 9, 1), "days old"),
        (MODEL, 2100, date(2026, 3, 20), "2,100 records"),
        (replace(MODEL, settings_sha256="0"), 1100, date(2026, 3, 20), "other columns or levels"),
    ],
)
def test_a_model_is_trained_again_by_rule(model: LinkageModel, records: int, day: date, why: str | None) -> None:
    found = reason_to_retrain(model, COMPARISONS, as_of_on=day, records_count=records, rule=RetrainingRule())

    assert found is None if why is None else why in str(found)
