"""Files do not depend on the machine, and people beyond one block come in parts of their own."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from orchestration.sample_company.calendar import Calendar
from orchestration.sample_company.company import SampleReport, write_sample_company
from orchestration.sample_company.facts import block
from orchestration.sample_company.facts.simulate import simulate
from orchestration.sample_company.facts.store import FactStore, Limits
from orchestration.sample_company.sources.all_sources import SOURCES
from orchestration.sample_company.sources.observer import Observer
from tests.support.sample_files import object_of, read_text

CALENDAR = Calendar.ending(date(2026, 6, 30))


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> FactStore:
    store = FactStore(tmp_path_factory.mktemp("facts"))
    simulate(store, customers_count=50, seed=3, calendar=CALENDAR)
    return store


@pytest.fixture
def in_three_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SampleReport:
    monkeypatch.setattr(block, "PEOPLE_PER_BLOCK", 60)
    return write_sample_company(tmp_path, customers_count=150, sources=("crm", "shop"))


def _hashes(facts: FactStore, folder: Path, limits: Limits) -> dict[str, str]:
    feeds = [feed for source in ("crm", "shop", "web", "loyalty", "ads") for feed in SOURCES[source]]
    with facts.connect(limits) as connection:
        observer = Observer(
            facts=facts,
            connection=connection,
            inbox_root=folder / "inbox",
            work=folder / "work",
            calendar=CALENDAR,
            last_day=CALENDAR.ends_on + timedelta(days=3),
            seed=3,
        )
        observer.observe(feeds, progress=lambda _: None)
    return {file.path.name: file.sha256 for file in observer.files}


def test_threads_and_memory_change_no_byte(facts: FactStore, tmp_path: Path) -> None:
    one = _hashes(facts, tmp_path / "one", Limits(memory="300MB", threads=1))
    four = _hashes(facts, tmp_path / "four", Limits(memory="2GB", threads=4))
    assert one == four


def test_each_block_of_people_has_a_part_of_the_history_and_the_crm_one_file(in_three_blocks: SampleReport) -> None:
    names: dict[str, list[str]] = {}
    for file in in_three_blocks.files:
        names.setdefault(file.feed, []).append(file.path.name)
    assert names["contacts"] == ["contacts_2026-06-30.csv"]
    assert names["orders"] == [
        "orders_2026-06-30.ndjson",
        "orders_2026-06-30_part-0002.ndjson",
        "orders_2026-06-30_part-0003.ndjson",
    ]


def test_no_order_and_no_account_stands_in_two_parts(in_three_blocks: SampleReport) -> None:
    for feed, key in (("orders", "order_id"), ("accounts", "account_id")):
        parts = [
            {found[key] for line in read_text(file.path).splitlines() if (found := object_of(line)) and found[key]}
            for file in in_three_blocks.files
            if file.feed == feed
        ]
        assert sum(map(len, parts)) == len(set().union(*parts))
        assert all(parts)


def test_the_crm_keeps_the_order_of_its_numbers_over_all_blocks(in_three_blocks: SampleReport) -> None:
    [contacts] = (file for file in in_three_blocks.files if file.feed == "contacts")
    lines = read_text(contacts.path, "cp1252").splitlines()[1:]
    numbers = list(dict.fromkeys(line.partition(";")[0] for line in lines if line.startswith("C")))
    assert numbers == sorted(numbers)
    assert len(numbers) > 100
