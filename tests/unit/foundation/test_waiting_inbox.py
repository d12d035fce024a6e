"""Files are landed when they are whole: what changes between two looks waits."""

import os
from pathlib import Path

import pytest

from orchestration.foundation.waiting_inbox import EMPTY, inbox_digest, settled


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox" / "crm"
    folder.mkdir(parents=True)
    return folder


def test_an_empty_inbox_has_nothing_to_land(inbox: Path, tmp_path: Path) -> None:
    assert inbox_digest(tmp_path / "nowhere") == EMPTY
    (inbox / ".upload-under-way").write_text("x")
    assert inbox_digest(tmp_path) == EMPTY
    verdict = settled(before=EMPTY, now=EMPTY, is_busy=False)
    assert not verdict.is_ready
    assert verdict.why_not


def test_a_file_is_landed_at_the_second_look_that_finds_it_unchanged(inbox: Path, tmp_path: Path) -> None:
    (inbox / "contacts.csv").write_text("a")
    first = inbox_digest(tmp_path)
    assert not settled(before=None, now=first, is_busy=False).is_ready
    assert settled(before=first, now=inbox_digest(tmp_path), is_busy=False).is_ready


def test_a_file_that_grows_waits(inbox: Path, tmp_path: Path) -> None:
    path = inbox / "contacts.csv"
    path.write_text("a")
    first = inbox_digest(tmp_path)
    with path.open("a") as growing:
        growing.write("b")
    assert not settled(before=first, now=inbox_digest(tmp_path), is_busy=False).is_ready


def test_a_rewrite_of_equal_length_with_its_old_time_is_a_change(inbox: Path, tmp_path: Path) -> None:
    path = inbox / "contacts.csv"
    path.write_text("a")
    before, times = inbox_digest(tmp_path), path.stat()
    path.unlink()
    (inbox / "holds-the-inode").write_text("")
    path.write_text("b")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    (inbox / "holds-the-inode").unlink()
    assert inbox_digest(tmp_path) != before


def test_files_outside_any_source_folder_are_seen_too(inbox: Path, tmp_path: Path) -> None:
    del inbox
    (tmp_path / "inbox" / "stray.csv").write_text("a")
    assert inbox_digest(tmp_path) != EMPTY


def test_nothing_is_landed_beside_a_run(inbox: Path, tmp_path: Path) -> None:
    (inbox / "contacts.csv").write_text("a")
    seen = inbox_digest(tmp_path)
    verdict = settled(before=seen, now=seen, is_busy=True)
    assert not verdict.is_ready
    assert "a run is queued or at work" in (verdict.why_not or "")


def test_the_cursor_stays_small_however_many_files_wait(inbox: Path, tmp_path: Path) -> None:
    for number in range(500):
        (inbox / f"contacts_{number}.csv").touch()
    assert len(inbox_digest(tmp_path)) == 16
