"""What is past its time goes, and nothing else does."""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from orchestration.foundation.contracts import Contracts
from orchestration.foundation.feed_contract import SourceContract
from orchestration.foundation.lake_io import Lake, LakeFileDamaged
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.operations_policy import RetentionPolicy
from orchestration.privacy.retention import Places, Removal, as_table, by_kind, remove_expired
from tests.support.inboxes import contract

AT = datetime(2026, 6, 30, 1, 0, tzinfo=UTC)
DATA = pa.table({"a": [1, 2]})


def _policy(**stated: int) -> RetentionPolicy:
    days = {"run_log_days": 90, "unclaimed_file_days": 10, "dbt_log_days": 30, "superseded_file_days": 7}
    return RetentionPolicy.model_validate({**days, "removals_at_most": 1_000, **stated})


def _contracts(retention_days: int = 30) -> Contracts:
    feed = contract(retention_days=retention_days)
    stated = {"source": "till", "owner": "o", "description": "d", "feeds": {feed.name: feed}}
    return Contracts({"till": SourceContract.model_validate(stated)})


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(Lake(tmp_path / "lake"), tmp_path / "dbt", "Europe/London")


def _aged(path: Path, days: float, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    seconds = (AT - timedelta(days=days)).timestamp()
    os.utime(path, (seconds, seconds))
    return path


def _deliver(lake: Lake, path: str, days_ago: int, **stated: str) -> Path:
    delivered_on = date(2026, 6, 30) - timedelta(days=days_ago)
    row: Mapping[str, object] = {
        "source": "till",
        "feed": "receipts",
        "delivered_on": delivered_on,
        "archive_path": path,
        **stated,
    }
    table = pa.Table.from_pylist([row], schema=LAKE_TABLES["ledger/files"].schema)
    key = f"{delivered_on}_{len(lake.records('ledger/files'))}"
    lake.write_table("ledger/files", key, table, run_id="run", written_at=AT)
    file = lake.root / path
    return file if file.exists() else _aged(file, days_ago)


def _go(places: Places, policy: RetentionPolicy | None = None, contracts: Contracts | None = None) -> list[str]:
    gone = remove_expired(places, contracts or _contracts(), policy or _policy(), at=AT)
    return [removal.name for removal in gone]


def test_a_delivered_file_goes_on_the_first_day_after_its_contracts_days(places: Places) -> None:
    old = _deliver(places.lake, "archive/till/2026-05-30/a_receipts.csv", 31)
    last_day = _deliver(places.lake, "archive/till/2026-05-31/b_receipts.csv", 30)
    assert _go(places) == ["archive/till/2026-05-30/a_receipts.csv"]
    assert not old.parent.exists()
    assert last_day.exists()


def test_a_file_that_came_again_is_kept_from_its_last_coming(places: Places) -> None:
    file = _deliver(places.lake, "archive/till/2026-03-01/a_receipts.csv", 121)
    _deliver(places.lake, "archive/till/2026-03-01/a_receipts.csv", 5)
    assert _go(places) == []
    assert file.exists()


def test_a_refused_file_of_no_feed_is_kept_as_the_policy_says(places: Places) -> None:
    _deliver(places.lake, "archive/refused/shop/2026-06-01/a_x", 11, source="shop", feed="")
    _deliver(places.lake, "archive/refused/shop/2026-06-20/b_x", 10, source="shop", feed="")
    assert _go(places) == ["archive/refused/shop/2026-06-01/a_x"]


def test_files_of_a_feed_without_a_contract_and_files_without_a_ledger_row_stay(places: Places) -> None:
    _deliver(places.lake, "archive/gone/2020-01-01/a_x", 2_000, source="gone")
    unnamed = _aged(places.lake.root / "archive" / "till" / "2020-01-01" / "c_x", 2_000)
    assert _go(places) == []
    assert unnamed.exists()


@pytest.mark.parametrize("path", ["raw/till/a.csv", "archive/../outside/a.csv", "../outside.csv"])
def test_nothing_outside_the_archive_goes_whatever_the_ledger_says(places: Places, path: str) -> None:
    file = _deliver(places.lake, path, 2_000)
    assert _go(places) == []
    assert file.exists()


def test_a_link_in_the_archive_is_not_followed(places: Places, tmp_path: Path) -> None:
    target = _aged(tmp_path / "precious", 2_000)
    link = places.lake.root / "archive" / "till" / "2020-01-01" / "a_x"
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    _deliver(places.lake, "archive/till/2020-01-01/a_x", 2_000)
    assert _go(places) == []
    assert target.exists()


def _superseded(lake: Lake, *, replaced_days_ago: float) -> Path:
    lake.write_table("identity/x", "all", DATA, run_id="r1", written_at=AT - timedelta(days=100))
    (first,) = lake.paths("identity/x")
    lake.write_table(
        "identity/x", "all", pa.table({"a": [3]}), run_id="r2", written_at=AT - timedelta(days=replaced_days_ago)
    )
    for path in lake.root.rglob("*.parquet"):
        _aged(path, 100, path.read_bytes())
    return first


def test_a_file_that_was_superseded_long_ago_goes_and_its_successor_stays(places: Places) -> None:
    first = _superseded(places.lake, replaced_days_ago=8)
    assert _go(places) == [first.relative_to(places.lake.root).as_posix()]
    assert places.lake.read_table("identity/x", pa.schema({"a": pa.int64()})).num_rows == 1


def test_an_old_file_that_was_superseded_tonight_stays_for_those_who_still_read_it(places: Places) -> None:
    first = _superseded(places.lake, replaced_days_ago=0)
    assert _go(places) == []
    assert first.exists()


def test_no_file_that_a_record_names_ever_goes(places: Places) -> None:
    for key in ("a", "b"):
        places.lake.write_table("raw/till/receipts", key, DATA, run_id="r", written_at=AT - timedelta(days=3_000))
    for path in places.lake.root.rglob("*.parquet"):
        _aged(path, 3_000, path.read_bytes())
    assert _go(places) == []
    assert places.lake.read_table("raw/till/receipts", DATA.schema).num_rows == 4


def test_a_file_that_was_never_committed_goes_when_it_is_old_and_not_while_it_may_still_be(places: Places) -> None:
    places.lake.write_table("raw/till/receipts", "a", DATA, run_id="r", written_at=AT)
    folder = places.lake.root / "raw" / "till" / "receipts" / "arrived_on=2026-06-01"
    _aged(folder / "b-0123456789ab.parquet", 8)
    _aged(folder / "c-0123456789ab.parquet", 6.9)
    assert _go(places) == ["raw/till/receipts/arrived_on=2026-06-01/b-0123456789ab.parquet"]


def test_a_damaged_manifest_stops_the_removal_instead_of_making_files_look_unnamed(places: Places) -> None:
    first = _superseded(places.lake, replaced_days_ago=8)
    (record,) = places.lake.root.glob("identity/x/_manifest/*.json")
    record.write_bytes(b"{")
    with pytest.raises(LakeFileDamaged):
        _go(places)
    assert first.exists()
    assert len(list(places.lake.root.rglob("*.parquet"))) == 2


def test_leftovers_of_killed_writers_go_when_they_are_old(places: Places) -> None:
    places.lake.write_table("raw/till/receipts", "a", DATA, run_id="r", written_at=AT)
    old = _aged(places.lake.root / "raw" / "till" / "receipts" / ".a.parquet.00ff.tmp", 8)
    older = _aged(places.lake.root / "nights" / ".2026-06-01.json.00ff.tmp", 9)
    young = _aged(places.lake.root / "models" / ".m.skops.00ff.tmp", 1)
    assert len(_go(places)) == 2
    assert [path.exists() for path in (old, older, young)] == [False, False, True]


def test_old_logs_and_manifests_of_dbt_go_but_the_present_ones(places: Places) -> None:
    folder = places.dbt_target_dir
    for name in ("dbt.log", "dbt.log.1", "manifest.json", "manifest-old.json", "column_lineage-old.json"):
        _aged(folder / name, 40)
    present = [_aged(folder / f"{name}-new.json", 35).name for name in ("column_lineage", "manifest")]
    assert sorted(_go(places)) == ["column_lineage-old.json", "dbt.log.1", "manifest-old.json"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(["dbt.log", "manifest.json", *present])


def test_one_night_removes_no_more_than_the_bound_and_the_next_goes_on(places: Places) -> None:
    for number in range(5):
        _deliver(places.lake, f"archive/till/2026-01-0{number + 1}/{number}_x", 180 - number)
    policy = _policy(removals_at_most=3)
    assert [len(_go(places, policy)) for _ in range(3)] == [3, 2, 0]


def test_an_empty_lake_has_nothing_to_remove(places: Places) -> None:
    assert _go(places) == []


def test_what_went_is_recorded_and_counted_by_kind() -> None:
    gone = [Removal("dbt log", "dbt.log.1", 5, "old"), Removal("delivered file", "a", 7, "old")]
    table = as_table([*gone, gone[1]], removed_at=AT, run_id="run")
    assert table.schema == LAKE_TABLES["privacy/removals"].schema
    assert table.num_rows == 3
    assert by_kind([*gone, gone[1]]) == [("dbt log", 1, 5), ("delivered file", 2, 14)]
