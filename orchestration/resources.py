"""Dagster's view of the installation: the lake, the warehouse and the night as resources; no logic."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import duckdb
from pydantic import PrivateAttr

from orchestration.foundation import clock
from orchestration.foundation.connections import DuckdbLimits, connect
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.night import night_lock


class LakeResource(dg.ConfigurableResource[None]):
    """The lake below one root folder."""

    root: str

    def open(self) -> Lake:
        """Return the lake."""
        return Lake(Path(self.root))


class WarehouseResource(dg.ConfigurableResource[None]):
    """The DuckDB file that dbt writes, and what a connection to it may take."""

    path: str
    memory_limit: str
    threads: int

    @property
    def limits(self) -> DuckdbLimits:
        """Memory and threads of one connection."""
        return DuckdbLimits(memory_limit=self.memory_limit, threads=self.threads)

    def read(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Return a read-only connection for a `with` block."""
        return connect(Path(self.path), self.limits, read_only=True)


class NightResource(dg.ConfigurableResource[None]):
    """The night that a run works on: the day it closes, its run id, and the lock that it holds meanwhile.

    Attributes:
        as_of_on: the business day to close, `YYYY-MM-DD`; empty for the day before the run was made.
        timezone: IANA zone of business days.
        lock_path: the one lock file of all nights.
    """

    as_of_on: str = ""
    timezone: str
    lock_path: str

    _as_of_on: date = PrivateAttr()
    _run_id: str = PrivateAttr()
    _lock: int = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["NightResource"]:  # type: ignore[override] # it yields itself
        """Hold the night's lock for as long as the run lasts."""
        run_id = context.run.run_id if context.run else "direct"
        began_at = _began_at(context)
        self._run_id = run_id
        self._as_of_on = (
            date.fromisoformat(self.as_of_on) if self.as_of_on else clock.day_to_close(began_at, self.timezone)
        )
        holder = f"night {self._as_of_on}, run {run_id}, since {began_at.isoformat(timespec='seconds')}"
        with night_lock(Path(self.lock_path), holder=holder) as self._lock:
            yield self

    @property
    def day(self) -> date:
        """The business day that the night closes."""
        return self._as_of_on

    @property
    def run_id(self) -> str:
        """The run that works on the night."""
        return self._run_id

    @property
    def lock(self) -> int:
        """The lock's descriptor, for a child process to inherit."""
        return self._lock

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        return clock.utc_now()


def _began_at(context: dg.InitResourceContext) -> datetime:
    record = context.instance.get_run_record_by_id(context.run.run_id) if context.instance and context.run else None
    return record.create_timestamp.astimezone(UTC) if record else clock.utc_now()
