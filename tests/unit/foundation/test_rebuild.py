"""A rebuild checks what was received, removes what is derived, and opens the last night again; or removes nothing."""

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from orchestration.foundation.lake_io import Lake, LakeFileDamaged
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.night import close_night, pin_night, read_night
from orchestration.foundation.rebuild import RebuildImpossible, prepare_rebuild

AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
DAY = date(2026, 6, 30)
RAW = "raw/crm/contacts"
EMAILS = "standardised/emails"
SCORES = "insight/purchase_scores"
MODELS = "insight/model_records"


def _write(lake: Lake, table: str, key: str, rows: list[dict[str, object]] | None = None) -> Path:
    schema = LAKE_TABLES[table].schema if table in LAKE_TABLES else pa.schema({"email": pa.string()})
    filled = [{field.name: None for field in schema} | row for row in rows or [{}]]
    lake.write_table(table, key, pa.Table.from_pylist(filled, schema=schema), run_id="run", written_at=AT)
    return lake.paths(table, [key])[0]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path)
    for table in (RAW, EMAILS, SCORES):
        _write(lake, table, "first")
        _write(lake, table, "second")
    pin_night(lake, {RAW: None, EMAILS: None}, as_of_on=DAY, run_id="run", at=AT)
    close_night(lake, as_of_on=DAY, at=AT)
    (tmp_path / "warehouse.duckdb").write_bytes(b"a database")
    return lake


def test_the_last_night_is_open_again_over_the_same_received_files(lake: Lake) -> None:
    _write(lake, RAW, "came-later")
    plan = prepare_rebuild(lake, lake.root / "warehouse.duckdb")
    assert plan.night == read_night(lake, DAY)
    assert plan.night.closed_at is None
    assert plan.night.keys == {RAW: ("first", "second")}
    assert plan.files_checked_count == 5
    assert plan.forgotten == ()


def test_what_is_made_again_is_removed_and_what_explains_a_score_is_kept(lake: Lake) -> None:
    prepare_rebuild(lake, lake.root / "warehouse.duckdb")
    assert lake.keys(RAW) == lake.keys(SCORES) == ("first", "second")
    assert lake.keys(EMAILS) == ()
    assert not (lake.root / "warehouse.duckdb").exists()


def test_a_damaged_received_file_is_named_and_nothing_is_removed(lake: Lake) -> None:
    for path in lake.paths(RAW):
        path.write_bytes(b"x")
    with pytest.raises(RebuildImpossible, match="Nothing was removed") as refusal:
        prepare_rebuild(lake, lake.root / "warehouse.duckdb")
    assert str(refusal.value).count("LakeFileDamaged") == 2
    assert lake.keys(EMAILS) == ("first", "second")
    assert (lake.root / "warehouse.duckdb").exists()


def test_a_damaged_derived_file_that_is_not_made_again_is_forgotten_and_named(lake: Lake) -> None:
    path = lake.paths(SCORES, ["first"])[0]
    path.write_bytes(path.read_bytes()[:-1])
    plan = prepare_rebuild(lake, lake.root / "warehouse.duckdb")
    assert lake.keys(SCORES) == ("second",)
    [damage] = plan.forgotten
    assert path.name in damage


def test_a_damaged_memory_of_ids_is_named_and_nothing_is_removed(lake: Lake) -> None:
    path = _write(lake, "identity/customer_id_lineage", "current")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(RebuildImpossible, match=r"(?s)customer_id_lineage.*Restore these files"):
        prepare_rebuild(lake, lake.root / "warehouse.duckdb")
    assert lake.keys(EMAILS) == ("first", "second")
    assert (lake.root / "warehouse.duckdb").exists()


def test_the_record_of_a_damaged_model_is_forgotten(lake: Lake) -> None:
    (lake.root / "models").mkdir()
    (lake.root / "models" / "m.skops").write_bytes(b"other bytes")
    _write(lake, MODELS, "2026-06-01", [{"model_path": "models/m.skops", "model_sha256": "0" * 64}])
    _write(lake, MODELS, "2026-06-02")
    plan = prepare_rebuild(lake, lake.root / "warehouse.duckdb")
    assert lake.keys(MODELS) == ("2026-06-02",)
    assert "a new model is trained" in plan.forgotten[0]


def test_there_is_nothing_to_build_anew_before_the_first_night(tmp_path: Path) -> None:
    with pytest.raises(RebuildImpossible, match="genome night"):
        prepare_rebuild(Lake(tmp_path), tmp_path / "warehouse.duckdb")


def test_a_forgotten_key_is_read_no_more_and_one_that_is_pinned_is_missed(lake: Lake) -> None:
    lake.forget(RAW, "first")
    assert lake.keys(RAW) == ("second",)
    with pytest.raises(LakeFileDamaged, match=r"first\.json is missing"):
        lake.paths(RAW, ["first"])
