"""What runs leave on record is read, told, retried and removed as it should be, on a real Dagster instance."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from orchestration import runs
from orchestration.automation import retry_when_safe, run_alert
from orchestration.foundation.alerts import one_screen
from orchestration.foundation.clock import day_to_close
from orchestration.foundation.dagster_home import prepare_dagster_home
from orchestration.foundation.errors import GenomeError
from orchestration.foundation.night import night_lock
from orchestration.resources import NightResource

LATER = timedelta(hours=1)


class FeedRefused(GenomeError):
    pass


class DagsterDbtCliRuntimeError(Exception):
    """Stands in for dagster-dbt's error of this name."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return prepare_dagster_home(tmp_path / "home")


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance with the project's own dagster.yaml."""
    with dg.DagsterInstance.from_config(str(home)) as opened:
        yield opened


def _raise(error: Exception) -> None:
    raise error


def _failed_run(instance: dg.DagsterInstance, error: Exception, **tags: str) -> dg.DagsterRun:
    @dg.asset
    def landed() -> None:
        _raise(error)

    job = dg.define_asset_job("nightly", hooks={retry_when_safe}, tags=tags)
    definitions = dg.Definitions(assets=[landed], jobs=[job], executor=dg.in_process_executor)
    ended = definitions.resolve_job_def("nightly").execute_in_process(instance=instance, raise_on_error=False)
    return _of(instance, ended.run_id)


def _run_with_failed_gate(instance: dg.DagsterInstance) -> dg.DagsterRun:
    @dg.asset
    def landed() -> None:
        return

    @dg.asset_check(asset=landed, blocking=True)
    def no_customer_in_two_rows() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(
            passed=False, description="No customer stands in two rows.", metadata={"unexpected_count": 3}
        )

    @dg.asset(deps=[landed])
    def published() -> None:
        return

    job = dg.define_asset_job("nightly", hooks={retry_when_safe})
    definitions = dg.Definitions(
        assets=[landed, published],
        asset_checks=[no_customer_in_two_rows],
        jobs=[job],
        executor=dg.in_process_executor,
    )
    ended = definitions.resolve_job_def("nightly").execute_in_process(instance=instance, raise_on_error=False)
    return _of(instance, ended.run_id)


def _of(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRun:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run


def _is_run_again(run: dg.DagsterRun) -> bool:
    return run.tags["dagster/will_retry"] == "true"


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), MemoryError(), BrokenPipeError(), KeyError()]
)
def test_what_went_wrong_is_run_once_more(instance: dg.DagsterInstance, error: Exception) -> None:
    assert _is_run_again(_failed_run(instance, error))


def test_what_was_refused_is_not_run_again(instance: dg.DagsterInstance) -> None:
    assert not _is_run_again(_failed_run(instance, FeedRefused("crm/contacts.csv lacks ['email']")))


def test_a_gate_that_bit_is_not_run_into_again(instance: dg.DagsterInstance) -> None:
    run = _run_with_failed_gate(instance)
    assert run.status == dg.DagsterRunStatus.FAILURE
    assert not _is_run_again(run)


def test_a_refusal_that_another_error_wraps_is_still_a_refusal() -> None:
    refusal, wrapped = FeedRefused("no"), RuntimeError("step failed")
    wrapped.__cause__ = refusal
    assert not runs.may_retry(wrapped)


@pytest.mark.parametrize(
    ("message", "is_retried"),
    [("Failure in test unique_dim_customers_customer_id", False), ("IO Error: could not read", True)],
)
def test_a_failed_test_of_dbt_is_a_refusal_and_its_other_failures_are_not(message: str, is_retried: bool) -> None:  # noqa: FBT001
    assert runs.may_retry(DagsterDbtCliRuntimeError(message)) is is_retried


def test_a_run_that_may_not_be_retried_is_not(instance: dg.DagsterInstance) -> None:
    assert not _is_run_again(_failed_run(instance, OSError(), **{"dagster/max_retries": "0"}))


def test_the_alert_of_a_gate_names_the_fact_its_evidence_and_its_rule(instance: dg.DagsterInstance) -> None:
    run = _run_with_failed_gate(instance)
    told = " ".join(one_screen(run_alert(instance, run)).split())
    assert "the fact 'no_customer_in_two_rows' does not hold for landed (unexpected_count: 3)" in told
    assert "Rule: No customer stands in two rows." in told
    assert run.run_id in told


def test_a_fact_that_only_warns_is_no_reason(instance: dg.DagsterInstance) -> None:
    @dg.asset
    def landed() -> None:
        return

    @dg.asset_check(asset=landed)
    def feed_is_fresh() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)

    definitions = dg.Definitions(assets=[landed], asset_checks=[feed_is_fresh], executor=dg.in_process_executor)
    ended = definitions.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance)
    assert ended.success
    assert runs.reasons_of(ended.all_events) == ()


def test_the_alert_of_a_refusal_is_its_message(instance: dg.DagsterInstance) -> None:
    run = _failed_run(instance, FeedRefused("crm/contacts.csv lacks ['email']; add an alias in crm.yml"))
    assert "FeedRefused: crm/contacts.csv lacks ['email']; add an alias" in one_screen(run_alert(instance, run))


def test_a_refusal_is_told_and_not_the_foreign_error_that_it_explains(instance: dg.DagsterInstance) -> None:
    refusal = FeedRefused("contacts.csv is damaged; restore it")
    refusal.__cause__ = KeyError("checksum")
    (reason,) = runs.reasons_on_record(instance, _failed_run(instance, refusal).run_id)
    assert reason.text == reason.told == "FeedRefused: contacts.csv is damaged; restore it"


