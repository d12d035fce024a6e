from pathlib import Path

import duckdb
import pytest

from orchestration.foundation.connections import DuckdbLimits
from orchestration.publish.candidate import (
    Candidate,
    CandidateDamaged,
    CandidateMissing,
    CandidateUnbuildable,
    PublishedTable,
    build_candidate,
    read_candidate,
    verify_candidate,
)


@pytest.fixture
def serving_dir(tmp_path: Path) -> Path:
    return tmp_path / "serving"


@pytest.fixture
def candidate(warehouse: Path, serving_dir: Path, limits: DuckdbLimits) -> Candidate:
    return build_candidate(warehouse=warehouse, serving_dir=serving_dir, build_id="b1", limits=limits)


def rows_of(path: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(query).fetchall()


def change(path: Path, statement: str) -> None:
    with duckdb.connect(path) as connection:
        connection.execute(statement)


def test_the_candidate_holds_every_table_of_the_schema_and_no_other(candidate: Candidate) -> None:
    names = rows_of(candidate.path, "select schema_name, table_name from duckdb_tables() order by all")
    assert names == [("main", "mart_customers"), ("main", "mart_segments")]
    assert [(table.name, table.rows_count) for table in candidate.tables] == [
        ("mart_customers", 3),
        ("mart_segments", 2),
    ]


def test_rows_come_in_the_order_of_the_primary_key_or_of_all_columns(candidate: Candidate) -> None:
    assert rows_of(candidate.path, "select customer_id, build_id from mart_customers") == [
        ("c1", "b1"),
        ("c2", "b1"),
        ("c3", "b1"),
    ]
    assert rows_of(candidate.path, "from mart_segments") == [("champions", 1, "b1"), ("lost", 2, "b1")]


def test_types_nullability_and_comments_come_along_and_the_build_id_is_last(candidate: Candidate) -> None:
    columns = rows_of(
        candidate.path,
        "select column_name, data_type, is_nullable, comment from duckdb_columns() "
        "where table_name = 'mart_customers' order by column_index",
    )
    assert columns == [
        ("customer_id", "VARCHAR", False, None),
        ("revenue_amount", "DECIMAL(18,2)", False, "Revenue in GBP."),
        ("reasons", "JSON", True, None),
        ("note", "VARCHAR", True, None),
        ("build_id", "VARCHAR", False, "The publication this row belongs to; one value in the whole database."),
    ]
    comments = rows_of(candidate.path, "select comment from duckdb_tables() where table_name = 'mart_customers'")
    assert comments == [("One row per customer; it's tonight's.",)]


def test_drivers_of_duckdb_1_2_and_later_can_open_the_candidate(candidate: Candidate) -> None:
    ((tags,),) = rows_of(
        candidate.path, "select tags::varchar from duckdb_databases() where database_name = current_database()"
    )
    assert tags == "{storage_version=v1.2.0+}"


def test_two_builds_of_the_same_facts_have_the_same_checksums_whatever_the_order_of_rows(
    candidate: Candidate, warehouse: Path, serving_dir: Path, limits: DuckdbLimits
) -> None:
    change(
        warehouse,
        "create table t as from serving.mart_segments order by customers_count;"
        "delete from serving.mart_segments; insert into serving.mart_segments from t",
    )
    again = build_candidate(warehouse=warehouse, serving_dir=serving_dir, build_id="b2", limits=limits)
    assert again.tables == candidate.tables


def test_a_view_of_the_schema_is_published_as_a_table(warehouse: Path, serving_dir: Path, limits: DuckdbLimits) -> None:
    change(warehouse, "create view serving.mart_answer as select 42 as answer")
    built = build_candidate(warehouse=warehouse, serving_dir=serving_dir, build_id="b1", limits=limits)
    verify_candidate(built, limits=limits)
    assert rows_of(built.path, "from mart_answer") == [(42, "b1")]


def test_an_empty_table_is_published_empty(warehouse: Path, serving_dir: Path, limits: DuckdbLimits) -> None:
    change(warehouse, "delete from serving.mart_segments")
    built = build_candidate(warehouse=warehouse, serving_dir=serving_dir, build_id="b1", limits=limits)
    verify_candidate(built, limits=limits)
    assert built.tables[1] == PublishedTable("mart_segments", 0, "0")


def test_a_candidate_as_it_was_built_is_verified_and_can_be_read_back(
    candidate: Candidate, serving_dir: Path, limits: DuckdbLimits
) -> None:
    verify_candidate(candidate, limits=limits)
    assert read_candidate(serving_dir) == candidate


def test_without_a_build_there_is_no_candidate_to_read(serving_dir: Path) -> None:
    with pytest.raises(CandidateMissing, match="none was built since"):
        read_candidate(serving_dir)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("drop table mart_segments", "table mart_segments is missing"),
        ("create table more as select 1 as one, 'b1' as build_id", "table more was not copied"),
        ("create view more as from mart_segments", "more is a view"),
        ("alter table mart_segments add column last integer", "the last column of mart_segments is 'last'"),
        ("delete from mart_segments where segment_code = 'lost'", "mart_segments has 1 rows, not 2"),
        ("update mart_segments set customers_count = 3", "mart_segments has other values"),
        ("update mart_customers set note = null where note = ''", "mart_customers has other values"),
        ("update mart_customers set build_id = 'b0'", "mart_customers has 3 rows of another build"),
    ],
)
def test_a_candidate_that_differs_from_what_was_copied_is_damaged(
    statement: str, fault: str, candidate: Candidate, limits: DuckdbLimits
) -> None:
    change(candidate.path, statement)
    with pytest.raises(CandidateDamaged, match=fault):
        verify_candidate(candidate, limits=limits)


