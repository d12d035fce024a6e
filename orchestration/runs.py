"""What Dagster's records say of runs: why one failed, which were cut off, which are old; and their end and removal.

Knows Dagster's events and instance, and no stage. When these are asked is for `automation`, the command line and the
end of the night.
"""

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.events import JobFailureData
from dagster._core.execution.plan.objects import StepFailureData
from dagster_shared.error import SerializableErrorInfo

from orchestration.foundation.errors import GenomeError
from orchestration.foundation.night import NightAlreadyRunning, night_lock

ALERT_BY = "genome/alert_by"
"""The run tag that says who tells of its failure: the command line that runs it, or else the daemon."""

COMMAND_LINE = "command line"

UNDER_WAY = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)

_EVIDENCE = ("unexpected_count", "observed", "dagster_dbt/failed_row_count")
_TELLING = (
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.RUN_FAILURE,
)
_CHECK_FAILED = "DagsterAssetCheckFailedError"
_DBT_FAILED = "DagsterDbtCliRuntimeError"
_DBT_TEST_FAILED = "Failure in test"
_RETRY = {"dagster/retry_on_asset_or_op_failure": "true"}
_AT_WORK = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
_GRACE = timedelta(minutes=2)
_CUT_OFF = "the run's process ended without a word: it was killed, or its machine stopped; nothing it wrote is shown"


@dataclass(frozen=True)
class Reason:
    """Why a run failed: in full for the terminal and the page, and as it may be told outside.

    Attributes:
        text: with all evidence.
        told: the same without what may hold personal data.
    """

    text: str
    told: str


def reasons_of(events: Iterable[dg.DagsterEvent]) -> tuple[Reason, ...]:
    """Return why a run failed by its events, failed facts first, then steps; none when no event says it."""
    listed = list(events)
    return (*_failed_facts(listed), *_failed_steps(listed)) or tuple(_failed_run(listed))


def reasons_on_record(instance: dg.DagsterInstance, run_id: str) -> tuple[Reason, ...]:
    """Return why a run failed by what the instance recorded of it."""
    entries = instance.all_logs(run_id, of_type=set(_TELLING))
    return reasons_of(entry.dagster_event for entry in entries if entry.dagster_event is not None)


def may_retry(error: BaseException) -> bool:
    """Return whether running the night again may help: not after a refusal, which a second run would meet again.

    Refusals are the product's own errors, gates that bit, and tests of dbt that failed; everything else (a full disk,
    a killed child, a file system that hiccups) is worth one more try, and a rerun of a night is always safe.
    """
    chain = list(_chain(error))
    return not any(
        (isinstance(link, GenomeError) and not link.is_passing)
        or type(link).__name__ == _CHECK_FAILED
        or (type(link).__name__ == _DBT_FAILED and _DBT_TEST_FAILED in str(link))
        for link in chain
    )


def ask_for_retry(instance: dg.DagsterInstance, run_id: str, error: BaseException | None) -> None:
    """Tag the run so that Dagster's daemon runs it once more, if `may_retry` says so."""
    if error is not None and may_retry(error):
        instance.add_run_tags(run_id, _RETRY)


def why_silent(tags: Mapping[str, str]) -> str:
    """Return why nobody is told that a run with these tags failed, in one line; empty when people are told."""
    if tags.get("dagster/will_retry") == "true":
        return "it is run once more; people are told if that fails too"
    if tags.get(ALERT_BY) == COMMAND_LINE:
        return "the command line that ran it tells of it"
    return ""


def day_of(run: dg.DagsterRun) -> date | None:
    """Return the business day that the run's config says it closes, or None."""
    config: Mapping[str, Any] = run.run_config
    stated = config.get("resources", {}).get("night", {}).get("config", {}).get("as_of_on")
    return date.fromisoformat(stated) if stated else None


def days_under_way(instance: dg.DagsterInstance) -> frozenset[date]:
    """Return the business days that runs which are queued or at work were made to close."""
    found = instance.get_runs(dg.RunsFilter(statuses=list(UNDER_WAY)))
    return frozenset(day for day in map(day_of, found) if day is not None)


def is_under_way(instance: dg.DagsterInstance) -> bool:
    """Return whether any run is queued or at work."""
    return bool(instance.get_run_records(dg.RunsFilter(statuses=list(UNDER_WAY)), limit=1))


