"""When a model is trained anew and when the stored one is replayed."""

import json
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.insight.inputs import INPUTS_VERSION
from orchestration.insight.records import RECORDS_TABLE, champion_record, evidence, sklearn_version, withheld_record
from orchestration.insight.retraining import current_champion, needs_training
from orchestration.insight.storage import StoredModel
from orchestration.insight.training import Champion, Withheld
from tests.support.purchase_history import TONIGHT

STORED = StoredModel(path=f"models/{'a' * 64}.skops", sha256="a" * 64)
AT = datetime(2026, 1, 26, 2, 0, tzinfo=UTC)


@pytest.fixture
def records(champion: Champion) -> pa.Table:
    return champion_record(champion, STORED, run_id="first", trained_at=AT)


def with_column(records: pa.Table, name: str, value: str) -> pa.Table:
    position = records.schema.get_field_index(name)
    return records.set_column(position, records.schema.field(name), pa.array([value]))


def test_without_any_record_the_night_trains() -> None:
    decision = needs_training(LAKE_TABLES[RECORDS_TABLE].schema.empty_table(), as_of_on=TONIGHT, retrain_after_days=30)
    assert (decision.is_needed, decision.reason_code, decision.champion) == (True, "no_champion", None)


def test_the_same_night_again_replays_its_own_model(records: pa.Table) -> None:
    decision = needs_training(records, as_of_on=TONIGHT, retrain_after_days=30)
    assert not decision.is_needed
    assert decision.champion is not None
    assert (decision.champion.path, decision.champion.sha256) == (STORED.path, STORED.sha256)


@pytest.mark.parametrize(("age_days", "is_needed"), [(29, False), (30, True), (400, True)])
def test_a_champion_is_replaced_at_the_age_of_the_rule(records: pa.Table, age_days: int, *, is_needed: bool) -> None:
    decision = needs_training(records, as_of_on=TONIGHT + timedelta(days=age_days), retrain_after_days=30)
    assert decision.is_needed is is_needed
    assert f"{age_days} days old" in decision.reason


def test_a_model_from_the_future_of_a_replayed_night_is_never_used(records: pa.Table) -> None:
    earlier = TONIGHT - timedelta(days=1)
    assert current_champion(records, as_of_on=earlier) is None
    assert needs_training(records, as_of_on=earlier, retrain_after_days=30).reason_code == "no_champion"


def test_a_model_of_other_inputs_or_another_library_is_trained_anew(records: pa.Table) -> None:
    details = json.loads(records["features_json"][0].as_py() or "")
    other_inputs = with_column(records, "features_json", json.dumps({**details, "inputs_version": INPUTS_VERSION + 1}))
    other_library = with_column(records, "sklearn_version", "0.1")
    for changed, reason_code in ((other_inputs, "inputs_changed"), (other_library, "library_changed")):
        decision = needs_training(changed, as_of_on=TONIGHT, retrain_after_days=30)
        assert (decision.is_needed, decision.reason_code) == (True, reason_code)


def test_a_withheld_model_leaves_no_champion(records: pa.Table) -> None:
    refused = Withheld(TONIGHT + timedelta(days=40), "training_rows_too_few", "The backtest has 3 training rows.")
    both = pa.concat_tables([records, withheld_record(refused, run_id="second", trained_at=AT)])
    assert current_champion(both, as_of_on=TONIGHT + timedelta(days=40)) is None
    assert current_champion(both, as_of_on=TONIGHT + timedelta(days=39)) is not None


def test_a_champions_record_states_both_fits_and_keeps_the_evidence(champion: Champion, records: pa.Table) -> None:
    assert records.schema == LAKE_TABLES[RECORDS_TABLE].schema
    row = records.to_pylist()[0]
    details = json.loads(row["features_json"])
    assert row["model_status"] == "champion"
    assert row["trained_rows_count"] == champion.trained_rows_count
    assert details["backtest"]["trained_rows_count"] == champion.backtest.trained_rows_count
    assert max(details["backtest"]["trained_dates"]) < row["test_as_of_on"].isoformat()
    assert str(champion.backtest.trained_rows_count) in row["status_reason"]
    assert row["baseline_auc_low"] < row["baseline_auc"] < row["baseline_auc_high"]
    assert row["sklearn_version"] == sklearn_version()
    assert row["trained_at"] == AT.replace(tzinfo=None)
    kept = evidence(row["features_json"])
    assert (kept.lift, kept.reliability) == (champion.backtest.lift, champion.backtest.reliability)


def test_a_withheld_record_has_its_reason_and_no_figures() -> None:
    record = withheld_record(Withheld(date(2026, 1, 1), "code", "Why."), run_id="r", trained_at=AT)
    row = record.to_pylist()[0]
    assert (row["model_status"], row["status_reason_code"], row["status_reason"]) == ("withheld", "code", "Why.")
    assert all(row[name] is None for name in ("auc", "model_path", "model_sha256", "features_json", "permuted_auc"))
