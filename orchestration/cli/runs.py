"""Runs a Dagster job in this process with progress on the terminal; the run is seen on the web page too."""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from orchestration.definitions import build_definitions
from orchestration.foundation.dagster_home import prepare_dagster_home
from orchestration.foundation.errors import GenomeError
from orchestration.foundation.settings import Settings

_QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}


@dataclass(frozen=True)
class RunEnd:
    """How a run ended: its id, whether it did all it should, and why not, most telling first."""

    run_id: str
    is_success: bool
    reasons: tuple[str, ...]


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
        result = job.execute_in_process(
            run_config={"resources": {"night": {"config": configured}}, "loggers": _QUIET},
            instance=instance,
            raise_on_error=False,
            run_id=run_id,
            tags={"genome/started_by": "command line"},
        )
    return RunEnd(run_id, result.success, tuple(_reasons(result)))


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


def _reasons(result: dg.ExecuteInProcessResult) -> Iterator[str]:
    for evaluation in result.get_asset_check_evaluations():
        if not evaluation.passed:
            yield _failed_check(evaluation.asset_key, evaluation.check_name, evaluation.metadata)
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.STEP_FAILURE and event.step_failure_data.error is not None:
            yield from _innermost(event.step_failure_data.error)


def _failed_check(key: dg.AssetKey, name: str, metadata: Mapping[str, Any]) -> str:
    seen = "; ".join(f"{label}: {value.value}" for label, value in metadata.items() if label in _EVIDENCE)
    return f"the fact {name!r} does not hold for {'/'.join(key.path)}" + (f" ({seen})" if seen else "")


_LONGEST_REASON = 1_500
_EVIDENCE = ("unexpected_count", "observed", "dagster_dbt/failed_row_count")


def _innermost(error: Any) -> Iterator[str]:  # noqa: ANN401 - Dagster's serialisable error
    while error.cause is not None:
        error = error.cause
    if error.cls_name != "DagsterAssetCheckFailedError":
        yield error.message.strip()


class NightFailed(GenomeError):
    """A run that did not do all it should."""

    @classmethod
    def because(cls, end: RunEnd) -> "NightFailed":
        """Return the error that lists why, in one screen."""
        shown = [
            reason if len(reason) < _LONGEST_REASON else reason[:_LONGEST_REASON] + " …" for reason in end.reasons[:6]
        ]
        listed = "\n".join(f"  - {reason}" for reason in shown) or "  - see the run on the web page"
        return cls(
            f"run {end.run_id} stopped:\n{listed}\nNothing behind the failed step was built and the published "
            "database is what it was. Mend the cause and run the night again; `genome ui` shows the run."
        )
