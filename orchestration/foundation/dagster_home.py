"""Dagster's home folder with the project's `dagster.yaml`, and its SQLite files as a run writes them.

Both are the same for the command line and the web page. What the records say is `orchestration/runs.py`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

from orchestration.foundation.lake_io import write_bytes_atomically

_TEMPLATE = Path(__file__).resolve().parents[1] / "dagster.yaml"


def prepare_dagster_home(home: Path) -> Path:
    """Return `home`, made if it is missing and holding the project's `dagster.yaml`."""
    wanted = _TEMPLATE.read_bytes()
    present = home / "dagster.yaml"
    if not present.exists() or present.read_bytes() != wanted:
        write_bytes_atomically(present, wanted)
    return home


@contextmanager
def records_held_open() -> Iterator[None]:
    """Keep the SQLite files of Dagster's records open for as long as the block lasts.

    Dagster opens and closes a connection for each of a night's thousands of statements. The last one to close copies
    the write-ahead log back and waits for the disk, twice a statement; with one connection held open that happens once.
    `synchronous = normal` waits for the disk at that copy only: a killed process loses nothing, a machine that loses
    its power may lose the last events of its run (https://sqlite.org/pragma.html#pragma_synchronous).
    """
    held: dict[str, sqlite3.Connection] = {}

    def hold(connection: object, _: object) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        connection.execute("pragma synchronous = normal")
        path = connection.execute("pragma database_list").fetchone()[2]
        if path and path not in held and connection.execute("pragma journal_mode").fetchone()[0] == "wal":
            held[path] = sqlite3.connect(path, check_same_thread=False)
            held[path].execute("select count(*) from sqlite_master").fetchone()

    event.listen(Engine, "connect", hold)
    try:
        yield
    finally:
        event.remove(Engine, "connect", hold)
        for connection in held.values():
            connection.close()
