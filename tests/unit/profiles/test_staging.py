"""Proposed staging models run as they are, in the house's style, and give every row its fate."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import duckdb
import pyarrow as pa
import pytest
import yaml
from sqlfluff.core import FluffConfig, Linter

from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.profiles.columns import profile_columns
from orchestration.profiles.keys import found_key
from orchestration.profiles.meanings import meaning_of
from orchestration.profiles.proposal import ProposedColumn, key_candidates
from orchestration.profiles.staging import staging_files
from tests.support.rendered_models import rendered

STEM = "stg_till__orders"
FOLDER = PurePosixPath("models/staging/till")
ROWS: Mapping[str, Sequence[str | None]] = {
    "order_id": ["0007", "0008", "0009", "0010", "0011", "0012"],
    "ordered_date": ["21.11.2026", "22.11.2026", "22.11.2026", "23.11.2026", "24.11.2026", "31.11.2026"],
    "updated": [f"2026-11-2{day} 10:00:00" for day in range(1, 7)],
    "paid": ["yes", "no", "yes", "yes", "no", "no"],
    "pieces": ["1", "2", "3", "4", "5", "1.000"],
    "price": ["1.234,50", "7,25", "8,00", "9,10", "3,00", "5,00"],
    "email": ["jo@example.org"] * 5 + [None],
}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        table = pa.table({name: pa.array(cells, pa.string()) for name, cells in ROWS.items()})
        opened.register("given", table)
        opened.execute(
            "create table till_orders as select *, 'f' as _file_sha256, row_number() over () as _row_number from given"
        )
        opened.execute(
            "create table standardised_emails as select 'jo@example.org' as email_raw, "
            "'jo@example.org' as email_normalised, true as is_valid"
        )
        yield opened


@pytest.fixture(scope="module")
def files(connection: duckdb.DuckDBPyConnection) -> Mapping[PurePosixPath, str]:
    profiles = profile_columns(connection, "main", "till_orders", list(ROWS))
    columns = [ProposedColumn(profile.name, profile.name, profile, meaning_of(profile)) for profile in profiles]
    key = found_key(connection, "main", "till_orders", key_candidates(columns))
    return staging_files("till", "orders", columns, key, timezone="Europe/London")


@pytest.fixture(scope="module")
def built(connection: duckdb.DuckDBPyConnection, files: Mapping[PurePosixPath, str]) -> duckdb.DuckDBPyConnection:
    for model in (f"{STEM}_typed", f"{STEM}_judged", STEM):
        sql = rendered(files[FOLDER / f"{model}.sql"], columns={("till", "orders"): list(ROWS)})
        connection.execute(f"create table {model} as {sql}")
    return connection


def test_cells_become_values_with_their_units_in_their_names(built: duckdb.DuckDBPyConnection) -> None:
    typed = built.execute(f"select * from {STEM}_typed order by order_id").to_arrow_table().to_pylist()
    first = typed[0]
    assert first["order_id"] == "0007"
    assert str(first["ordered_on"]) == "2026-11-21"
    assert str(first["updated_at"]) == "2026-11-21 10:00:00"
    assert (first["is_paid"], first["pieces"], str(first["price_amount"])) == (True, 1, "1234.50")
    assert first["email"] == "jo@example.org"


def test_what_cannot_be_read_is_dropped_with_a_reason_and_its_row_kept(built: duckdb.DuckDBPyConnection) -> None:
    fates = built.execute(f"select row_fate, reason_code, count(*) from {STEM}_judged group by all order by all")
    assert fates.fetchall() == [("accepted", None, 5), ("repaired", "ordered_on_unusable", 1)]
    assert built.execute(f"select count(*) from {STEM}").fetchall() == [(6,)]


def test_columns_are_documented_as_they_are_built(
    built: duckdb.DuckDBPyConnection, files: Mapping[PurePosixPath, str]
) -> None:
    models = yaml.safe_load(files[FOLDER / "_till__orders__models.yml"])["models"]
    for model in models:
        columns = [row[0] for row in built.execute(f"describe {model['name']}").fetchall()]
        assert [column["name"] for column in model["columns"]] == columns
        assert any("is_key" in column.get("data_tests", []) for column in model["columns"])


def test_direct_identifiers_go_to_the_vault(files: Mapping[PurePosixPath, str]) -> None:
    for name in (f"{STEM}_typed", STEM):
        assert "schema='vault', tags=['pii']" in files[FOLDER / f"{name}.sql"]


def test_the_sql_is_in_the_style_of_the_project(
    files: Mapping[PurePosixPath, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PROJECT_ROOT)
    linter = Linter(config=FluffConfig.from_path("."))
    for path, text in files.items():
        if path.suffix == ".sql":
            known = text.replace("contract_columns('till', 'orders')", "contract_columns('ads', 'spend')")
            faults = linter.lint_string(known, fname=path.name).get_violations()
            assert [(path.name, fault.line_no, fault.rule_code(), fault.desc()) for fault in faults] == []
