"""A night that fails tells people; missed nights run in order; a refusal before any record is told too."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from rich.console import Console

from orchestration.cli import night
from orchestration.cli.runs import NightFailed, RunEnd
from orchestration.foundation.errors import GenomeError
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.night import close_night, pin_night
from orchestration.foundation.settings import Settings
from tests.support.nights import settings_of

QUIET = Console(quiet=True)
FAILED = RunEnd("run-1", is_success=False, reasons=("anna@example.org is twice",), told_reasons=("one is twice",))
DONE = RunEnd("run-2", is_success=True, reasons=())


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What a local webhook was told; its port is the first entry's."""
    received: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Hook)
    received.append({"port": server.server_port})
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield received
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(tmp_path: Path, told: list[dict[str, Any]]) -> Settings:
    return settings_of(tmp_path / "lake", alert_webhook=f"http://127.0.0.1:{told.pop()['port']}/")


@pytest.fixture
def nights(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[date | None], RunEnd]], list[date | None]]:
    """Put a stand-in for the run of a night; the list fills with the days that were run."""

    def put(run: Callable[[date | None], RunEnd]) -> list[date | None]:
        days: list[date | None] = []

        def run_job(_: Settings, __: str, *, console: Console, as_of_on: date | None = None) -> RunEnd:
            del console
            days.append(as_of_on)
            return run(as_of_on)

        monkeypatch.setattr(night, "run_job", run_job)
        return days

    return put


def test_a_failed_night_tells_people_what_may_be_told(settings: Settings, told: list[Any], nights: Any) -> None:
    nights(lambda _: FAILED)
    with pytest.raises(NightFailed):
        night.run_night(settings, console=QUIET, as_of_on=date(2026, 6, 30))
    (alert,) = told
    assert alert["run_id"] == "run-1"
    assert alert["as_of_on"] == "2026-06-30"
    assert alert["reasons"] == ["one is twice"]


def test_a_refusal_before_any_record_is_told_and_stays_a_refusal(
    settings: Settings, told: list[Any], nights: Any
) -> None:
    def refuse(_: date | None) -> RunEnd:
        raise GenomeError("no room")

    nights(refuse)
    with pytest.raises(GenomeError, match="no room"):
        night.run_landing(settings, console=QUIET)
    assert told[0]["what"] == "the landing run stopped"
    assert told[0]["reasons"] == ["GenomeError: no room"]


def test_a_night_that_ends_well_tells_nobody(settings: Settings, told: list[Any], nights: Any) -> None:
    nights(lambda _: DONE)
    night.run_night(settings, console=QUIET, as_of_on=date(2026, 6, 30))
    assert told == []


def test_missed_nights_run_in_order_and_one_that_fails_does_not_keep_the_next(
    settings: Settings, told: list[Any], nights: Any
) -> None:
    lake, at = Lake(settings.lake_root), datetime(2026, 6, 28, 1, 0, tzinfo=UTC)
    pin_night(lake, {}, as_of_on=date(2026, 6, 27), run_id="run", at=at)
    close_night(lake, as_of_on=date(2026, 6, 27), at=at)
    days = nights(lambda day: FAILED if day == date(2026, 6, 28) else DONE)
    night.run_missed_nights(settings, console=QUIET, as_of_on=date(2026, 6, 30))
    assert days == [date(2026, 6, day) for day in (28, 29, 30)]
    assert [alert["as_of_on"] for alert in told] == ["2026-06-28"]
