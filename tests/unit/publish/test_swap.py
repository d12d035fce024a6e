import json
import multiprocessing
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb
import pytest

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.lake_io import sha256_of
from orchestration.publish.candidate import build_candidate
from orchestration.publish.records import (
    Published,
    PublishedFileUnknown,
    PublishedRecordDamaged,
    RollbackImpossible,
)
from orchestration.publish.swap import keep_last, published, roll_back, swap
from tests.support.damages import DAMAGES, damage

NIGHT = date(2026, 3, 31)
AT = datetime(2026, 4, 1, 2, 30, tzinfo=UTC)

Publish = Callable[[str], Published]


@pytest.fixture
def serving_dir(tmp_path: Path) -> Path:
    return tmp_path / "serving"


@pytest.fixture
def publish(warehouse: Path, serving_dir: Path, limits: DuckdbLimits) -> Publish:
    def built_and_swapped(build_id: str) -> Published:
        candidate = build_candidate(warehouse=warehouse, serving_dir=serving_dir, build_id=build_id, limits=limits)
        at = AT + timedelta(minutes=int(build_id.removeprefix("b")))
        return swap(candidate, serving_dir=serving_dir, as_of_on=NIGHT, published_at=at)

    return built_and_swapped


def build_shown(path: Path) -> str:
    with duckdb.connect(path, read_only=True) as connection:
        rows = connection.execute("select build_id from mart_customers union select build_id from mart_segments")
        ((build_id,),) = rows.fetchall()
    return str(build_id)


def databases(serving_dir: Path) -> list[str]:
    return sorted(path.name for path in serving_dir.glob("*.duckdb*"))


def test_nothing_is_published_before_the_first_publication(serving_dir: Path) -> None:
    assert published(serving_dir) is None
    assert keep_last(serving_dir) == ()


def test_what_was_swapped_in_is_what_is_shown_and_recorded(publish: Publish, serving_dir: Path) -> None:
    shown = publish("b1")
    database = serving_dir / "genome.duckdb"
    assert build_shown(database) == "b1"
    assert shown == published(serving_dir)
    assert (shown.build_id, shown.as_of_on, shown.published_at) == ("b1", NIGHT, AT + timedelta(minutes=1))
    assert (shown.sha256, shown.bytes) == (sha256_of(database), database.stat().st_size)
    assert [(table.name, table.rows_count) for table in shown.tables] == [("mart_customers", 3), ("mart_segments", 2)]
    assert databases(serving_dir) == ["genome.duckdb"]


def test_the_record_is_plain_json_that_others_can_read(publish: Publish, serving_dir: Path) -> None:
    publish("b1")
    publish("b2")
    record = json.loads((serving_dir / "published.json").read_text())
    assert record["shown"]["build_id"] == "b2"
    assert record["shown"]["as_of_on"] == "2026-03-31"
    assert record["shown"]["published_at"] == "2026-04-01T02:32:00+00:00"
    assert record["coming"] is None
    assert [build["build_id"] for build in record["earlier"]] == ["b1"]


def test_the_build_before_is_kept_under_its_own_name(publish: Publish, serving_dir: Path) -> None:
    publish("b1")
    publish("b2")
    assert databases(serving_dir) == ["genome.b1.duckdb", "genome.duckdb"]
    assert build_shown(serving_dir / "genome.b1.duckdb") == "b1"


def test_the_last_three_builds_are_kept_and_older_ones_go(publish: Publish, serving_dir: Path) -> None:
    for number in range(1, 6):
        publish(f"b{number}")
        kept = keep_last(serving_dir, 3)
    assert [build.build_id for build in kept] == ["b5", "b4", "b3"]
    assert databases(serving_dir) == ["genome.b3.duckdb", "genome.b4.duckdb", "genome.duckdb"]
    assert published(serving_dir) == kept[0]


def test_files_that_no_record_names_are_left_alone(publish: Publish, serving_dir: Path) -> None:
    publish("b1")
    (serving_dir / "genome.precious.duckdb").write_bytes(b"somebody's own copy")
    publish("b2")
    keep_last(serving_dir, 1)
    assert databases(serving_dir) == ["genome.duckdb", "genome.precious.duckdb"]


