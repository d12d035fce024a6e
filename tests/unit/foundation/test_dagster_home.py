from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from orchestration.foundation.dagster_home import prepare_dagster_home, records_held_open


def _records(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("pragma journal_mode = wal"))
        connection.execute(text("create table events (event text)"))
    return engine


def _store(engine: Engine, event: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("insert into events values (:event)"), {"event": event})


def test_the_home_gets_the_projects_settings_again_when_they_were_changed(tmp_path: Path) -> None:
    wanted = (prepare_dagster_home(tmp_path) / "dagster.yaml").read_bytes()
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: true}\n")
    prepare_dagster_home(tmp_path)
    assert (tmp_path / "dagster.yaml").read_bytes() == wanted


def test_the_write_ahead_log_is_copied_back_once_at_the_end_of_the_block(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    engine = _records(path)
    log = path.with_name("index.db-wal")
    _store(engine, "before")
    assert not log.exists()
    with records_held_open():
        _store(engine, "one")
        first = log.stat().st_size
        _store(engine, "two")
        assert log.stat().st_size > first
        with engine.connect() as connection:
            assert connection.execute(text("pragma synchronous")).scalar_one() == 1
    assert not log.exists()
    with engine.connect() as connection:
        assert connection.execute(text("select event from events")).scalars().all() == ["before", "one", "two"]
        assert connection.execute(text("pragma synchronous")).scalar_one() == 2


@pytest.mark.parametrize("nested", [1, 2])
def test_blocks_may_stand_inside_each_other(tmp_path: Path, nested: int) -> None:
    engine = _records(tmp_path / "runs.db")
    with records_held_open():
        for _ in range(nested):
            with records_held_open():
                _store(engine, "inner")
        _store(engine, "outer")
    assert not (tmp_path / "runs.db-wal").exists()
