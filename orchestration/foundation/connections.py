"""DuckDB connections, each with the installation's limits and in UTC, closed so that the next process may write."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class DuckdbLimits:
    """What one connection may take: memory such as `4GB`, and threads."""

    memory_limit: str
    threads: int


@contextmanager
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a database in memory that prints nothing, however long a statement takes."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("set enable_progress_bar = false")
        yield connection


@contextmanager
def connect(path: Path, limits: DuckdbLimits, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to the database at `path`, closed at the end so that the next process may write.

    Args:
        path: the database file; made when it is missing and the connection may write.
        limits: memory and threads.
        read_only: whether the connection may only read.

    Raises:
        duckdb.IOException: the file is missing for a reader, locked by another process, or no database.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": limits.memory_limit,
        "threads": limits.threads,
    }
    connection = duckdb.connect(path, read_only=read_only, config=config)
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        yield connection
    finally:
        connection.close()
