"""The `genome` command as a shell sees it: what it prints, its exit codes, and its one screen of an error."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration.cli.demo import QUESTIONS
from orchestration.foundation.clock import utc_now
from orchestration.foundation.lake_io import Lake, sha256_of
from orchestration.foundation.settings import child_environment
from orchestration.publish.swap import published
from tests.end_to_end.conftest import Demo
from tests.support.nights import LAST_DAY, published_differences

GENOME = str(Path(sys.executable).with_name("genome"))
NEXT_DAY = (LAST_DAY + timedelta(days=1)).isoformat()
SECONDS_AT_MOST = 600
ONE_SCREEN_LINES = 25


def genome(lake: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [GENOME, *words],
        env=child_environment({"GENOME_LAKE": str(lake), "NO_COLOR": "1"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_AT_MOST,
    )


@pytest.mark.night
def test_the_demo_prints_three_answers_which_its_sql_gives_on_the_published_file(demo: Demo) -> None:
    published = demo.lake / "serving" / "genome.duckdb"
    assert str(published) in demo.printed
    assert len(QUESTIONS) == 3
    with duckdb.connect(published, read_only=True) as connection:
        for question in QUESTIONS:
            sql, header, rows = _printed_answer(demo.printed, question.asked, len(question.sql.splitlines()))
            assert sql == question.sql.split()
            answer = connection.execute(" ".join(sql))
            assert header == [column[0] for column in answer.description or []]
            expected = answer.fetchall()
            assert expected, question.asked
            assert rows == [_squeezed("" if cell is None else str(cell) for cell in row) for row in expected]


def _printed_answer(output: str, asked: str, sql_lines: int) -> tuple[list[str], list[str], list[str]]:
    """Return the words of the printed SQL, the printed column names, and each printed row without its spaces."""
    block = output[output.index(asked) :].split("\n\n", maxsplit=1)[0].splitlines()[1:]
    words = [word for line in block[:sql_lines] for word in line.split()]
    return words, block[sql_lines].split(), [_squeezed(line) for line in block[sql_lines + 1 :]]


def _squeezed(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split())


@pytest.mark.night
def test_status_tells_of_the_last_night_and_changes_nothing(finished_night: Path) -> None:
    before = _files(finished_night)
    ended = genome(finished_night, "status")
    assert ended.returncode == 0, ended.stderr
    assert re.search(
        rf"Last night {LAST_DAY}\s+ended \d{{4}}-\d\d-\d\d \d\d:\d\d UTC\s+run [0-9a-f-]{{36}}", ended.stdout
    )
    for gate in ("raw", "staging", "customer", "features", "scores", "serving"):
        [(facts, that_hold)] = re.findall(rf"^\s*{gate}\s+(\d+)\s+(\d+)\s*$", ended.stdout, flags=re.MULTILINE)
        assert int(facts) == int(that_hold) > 0
    with duckdb.connect(finished_night / "serving" / "genome.duckdb", read_only=True) as connection:
        [(customers,)] = connection.execute("select count(*) from mart_customer_360").fetchall()
    assert re.search(rf"mart_customer_360\s+{customers:,} rows", ended.stdout)
    assert _files(finished_night) == before


def test_status_of_an_empty_lake_says_how_to_begin(tmp_path: Path) -> None:
    ended = genome(tmp_path / "lake", "status")
    assert ended.returncode == 0, ended.stderr
    assert "No night has run yet" in ended.stdout
    assert not (tmp_path / "lake").exists()


@pytest.mark.night
def test_landing_says_when_nothing_waits_and_refuses_a_bad_file_with_its_message(own_night: Path) -> None:
    nothing = genome(own_night, "land")
    assert nothing.returncode == 0, nothing.stdout + nothing.stderr
    assert nothing.stdout.strip() == "No file was waiting in the inbox."
    before = sha256_of(own_night / "serving" / "genome.duckdb")
    bad = own_night / "inbox" / "crm" / "contacts_2026-07-01.csv"
    bad.write_text("contact_id;first_name;mail\n1;Ann;ann.private@example.com\n", encoding="cp1252")
    ended = genome(own_night, "land")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = " ".join(ended.stdout.split())
    assert "contacts_2026-07-01.csv refused" in told
    assert "lacks ['email'" in told
    assert "lake/contracts/crm.yml" in told
    assert "nothing was landed" in told
    assert "ann.private" not in ended.stdout + ended.stderr
    assert not bad.exists()
    assert sha256_of(own_night / "serving" / "genome.duckdb") == before


@pytest.mark.night
def test_one_night_runs_at_a_time_and_the_same_night_again_publishes_the_same(own_night: Path, tmp_path: Path) -> None:
    command = [GENOME, "night", "--date", NEXT_DAY]
    environment = child_environment({"GENOME_LAKE": str(own_night), "NO_COLOR": "1"})
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as first:
        _wait_for_holder(own_night / "night.lock", NEXT_DAY, first)
        second = genome(own_night, "night", "--date", NEXT_DAY)
        assert first.poll() is None, "the first night ended before the second could meet it"
        printed, told = first.communicate(timeout=SECONDS_AT_MOST)
    assert first.returncode == 0, printed + told
    _assert_refused_in_one_screen(second)
    holder = re.search(rf"another night is at work \(night {NEXT_DAY}, run ([0-9a-f-]{{36}}), since", second.stderr)
    assert holder is not None, second.stderr
    assert f"build {holder[1]}" in " ".join(printed.split())

    once = Path(shutil.copytree(own_night / "serving", tmp_path / "once" / "serving")).parent
    build_of_once = published(once / "serving")
    again = genome(own_night, "night", "--date", NEXT_DAY)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "No file was waiting in the inbox." in again.stdout
    assert set(published_differences(once, own_night).values()) == {0}
    build_of_again = published(own_night / "serving")
    assert build_of_once is not None
    assert build_of_again is not None
    assert build_of_once.build_id != build_of_again.build_id


@pytest.mark.parametrize(
    "words",
    [
        ("night", "--dat", "2026-06-30"),
        ("night", "--date", "30.06.2026"),
        ("demo", "--customers", "3"),
        ("nigth",),
    ],
    ids=" ".join,
)
def test_wrong_words_end_with_2_and_do_nothing(words: tuple[str, ...], tmp_path: Path) -> None:
    ended = genome(tmp_path / "lake", *words)
    assert ended.returncode == 2
    assert "Usage" in ended.stderr
    assert not (tmp_path / "lake").exists()


def test_a_wrong_setting_is_refused_in_one_screen(tmp_path: Path) -> None:
    ended = subprocess.run(
        [GENOME, "status"],
        env=child_environment({"GENOME_LAKE": str(tmp_path / "lake"), "GENOME_TIMEZONE": "Europe/Lodnon"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_AT_MOST,
    )
    _assert_refused_in_one_screen(ended)
    assert "GENOME_TIMEZONE='Europe/Lodnon'" in ended.stderr


@pytest.mark.parametrize("table", ["raw/online_retail/lines", "raw/crm/contacts"])
def test_the_demo_does_not_mix_its_people_with_those_of_another_company(table: str, tmp_path: Path) -> None:
    root = tmp_path / "lake"
    Lake(root).write_table(table, "2026-06-30_real", pa.table({"a": ["b"]}), run_id="real", written_at=utc_now())
    before = _files(root)
    ended = genome(root, "demo")
    _assert_refused_in_one_screen(ended)
    assert table in ended.stderr
    assert "GENOME_LAKE=" in ended.stderr
    assert _files(root) == before


def _assert_refused_in_one_screen(ended: "subprocess.CompletedProcess[str]") -> None:
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert 0 < len(ended.stderr.strip().splitlines()) <= ONE_SCREEN_LINES


def _wait_for_holder(lock: Path, day: str, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + SECONDS_AT_MOST
    while not (lock.exists() and day in lock.read_text()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _files(root: Path) -> dict[str, tuple[int, int]]:
    found = (path for path in root.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found}
