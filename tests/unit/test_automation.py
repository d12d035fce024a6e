"""The schedule asks for the right nights whatever the clocks do; the inbox's sensor waits for whole files."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test
from dagster._utils.schedules import schedule_execution_time_iterator

from orchestration.automation import failure_sensor, inbox_sensor, nightly_schedule, of_last_night, watch_sensor
from orchestration.foundation.alerts import Alert, Channel
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.night import close_night, pin_night
from orchestration.foundation.operations_policy import OperationsPolicy
from orchestration.foundation.policies import load_policies
from orchestration.foundation.settings import PROJECT_ROOT, Settings
from tests.support.nights import settings_of

AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def policy() -> OperationsPolicy:
    return load_policies(PROJECT_ROOT / "lake" / "policies").operations


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "lake")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as opened:
        yield opened


def _close(settings: Settings, day: date) -> None:
    lake = Lake(settings.lake_root)
    pin_night(lake, {}, as_of_on=day, run_id="run", at=AT)
    close_night(lake, as_of_on=day, at=AT)


def _tick(
    settings: Settings, policy: OperationsPolicy, instance: dg.DagsterInstance, at: datetime
) -> list[dg.RunRequest]:
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=at)
    found = nightly_schedule(settings, policy).evaluate_tick(context)
    return list(found.run_requests or [])


def _instants(settings: Settings, policy: OperationsPolicy, first: datetime) -> Iterator[datetime]:
    schedule = nightly_schedule(settings, policy)
    return schedule_execution_time_iterator(
        first.timestamp(), schedule.cron_schedule, schedule.execution_timezone, ascending=True
    )


@pytest.mark.parametrize(
    ("night_at", "deadline"), [("02:00", "0 6 * * *"), ("22:30", "30 2 * * *")], ids=["after midnight", "before"]
)
def test_what_is_published_is_of_last_night_four_hours_after_the_schedule(
    night_at: str, deadline: str, tmp_path: Path
) -> None:
    policy = of_last_night(settings_of(tmp_path / "lake", night_at=night_at, timezone="Europe/Berlin"))
    assert policy == dg.FreshnessPolicy.cron(
        deadline_cron=deadline, lower_bound_delta=timedelta(hours=4), timezone="Europe/Berlin"
    )


def test_the_schedule_runs_without_anybody_switching_it_on(settings: Settings, policy: OperationsPolicy) -> None:
    assert nightly_schedule(settings, policy).default_status == dg.DefaultScheduleStatus.RUNNING
    assert inbox_sensor(settings).default_status == dg.DefaultSensorStatus.RUNNING


def test_missed_nights_are_asked_for_first_each_as_its_own_run(
    settings: Settings, policy: OperationsPolicy, instance: dg.DagsterInstance
) -> None:
    _close(settings, date(2026, 6, 27))
    requests = _tick(settings, policy, instance, datetime(2026, 7, 1, 2, 0, tzinfo=ZoneInfo("Europe/London")))
    days = ["2026-06-28", "2026-06-29", "2026-06-30"]
    assert [request.run_key for request in requests] == days
    assert [request.run_config["resources"]["night"]["config"]["as_of_on"] for request in requests] == days
    priorities = [int(request.tags["dagster/priority"]) for request in requests]
    assert priorities == sorted(priorities, reverse=True)
    assert [request.tags.get("dagster/max_retries") for request in requests] == ["0", "0", None]


def test_a_night_that_waits_in_the_queue_is_not_asked_for_twice(
    settings: Settings, policy: OperationsPolicy, instance: dg.DagsterInstance
) -> None:
    _close(settings, date(2026, 6, 27))
    config = {"resources": {"night": {"config": {"as_of_on": "2026-06-28"}}}}
    create_run_for_test(instance, status=dg.DagsterRunStatus.NOT_STARTED, run_config=config)
    requests = _tick(settings, policy, instance, datetime(2026, 7, 1, 1, 0, tzinfo=UTC))
    assert [request.run_key for request in requests] == ["2026-06-29", "2026-06-30"]


@pytest.mark.parametrize(
    ("zone_and_time", "first"),
    [
        (("Europe/London", "02:00"), datetime(2026, 3, 27, tzinfo=UTC)),
        (("Europe/London", "01:30"), datetime(2026, 3, 27, tzinfo=UTC)),
        (("Europe/London", "01:30"), datetime(2026, 10, 23, tzinfo=UTC)),
        (("Europe/Berlin", "02:30"), datetime(2026, 3, 27, tzinfo=UTC)),
        (("Europe/Berlin", "02:30"), datetime(2026, 10, 23, tzinfo=UTC)),
        (("Pacific/Kiritimati", "02:00"), datetime(2026, 12, 29, tzinfo=UTC)),
        (("Europe/London", "02:00"), datetime(2028, 2, 27, tzinfo=UTC)),
    ],
)
def test_when_clocks_change_and_years_end_every_day_is_closed_exactly_once(
    settings: Settings,
    policy: OperationsPolicy,
    instance: dg.DagsterInstance,
    zone_and_time: tuple[str, str],
    first: datetime,
) -> None:
    zone, night_at = zone_and_time
    settings = settings.model_copy(update={"timezone": zone, "night_at": night_at})
    ticks = list(islice(_instants(settings, policy, first), 6))
    days = []
    for tick in ticks:
        (request,) = _tick(settings, policy, instance, tick)
        days.append(date.fromisoformat(request.run_key or ""))
        _close(settings, days[-1])
    assert days == [days[0] + timedelta(days=later) for later in range(6)]
    assert days[0] == ticks[0].astimezone(ZoneInfo(zone)).date() - timedelta(days=1)


def _look(settings: Settings, instance: dg.DagsterInstance, cursor: str | None) -> dg.SensorResult:
    context = dg.build_sensor_context(instance=instance, cursor=cursor)
    found = inbox_sensor(settings)(context)
    assert isinstance(found, dg.SensorResult)
    return found


def test_files_are_landed_once_they_are_whole_and_the_same_files_not_twice(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    folder = settings.lake_root / "inbox" / "crm"
    folder.mkdir(parents=True)
    assert not _look(settings, instance, None).run_requests
    (folder / "contacts_1.csv").write_text("a")
    first = _look(settings, instance, "")
    (folder / "contacts_1.csv").write_text("ab")
    second = _look(settings, instance, first.cursor)
    third = _look(settings, instance, second.cursor)
    fourth = _look(settings, instance, third.cursor)
    assert not first.run_requests
    assert not second.run_requests
    (request,) = third.run_requests or []
    (again,) = fourth.run_requests or []
    assert request.run_key == again.run_key == third.cursor
    assert len(third.cursor or "") == 16


@pytest.mark.parametrize("status", ["NOT_STARTED", "STARTING", "STARTED", "CANCELING"])
def test_the_inbox_is_left_alone_while_a_run_is_queued_or_at_work(
    settings: Settings, instance: dg.DagsterInstance, status: str
) -> None:
    folder = settings.lake_root / "inbox" / "crm"
    folder.mkdir(parents=True)
    (folder / "contacts_1.csv").write_text("a")
    seen = _look(settings, instance, None).cursor
    create_run_for_test(instance, job_name="nightly", status=dg.DagsterRunStatus(status))
    assert not _look(settings, instance, seen).run_requests


def test_the_failure_sensor_tells_of_a_failed_run_and_not_of_one_that_is_run_again(
    settings: Settings, policy: OperationsPolicy, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Alert] = []
    monkeypatch.setattr("orchestration.foundation.alerts.channels", lambda *_: (Channel("test", told.append),))

    @dg.asset
    def landed() -> None:
        message = "a disk that stays full"
        raise OSError(message)

    sensor = failure_sensor(settings, policy)
    for again in ("true", "false"):
        ended = dg.materialize([landed], instance=instance, raise_on_error=False)
        instance.add_run_tags(ended.run_id, {"dagster/will_retry": again})
        run = instance.get_run_by_id(ended.run_id)
        assert run is not None
        event = ended.get_run_failure_event()
        context = dg.build_run_status_sensor_context(sensor.name, event, instance, run).for_run_failure()
        sensor(context)
    (alert,) = told
    assert alert.run_id == ended.run_id
    assert "step landed stopped with OSError" in alert.reasons[0]
    assert "stays full" not in alert.reasons[0]


def test_the_watch_over_runs_says_when_nothing_was_cut_off(settings: Settings, instance: dg.DagsterInstance) -> None:
    found = watch_sensor(settings)(dg.build_sensor_context(instance=instance))
    assert isinstance(found, dg.SkipReason)
    assert found.skip_message == "no run was cut off"
