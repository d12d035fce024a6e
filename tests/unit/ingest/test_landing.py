"""Each file lands once, is refused whole, or stays; and a landing that was cut off is repaired by landing again."""

import gzip
import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from orchestration.foundation.contracts import Contracts, SourceContract
from orchestration.foundation.errors import GenomeError
from orchestration.foundation.lake_io import Lake
from orchestration.ingest import landing as landing_module
from orchestration.ingest.delivery import Account
from orchestration.ingest.errors import FilesRefused, LedgerUnbalanced
from orchestration.ingest.landing import refuse_unclaimed, require_none_refused
from tests.support.deaths import killed_at
from tests.support.inboxes import AT, Inbox

GOOD = b"a,b,c\n1,2,3\n4,5\n6,7,8\n"


def test_a_file_goes_through_raw_quarantine_archive_and_ledger_and_leaves_the_inbox(
    inbox: Inbox, no_leftovers: Callable[[], list[Path]]
) -> None:
    waiting = inbox.drop(GOOD)
    report = inbox.land()
    [row] = inbox.ledger()
    assert row["file_fate"] == "landed"
    assert row["delivered_on"] == date(2026, 6, 30)
    assert (row["records_count"], row["landed_count"], row["quarantined_count"]) == (3, 2, 1)
    assert row["archive_path"] == f"archive/till/2026-06-30/{row['file_sha256'][:16]}_receipts.csv"
    assert (inbox.lake.root / row["archive_path"]).read_bytes() == GOOD
    assert not waiting.exists()
    assert (report.landed_count, report.quarantined_count, report.refused) == (2, 1, ())
    [record] = inbox.lake.records("raw/till/receipts")
    assert record.key == f"2026-06-30_{row['file_sha256'][:16]}"
    assert record.files[0].path.startswith("raw/till/receipts/arrived_on=2026-06-30/")
    assert no_leftovers() == []
    first = inbox.raw()[0]
    assert (first["_source"], first["_feed"], first["_file"]) == ("till", "receipts", "receipts.csv")
    assert (first["_file_sha256"], first["_row_number"], first["_run_id"]) == (row["file_sha256"], 1, "run-1")
    assert first["_ingested_at"] == AT.replace(tzinfo=None)


def test_the_same_bytes_land_once_whatever_their_name_and_day(inbox: Inbox) -> None:
    inbox.drop(GOOD)
    inbox.land()
    inbox.drop(GOOD)
    inbox.drop(GOOD, "receipts_copy.csv")
    report = inbox.land("run-2", AT + timedelta(days=3))
    assert [file.fate for file in report.files] == ["already_landed", "already_landed"]
    assert len(inbox.raw()) == 2
    assert len(inbox.quarantine()) == 1
    assert sorted(row["file_fate"] for row in inbox.ledger()) == ["already_landed", "already_landed", "landed"]
    again = [row for row in inbox.ledger() if row["file_fate"] == "already_landed"]
    assert all((row["records_count"], row["landed_count"], row["quarantined_count"]) == (3, 0, 0) for row in again)
    assert all((inbox.lake.root / row["archive_path"]).is_file() for row in again)
    assert list(inbox.folder.iterdir()) == []


