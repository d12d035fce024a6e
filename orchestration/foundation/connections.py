"""DuckDB connections, each with the installation's limits and in UTC, closed so that the next process may write."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb


@dataclass(frozen=True)
class DuckdbLimits:
    """What one connection may take: memory such as `4GB`, and threads."""

    memory_limit: str
    threads: int


_IN_FORCE: ContextVar[DuckdbLimits] = ContextVar("limits of databases in memory")
_DEFAULT = DuckdbLimits(memory_limit="4GB", threads=2)


@contextmanager
def limits_in_force(limits: DuckdbLimits) -> Iterator[None]:
    """Let all databases in memory that are opened inside take no more than these limits."""
    token = _IN_FORCE.set(limits)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)


@contextmanager
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a database in memory that prints nothing, however long a statement takes.

    It takes no more than the limits in force; what does not fit is written to a folder that is removed with it.
    """
    limits = _IN_FORCE.get(_DEFAULT)
    with TemporaryDirectory(prefix="genome-") as scratch:
        config = {**_config(limits), "temp_directory": scratch}
        with duckdb.connect(":memory:", config=config) as connection:
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
    connection = duckdb.connect(path, read_only=read_only, config=_config(limits))
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        yield connection
    finally:
        connection.close()


def _config(limits: DuckdbLimits) -> dict[str, str | bool | int | float | list[str]]:
    return {"memory_limit": limits.memory_limit, "threads": limits.threads}
