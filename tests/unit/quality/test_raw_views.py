"""The raw gate reads what no closed night has read, and the ledger of all time."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.night import close_night, pin_night
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.quality.raw_views import create_raw_views

AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
CONTRACTS = load_contracts(PROJECT_ROOT / "lake" / "contracts")
RAW = "raw/crm/contacts"
LEDGER = "ledger/files"
SCHEMAS = {RAW: CONTRACTS.raw_schemas()[RAW], LEDGER: LAKE_TABLES[LEDGER].schema}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with a warehouse, after a closed night over `monday` and a landing of `tuesday`."""
    made = Lake(tmp_path)
    (tmp_path / "warehouse.duckdb").touch()
    _land(made, "monday")
    pin_night(made, SCHEMAS, as_of_on=date(2026, 6, 29), run_id="run", at=AT)
    close_night(made, as_of_on=date(2026, 6, 29), at=AT)
    _land(made, "tuesday")
    return made


def _land(lake: Lake, name: str, at: datetime = AT) -> None:
    for table, schema in SCHEMAS.items():
        row = {field.name: None for field in schema} | {"_file" if table == RAW else "file_name": name}
        lake.write_table(table, name, pa.Table.from_pylist([row], schema=schema), run_id="run", written_at=at)


def _shown(lake: Lake, query: str) -> list[str]:
    with duckdb.connect() as connection:
        create_raw_views(connection, lake, CONTRACTS, warehouse=lake.root / "warehouse.duckdb")
        return [row[0] for row in connection.execute(f"{query} order by 1").fetchall()]


def test_what_a_closed_night_has_read_is_not_read_again(lake: Lake) -> None:
    assert _shown(lake, "select _file from lake_raw_crm.contacts") == ["tuesday"]
    assert _shown(lake, "select file_name from lake_ledger.files") == ["tuesday"]


def test_the_ledger_of_all_time_is_there_beside_it(lake: Lake) -> None:
    assert _shown(lake, "select file_name from lake_ledger.files_ever") == ["monday", "tuesday"]


def test_what_a_night_read_that_was_not_closed_is_read_again(lake: Lake) -> None:
    pin_night(lake, SCHEMAS, as_of_on=date(2026, 6, 30), run_id="refused", at=AT)
    assert _shown(lake, "select _file from lake_raw_crm.contacts") == ["tuesday"]


def test_what_was_forgotten_and_delivered_again_is_read_again_under_the_same_key(lake: Lake) -> None:
    for table in SCHEMAS:
        lake.forget(table, "monday")
    _land(lake, "monday", AT + timedelta(hours=1))
    assert _shown(lake, "select _file from lake_raw_crm.contacts") == ["monday", "tuesday"]
    assert _shown(lake, "select file_name from lake_ledger.files") == ["monday", "tuesday"]


def test_everything_is_read_before_everything_is_built_anew(lake: Lake) -> None:
    (lake.root / "warehouse.duckdb").unlink()
    assert _shown(lake, "select _file from lake_raw_crm.contacts") == ["monday", "tuesday"]
