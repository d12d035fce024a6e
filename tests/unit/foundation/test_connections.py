from pathlib import Path

import pytest

from orchestration.foundation.connections import DuckdbLimits, in_memory, limits_in_force

SETTINGS = """
select current_setting('memory_limit'), current_setting('threads'), current_setting('temp_directory')
"""


def test_a_database_in_memory_takes_no_more_than_the_limits_in_force() -> None:
    with limits_in_force(DuckdbLimits(memory_limit="64MiB", threads=1)), in_memory() as connection:
        memory, threads, _ = connection.execute(SETTINGS).fetchall()[0]
    assert (memory, threads) == ("64.0 MiB", 1)
    with in_memory() as connection:
        assert connection.execute(SETTINGS).fetchall()[0][:2] == ("3.7 GiB", 2)


def test_what_does_not_fit_into_memory_goes_to_a_folder_that_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    with limits_in_force(DuckdbLimits(memory_limit="40MiB", threads=1)), in_memory() as connection:
        connection.execute("create table wide as select i, sha256(i::varchar) as text from range(1000000) as r (i)")
        assert [path.name for path in tmp_path.rglob("*") if path.is_file()] != []
        assert not (tmp_path / ".tmp").exists()
    assert list(tmp_path.rglob("*")) == [tmp_path / "scratch"]
