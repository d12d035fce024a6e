"""A warehouse is built upon only when it is what the last night left; else it is set aside and built anew."""

from pathlib import Path

import duckdb
import pytest

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.warehouse_file import drop_warehouse, seal_warehouse, unseal_warehouse
from tests.support.damages import DAMAGES, damage

LIMITS = DuckdbLimits("256MB", 1)


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create table customers as select range as customer_id from range(100000)")
    return path


def _names(warehouse: Path) -> list[str]:
    return sorted(path.name for path in warehouse.parent.iterdir())


def test_a_sealed_warehouse_is_built_upon_and_unsealed(warehouse: Path) -> None:
    seal_warehouse(warehouse)
    assert unseal_warehouse(warehouse, LIMITS) is None
    assert _names(warehouse) == ["warehouse.duckdb"]
    assert unseal_warehouse(warehouse, LIMITS) is None


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_sealed_warehouse_that_was_damaged_is_built_anew(warehouse: Path, kind: str, tmp_path: Path) -> None:
    seal_warehouse(warehouse)
    other = tmp_path / "other"
    with duckdb.connect(other) as connection:
        connection.execute("create table others as select 1 as customer_id")
    damage(warehouse, kind, other=other)
    reason = unseal_warehouse(warehouse, LIMITS)
    assert reason is not None
    assert "warehouse.duckdb" in reason
    assert not warehouse.exists()
    assert unseal_warehouse(warehouse, LIMITS) == "warehouse.duckdb was never built"


def test_an_unsealed_warehouse_that_does_not_open_is_built_anew(warehouse: Path) -> None:
    warehouse.write_bytes(b"this is no database" * 1000)
    assert unseal_warehouse(warehouse, LIMITS) is not None
    assert _names(warehouse) == ["warehouse.damaged.duckdb"]


def test_a_log_of_a_lost_warehouse_is_not_played_into_the_next_one(warehouse: Path) -> None:
    log = warehouse.with_name("warehouse.duckdb.wal")
    log.write_bytes(b"of another database")
    warehouse.unlink()
    assert unseal_warehouse(warehouse, LIMITS) == "warehouse.duckdb was never built"
    assert not log.exists()


def test_a_warehouse_that_was_written_to_after_the_night_is_built_anew(warehouse: Path) -> None:
    seal_warehouse(warehouse)
    warehouse.with_name("warehouse.duckdb.wal").write_bytes(b"somebody is writing")
    assert "written to after the last night" in str(unseal_warehouse(warehouse, LIMITS))
    assert _names(warehouse) == ["warehouse.damaged.duckdb", "warehouse.damaged.duckdb.wal"]


def test_nothing_of_a_dropped_warehouse_stays(warehouse: Path) -> None:
    seal_warehouse(warehouse)
    drop_warehouse(warehouse)
    assert _names(warehouse) == []
