"""`genome quarantine` counts what was refused where, and shows it as received without obeying it."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from orchestration.cli.quarantine import escaped, show_quarantine
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.settings import Settings
from orchestration.ingest.refusals import RefusalChoice, WarehouseBusy
from tests.support.inboxes import CONTRACT_YAML, Inbox, contract
from tests.support.nights import settings_of


@pytest.fixture
def settings(inbox: Inbox, tmp_path: Path) -> Settings:
    """A lake with a file that landed all but its ragged records, one refused whole, and a row that staging rejected."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "till.yml").write_text(CONTRACT_YAML, encoding="utf-8")
    inbox.drop(b"a,b,c\n1,two,\n4,\x1b[2J\\\n6,7,8\n9,9\n", "receipts.csv")
    inbox.drop(b"x\n1\n", "receipts_x.csv")
    inbox.land()
    settings = settings_of(inbox.lake.root, contracts_dir=tmp_path / "contracts")
    landed = inbox.raw()[0]["_file_sha256"]
    with duckdb.connect(settings.warehouse_path) as warehouse:
        warehouse.execute("create schema staging")
        warehouse.execute(
            "create view staging.int_rows_judged as select 'till' as source, 'receipts' as feed, "
            f"'{landed}' as file_sha256, '{landed}:1' as row_id, 'rejected' as row_fate, 'c_missing' as reason_code"
        )
    return settings


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(Lake(tmp_path / "lake"), contract())


def _shown(settings: Settings, sample: int = 0, **choice: str) -> list[list[str]]:
    """What is printed, as words a line."""
    with (settings.lake_root / "printed.txt").open("w", encoding="utf-8") as file:
        console = Console(file=file, record=True, width=110)
        show_quarantine(settings, console=console, choice=RefusalChoice(**choice), sample=sample)
    return [line.split() for line in console.export_text().splitlines()]


def test_whole_files_formless_records_and_rejected_rows_are_counted_by_rule(settings: Settings) -> None:
    assert _shown(settings)[2:] == [
        ["till", "receipts", "file", "columns_missing", "1"],
        ["till", "receipts", "landing", "cells_ragged", "1", "2"],
        ["till", "receipts", "staging", "c_missing", "1", "1"],
        ["3", "rows", "refused;", "4", "records", "arrived", "in", "all", "landed", "files."],
    ]


def test_samples_are_what_was_received_and_never_obeyed_by_the_terminal(settings: Settings) -> None:
    lines = [" ".join(words) for words in _shown(settings, sample=1)[6:]]
    assert lines[0] == "till/receipts file columns_missing: receipts_x.csv"
    assert lines[1].startswith("FeedColumnsMissing: till/receipts_x.csv lacks ['a']")
    assert lines[2:] == [
        "till/receipts landing cells_ragged: receipts.csv line 3",
        r"4,\x1b[2J\\\x0a",
        "till/receipts staging c_missing: receipts.csv line 2",
        r"1,two,\x0a",
    ]


def _archived(inbox: Inbox) -> Path:
    [path] = [str(row["archive_path"]) for row in inbox.ledger() if row["file_fate"] == "landed"]
    return inbox.lake.root / path


def _lose(inbox: Inbox, _: Path) -> None:
    _archived(inbox).unlink()


def _damage(inbox: Inbox, _: Path) -> None:
    _archived(inbox).write_bytes(b"a,b,c\n1,2,3\n4,5,6\n7,8,9\n")


def _requote(_: Inbox, contracts: Path) -> None:
    (contracts / "till.yml").write_text(CONTRACT_YAML.replace("encoding: utf-8", "encoding: cp1252"), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_lose, "the archive keeps files of this feed for 1 days, and that of 2026-06-30 is gone"),
        (_damage, "the archived file is no longer what was delivered"),
        (_requote, "its contract has changed since it landed; `genome replay` lands it by that of now"),
    ],
)
def test_a_row_whose_bytes_cannot_be_told_is_shown_by_its_cells_with_the_reason(
    settings: Settings, inbox: Inbox, tmp_path: Path, change: Callable[[Inbox, Path], None], reason: str
) -> None:
    change(inbox, tmp_path / "contracts")
    lines = [" ".join(words) for words in _shown(settings, sample=1, rule="c_missing")[4:]]
    assert lines == [
        "till/receipts staging c_missing: receipts.csv record 1",
        '{"a":"1","b":"two","c":""}',
        f"(its cells; not its bytes: {reason})",
    ]


def test_nothing_is_left_of_looking_into_the_archive(settings: Settings, inbox: Inbox) -> None:
    def archive() -> set[Path]:
        return set((inbox.lake.root / "archive").rglob("*"))

    before = archive()
    _shown(settings, sample=1)
    assert archive() == before


def test_one_rule_may_be_asked_for(settings: Settings) -> None:
    assert [words[3] for words in _shown(settings, rule="cells_ragged")[2:-1]] == ["cells_ragged"]
    assert _shown(settings, rule="none") == [["Nothing", "that", "matches", "was", "refused."]]
    assert _shown(settings, source="shop") == _shown(settings, feed="orders") == _shown(settings, rule="none")


def test_before_the_first_night_there_is_what_landing_refused(settings: Settings) -> None:
    settings.warehouse_path.unlink()
    assert [words[2] for words in _shown(settings)[2:-1]] == ["file", "landing"]


def test_while_a_night_writes_the_warehouse_it_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> None:
        message = "IO Error: Could not set lock on file"
        raise duckdb.IOException(message)

    monkeypatch.setattr(duckdb, "connect", locked)
    with pytest.raises(WarehouseBusy, match="when the night has ended"):
        _shown(settings)


def test_a_control_character_and_a_byte_that_is_no_text_look_different() -> None:
    assert escaped("é\x85".encode()) == r"é\xc2\x85"
    assert escaped(b"\x85\\x85") == r"\x85\\x85"
