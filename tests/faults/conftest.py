"""Two small nights, each before and after it ran without interruption; a test works on its own copy."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.sample_company.company import write_sample_company
from tests.support.kills import Ended, Nights, small_policies, warm_nights

CUSTOMERS = 120
DAYS = {"first": "2026-06-30", "second": "2026-07-01"}


@dataclass(frozen=True)
class Small:
    """One small night: its lake before and after it ran uninterrupted, its command and what it took."""

    before: Path
    after: Path
    command: tuple[str, ...]
    seconds: float
    cpu_seconds: float


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """What runs `genome` commands, with policies that let so small a company have a model."""
    with warm_nights(policies=small_policies(tmp_path_factory.mktemp("policies"))) as running:
        yield running


@pytest.fixture(scope="session")
def first_night(nights: Nights, tmp_path_factory: pytest.TempPathFactory) -> Small:
    """A first night, which makes the warehouse and trains the model."""
    folder = tmp_path_factory.mktemp("first")
    write_sample_company(folder / "before" / "inbox", customers_count=CUSTOMERS, sources=("crm", "shop"))
    (folder / "before" / "inbox" / "crm" / "notes.txt").write_text("no feed claims this\n")
    return _ran(nights, folder, "first")


@pytest.fixture(scope="session")
def second_night(nights: Nights, first_night: Small, tmp_path_factory: pytest.TempPathFactory) -> Small:
    """A second night, which builds upon the first and replaces what is shown."""
    folder = tmp_path_factory.mktemp("second")
    shutil.copytree(first_night.after, folder / "before")
    delivered = folder / "delivered"
    write_sample_company(delivered, customers_count=CUSTOMERS, nights=2, sources=("crm", "shop"))
    for file in delivered.rglob(f"*{DAYS['second']}*"):
        shutil.copy(file, folder / "before" / "inbox" / file.relative_to(delivered))
    (folder / "before" / "inbox" / "crm" / "more-notes.txt").write_text("no feed claims this either\n")
    return _ran(nights, folder, "second")


@pytest.fixture
def small_nights(first_night: Small, second_night: Small) -> dict[str, Small]:
    """Both nights by name."""
    return {"first": first_night, "second": second_night}


@pytest.fixture
def own(second_night: Small, tmp_path: Path) -> Path:
    """A copy of the lake after the second night, for this test to change."""
    return Path(shutil.copytree(second_night.after, tmp_path / "lake"))


def _ran(nights: Nights, folder: Path, name: str) -> Small:
    shutil.copytree(folder / "before", folder / "after")
    command = ("night", "--date", DAYS[name])
    ended: Ended = nights.run(folder / "after", command)
    assert ended.code == 0, ended.output
    return Small(folder / "before", folder / "after", command, ended.seconds, ended.cpu_seconds)
