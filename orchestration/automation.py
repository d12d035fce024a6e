"""What runs by itself: the nightly job and its schedule; no logic."""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

NIGHTLY = "nightly"
LANDING = "landing"


def nightly_job() -> UnresolvedAssetJobDefinition:
    """Return the whole night: land, gate, clean, unify, score, publish."""
    return dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="One whole night: lands what arrived, builds every table behind its gate, publishes.",
    )


def landing_job() -> UnresolvedAssetJobDefinition:
    """Return the landing of what waits in the inbox, with its gate."""
    return dg.define_asset_job(
        LANDING,
        selection=dg.AssetSelection.groups("raw", "ledger", "quarantine"),
        executor_def=dg.in_process_executor,
        description="Lands the files that wait in the inbox and checks them; builds nothing on them.",
    )


def nightly_schedule(timezone: str) -> dg.ScheduleDefinition:
    """Return the schedule that closes each business day at 02:00 of the next."""
    return dg.ScheduleDefinition(
        name="nightly_at_two",
        job_name=NIGHTLY,
        cron_schedule="0 2 * * *",
        execution_timezone=timezone,
        description="Closes yesterday, every night at 02:00 in the configured time zone.",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
