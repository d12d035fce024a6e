"""What a run left in Dagster's event log: what it materialised, what its checks said, and all of its text."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from orchestration.foundation.settings import Settings


@dataclass(frozen=True)
class RunLog:
    """One run as the web page shows it."""

    status: str
    tags: dict[str, str]
    materialised: dict[dg.AssetKey, dg.AssetMaterialization]
    failed_checks: set[tuple[str, str]]
    text: str


@contextmanager
def instance_of(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance that the command line and the web page share."""
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        yield instance


def run_log(settings: Settings, run_id: str) -> RunLog:
    """Return what one run left in the instance of `settings.dagster_home`."""
    with instance_of(settings) as instance:
        run = instance.get_run_by_id(run_id)
        entries = list(instance.all_logs(run_id))
    assert run is not None
    events = [entry.dagster_event for entry in entries if entry.dagster_event]
    made = [event.step_materialization_data.materialization for event in events if event.is_step_materialization]
    judged = [
        event.asset_check_evaluation_data
        for event in events
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ]
    return RunLog(
        status=run.status.value,
        tags=dict(run.tags),
        materialised={each.asset_key: each for each in made},
        failed_checks={
            (each.asset_key.to_user_string(), each.check_name)
            for each in judged
            if not each.passed and each.severity == dg.AssetCheckSeverity.ERROR
        },
        text="\n".join(dg.serialize_value(entry) for entry in entries),
    )


def all_text_below(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield every file below a folder with its bytes as text."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes().decode("utf-8", errors="replace")