def test_a_reader_keeps_the_build_that_it_opened(publish: Publish, serving_dir: Path) -> None:
    publish("b1")
    with duckdb.connect(serving_dir / "genome.duckdb", read_only=True) as reader:
        publish("b2")
        assert reader.execute("select distinct build_id from mart_segments").fetchall() == [("b1",)]
    assert build_shown(serving_dir / "genome.duckdb") == "b2"


def test_the_same_build_published_again_stays_one_build(publish: Publish, serving_dir: Path) -> None:
    publish("b1")
    publish("b1")
    keep_last(serving_dir, 3)
    assert build_shown(serving_dir / "genome.duckdb") == "b1"
    assert published(serving_dir) is not None


def test_a_rollback_shows_the_build_before_and_keeps_the_one_it_replaced(publish: Publish, serving_dir: Path) -> None:
    for build_id in ("b1", "b2", "b3"):
        publish(build_id)
    assert roll_back(serving_dir).build_id == "b2"
    assert build_shown(serving_dir / "genome.duckdb") == "b2"
    assert build_shown(serving_dir / "genome.b3.duckdb") == "b3"
    assert roll_back(serving_dir).build_id == "b1"
    with pytest.raises(RollbackImpossible, match="no earlier build is kept"):
        roll_back(serving_dir)
    assert roll_back(serving_dir, build_id="b3") == published(serving_dir)
    assert build_shown(serving_dir / "genome.duckdb") == "b3"
    assert [build.build_id for build in keep_last(serving_dir, 9)] == ["b3", "b1", "b2"]


def test_the_night_after_a_rollback_publishes_as_always(publish: Publish, serving_dir: Path) -> None:
    for build_id in ("b1", "b2"):
        publish(build_id)
    roll_back(serving_dir)
    publish("b3")
    assert build_shown(serving_dir / "genome.duckdb") == "b3"
    assert [build.build_id for build in keep_last(serving_dir, 9)] == ["b3", "b1", "b2"]


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_rollback_passes_over_a_damaged_build(publish: Publish, serving_dir: Path, kind: str) -> None:
    for build_id in ("b1", "b2", "b3"):
        publish(build_id)
    damage(serving_dir / "genome.b2.duckdb", kind, other=serving_dir / "genome.b1.duckdb")
    with pytest.raises(RollbackImpossible, match=r"b2: genome\.b2\.duckdb"):
        roll_back(serving_dir, build_id="b2")
    assert build_shown(serving_dir / "genome.duckdb") == "b3"
    assert roll_back(serving_dir).build_id == "b1"


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_database_is_named_and_a_rollback_shows_the_one_before(
    publish: Publish, serving_dir: Path, kind: str
) -> None:
    for build_id in ("b1", "b2"):
        publish(build_id)
    damage(serving_dir / "genome.duckdb", kind, other=serving_dir / "genome.b1.duckdb")
    with pytest.raises(PublishedFileUnknown, match="genome rollback"):
        published(serving_dir)
    assert roll_back(serving_dir).build_id == "b1"
    assert published(serving_dir) is not None


@pytest.mark.parametrize("kind", ["bit flipped", "truncated"])
def test_a_damaged_record_is_named_and_the_next_publication_begins_a_new_one(
    publish: Publish, serving_dir: Path, kind: str
) -> None:
    publish("b1")
    damage(serving_dir / "published.json", kind)
    with pytest.raises(PublishedRecordDamaged, match=r"published\.json"):
        published(serving_dir)
    assert publish("b2") == published(serving_dir)


def test_a_build_that_was_never_kept_cannot_be_shown(publish: Publish, serving_dir: Path) -> None:
    publish("b1")
    with pytest.raises(RollbackImpossible, match="no kept build"):
        roll_back(serving_dir, build_id="b7")


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture
def killed_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """A function that makes the n-th call of a function of the swap module, or of Path, end the process."""

    def kill(name: str, call: int) -> None:
        target = f"orchestration.publish.swap.{name}" if "." not in name else f"pathlib.{name}"
        owner, _, attribute = target.rpartition(".")
        real = (
            getattr(Path, attribute) if owner.endswith("Path") else __import__(owner, fromlist=[""]).__dict__[attribute]
        )
        calls = Counter[str]()

        def dying(*args: object, **kwargs: object) -> object:
            calls["all"] += 1
            if calls["all"] == call:
                raise Killed
            return real(*args, **kwargs)

        monkeypatch.setattr(target, dying)

    return kill


