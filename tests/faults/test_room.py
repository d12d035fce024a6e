"""No room, memory or right to write: a plain refusal, the old publication as it was; the next night succeeds."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestration.foundation.lake_io import sha256_of
from tests.faults.conftest import Small
from tests.support.kills import Ended, Nights, differences

pytestmark = pytest.mark.faults

in_full = pytest.mark.in_full


def _is_refused(ended: Ended, said: str) -> None:
    assert ended.code == 1, ended.output
    assert "Traceback" not in ended.output
    assert said in " ".join(ended.output.split())
    assert "run again" in " ".join(ended.output.split())


@contextmanager
def _mounted(folder: Path, *options: str) -> Iterator[None]:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("needs root and mount for a small or read-only file system")
    done = subprocess.run(["mount", *options, str(folder)], check=False, capture_output=True, text=True)  # noqa: S607
    if done.returncode != 0:
        pytest.skip(f"needs the right to mount a small or read-only file system: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607


@pytest.mark.parametrize(
    "file_bytes_at_most", [*(pytest.param(size, marks=in_full) for size in (20_000, 300_000, 3_000_000)), 1_000_000]
)
def test_a_file_that_may_not_grow_stops_the_night_and_the_next_one_succeeds_with_256_megabytes_for_duckdb(
    file_bytes_at_most: int, second_night: Small, nights: Nights, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(second_night.before, tmp_path / "lake"))
    shown = sha256_of(root / "serving" / "genome.duckdb")
    refused = nights.run(root, second_night.command, file_bytes_at_most=file_bytes_at_most)
    _is_refused(refused, "no room left")
    assert sha256_of(root / "serving" / "genome.duckdb") == shown
    ended = nights.run(root, second_night.command, more={"GENOME_DUCKDB_MEMORY_LIMIT": "256MB"})
    assert ended.code == 0, ended.output
    assert differences(second_night.after, root) == {}


@in_full
@pytest.mark.parametrize("room_kilobytes", [100, 2_000, 6_000])
def test_a_full_disk_stops_the_night_and_the_next_one_succeeds_once_there_is_room(
    room_kilobytes: int, second_night: Small, nights: Nights, tmp_path: Path
) -> None:
    root = tmp_path / "lake"
    root.mkdir()
    with _mounted(root, "-t", "tmpfs", "-o", "size=1g", "tmpfs"):
        shutil.copytree(second_night.before, root, dirs_exist_ok=True)
        shown = sha256_of(root / "serving" / "genome.duckdb")
        filler = root / ".filler"
        room = shutil.disk_usage(root).free - room_kilobytes * 1024
        assert room > 0
        with filler.open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, room)
        _is_refused(nights.run(root, second_night.command), "There is no room left")
        assert sha256_of(root / "serving" / "genome.duckdb") == shown
        filler.unlink()
        assert nights.run(root, second_night.command).code == 0
        assert differences(second_night.after, root) == {}


@in_full
@pytest.mark.parametrize("folder", ["raw", "serving", "standardised", "quality", ""])
def test_a_folder_that_may_not_be_written_stops_the_night(
    folder: str, second_night: Small, nights: Nights, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(second_night.before, tmp_path / "lake"))
    shown = sha256_of(root / "serving" / "genome.duckdb")
    target = root / folder
    with _mounted(target, "--bind", str(target)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(target)], check=True)  # noqa: S607
        _is_refused(nights.run(root, second_night.command), "may not be written")
        assert sha256_of(root / "serving" / "genome.duckdb") == shown
    assert nights.run(root, second_night.command).code == 0
    assert differences(second_night.after, root) == {}


@in_full
def test_far_too_little_memory_stops_the_night_and_the_next_one_succeeds(
    second_night: Small, nights: Nights, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(second_night.before, tmp_path / "lake"))
    shown = sha256_of(root / "serving" / "genome.duckdb")
    refused = nights.run(root, second_night.command, more={"GENOME_DUCKDB_MEMORY_LIMIT": "2MB"})
    _is_refused(refused, "There is too little memory")
    assert sha256_of(root / "serving" / "genome.duckdb") == shown
    assert nights.run(root, second_night.command).code == 0
    assert differences(second_night.after, root) == {}
