"""Ten thousand hostile names: nothing outside the inbox is read, nothing outside the lake is written, no SQL breaks."""

import csv
import io
import os
import re
import socket
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contracts import Contracts, SourceContract
from orchestration.foundation.feed_contract import raw_schema
from orchestration.foundation.lake_io import Lake, create_views, view_name
from orchestration.ingest.nightly import UNCLAIMED, land_everything
from tests.support.hostile_names import hostile_headers, hostile_names
from tests.support.inboxes import AT, Inbox, contract
from tests.support.record_oracles import extras

NAMES, SEED = 10_000, 5
TEXT = {"type": "text", "pii": "none", "purpose": "tests", "description": "A cell."}


@dataclass
class Drop:
    """What was put into the inbox: under each name as the ledger writes it, its kind, and what its one row says."""

    kinds: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outside:
    """What lies beside the lake and may be neither read nor changed."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> "Outside":
        (folder / "inner").mkdir(parents=True)
        for path in (folder / "secret.csv", folder / "linked.csv", folder / "inner" / "receipts.csv"):
            path.write_text("a,b,c\nnot of the inbox,2,3\n", encoding="utf-8")
        return cls(folder)

    def tree(self) -> dict[str, object]:
        return {
            str(path): (stat.S_IFMT(found.st_mode), found.st_size, found.st_mtime_ns)
            for path in sorted(self.folder.rglob("*"))
            if (found := path.lstat())
        }


def _make(path: bytes, kind: str, row: str, outside: Outside) -> None:
    match kind:
        case "file":
            with open(path, "wb") as file:  # noqa: PTH123 - pathlib knows no names of bytes
                file.write(f"a,b,c\n{row},2,3\n".encode())
        case "symbolic link":
            Path(os.fsdecode(path)).symlink_to(outside.folder / ("secret.csv", "inner", "nothing")[int(row) % 3])
        case "hard link":
            os.link(outside.folder / "linked.csv", path)
        case "named pipe":
            os.mkfifo(path)
        case "folder":
            os.mkdir(path)  # noqa: PTH102 - as above
            _make(path + b"/receipts.csv", "file", row, outside)


_ODD = ("symbolic link", "hard link", "named pipe", "folder")


def _shown(name: str) -> str:
    """A name as the ledger writes it."""
    return name if name.isprintable() else name.encode("unicode_escape").decode()


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    outside, folder = Outside.made(tmp_path / "outside"), tmp_path / "lake" / "inbox" / "till"
    folder.mkdir(parents=True)
    drop = Drop()
    halves = (hostile_names(NAMES * 4 // 5, seed=SEED), hostile_names(NAMES // 5, seed=SEED, stem=b"receipts"))
    for number, name in enumerate(name for half in halves for name in half):
        kind = _ODD[number // 10 % len(_ODD)] if number % 10 == 0 else "file"
        _make(os.fsencode(folder) + b"/" + name, kind, str(number), outside)
        text = os.fsdecode(name)
        drop.kinds[_shown(text)] = kind
        if kind == "file" and text.isprintable() and name.startswith(b"receipts"):
            drop.rows[text] = str(number)
    return drop


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths that Python opens meanwhile."""
    paths: list[str] = []
    hooks.append(paths)
    monkeypatch.setattr(os, "fsync", lambda _: None)  # ten thousand times; what survives a crash is tried elsewhere
    yield paths
    hooks.remove(paths)


hooks: list[list[str]] = []


def _heard(event: str, arguments: tuple[object, ...]) -> None:
    if hooks and event == "open" and isinstance(arguments[0], str | bytes):
        hooks[-1].append(os.fsdecode(arguments[0]))


sys.addaudithook(_heard)


