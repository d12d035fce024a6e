"""A block is built by touched keys when its last build was whole, by the same rules and upon the build before it."""

from pathlib import Path

import duckdb
import pytest

from orchestration.foundation.connections import DuckdbLimits
from orchestration.warehouse.build_state import begin_block, end_block, rules_version, show_files_touched

LIMITS = DuckdbLimits("100MB", 1)
STAGING, CUSTOMER = "block_staging", "block_customer"


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A warehouse in which both blocks were built upon one file."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create schema lake_ledger")
        connection.execute(
            "create table lake_ledger.files as "
            "select 'crm' as source, 'contacts' as feed, 'first' as file_sha256, 'landed' as file_fate, 'a' as _run_id"
        )
        show_files_touched(connection)
    assert [_build(path, block) for block in (STAGING, CUSTOMER)] == ["in full", "in full"]
    return path


def _build(path: Path, block: str, *, rules: str = "rules", is_cut_off: bool = False) -> str:
    arguments = begin_block(path, block=block, version=rules, selection=[block], limits=LIMITS)
    if not is_cut_off:
        end_block(path, block=block, version=rules, limits=LIMITS)
    return "in full" if "--full-refresh" in arguments else "by keys"


def _deliver(path: Path, name: str, fate: str = "landed") -> None:
    with duckdb.connect(path) as connection:
        connection.execute("insert into lake_ledger.files values ('crm', 'contacts', ?, ?, 'a')", [name, fate])


def _touched(path: Path) -> list[str]:
    with duckdb.connect(path) as connection:
        return [row[0] for row in connection.execute("select file_sha256 from build_state.files_touched").fetchall()]


def test_night_after_night_is_built_by_keys(warehouse: Path) -> None:
    assert [_build(warehouse, block) for block in (STAGING, CUSTOMER) * 2] == ["by keys"] * 4


def test_a_file_is_touched_until_the_first_block_is_whole(warehouse: Path) -> None:
    _deliver(warehouse, "second")
    _deliver(warehouse, "refused", fate="refused")
    assert _touched(warehouse) == ["second"]
    _build(warehouse, STAGING, is_cut_off=True)
    assert _touched(warehouse) == ["second"]
    _build(warehouse, STAGING)
    assert _touched(warehouse) == []


def test_other_rules_build_in_full_and_the_first_ones_again_too(warehouse: Path) -> None:
    assert _build(warehouse, STAGING, rules="other") == "in full"
    assert _build(warehouse, STAGING) == "in full"
    assert _build(warehouse, CUSTOMER) == "in full"


def test_a_block_that_was_cut_off_is_built_in_full_once(warehouse: Path) -> None:
    _build(warehouse, CUSTOMER, is_cut_off=True)
    assert [_build(warehouse, block) for block in (STAGING, CUSTOMER, STAGING, CUSTOMER)] == [
        "by keys",
        "in full",
        "by keys",
        "by keys",
    ]


def test_a_block_that_missed_a_build_of_the_one_before_it_is_built_in_full(warehouse: Path) -> None:
    _build(warehouse, STAGING)
    _build(warehouse, STAGING)
    assert _build(warehouse, CUSTOMER) == "in full"


def test_nothing_is_built_by_keys_upon_a_block_that_is_not_whole(warehouse: Path) -> None:
    _build(warehouse, STAGING, is_cut_off=True)
    assert _build(warehouse, CUSTOMER) == "in full"


def test_every_block_is_built_in_full_when_a_file_is_gone(warehouse: Path) -> None:
    with duckdb.connect(warehouse) as connection:
        connection.execute("delete from lake_ledger.files")
    assert [_build(warehouse, block) for block in (STAGING, CUSTOMER)] == ["in full", "in full"]


def test_every_block_is_built_in_full_when_a_file_landed_again(warehouse: Path) -> None:
    with duckdb.connect(warehouse) as connection:
        connection.execute("update lake_ledger.files set _run_id = 'b'")
        show_files_touched(connection)
    assert _touched(warehouse) == ["first"]
    assert [_build(warehouse, block) for block in (STAGING, CUSTOMER) * 2] == ["in full"] * 2 + ["by keys"] * 2


def test_any_part_of_the_rules_makes_other_rules() -> None:
    assert len({rules_version("a", "bc"), rules_version("ab", "c"), rules_version("a", "bc", "")}) == 3