def test_a_warehouse_without_marts_cannot_be_published(
    warehouse: Path, serving_dir: Path, limits: DuckdbLimits
) -> None:
    with pytest.raises(CandidateUnbuildable, match="no table in schema 'nothing'"):
        build_candidate(warehouse=warehouse, serving_dir=serving_dir, build_id="b1", limits=limits, schema="nothing")


def test_a_mart_with_a_build_id_of_its_own_cannot_be_published(
    warehouse: Path, serving_dir: Path, limits: DuckdbLimits
) -> None:
    change(warehouse, "alter table serving.mart_segments add column build_id varchar")
    with pytest.raises(CandidateUnbuildable, match="'mart_segments' already have a column 'build_id'"):
        build_candidate(warehouse=warehouse, serving_dir=serving_dir, build_id="b1", limits=limits)


@pytest.mark.parametrize("build_id", ["", "next", "../b1", "b 1", "b.1"])
def test_a_build_id_that_cannot_name_a_kept_file_is_refused(
    build_id: str, warehouse: Path, serving_dir: Path, limits: DuckdbLimits
) -> None:
    with pytest.raises(CandidateUnbuildable, match="is no build id"):
        build_candidate(warehouse=warehouse, serving_dir=serving_dir, build_id=build_id, limits=limits)


def test_a_half_built_candidate_of_a_killed_night_is_built_anew(
    warehouse: Path, serving_dir: Path, limits: DuckdbLimits
) -> None:
    serving_dir.mkdir()
    (serving_dir / "genome.next.duckdb").write_bytes(b"half a file")
    (serving_dir / "genome.next.duckdb.wal").write_bytes(b"half a log")
    verify_candidate(
        build_candidate(warehouse=warehouse, serving_dir=serving_dir, build_id="b1", limits=limits), limits=limits
    )


def test_building_reads_the_warehouse_only(candidate: Candidate, warehouse: Path) -> None:
    assert not list(warehouse.parent.glob("warehouse.duckdb.*"))
    assert candidate.path.parent != warehouse.parent