def test_a_refused_file_lands_nothing_says_why_and_lets_others_pass(inbox: Inbox) -> None:
    inbox.drop(b"id,mail,b\n1,2,3\n", "receipts_1.csv")
    inbox.drop(GOOD, "receipts_2.csv")
    refused, landed = inbox.land().files
    assert landed.fate == "landed"
    assert refused.reason_text == (
        "FeedColumnsMissing: till/receipts_1.csv lacks ['a'] required by its contract; it has ['id', 'mail', 'b']. "
        "If the vendor renamed the column, add an alias in lake/contracts/till.yml; nothing was landed."
    )
    assert refused.archive_path.startswith("archive/refused/till/2026-06-30/")
    assert (inbox.lake.root / refused.archive_path).read_bytes() == b"id,mail,b\n1,2,3\n"
    assert {row["_file"] for row in inbox.raw()} == {"receipts_2.csv"}
    [row] = [row for row in inbox.ledger() if row["file_fate"] == "refused"]
    assert (row["reason_code"], row["reason_text"]) == ("columns_missing", refused.reason_text)
    assert list(inbox.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "header_unusable"),
        (b"\n\n\n", "header_unusable"),
        (b",,\n1,2,3\n", "header_unusable"),
        (b"a,b,A\n1,2,3\n", "header_unusable"),
        (b"a," + b"x," * 6000 + b"\n", "header_unusable"),
        (b"b,c\n1,2\n", "columns_missing"),
        (b"4711,Jo,Doe\n4712,Al,Poe\n", "columns_missing"),
        (b"a\xff,b,c\n1,2,3\n", "undecodable"),
        (b"\xff\xfea\x00,\x00b\x00", "undecodable"),
        (b'a,"b,c\n1,2,3\n', "not_the_format"),
        (b"PK\x03\x04 spreadsheet", "not_the_format"),
        (b"PAR1 columns", "not_the_format"),
        (gzip.compress(GOOD, mtime=0)[:-6], "not_unpackable"),
        (gzip.compress(GOOD, mtime=0)[:20] + b"damaged" * 5, "not_unpackable"),
        (gzip.compress(gzip.compress(GOOD, mtime=0), mtime=0), "not_the_format"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(inbox: Inbox, content: bytes, reason: str) -> None:
    inbox.drop(content)
    [refused] = inbox.land().files
    assert (refused.fate, refused.reason_code) == ("refused", reason), refused.reason_text
    assert refused.reason_text.count("till/receipts.csv") == 1
    assert "Jo" not in refused.reason_text
    assert inbox.lake.tables() == ("ledger/files",)


def test_a_refused_file_may_be_mended_and_sent_again(make_inbox: Callable[..., Inbox]) -> None:
    strict, lenient = make_inbox(delimiter=";"), make_inbox(delimiter=",")
    strict.drop(GOOD)
    assert [file.fate for file in strict.land().files] == ["refused"]
    lenient.drop(GOOD)
    assert [file.fate for file in lenient.land().files] == ["landed"]


def test_a_packed_file_that_unpacks_without_measure_is_refused_before_it_fills_the_disk(inbox: Inbox) -> None:
    inbox.drop(gzip.compress(b"a,b,c\n" + b"0" * (80 << 20), compresslevel=9, mtime=0))
    [refused] = inbox.land().files
    assert (refused.reason_code, "no table packs so well" in refused.reason_text) == ("not_unpackable", True)


def test_a_feed_may_stop_at_a_refused_file(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(on_refused_file="stop")
    inbox.drop(b"x\n")
    report = inbox.land()
    with pytest.raises(FilesRefused, match=r"receipts\.csv lacks"):
        require_none_refused(report, inbox.feed)
    require_none_refused(report, make_inbox().feed)


def test_a_reader_that_loses_a_record_is_caught_and_nothing_of_the_file_is_kept(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = inbox.drop(GOOD)
    monkeypatch.setattr(landing_module, "read", lambda _: Account(3, 1, 1, ()))
    with pytest.raises(LedgerUnbalanced, match=r"holds 3 records .* 1 were landed and 1 quarantined \(-1\)"):
        inbox.land()
    assert waiting.exists()
    assert inbox.lake.tables() == ()


def _state(inbox: Inbox) -> object:
    hidden = ("_run_id", "_ingested_at", "delivered_on", "archive_path")
    tables = (inbox.raw(), inbox.quarantine(), inbox.ledger())
    return [[{name: cell for name, cell in row.items() if name not in hidden} for row in rows] for rows in tables]


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize(
    ("owner", "name", "call"),
    [
        (Lake, "write_with", 1),
        (Lake, "write_with", 2),
        (Lake, "write_with", 3),
        (landing_module, "move_atomically", 1),
        (Path, "unlink", 1),
    ],
)
def test_a_landing_that_was_killed_at_any_step_is_repaired_by_landing_again(  # noqa: PLR0913, PLR0917
    make_inbox: Callable[..., Inbox],
    tmp_path: Path,
    owner: object,
    name: str,
    call: int,
    is_after: bool,  # noqa: FBT001
) -> None:
    whole = Inbox(Lake(tmp_path / "whole"), make_inbox().feed)
    whole.drop(GOOD)
    whole.land()
    inbox = make_inbox()
    waiting = inbox.drop(GOOD)

    def counts(path: object, *_: object) -> bool:
        return name != "unlink" or path == waiting

    with killed_at(owner, name, call, is_after=is_after, counted=counts):
        inbox.land()
    inbox.land("run-2", AT + timedelta(days=1))
    assert _state(inbox) == _state(whole)
    assert not waiting.exists()
    assert inbox.land("run-3").files == ()


def test_a_file_that_changes_while_it_is_received_is_left_for_the_next_landing(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = inbox.drop(GOOD)
    real_open = os.open

    def growing(path: Path, *arguments: int, **named: int) -> int:
        if path == waiting:
            waiting.write_bytes(GOOD + b"9,9,9\n")
        return real_open(path, *arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", growing)
        report = inbox.land()
    assert (report.files, report.left_in_inbox) == ((), ("receipts.csv",))
    assert inbox.land().landed_count == 3


def test_names_and_texts_from_outside_are_only_text(inbox: Inbox) -> None:
    name = "receipts'; drop table x; --\"{[*?$(id)`é.csv"
    inbox.drop(b'a,"b\'; --",c\n1,2,3\n', name)
    [landing] = inbox.land("run'; --").files
    assert landing.fate == "landed"
    [row] = inbox.raw()
    assert (row["_file"], row["_run_id"], row["_extras"]) == (name, "run'; --", '{"b\'; --":"2"}')
    assert Path(landing.archive_path).name[17:].isascii()


def _contracts(inbox: Inbox) -> Contracts:
    source = SourceContract(source="till", owner="o", description="d", feeds={"receipts": inbox.feed})
    return Contracts({"till": source})


def _refuse(inbox: Inbox) -> dict[str, str]:
    report = refuse_unclaimed(inbox.lake, _contracts(inbox), run_id="run-1", ingested_at=AT, timezone="Europe/London")
    for file in report.files:
        target = inbox.lake.root / file.archive_path
        assert target.is_symlink() or target.exists()
        assert file.archive_path.startswith("archive/refused/")
    return {file.file_name: file.reason_code for file in report.files}


def test_what_no_feed_may_read_is_moved_away_unopened_with_its_reason(inbox: Inbox, tmp_path: Path) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_bytes(GOOD)
    inbox.drop(GOOD, "bills.csv")
    inbox.drop(GOOD, "receipts\n\x07.csv")
    inbox.drop(GOOD, ".receipts.csv.part")
    (inbox.folder / "receipts_link.csv").symlink_to(outside)
    (inbox.folder / "receipts_folder.csv").mkdir()
    os.mkfifo(inbox.folder / "receipts_pipe.csv")
    (inbox.lake.root / "inbox" / "unknown").mkdir()
    (inbox.lake.root / "inbox" / "unknown" / "receipts.csv").write_bytes(GOOD)
    (inbox.lake.root / "inbox" / "stray.csv").write_bytes(GOOD)
    (inbox.lake.root / "inbox" / "alias").symlink_to(inbox.folder)
    assert inbox.land().files == ()
    assert _refuse(inbox) == {
        "bills.csv": "no_feed",
        "receipts\\n\\x07.csv": "name_unsafe",
        "receipts_link.csv": "name_unsafe",
        "receipts_folder.csv": "name_unsafe",
        "receipts_pipe.csv": "name_unsafe",
        "receipts.csv": "no_feed",
        "stray.csv": "no_feed",
        "alias": "name_unsafe",
    }
    assert [path.name for path in inbox.folder.iterdir()] == [".receipts.csv.part"]
    assert outside.read_bytes() == GOOD
    assert len(inbox.ledger()) == 8
    assert _refuse(inbox) == {}


def test_a_source_folder_that_is_a_link_is_not_followed(inbox: Inbox, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "receipts.csv").write_bytes(GOOD)
    inbox.folder.parent.mkdir(parents=True)
    inbox.folder.symlink_to(elsewhere)
    assert inbox.land().files == ()
    assert _refuse(inbox) == {"till": "name_unsafe"}
    assert (elsewhere / "receipts.csv").read_bytes() == GOOD


def test_every_refusal_is_an_error_that_the_command_line_can_show() -> None:
    refusals = [kind for kind in GenomeError.__subclasses__() if kind.__module__ == "orchestration.ingest.errors"]
    assert {kind.__name__ for kind in refusals} == {"FileRefused", "LedgerUnbalanced", "FilesRefused"}