def test_the_words_of_foreign_errors_are_not_told_outside(instance: dg.DagsterInstance) -> None:
    run = _failed_run(instance, ValueError("could not convert 'Anna Smith, 12 High Street'"))
    (reason,) = runs.reasons_on_record(instance, run.run_id)
    assert "Anna Smith" in reason.text
    assert reason.told == "step landed stopped with ValueError; its words may hold data and stand on the web page only"
    assert "Anna" not in one_screen(run_alert(instance, run))


def test_a_run_that_the_lock_kept_out_says_so(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    @dg.asset
    def landed(night: NightResource) -> None:
        del night

    lock = tmp_path / "night.lock"
    night = NightResource(as_of_on="2026-06-30", timezone="UTC", lock_path=str(lock))
    with night_lock(lock, holder="night 2026-06-29, run 7"):
        ended = dg.materialize([landed], resources={"night": night}, instance=instance, raise_on_error=False)
    (reason,) = runs.reasons_of(ended.all_events)
    assert "another night is at work (night 2026-06-29, run 7)" in reason.text
    assert reason.told == reason.text


def test_a_run_across_midnight_closes_the_day_before_it_was_made(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = []

    @dg.asset
    def landed(night: NightResource) -> None:
        days.append(night.day)

    made_at = datetime.now(UTC)
    monkeypatch.setattr("orchestration.foundation.clock.utc_now", lambda: made_at + timedelta(days=1))
    night = NightResource(timezone="Europe/London", lock_path=str(tmp_path / "night.lock"))
    dg.materialize([landed], resources={"night": night}, instance=instance)
    assert days == [day_to_close(made_at, "Europe/London")]


def test_nobody_is_told_of_a_run_that_is_run_again_nor_twice_of_one_from_the_command_line() -> None:
    assert runs.why_silent({"dagster/will_retry": "true"})
    assert runs.why_silent({runs.ALERT_BY: runs.COMMAND_LINE})
    assert not runs.why_silent({"dagster/will_retry": "false"})
    assert not runs.why_silent({runs.ALERT_BY: "daemon", "dagster/will_retry": "false"})


def test_the_days_under_way_are_those_of_queued_and_working_runs(instance: dg.DagsterInstance) -> None:
    assert not runs.is_under_way(instance)
    for day, status in (("2026-06-28", "SUCCESS"), ("2026-06-29", "NOT_STARTED"), ("2026-06-30", "STARTED")):
        config = {"resources": {"night": {"config": {"as_of_on": day}}}}
        create_run_for_test(instance, status=dg.DagsterRunStatus(status), run_config=config)
    create_run_for_test(instance, status=dg.DagsterRunStatus.NOT_STARTED)
    assert runs.days_under_way(instance) == {date(2026, 6, 29), date(2026, 6, 30)}
    assert runs.is_under_way(instance)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@pytest.mark.parametrize(("is_locked", "after", "is_ended"), [(False, LATER, True), (True, LATER, False)])
def test_a_run_at_work_without_the_lock_was_cut_off_and_one_that_holds_it_is_at_work(
    instance: dg.DagsterInstance,
    tmp_path: Path,
    is_locked: bool,  # noqa: FBT001
    after: timedelta,
    is_ended: bool,  # noqa: FBT001
) -> None:
    run = create_run_for_test(
        instance, job_name="nightly", status=dg.DagsterRunStatus.STARTED, tags={runs.ALERT_BY: runs.COMMAND_LINE}
    )
    lock = tmp_path / "night.lock"
    with night_lock(lock, holder="a night") if is_locked else _nothing():
        ended = runs.end_cut_off(instance, lock_path=lock, at=datetime.now(UTC) + after, patience_seconds=0)
    found = _of(instance, run.run_id)
    assert ended == ((run.run_id,) if is_ended else ())
    assert found.status == (dg.DagsterRunStatus.FAILURE if is_ended else dg.DagsterRunStatus.STARTED)
    if is_ended:
        assert _is_run_again(found)
        assert "killed, or its machine stopped" in one_screen(run_alert(instance, found))


def test_a_run_on_its_way_to_the_lock_is_left_alone(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    create_run_for_test(instance, status=dg.DagsterRunStatus.STARTING)
    create_run_for_test(instance, status=dg.DagsterRunStatus.NOT_STARTED)
    assert runs.end_cut_off(instance, lock_path=tmp_path / "l", at=datetime.now(UTC), patience_seconds=0) == ()


def test_old_runs_go_with_their_logs_oldest_first_and_bounded_and_those_at_work_stay(
    instance: dg.DagsterInstance, home: Path
) -> None:
    ended = [_failed_run(instance, FeedRefused("no")).run_id for _ in range(3)]
    at_work = create_run_for_test(instance, status=dg.DagsterRunStatus.STARTED).run_id
    soon = datetime.now(UTC) + LATER
    assert runs.remove_old_runs(instance, home=home, before=soon - 2 * LATER, at_most=9) == ()
    gone = runs.remove_old_runs(instance, home=home, before=soon, at_most=2)
    assert [run_id for run_id, _ in gone] == ended[:2]
    assert all(size > 0 for _, size in gone)
    assert {run.run_id for run in instance.get_runs()} == {ended[2], at_work}
    left = {path.name.split(".")[0] for path in (home / "history" / "runs").iterdir()}
    left |= {path.name for path in (home / "storage").iterdir()}
    assert not left & set(ended[:2])
    assert ended[2] in left
