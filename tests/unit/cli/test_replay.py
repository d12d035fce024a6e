"""`genome replay` lands again what a mended contract reads otherwise, and says what became of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from orchestration.cli.replay import OriginalsGone, run_replay
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.night import NightAlreadyRunning, night_lock
from orchestration.foundation.settings import Settings
from orchestration.ingest.replay import ReplayChoice
from tests.support.inboxes import CONTRACT_YAML, Inbox, contract
from tests.support.nights import settings_of

ROWS = b'a,b,c\n1,"two, or three",3\n4,5\n6,7,8\n'


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    """A lake in which one file landed by a contract without quotes, and one was refused."""
    inbox = Inbox(Lake(tmp_path / "lake"), contract(quote=""))
    inbox.drop(ROWS)
    inbox.drop(b"x\n1\n", "receipts_x.csv")
    inbox.land()
    return inbox


@pytest.fixture
def settings(inbox: Inbox, tmp_path: Path) -> Settings:
    """The installation whose contract was mended since."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "till.yml").write_text(CONTRACT_YAML, encoding="utf-8")
    return settings_of(inbox.lake.root, contracts_dir=tmp_path / "contracts")


@pytest.fixture
def printed(settings: Settings, tmp_path: Path) -> Callable[..., list[str]]:
    def run(*, is_dry: bool = False) -> list[str]:
        with (tmp_path / "printed.txt").open("w", encoding="utf-8") as file:
            console = Console(file=file, record=True, width=110)
            run_replay(settings, console=console, choice=ReplayChoice(), is_dry=is_dry)
        return [line.strip() for line in console.export_text().splitlines() if line.strip()]

    return run


def test_it_says_what_each_file_was_and_is(printed: Callable[..., list[str]]) -> None:
    landed, refused, why, *end = printed()
    assert landed == "till/receipts.csv: 1 landed, 2 quarantined -> 2 landed, 1 quarantined"
    assert refused == "till/receipts_x.csv: refused -> refused"
    assert why.startswith("FeedColumnsMissing: till/receipts_x.csv lacks ['a']")
    assert end == [
        "1 files are refused; 1 files landed again",
        "Next: `genome night` makes every table anew upon it.",
    ]


def test_a_dry_run_lands_nothing(inbox: Inbox, printed: Callable[..., list[str]]) -> None:
    assert printed(is_dry=True) == [
        "till/receipts.csv: contract changed",
        "till/receipts_x.csv: refused before",
        "2 files would be landed again; nothing was.",
    ]
    assert len(inbox.quarantine()) == 2


def test_nothing_is_landed_while_a_night_is_at_work(settings: Settings, printed: Callable[..., list[str]]) -> None:
    with night_lock(settings.night_lock_path, holder="a night"), pytest.raises(NightAlreadyRunning, match="a night"):
        printed()


def test_damaged_rows_without_an_original_are_an_error_that_names_the_file(
    inbox: Inbox, printed: Callable[..., list[str]]
) -> None:
    printed()
    [path] = inbox.lake.paths("raw/till/receipts")
    path.unlink()
    [landed] = [row for row in inbox.ledger() if row["file_fate"] == "landed"]
    (inbox.lake.root / landed["archive_path"]).unlink()
    with pytest.raises(OriginalsGone, match=r"till/receipts\.csv"):
        printed()