def test_ten_thousand_names_have_one_fate_each_and_lead_nowhere_else(
    drop: Drop, opened: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside, root, feed = Outside(tmp_path / "outside"), tmp_path / "lake", contract()
    before = outside.tree()
    (tmp_path / "nowhere").mkdir()
    monkeypatch.chdir(tmp_path / "nowhere")
    inbox = Inbox(Lake(root), feed)
    contracts = Contracts({"till": SourceContract(source="till", owner="o", description="d", feeds={"receipts": feed})})
    reports = land_everything(
        inbox.lake, contracts, run_id="run", ingested_at=AT, timezone="UTC", limits=DuckdbLimits("500MB", 2)
    )
    assert Counter(file.file_name for report in reports.values() for file in report.files) == Counter(list(drop.kinds))
    assert {row["_file"]: row["a"] for row in inbox.raw()} == drop.rows
    assert {file.reason_code for file in reports[UNCLAIMED].files} == {"name_unsafe", "no_feed"}
    for file in reports[UNCLAIMED].files:
        assert file.reason_code == "no_feed" or drop.kinds[file.file_name] != "file" or "\\" in file.file_name
    assert list(inbox.folder.iterdir()) == []
    assert outside.tree() == before
    assert not [path for path in opened if str(outside.folder) in path]
    of_inbox = {path for path in opened if path.startswith(str(inbox.folder) + "/")}
    assert {drop.kinds[_shown(path.removeprefix(str(inbox.folder) + "/"))] for path in of_inbox} == {"file"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake", "nowhere", "outside"]
    assert list((tmp_path / "nowhere").iterdir()) == []
    assert {path.name for path in root.iterdir()} <= {"archive", "inbox", "ledger", "quarantine", "raw"}
    days = [day for folder in ("till", "refused/till") for day in (root / "archive" / folder).iterdir()]
    kept = [path for day in days for path in day.iterdir()]
    assert len(kept) == NAMES
    assert all(re.fullmatch(r"[0-9a-f]{16}_[A-Za-z0-9._-]+", path.name) and ".." not in path.name for path in kept)
    with duckdb.connect() as connection:
        create_views(connection, inbox.lake, {feed.table: raw_schema(feed)})
        view = ".".join(f'"{part}"' for part in view_name(feed.table))
        for name in list(drop.rows)[:100]:
            [[found]] = connection.execute(f"select a from {view} where _file = ?", [name]).fetchall()
            assert found == drop.rows[name]


def test_a_socket_and_a_device_are_moved_unopened(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.drop(b"a,b,c\n1,2,3\n")
    monkeypatch.chdir(inbox.folder)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("receipts_socket")
    kinds = {"receipts_socket": "socket"}
    try:
        os.mknod("receipts_zeros", stat.S_IFCHR | 0o600, os.makedev(1, 5))
        kinds["receipts_zeros"] = "device"
    except PermissionError:
        pass  # only root makes devices
    monkeypatch.chdir(tmp_path)
    contracts = Contracts(
        {"till": SourceContract(source="till", owner="o", description="d", feeds={"receipts": inbox.feed})}
    )
    reports = land_everything(
        inbox.lake, contracts, run_id="run", ingested_at=AT, timezone="UTC", limits=DuckdbLimits("500MB", 2)
    )
    reasons = {file.file_name: file.reason_text for file in reports[UNCLAIMED].files}
    assert reasons.keys() == kinds.keys()
    assert all(f"is a {kind};" in reasons[name] for name, kind in kinds.items())
    assert inbox.cells() == {1: ("1", "2", "3")}


@pytest.mark.parametrize("rows", [5, 600])
@pytest.mark.parametrize("are_known", [False, True])
def test_hostile_names_of_columns_keep_their_cells(
    make_inbox: Callable[..., Inbox],
    rows: int,
    are_known: bool,  # noqa: FBT001
) -> None:
    headers = list(hostile_headers(300, seed=SEED))
    columns = dict.fromkeys(headers, TEXT) if are_known else {"no_such_column": TEXT}
    cells = [[f"{row}.{column}" for column in range(len(headers))] for row in range(rows)]
    out = io.StringIO()
    csv.writer(out).writerows([headers, *cells])
    inbox = make_inbox(columns=columns)
    inbox.drop(out.getvalue().encode())
    [landing] = inbox.land().files
    assert landing.landed_count == rows
    if are_known:
        assert [[row[header] for header in headers] for row in inbox.raw()] == cells
    else:
        names = [header.strip() for header in headers]
        assert [extras(row["_extras"]) for row in inbox.raw()] == [dict(zip(names, row, strict=True)) for row in cells]
