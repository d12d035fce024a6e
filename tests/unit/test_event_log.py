from pathlib import Path
from queue import SimpleQueue

import dagster as dg
from sqlalchemy import text

from orchestration.event_log import HeldOpenSqliteEventLogStorage
from orchestration.foundation.dagster_home import prepare_dagster_home


@dg.asset
def one() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"dagster/row_count": 3})


@dg.asset_check(asset=one)
def holds() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


def _run(instance: dg.DagsterInstance) -> str:
    return dg.materialize([one, holds], instance=instance).run_id


def test_an_instance_of_the_home_keeps_its_events_in_it_as_dagsters_own_log_would(tmp_path: Path) -> None:
    home = prepare_dagster_home(tmp_path / "home")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert isinstance(instance.event_log_storage, HeldOpenSqliteEventLogStorage)
        run_id = _run(instance)
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(home)) as plain:
        assert not isinstance(plain.event_log_storage, HeldOpenSqliteEventLogStorage)
        kinds = [entry.dagster_event_type for entry in plain.all_logs(run_id)]
        assert kinds.count(dg.DagsterEventType.ASSET_MATERIALIZATION) == 1
        assert kinds.count(dg.DagsterEventType.ASSET_CHECK_EVALUATION) == 1
        assert kinds[-1] == dg.DagsterEventType.RUN_SUCCESS
        assert plain.get_latest_materialization_event(dg.AssetKey("one")) is not None


def test_the_write_ahead_log_is_copied_back_when_the_instance_is_closed_and_not_before(tmp_path: Path) -> None:
    home = prepare_dagster_home(tmp_path)
    logs = home / "history" / "runs"
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run_id = _run(instance)
        assert {path.name for path in logs.glob("*-wal")} == {"index.db-wal", f"{run_id}.db-wal"}
    assert not list(logs.glob("*-wal"))


def test_a_run_is_seen_as_it_goes_while_the_page_and_the_night_both_hold_its_database_open(tmp_path: Path) -> None:
    home = str(prepare_dagster_home(tmp_path))
    seen: SimpleQueue[str] = SimpleQueue()
    with dg.DagsterInstance.from_config(home) as page, dg.DagsterInstance.from_config(home) as night:
        night.report_engine_event("begins", run_id="run", job_name="nightly")
        page.watch_event_logs("run", None, lambda entry, _: seen.put(entry.message))
        assert [entry.message for entry in page.all_logs("run")] == ["begins"]
        night.report_engine_event("goes on", run_id="run", job_name="nightly")
        assert [seen.get(timeout=30) for _ in range(2)] == ["begins", "goes on"]


def test_the_log_waits_for_the_disk_less_often_and_keeps_few_databases_open(tmp_path: Path) -> None:
    log = HeldOpenSqliteEventLogStorage(str(tmp_path))
    for number in range(9):
        with log.run_connection(f"run{number}") as connection:
            assert connection.execute(text("pragma synchronous")).scalar_one() == 1
    assert len(list(tmp_path.glob("*-wal"))) <= 4
    with log.run_connection("run0") as connection:
        assert connection.execute(text("select count(*) from event_logs")).scalar_one() == 0
    log.dispose()
    assert not list(tmp_path.glob("*-wal"))
