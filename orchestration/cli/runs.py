"""Runs a Dagster job in this process with progress on the terminal; the run is seen on the web page too."""

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import SQLAlchemyError

from orchestration.definitions import build_definitions
from orchestration.foundation.dagster_home import prepare_dagster_home
from orchestration.foundation.errors import GenomeError
from orchestration.foundation.room import NoRoom, way_out_of
from orchestration.foundation.settings import Settings
from orchestration.runs import ALERT_BY, COMMAND_LINE, reasons_of

_SHOWN_WITH_ITS_JOB = {".dagster/repository": "__repository__@consumer_genome"}
"""Without it the page lists the run, but not under its job: it takes runs of a job by the code location."""
_QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}


@dataclass(frozen=True)
class RunEnd:
    """How a run ended.

    Attributes:
        run_id: the run on the web page.
        is_success: whether it did all it should.
        reasons: why not, most telling first.
        told_reasons: the same without what may hold personal data.
    """

    run_id: str
    is_success: bool
    reasons: tuple[str, ...]
    told_reasons: tuple[str, ...] = ()


def run_job(settings: Settings, job_name: str, *, console: Console, as_of_on: date | None = None) -> RunEnd:
    """Return how the job's run ended; a refusal inside it is a reason, not an exception.

    Args:
        settings: the installation.
        job_name: `nightly` or `landing`.
        console: where progress is drawn.
        as_of_on: the business day to close; yesterday when it is left out.
    """
    definitions = build_definitions(settings)
    job = definitions.resolve_job_def(job_name)
    run_id = str(uuid.uuid4())
    configured = {"as_of_on": as_of_on.isoformat()} if as_of_on else {}
    with (
        _instance(settings) as instance,
        _progress(console, instance, run_id, len(job.nodes)),
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        redirect_stdout(nowhere),  # dbt's lines, which its own log keeps
    ):
        result = _executed(
            job,
            run_config={"resources": {"night": {"config": configured}}, "loggers": _QUIET},
            instance=instance,
            run_id=run_id,
            tags={ALERT_BY: COMMAND_LINE, "dagster/max_retries": "0", **_SHOWN_WITH_ITS_JOB},
        )
    found = reasons_of(result.all_events)
    return RunEnd(run_id, result.success, tuple(r.text for r in found), tuple(r.told for r in found))


def _executed(job: dg.JobDefinition, **how: Any) -> dg.ExecuteInProcessResult:  # noqa: ANN401 - Dagster's own arguments
    """Return the run's result; where the machine leaves no room to record the run, a refusal says so."""
    try:
        return job.execute_in_process(raise_on_error=False, **how)
    except (OSError, MemoryError, sqlite3.Error, SQLAlchemyError, dg.DagsterError) as error:
        refusal = NoRoom.because(error)
        if refusal is None:
            raise
        raise refusal from error


@contextmanager
def _instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    home = prepare_dagster_home(settings.dagster_home)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


@contextmanager
def _progress(console: Console, instance: dg.DagsterInstance, run_id: str, steps: int) -> Iterator[None]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task("starting", total=steps)

        def show(entry: dg.EventLogEntry) -> None:
            event = entry.dagster_event
            if event is None or event.step_key is None:
                return
            if event.event_type == dg.DagsterEventType.STEP_START:
                progress.update(task, description=_spoken(event.step_key))
            if event.event_type in (dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_FAILURE):
                progress.advance(task)

        instance.add_event_listener(run_id, show)
        yield


def _spoken(step_key: str) -> str:
    return step_key.replace("__", " ").replace("_", " ")


_LONGEST_REASON = 1_500


class NightFailed(GenomeError):
    """A run that did not do all it should."""

    @classmethod
    def because(cls, end: RunEnd) -> "NightFailed":
        """Return the error that lists why, in one screen."""
        shown = [
            reason if len(reason) < _LONGEST_REASON else reason[:_LONGEST_REASON] + " …" for reason in end.reasons[:6]
        ]
        listed = "\n".join(f"  - {reason}" for reason in shown) or "  - see the run on the web page"
        ways_out = "".join(f"{found}\n" for found in dict.fromkeys(map(way_out_of, end.reasons)) if found)
        return cls(
            f"run {end.run_id} stopped:\n{listed}\n{ways_out}Nothing behind the failed step was built and the "
            "published database is what it was. Mend the cause and run the night again; `genome ui` shows the run."
        )
