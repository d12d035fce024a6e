"""What runs by itself: the nightly job and its schedule, the inbox's sensor, the watch over runs, alerts; no logic."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from orchestration import runs
from orchestration.foundation import alerts, clock
from orchestration.foundation.catch_up import DueNights, due_nights, last_closed_day
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.operations_policy import OperationsPolicy
from orchestration.foundation.settings import Settings
from orchestration.foundation.waiting_inbox import inbox_digest, settled

NIGHTLY = "nightly"
LANDING = "landing"
TIDY = "tidy"

_TICK_SECONDS = 30
_NIGHT_HOURS = 4
_WHOLE_AGAIN = {"dagster/retry_strategy": "ALL_STEPS"}


@dg.failure_hook
def retry_when_safe(context: dg.HookContext) -> None:
    """Ask for one more run when the step was not refused but merely went wrong."""
    runs.ask_for_retry(context.instance, context.run_id, context.op_exception)


def nightly_job() -> UnresolvedAssetJobDefinition:
    """Return the whole night: land, gate, clean, unify, score, publish, tidy."""
    return dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        hooks={retry_when_safe},
        tags=_WHOLE_AGAIN,
        description="One whole night: lands what arrived, builds every table behind its gate, publishes.",
    )


def landing_job() -> UnresolvedAssetJobDefinition:
    """Return the landing of what waits in the inbox, with its gate."""
    return dg.define_asset_job(
        LANDING,
        selection=dg.AssetSelection.groups("raw", "ledger", "quarantine"),
        executor_def=dg.in_process_executor,
        hooks={retry_when_safe},
        tags=_WHOLE_AGAIN,
        description="Lands the files that wait in the inbox and checks them; builds nothing on them.",
    )


def tidy_job() -> UnresolvedAssetJobDefinition:
    """Return the removal of what is past its stated time, as the end of every night does it."""
    return dg.define_asset_job(
        TIDY,
        selection=dg.AssetSelection.assets(["privacy", "removals"]),
        executor_def=dg.in_process_executor,
        description="Removes what is past its stated time: run logs, delivered files, superseded lake files.",
    )


def nightly_schedule(settings: Settings, policy: OperationsPolicy) -> dg.ScheduleDefinition:
    """Return the schedule that closes each business day in the night after it, missed ones first."""
    hour, minute = (int(part) for part in settings.night_at.split(":"))

    @dg.schedule(
        name="every_night",
        job_name=NIGHTLY,
        cron_schedule=f"{minute} {hour} * * *",
        execution_timezone=settings.timezone,
        description=f"Closes yesterday, each night at {settings.night_at} in {settings.timezone}; missed nights first.",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def nightly(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        day = clock.day_to_close(context.scheduled_execution_time, settings.timezone)
        closed = last_closed_day(Lake(settings.lake_root), through=day)
        due = due_nights(closed, through=day, at_most=policy.catch_up_nights_at_most)
        context.log.info("last closed %s; due %s, left out %s", closed, len(due.days), due.left_out_count)
        yield from night_requests(due, under_way=runs.days_under_way(context.instance))

    return nightly


def of_last_night(settings: Settings) -> dg.FreshnessPolicy:
    """Return the rule that what a night publishes is there a few hours after the schedule starts it."""
    hour, minute = (int(part) for part in settings.night_at.split(":"))
    return dg.FreshnessPolicy.cron(
        deadline_cron=f"{minute} {(hour + _NIGHT_HOURS) % 24} * * *",
        lower_bound_delta=timedelta(hours=_NIGHT_HOURS),
        timezone=settings.timezone,
    )


def night_requests(due: DueNights, *, under_way: Collection[date]) -> Iterator[dg.RunRequest]:
    """Yield one run a due night, oldest first, but those that are queued or at work already.

    The queue takes them in the order of their days. A night that is caught up is not retried: the next one has its
    data, and must not be followed by an older one.
    """
    for day in due.days:
        retries = {} if day == due.days[-1] else {"dagster/max_retries": "0"}
        tags = {"dagster/priority": str(-day.toordinal()), "genome/as_of_on": day.isoformat(), **retries}
        if day not in under_way:
            yield dg.RunRequest(run_key=day.isoformat(), run_config=night_config(day), tags=tags)


def night_config(day: date | None) -> dict[str, object]:
    """Return the run config of a night that closes `day`; of yesterday's when it is None."""
    return {"resources": {"night": {"config": {"as_of_on": day.isoformat()} if day else {}}}}


def inbox_sensor(settings: Settings) -> dg.SensorDefinition:
    """Return the sensor that lands files once none of them is still being written and nothing else is at work."""

    @dg.sensor(
        name="inbox_lands",
        job_name=LANDING,
        minimum_interval_seconds=_TICK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Lands what waits in the inbox once it was the same at two looks and no run is at work.",
    )
    def lands(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        seen = inbox_digest(settings.lake_root)
        verdict = settled(before=context.cursor, now=seen, is_busy=runs.is_under_way(context.instance))
        request = [dg.RunRequest(run_key=seen, run_config=night_config(None))] if verdict.is_ready else None
        return dg.SensorResult(run_requests=request, skip_reason=verdict.why_not, cursor=seen)

    return lands


def watch_sensor(settings: Settings) -> dg.SensorDefinition:
    """Return the sensor that ends, on the record, runs whose process is gone, so that the queue goes on."""

    @dg.sensor(
        name="runs_cut_off",
        minimum_interval_seconds=_TICK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Records as failed every run whose process was killed; a scheduled one is then run once more.",
    )
    def watches(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        ended = runs.end_cut_off(context.instance, lock_path=settings.night_lock_path, at=clock.utc_now())
        return dg.SkipReason(f"ended {', '.join(ended)}" if ended else "no run was cut off")

    return watches


def failure_sensor(settings: Settings, policy: OperationsPolicy) -> dg.SensorDefinition:
    """Return the sensor that tells people of a run that failed for good, by every channel that is stated."""
    ways = alerts.channels(settings, policy.alerts)

    @dg.run_failure_sensor(
        name="failure_alerts",
        minimum_interval_seconds=_TICK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells by webhook and e-mail what failed, why, and what to do; not of runs that are run once more.",
    )
    def alert(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        run = context.dagster_run
        silent = runs.why_silent(run.tags)
        if silent:
            return dg.SkipReason(silent)
        for fault in alerts.tell(run_alert(context.instance, run), ways):
            context.log.error(fault)
        return None

    return alert


def run_alert(instance: dg.DagsterInstance, run: dg.DagsterRun) -> alerts.Alert:
    """Return the alert of a failed run, with the reasons that are on record."""
    return alerts.alert_of_failure(
        job=run.job_name,
        as_of_on=runs.day_of(run),
        run_id=run.run_id,
        reasons=tuple(reason.told for reason in runs.reasons_on_record(instance, run.run_id)),
    )
