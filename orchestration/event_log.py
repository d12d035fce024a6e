"""Dagster's event log in SQLite, with the databases of the runs at work kept open.

A night writes some thousand events, and Dagster's own storage opens a database anew for each statement of each: it
compiles the statement again, and the last connection to close copies the write-ahead log back and waits for the disk.
Named in `dagster.yaml`, so the command line, the daemon and the web page all use it.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from dagster._core.event_api import EventHandlerFn
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    SqliteEventLogStorage,
    SqliteEventLogStorageWatchdog,
)
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool
from watchdog.events import FileSystemEvent
from watchdog.observers import Observer

_OPEN_AT_MOST = 4
"""The index of all runs and the runs at work; the web page looks at one run after the other."""


class _Watchdog(SqliteEventLogStorageWatchdog):
    """Looks at the write-ahead log too, in which events stand until it is copied back."""

    @property
    def patterns(self) -> list[str]:
        """The files of which a change means that there may be events."""
        return [self._log_path, f"{self._log_path}-wal"]

    def on_modified(self, event: FileSystemEvent) -> None:
        """Pass on what is new."""
        del event
        self._process_log()


class HeldOpenSqliteEventLogStorage(SqliteEventLogStorage):
    """One SQLite database a run and an index over all, as Dagster lays them out, of which the last used stay open.

    `synchronous = normal` waits for the disk when the write-ahead log is copied back and at no other time: a killed
    process loses nothing, a machine that loses its power may lose the last events of its run
    (https://sqlite.org/pragma.html#pragma_synchronous).
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Open the log below a folder, made if it is missing."""
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Self:
        """Return the log that `dagster.yaml` states."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def watch(self, run_id: str, cursor: str | None, callback: EventHandlerFn) -> None:
        """Call back with each event of a run after `cursor` as it is written, by whichever process."""
        observer: Any = self._obs or Observer()
        if self._obs is None:
            observer.start()
            self._obs = observer
        watchdog = _Watchdog(self, run_id, callback, cursor)
        watch = observer.schedule(watchdog, self._base_dir, recursive=True)
        self._watchers[run_id][callback] = (watchdog, watch)

    def dispose(self) -> None:
        """Close what is open."""
        super().dispose()
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()

    def _engine(self, shard: str) -> Engine:
        if shard in self._engines:
            self._engines.move_to_end(shard)
            return self._engines[shard]
        engine = create_engine(
            self.conn_string_for_shard(shard),
            # The lock above lets one thread at a time use it.
            poolclass=StaticPool,
            connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        )
        event.listen(engine, "connect", _wait_less)
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        self._engines[shard] = engine
        if len(self._engines) > _OPEN_AT_MOST:
            self._engines.popitem(last=False)[1].dispose()
        return engine


def _wait_less(connection: Any, _: object) -> None:  # noqa: ANN401 - a DBAPI connection
    connection.execute("pragma synchronous = normal")