def end_cut_off(
    instance: dg.DagsterInstance, *, lock_path: Path, at: datetime, patience_seconds: float = 5
) -> tuple[str, ...]:
    """Return the runs that were at work by the record but hold no lock, after recording that they failed.

    A killed process leaves its run as started, and the queue, which runs one at a time, would wait for it for ever.
    While the night's lock is free no run is at work. One that came to its state less than two minutes ago may still be
    on its way to the lock, and one that just gave the lock back on its way to its end: both are left alone.

    Args:
        instance: Dagster's records.
        lock_path: the night's lock.
        at: the present instant, zone-aware.
        patience_seconds: how long a run that gave the lock back has to record its end.
    """
    at_work = dg.RunsFilter(statuses=list(_AT_WORK), updated_before=at - _GRACE)
    if not instance.get_run_records(at_work, limit=1):
        return ()
    try:
        with night_lock(lock_path, holder="the check for runs that were cut off", patience_seconds=0):
            time.sleep(patience_seconds)
            records = instance.get_run_records(at_work)
            for record in records:
                instance.add_run_tags(record.dagster_run.run_id, {ALERT_BY: "daemon"})
                instance.report_run_failed(record.dagster_run, _CUT_OFF)
    except NightAlreadyRunning:
        return ()
    return tuple(record.dagster_run.run_id for record in records)


def remove_old_runs(
    instance: dg.DagsterInstance, *, home: Path, before: datetime, at_most: int
) -> tuple[tuple[str, int], ...]:
    """Return the ended runs made before an instant, with the bytes of their logs, after removing both, oldest first.

    Args:
        instance: Dagster's records.
        home: Dagster's home, whose per-run files go too.
        before: zone-aware; runs made at or after it stay.
        at_most: how many may go.
    """
    records = instance.get_run_records(
        dg.RunsFilter(statuses=list(ENDED), created_before=before), limit=at_most, ascending=True
    )
    return tuple((record.dagster_run.run_id, _remove_run(instance, home, record.dagster_run)) for record in records)


def _remove_run(instance: dg.DagsterInstance, home: Path, run: dg.DagsterRun) -> int:
    folder = home / "storage" / run.run_id
    shards = list((home / "history" / "runs").glob(f"{run.run_id}.db*"))
    logs = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in (*shards, *logs))
    instance.delete_run(run.run_id)
    shutil.rmtree(folder, ignore_errors=True)
    for shard in (home / "history" / "runs").glob(f"{run.run_id}.db*"):
        shard.unlink(missing_ok=True)
    return size


def _failed_facts(events: list[dg.DagsterEvent]) -> Iterator[Reason]:
    for event in events:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            found = event.asset_check_evaluation_data
            if not found.passed and found.severity == dg.AssetCheckSeverity.ERROR:
                seen = _evidence(found.metadata)
                fact = f"the fact {found.check_name!r} does not hold for {'/'.join(found.asset_key.path)}"
                rule = f" Rule: {found.description}" if found.description else ""
                yield Reason(f"{fact}{seen}", f"{fact}{seen}.{rule}")


def _evidence(metadata: Mapping[str, Any]) -> str:
    seen = "; ".join(f"{label}: {value.value}" for label, value in metadata.items() if label in _EVIDENCE)
    return f" ({seen})" if seen else ""


def _failed_steps(events: list[dg.DagsterEvent]) -> Iterator[Reason]:
    for event in events:
        data = event.event_specific_data
        if isinstance(data, StepFailureData) and data.error is not None:
            yield from _of_error(data.error, where=f"step {event.step_key} stopped")


def _failed_run(events: list[dg.DagsterEvent]) -> Iterator[Reason]:
    for event in events:
        if event.event_type == dg.DagsterEventType.RUN_FAILURE:
            data = event.event_specific_data
            if isinstance(data, JobFailureData) and data.error is not None:
                yield from _of_error(data.error, where="the run could not start")
            elif event.message:
                yield Reason(event.message, event.message)


def _of_error(error: SerializableErrorInfo, *, where: str) -> Iterator[Reason]:
    """Yield the reason of an error: the outermost refusal of its causes, or else the innermost cause."""
    chain = [error]
    while chain[-1].cause is not None:
        chain.append(chain[-1].cause)
    if chain[-1].cls_name == _CHECK_FAILED:
        return
    ours = _refusals()
    telling = next((link for link in chain if link.cls_name in ours), chain[-1])
    is_ours = telling.cls_name in ours
    text = telling.message.strip()
    if is_ours:  # an own error's message begins with its name; Dagster puts module and name before it once more
        text = text.removeprefix(text.partition(": ")[0]).removeprefix(": ")
    withheld = f"{where} with {telling.cls_name}; its words may hold data and stand on the web page only"
    yield Reason(text, text if is_ours else withheld)


def _refusals() -> set[str]:
    found = {GenomeError}
    waiting = [GenomeError]
    while waiting:
        children = waiting.pop().__subclasses__()
        found.update(children)
        waiting.extend(children)
    return {kind.__name__ for kind in found}


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
