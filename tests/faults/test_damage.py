"""Damaged files are noticed before they are used, by name and with the way out; caught / tried is the table below."""

import re
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.lake_io import Lake, LakeFileDamaged, create_views, sha256_of
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.night import last_night
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.insight.errors import ModelFileDamaged
from orchestration.insight.storage import load_model
from orchestration.publish.records import PublishedFileUnknown
from orchestration.publish.swap import published
from tests.faults.conftest import Small
from tests.support.damages import DAMAGES, damage
from tests.support.kills import Nights, differences

pytestmark = pytest.mark.faults

TABLES = (
    "raw/crm/contacts",
    "raw/shop/orders",
    "ledger/files",
    "quarantine/records",
    "standardised/emails",
    "standardised/phones",
    "standardised/names",
    "standardised/countries",
    "identity/customer_records",
    "identity/edges",
    "identity/customer_records_history",
    "insight/purchase_scores",
    "insight/model_records",
    "profiles/columns",
    "profiles/handling",
    "profiles/sketches",
    "profiles/joins",
)
THIRD_NIGHT = ("night", "--date", "2026-07-02")


def _schema(table: str) -> pa.Schema:
    if table in LAKE_TABLES:
        return LAKE_TABLES[table].schema
    return load_contracts(PROJECT_ROOT / "lake" / "contracts").raw_schemas()[table]


def _read(root: Path, table: str) -> None:
    """Read a table as every stage does: through a view over checked files, those of the last night's pin at least."""
    lake = Lake(root)
    night = last_night(lake)
    assert night is not None
    keys = {table: night.keys[table]} if table in night.keys else None
    with duckdb.connect() as connection:
        create_views(connection, lake, {table: _schema(table)}, keys=keys)


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("table", TABLES)
def test_a_damaged_data_file_is_named_before_it_is_read(own: Path, table: str, kind: str) -> None:
    _read(own, table)
    lake = Lake(own)
    path = lake.paths(table)[0]
    others = (other for name in TABLES for other in lake.paths(name) if sha256_of(other) != sha256_of(path))
    damage(path, kind, other=next(others))
    with pytest.raises(LakeFileDamaged, match=re.escape(path.name)) as refusal:
        _read(own, table)
    assert "Restore the file from a copy" in str(refusal.value) or "genome rebuild" in str(refusal.value)


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("table", ["raw/crm/contacts", "ledger/files", "quarantine/records", "standardised/emails"])
def test_a_damaged_manifest_record_is_named_before_its_file_is_read(own: Path, table: str, kind: str) -> None:
    records = sorted((own / table / "_manifest").glob("*.json"))
    other = next(path for name in TABLES for path in (own / name / "_manifest").glob("*.json") if path != records[0])
    damage(records[0], kind, other=other)
    with pytest.raises(LakeFileDamaged, match=re.escape(records[0].name)):
        _read(own, table)


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_model_is_not_loaded(own: Path, kind: str, tmp_path: Path) -> None:
    [model] = (own / "models").glob("*.skops")
    (tmp_path / "other").write_bytes(b"another model")
    damage(model, kind, other=tmp_path / "other")
    with pytest.raises(ModelFileDamaged, match=model.name):
        load_model(model, model.stem)


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_published_database_is_named_with_the_way_out(own: Path, kind: str, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"another database")
    damage(own / "serving" / "genome.duckdb", kind, other=tmp_path / "other")
    with pytest.raises(PublishedFileUnknown, match="genome rollback"):
        published(own / "serving")


def test_a_night_over_a_damaged_raw_file_stops_with_what_is_published_as_it_was(own: Path, nights: Nights) -> None:
    path = Lake(own).paths("raw/shop/orders")[0]
    damage(path, "bit flipped")
    before = sha256_of(own / "serving" / "genome.duckdb")
    ended = nights.run(own, THIRD_NIGHT)
    assert ended.code == 1
    assert path.name in re.sub(r"\s", "", ended.output)
    assert "Traceback" not in ended.output
    assert sha256_of(own / "serving" / "genome.duckdb") == before


def test_the_way_out_of_a_damaged_raw_file_without_a_copy_is_its_original_in_the_archive(
    own: Path, nights: Nights, second_night: Small
) -> None:
    lake = Lake(own)
    record = min(lake.records("raw/shop/orders"), key=lambda record: record.rows)
    damage(own / record.files[0].path, "bit flipped")
    sha = record.key.rsplit("_", 1)[1]
    originals = list((own / "archive" / "shop").rglob(f"{sha}_*"))
    for table in ("raw/shop/orders", "quarantine/records", "ledger/files"):
        for key in lake.keys(table):
            if sha in key:
                lake.forget(table, key)
    shutil.copy(originals[0], own / "inbox" / "shop" / originals[0].name.split("_", 1)[1])
    ended = nights.run(own, second_night.command)
    assert ended.code == 0, ended.output
    assert differences(second_night.after, own) == {}


@pytest.mark.parametrize("kind", [pytest.param("missing", marks=pytest.mark.in_full), "bit flipped"])
def test_a_damaged_warehouse_is_built_anew_by_the_next_night_by_itself(
    own: Path, nights: Nights, second_night: Small, kind: str
) -> None:
    damage(own / "warehouse.duckdb", kind)
    ended = nights.run(own, second_night.command)
    assert ended.code == 0, ended.output
    assert differences(second_night.after, own) == {}
