from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from orchestration.foundation.connections import DuckdbLimits
from orchestration.quality.dialect import read_only_url

LIMITS = DuckdbLimits(memory_limit="1GB", threads=1)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "some.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            "create schema layer;"
            "create table layer.facts (id varchar not null, amount decimal(18, 2), tags integer[]);"
            "insert into layer.facts values ('a', 1.5, [1]); create view layer.ids as select id from layer.facts"
        )
    return path


@pytest.fixture
def engine(database: Path) -> Iterator[Engine]:
    engine = create_engine(read_only_url(database, "layer", limits=LIMITS))
    yield engine
    engine.dispose()


def test_names_without_a_schema_are_those_of_the_stated_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("select id from facts")).fetchall() == [("a",)]


def test_rows_can_be_fetched_after_the_connection_was_given_back(engine: Engine) -> None:
    with engine.connect() as connection:
        result = connection.execute(text("select id, amount from facts"))
    assert [tuple(map(str, row)) for row in result.fetchall()] == [("a", "1.50")]


def test_columns_of_tables_and_views_are_reflected_in_order(engine: Engine) -> None:
    columns = inspect(engine).get_columns("facts")
    assert [(column["name"], column["nullable"]) for column in columns] == [
        ("id", False),
        ("amount", True),
        ("tags", True),
    ]
    assert [column["name"] for column in inspect(engine).get_columns("ids")] == ["id"]
    assert inspect(engine).get_columns("facts", schema="main") == []


def test_nothing_can_be_written(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError, match="read-only"):
        connection.execute(text("delete from facts"))


def test_a_further_file_is_read_by_its_name(database: Path, tmp_path: Path) -> None:
    other = tmp_path / "it's other.duckdb"
    with duckdb.connect(other) as connection:
        connection.execute("create table more as select 42 as answer")
    engine = create_engine(read_only_url(database, "layer", limits=LIMITS, attached={"second": other}))
    try:
        with engine.connect() as connection:
            assert connection.execute(text("select answer from second.main.more")).scalar() == 42
    finally:
        engine.dispose()


def test_a_connection_takes_no_more_than_its_limits(engine: Engine) -> None:
    with engine.connect() as connection:
        row = connection.execute(text("select current_setting('threads'), current_setting('TimeZone')")).one()
    assert tuple(row) == (1, "UTC")


def test_the_file_is_free_once_the_engine_is_disposed(database: Path, engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("select id from facts")).fetchall()
    engine.dispose()
    with duckdb.connect(database) as writer:
        writer.execute("delete from layer.facts")