@pytest.mark.parametrize(
    ("name", "call", "shown"),
    [
        ("sync_file", 1, "b2"),
        ("_keep_as", 1, "b2"),
        ("write_bytes_atomically", 1, "b2"),
        ("sync_folder", 2, "b3"),
        ("write_bytes_atomically", 2, "b3"),
    ],
)
def test_a_swap_that_is_killed_at_any_point_leaves_one_build_shown_and_its_record_found(  # noqa: PLR0913, PLR0917
    name: str,
    call: int,
    shown: str,
    publish: Publish,
    serving_dir: Path,
    killed_at: Callable[[str, int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish("b1")
    publish("b2")
    with monkeypatch.context():
        killed_at(name, call)
        with pytest.raises(Killed):
            publish("b3")
    monkeypatch.undo()
    assert build_shown(serving_dir / "genome.duckdb") == shown
    found = published(serving_dir)
    assert found is not None
    assert found.build_id == shown
    publish("b4")
    assert [build.build_id for build in keep_last(serving_dir, 9)] == [
        "b4",
        *(["b3"] if shown == "b3" else []),
        "b2",
        "b1",
    ]
    assert build_shown(serving_dir / f"genome.{shown}.duckdb") == shown


def test_a_database_that_was_changed_by_hand_is_refused_and_kept_aside_by_the_next_publication(
    publish: Publish, serving_dir: Path
) -> None:
    publish("b1")
    with duckdb.connect(serving_dir / "genome.duckdb") as connection:
        connection.execute("update mart_segments set customers_count = 9")
    changed = sha256_of(serving_dir / "genome.duckdb")
    with pytest.raises(PublishedFileUnknown, match="does not name"):
        published(serving_dir)
    assert publish("b2") == published(serving_dir)
    assert databases(serving_dir) == ["genome.duckdb", f"genome.unrecorded-{changed[:12]}.duckdb"]


def test_a_file_system_without_hard_links_keeps_a_copy(
    publish: Publish, serving_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    publish("b1")
    monkeypatch.setattr("orchestration.publish.swap.os.link", refuse)
    publish("b2")
    assert build_shown(serving_dir / "genome.b1.duckdb") == "b1"
    assert build_shown(serving_dir / "genome.duckdb") == "b2"


def read_until_stopped(database: Path, stop: Event, results: "Queue[tuple[int, int, list[str]]]") -> None:
    """Open the database again and again as a BI tool would; count opens, builds seen, and what went wrong."""
    opens, builds, wrong = 0, set[str](), list[str]()
    while not stop.is_set():
        try:
            builds.add(build_shown(database))
        except (duckdb.Error, ValueError) as error:
            wrong.append(f"{type(error).__name__}: {error}")
        opens += 1
        stop.wait(0.01)
    results.put((opens, len(builds), wrong))


def test_over_200_publications_every_open_of_other_processes_reads_one_build_and_none_fails(
    publish: Publish, serving_dir: Path
) -> None:
    publish("b0")
    context = multiprocessing.get_context("spawn")
    stop, results = context.Event(), context.Queue()
    readers = [
        context.Process(target=read_until_stopped, args=(serving_dir / "genome.duckdb", stop, results))
        for _ in range(2)
    ]
    for reader in readers:
        reader.start()
    for number in range(1, 201):
        publish(f"b{number}")
        keep_last(serving_dir, 3)
    stop.set()
    counted = [results.get(timeout=30) for _ in readers]
    for reader in readers:
        reader.join(timeout=30)
    assert [wrong for _, _, wrong in counted] == [[], []]
    assert all(builds > 10 for _, builds, _ in counted)
    assert sum(opens for opens, _, _ in counted) > 100
    assert databases(serving_dir) == ["genome.b198.duckdb", "genome.b199.duckdb", "genome.duckdb"]
