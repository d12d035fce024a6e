"""After a contract was mended, files land again from the archive as if it had been right from the start."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contracts import Contracts, SourceContract
from orchestration.foundation.feed_contract import FeedContract
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.ingest.landing import refuse_unclaimed
from orchestration.ingest.ledger import FileLedger
from orchestration.ingest.nightly import land_everything
from orchestration.ingest.replay import ReplayChoice, Replayed, files_to_replay, replay
from tests.support.deaths import killed_at
from tests.support.inboxes import AT, Inbox, contract

LIMITS = DuckdbLimits("500MB", 2)
LATER = AT + timedelta(days=9)
WRONG = {"delimiter": ";"}
RAGGED = {"quote": ""}
ROWS = b'a,b,c\n1,"two, or three",3\n4,5\n6,7,8\n'
OTHER_ROWS = b"a,b,c\n9,9,9\n"
ALL = ReplayChoice()


def _contracts(*feeds: FeedContract) -> Contracts:
    source = SourceContract(source="till", owner="o", description="d", feeds={feed.name: feed for feed in feeds})
    return Contracts({"till": source})


def _replay(lake: Lake, *feeds: FeedContract, choice: ReplayChoice = ALL, run_id: str = "replay") -> list[Replayed]:
    return list(replay(lake, _contracts(*feeds), choice, run_id=run_id, at=LATER, limits=LIMITS))


def _reasons(lake: Lake, *feeds: FeedContract, choice: ReplayChoice = ALL) -> list[str]:
    return [file.reason for file in files_to_replay(lake, _contracts(*feeds), choice)]


def _state(inbox: Inbox) -> object:
    """All tables, the run aside, and every archived file."""
    tables = (inbox.raw(), inbox.quarantine(), inbox.ledger())
    rows = [sorted(str({k: v for k, v in row.items() if k != "_run_id"}) for row in table) for table in tables]
    archive = inbox.lake.root / "archive"
    return rows, {p.relative_to(archive): p.read_bytes() for p in archive.rglob("*") if p.is_file()}


def _deliver(inbox: Inbox) -> None:
    """Three days: two files; a copy under another name and a third file; the first file again."""
    for day, files in enumerate(
        (
            {"receipts_1.csv": ROWS, "receipts_2.csv": OTHER_ROWS},
            {"receipts_3.csv": ROWS, "receipts_4.csv": b"b,a\n1,2\n"},
            {"receipts_1.csv": ROWS},
        )
    ):
        for name, content in files.items():
            inbox.drop(content, name)
        inbox.land(f"run-{day}", AT + timedelta(days=day))


@pytest.fixture
def right(tmp_path: Path) -> Inbox:
    """A lake that had the right contract from the start."""
    inbox = Inbox(Lake(tmp_path / "right"), contract())
    _deliver(inbox)
    return inbox


@pytest.mark.parametrize("mistake", [RAGGED, WRONG, {"format": "ndjson"}])
def test_a_mended_contract_gives_what_it_had_given_from_the_start(
    make_inbox: Callable[..., Inbox], right: Inbox, mistake: dict[str, str]
) -> None:
    inbox = make_inbox(**mistake)
    _deliver(inbox)
    mended = Inbox(inbox.lake, right.feed)
    assert _state(mended) != _state(right)
    _replay(inbox.lake, mended.feed)
    assert _state(mended) == _state(right)
    assert {row["_run_id"] for row in mended.raw()} == {"replay"}
    assert _reasons(inbox.lake, mended.feed) == []
    assert _replay(inbox.lake, mended.feed) == []


def test_a_stricter_contract_takes_back_what_landed(make_inbox: Callable[..., Inbox], tmp_path: Path) -> None:
    columns = {
        name: {"type": "text", "required": True, "pii": "none", "purpose": "tests", "description": "A cell."}
        for name in "abc"
    }
    strict = Inbox(Lake(tmp_path / "strict"), contract(columns=columns))
    _deliver(strict)
    lenient = make_inbox()
    _deliver(lenient)
    _replay(lenient.lake, strict.feed)
    assert _state(Inbox(lenient.lake, strict.feed)) == _state(strict)


SHIFTING = {
    name: {"type": "text", "required": name == "a", "pii": "none", "purpose": "tests", "description": "A cell."}
    for name in "abc"
}
COMMAS = {**SHIFTING, "b": {**SHIFTING["b"], "type": "decimal", "decimal_mark": ","}}
POINTS = {**SHIFTING, "b": {**SHIFTING["b"], "type": "decimal"}}
NO_SALE = {**SHIFTING, "c": {**SHIFTING["c"], "accepted_values": ["3"]}}
SALE = {**SHIFTING, "c": {**SHIFTING["c"], "accepted_values": ["3", "8", "9"]}}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"columns": POINTS, "on_drift": {"types": "evolve"}}, {"columns": COMMAS, "on_drift": {"types": "evolve"}}),
        (
            {"columns": POINTS, "on_drift": {"types": "quarantine"}},
            {"columns": COMMAS, "on_drift": {"types": "freeze"}},
        ),
        (
            {"columns": POINTS, "on_drift": {"types": "freeze"}},
            {"columns": COMMAS, "on_drift": {"types": "quarantine"}},
        ),
        (
            {"columns": NO_SALE, "on_drift": {"values": "quarantine"}},
            {"columns": SALE, "on_drift": {"values": "evolve"}},
        ),
        ({"columns": SALE}, {"columns": NO_SALE, "on_drift": {"values": "quarantine"}}),
    ],
)
def test_a_mended_rule_for_drift_gives_what_it_had_given_from_the_start(
    make_inbox: Callable[..., Inbox], tmp_path: Path, wrong: dict[str, object], right: dict[str, object]
) -> None:
    def deliver(inbox: Inbox) -> None:
        _deliver(inbox)
        inbox.drop(b'a,b,c\n1,"1,5",3\n2,"2,25",8\n', "receipts_5.csv")
        inbox.land("run-3", AT + timedelta(days=3))

    mended = Inbox(Lake(tmp_path / "mended"), contract(**right))
    deliver(mended)
    inbox = make_inbox(**wrong)
    deliver(inbox)
    assert _state(inbox) != _state(mended) or _drifts(inbox) != _drifts(mended)
    _replay(inbox.lake, mended.feed)
    replayed = Inbox(inbox.lake, mended.feed)
    assert (_state(replayed), _drifts(replayed)) == (_state(mended), _drifts(mended))
    assert set(_reasons(inbox.lake, mended.feed)) <= {"refused before"}


def _drifts(inbox: Inbox) -> list[object]:
    ledger = FileLedger(inbox.lake, run_id="", written_at=AT)
    return [(entry.landing.file_name, entry.landing.drifts) for entry in ledger.entries()]


def test_a_file_that_another_feed_claims_now_leaves_the_first_one(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox()
    inbox.drop(ROWS)
    inbox.land()
    bills = contract(name="bills", file_pattern="receipts*")
    others = inbox.feed.model_copy(update={"file_pattern": "others*"})
    [replayed] = _replay(inbox.lake, others, bills)
    assert [landing.feed for landing in replayed.now] == ["bills"]
    assert (inbox.raw(), len(Inbox(inbox.lake, bills).raw())) == ([], 2)
    assert [(row["_feed"], row["_row_number"]) for row in inbox.quarantine()] == [("bills", 2)]
    assert [row["feed"] for row in inbox.ledger()] == ["bills"]


def test_a_file_that_no_feed_claimed_lands_when_one_does(inbox: Inbox) -> None:
    inbox.drop(ROWS, "bills.csv")
    refuse_unclaimed(inbox.lake, _contracts(inbox.feed), run_id="run", ingested_at=AT, timezone="Europe/London")
    bills = inbox.feed.model_copy(update={"file_pattern": "bills*"})
    assert _reasons(inbox.lake, inbox.feed) == []
    assert _reasons(inbox.lake, bills) == ["refused before"]
    _replay(inbox.lake, bills)
    [row] = inbox.ledger()
    assert (row["file_fate"], row["landed_count"], row["feed"]) == ("landed", 2, "receipts")
    assert [path.name for path in (inbox.lake.root / "archive").rglob("*bills.csv")] == [Path(row["archive_path"]).name]


KILLS = [*((Lake, "write_with", number) for number in range(1, 10)), *((Path, "unlink", number) for number in (1, 4))]


@pytest.mark.parametrize("is_ended_by_landing", [False, True])
@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize(("owner", "name", "call"), KILLS)
def test_a_replay_that_was_killed_anywhere_is_ended_by_the_next_one_or_by_landing(  # noqa: PLR0913, PLR0917
    make_inbox: Callable[..., Inbox],
    right: Inbox,
    owner: type,
    name: str,
    call: int,
    is_after: bool,  # noqa: FBT001
    is_ended_by_landing: bool,  # noqa: FBT001
) -> None:
    inbox = make_inbox(**WRONG)
    _deliver(inbox)
    mended = Inbox(inbox.lake, right.feed)

    def counts(path: object, *_: object) -> bool:
        return name != "unlink" or "/refused/" in str(path)

    with killed_at(owner, name, call, is_after=is_after, counted=counts):
        _replay(inbox.lake, mended.feed)
    if is_ended_by_landing:
        contracts = _contracts(mended.feed)
        land_everything(
            inbox.lake, contracts, run_id="night", ingested_at=LATER, timezone="Europe/London", limits=LIMITS
        )
    else:
        _replay(inbox.lake, mended.feed, run_id="again")
    assert _state(mended) == _state(right)
    assert _reasons(inbox.lake, mended.feed) == []


def test_damaged_rows_land_again_from_the_archive(inbox: Inbox) -> None:
    inbox.drop(ROWS)
    inbox.land()
    before = _state(inbox)
    for table in (inbox.feed.table, "quarantine/records"):
        [path] = inbox.lake.paths(table)
        path.write_bytes(path.read_bytes()[:-1] + b"?")
        assert _reasons(inbox.lake, inbox.feed) == ["damaged"]
        _replay(inbox.lake, inbox.feed)
        assert _state(inbox) == before
    record = inbox.lake.root / inbox.feed.table / "_manifest" / f"{inbox.lake.keys(inbox.feed.table)[0]}.json"
    record.write_bytes(b"?")
    _replay(inbox.lake, inbox.feed)
    assert _state(inbox) == before


def test_a_file_whose_original_is_gone_or_changed_stays_as_it_was(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(**RAGGED)
    inbox.drop(ROWS)
    inbox.land()
    before = (inbox.raw(), inbox.quarantine(), inbox.ledger())
    path = inbox.lake.root / inbox.ledger()[0]["archive_path"]
    path.write_bytes(ROWS + b"x")
    assert [replayed.is_gone for replayed in _replay(inbox.lake, contract())] == [True]
    path.unlink()
    assert [replayed.is_gone for replayed in _replay(inbox.lake, contract())] == [True]
    assert (inbox.raw(), inbox.quarantine(), inbox.ledger()) == before


def test_only_what_is_asked_for_lands_again(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(**RAGGED)
    inbox.drop(ROWS)
    inbox.land()
    for choice in (ReplayChoice(source="shop"), ReplayChoice(feed="bills")):
        assert _reasons(inbox.lake, contract(), choice=choice) == []
    for choice in (ALL, ReplayChoice(source="till", feed="receipts")):
        assert _reasons(inbox.lake, contract(), choice=choice) == ["contract changed"]
    assert _reasons(inbox.lake, inbox.feed) == []
    assert _reasons(inbox.lake, inbox.feed, choice=ReplayChoice(is_every_file=True)) == ["asked for"]


@pytest.mark.parametrize(
    ("change", "is_of_landing"),
    [
        ({"delimiter": ";"}, True),
        ({"file_pattern": "r*"}, True),
        ({"description": "One row per bill."}, False),
        ({"retention_days": 3, "on_refused_file": "stop", "key": ("a",)}, False),
        ({"quote": '"', "encoding": "utf-8"}, False),
    ],
)
def test_only_what_decides_how_a_file_lands_changes_the_contract_s_fingerprint(
    change: dict[str, object], *, is_of_landing: bool
) -> None:
    assert (contract(**change).landing_fingerprint != contract().landing_fingerprint) == is_of_landing


def test_values_that_may_be_in_no_row_any_more_are_standardised_anew(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(**RAGGED)
    inbox.drop(ROWS)
    inbox.land()
    schema = LAKE_TABLES["standardised/emails"].schema
    inbox.lake.write_table("standardised/emails", "first", schema.empty_table(), run_id="run", written_at=AT)
    assert _replay(inbox.lake, inbox.feed) == []
    assert inbox.lake.keys("standardised/emails") == ("first",)
    _replay(inbox.lake, contract())
    assert inbox.lake.keys("standardised/emails") == ()
