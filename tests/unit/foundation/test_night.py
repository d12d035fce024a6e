"""One night at a time, over inputs that are pinned until it ends."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from orchestration.foundation.lake_io import Lake
from orchestration.foundation.night import (
    NightAlreadyRunning,
    NightOutOfOrder,
    NightRecordDamaged,
    close_night,
    last_night,
    night_lock,
    pin_night,
    read_night,
)

AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
DAY = date(2026, 6, 30)
TABLES = {"raw/crm/contacts": pa.schema({"email": pa.string()})}
ONE_ROW = pa.table({"email": ["a@b.example"]})


def _land(lake: Lake, key: str) -> None:
    lake.write_table("raw/crm/contacts", key, ONE_ROW, run_id="run", written_at=AT)


def test_the_second_night_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "night.lock"
    with (
        night_lock(path, holder="night 2026-06-30, run 7"),
        pytest.raises(NightAlreadyRunning, match="night 2026-06-30, run 7"),
        night_lock(path, holder="another"),
    ):
        pass


def test_the_lock_is_free_again_after_its_night(tmp_path: Path) -> None:
    for holder in ("first", "second"):
        with night_lock(tmp_path / "night.lock", holder=holder):
            assert (tmp_path / "night.lock").read_text() == holder


def test_an_orphaned_child_still_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "night.lock"
    with night_lock(path, holder="a parent that is gone") as descriptor:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[descriptor])
    with (
        pytest.raises(NightAlreadyRunning, match="a child of a parent that is gone"),
        night_lock(path, holder="rerun", patience_seconds=0.2),
    ):
        pass
    child.communicate(b"\n")
    with night_lock(path, holder="rerun"):
        assert path.read_text() == "rerun"


def test_a_child_that_ends_by_itself_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "night.lock"
    with night_lock(path, holder="a parent that is gone") as descriptor:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.5)"], pass_fds=[descriptor])
    with night_lock(path, holder="rerun"):
        assert path.read_text() == "rerun"
        assert child.wait() == 0


def test_a_night_at_work_refuses_at_once_even_while_it_waits_for_an_orphan(tmp_path: Path) -> None:
    path = tmp_path / "night.lock"
    with (
        night_lock(path, holder="first"),
        pytest.raises(NightAlreadyRunning, match=r"\(first\)"),
        night_lock(path, holder="second", patience_seconds=3600),
    ):
        pass


def test_a_night_that_was_cut_off_keeps_its_pin(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _land(lake, "before")
    pin_night(lake, TABLES, as_of_on=DAY, run_id="cut off", at=AT)
    _land(lake, "came-later")
    resumed = pin_night(lake, TABLES, as_of_on=DAY, run_id="resumed", at=AT)
    assert resumed.keys == {"raw/crm/contacts": ("before",)}
    assert resumed.run_id == "resumed"


def test_a_night_that_ended_pins_anew_when_it_is_run_again(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _land(lake, "before")
    pin_night(lake, TABLES, as_of_on=DAY, run_id="first", at=AT)
    assert close_night(lake, as_of_on=DAY, at=AT).closed_at == AT
    _land(lake, "came-later")
    again = pin_night(lake, TABLES, as_of_on=DAY, run_id="again", at=AT)
    assert again.keys == {"raw/crm/contacts": ("before", "came-later")}
    assert again.closed_at is None


def test_a_night_before_one_that_has_published_is_refused_and_one_before_a_cut_off_night_is_not(tmp_path: Path) -> None:
    lake, older = Lake(tmp_path), date(2026, 6, 29)
    pin_night(lake, TABLES, as_of_on=DAY, run_id="later", at=AT)
    pin_night(lake, TABLES, as_of_on=older, run_id="earlier", at=AT)
    pin_night(lake, TABLES, as_of_on=DAY, run_id="later again", at=AT)
    close_night(lake, as_of_on=DAY, at=AT)
    before = read_night(lake, older)
    with pytest.raises(NightOutOfOrder, match=r"2026-06-29 comes before .*: '2026-06-30'.*Run the night of 2026-06-30"):
        pin_night(lake, TABLES, as_of_on=older, run_id="too late", at=AT)
    assert read_night(lake, older) == before
    (tmp_path / "nights" / f"{DAY}.json").unlink()
    assert pin_night(lake, TABLES, as_of_on=older, run_id="in its place", at=AT).run_id == "in its place"


def test_the_last_night_is_the_one_with_the_latest_day(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert last_night(lake) is None
    pin_night(lake, TABLES, as_of_on=DAY, run_id="later", at=AT)
    pin_night(lake, TABLES, as_of_on=date(2026, 2, 28), run_id="earlier", at=AT)
    assert last_night(lake) == read_night(lake, DAY)


def test_a_night_that_was_never_pinned_cannot_be_closed(tmp_path: Path) -> None:
    with pytest.raises(NightRecordDamaged, match="missing"):
        close_night(Lake(tmp_path), as_of_on=DAY, at=AT)


@pytest.mark.parametrize("damage", [lambda _: "[]", lambda text: text.replace("run", "fun"), lambda text: text[:40]])
def test_a_damaged_record_is_named(tmp_path: Path, damage: Callable[[str], str]) -> None:
    lake = Lake(tmp_path)
    pin_night(lake, TABLES, as_of_on=DAY, run_id="run", at=AT)
    path = tmp_path / "nights" / "2026-06-30.json"
    path.write_text(damage(path.read_text()))
    with pytest.raises(NightRecordDamaged, match=r"2026-06-30\.json"):
        read_night(lake, DAY)
