from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from orchestration.sample_company.company import SOURCES, SampleImpossible, SampleReport, write_sample_company
from tests.support.sample_files import Company

ENDS_ON = date(2026, 6, 30)


def _made(root: Path, *, nights: int = 2, seed: int = 7, sources: tuple[str, ...] | None = None) -> SampleReport:
    return write_sample_company(
        root / "inbox", customers_count=60, nights=nights, seed=seed, truth_root=root / "truth", sources=sources
    )


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SampleReport:
    return _made(tmp_path_factory.mktemp("small"))


def _hashes(report: SampleReport, until: date | None = None) -> dict[str, str]:
    files = (file for file in report.files if until is None or file.delivered_on <= until)
    return {f"{file.source}/{file.path.name}": file.sha256 for file in files}


def test_the_same_seed_gives_the_same_bytes(small: SampleReport, tmp_path: Path) -> None:
    again = _made(tmp_path)
    assert _hashes(again) == _hashes(small)
    assert small.truth_root is not None
    for path in small.truth_root.glob("*.parquet"):
        assert (tmp_path / "truth" / path.name).read_bytes() == path.read_bytes(), path.name


def test_another_seed_gives_another_company(small: SampleReport, tmp_path: Path) -> None:
    other = _made(tmp_path, seed=8, nights=1, sources=("crm", "shop", "web", "loyalty"))
    assert set(_hashes(other).values()).isdisjoint(_hashes(small).values())


def test_later_nights_do_not_change_the_files_of_the_first(small: SampleReport, tmp_path: Path) -> None:
    first = _made(tmp_path, nights=1)
    assert _hashes(first) == _hashes(small, until=ENDS_ON)


def test_a_source_s_files_do_not_depend_on_the_others(small: SampleReport, tmp_path: Path) -> None:
    two = _made(tmp_path, sources=("shop", "crm"))
    assert {file.source for file in two.files} == {"crm", "shop"}
    assert _hashes(two).items() <= _hashes(small).items()


def test_every_source_delivers_its_history_on_the_first_night(company: Company) -> None:
    first = {(file.source, file.feed) for file in company.report.files if file.delivered_on == ENDS_ON}
    assert first == {(feed.source, feed.name) for feeds in SOURCES.values() for feed in feeds}


def test_files_lie_in_their_source_s_folder_and_are_as_large_as_reported(company: Company) -> None:
    for file in company.report.files:
        assert file.path.parent.name == file.source
        assert file.path.stat().st_size == file.file_bytes
    inbox = company.report.files[0].path.parents[1]
    assert set(inbox.glob("*/*")) == {file.path for file in company.report.files}


def test_records_counts_are_the_records_in_the_files(company: Company) -> None:
    counts = {
        "shop/orders": len(company.text("shop/orders").splitlines()),
        "newsletter/events": len(company.cells("newsletter/events", ",")),
        "pos/receipts": len(company.table("pos/receipts")),
        "ads/spend": len(company.cells("ads/spend", ";", "cp1252")),
    }
    assert counts == {feed: company.files(feed)[0].records_count for feed in counts}


def test_some_files_come_a_night_late_and_some_come_again_with_the_same_bytes(tmp_path: Path) -> None:
    report = _made(tmp_path, nights=31, sources=("ads", "catalogue"))
    by_name = {file.path.name: file for file in report.files}
    again = [file for file in report.files if "_again" in file.path.name]
    assert again
    for file in again:
        original = by_name[file.path.name.replace("_again", "")]
        assert (file.sha256, file.delivered_on) == (original.sha256, original.delivered_on + timedelta(days=1))
    late = [file for file in report.files if file.delivered_on.isoformat() not in file.path.name and file not in again]
    assert late
    for file in late:
        assert (file.delivered_on - timedelta(days=1)).isoformat() in file.path.name


def test_records_that_happened_in_the_history_may_arrive_in_a_later_night(company: Company) -> None:
    later = {file.path.name for file in company.report.files if file.delivered_on > ENDS_ON}
    noise = (row for row in company.truth("noise") if row["file_name"] in later)
    assert any(row["noise_type"] == "sent_late" for row in noise)


def test_the_truth_knows_the_person_of_every_record_that_names_itself(company: Company) -> None:
    persons = Counter(row["record_id"] for row in company.truth("person_records"))
    assert max(persons.values()) == 1
    orders = company.objects("shop/orders")
    accounts = {o["customer"]["account_id"] for o in orders} | {
        a["account_id"] for a in company.objects("shop/accounts")
    }
    contacts = {row["contact_id"] for row in company.rows("crm/contacts", ";", "cp1252")}
    tickets = {ticket["ticket_id"] for ticket in company.objects("contact_centre/tickets")}
    named = {f"shop:accounts:{account}" for account in accounts if account}
    named |= {f"crm:contacts:{contact}" for contact in contacts if contact}
    named |= {f"contact_centre:tickets:{ticket}" for ticket in tickets if ticket}
    assert named <= set(persons)


def test_the_truth_holds_the_orders_that_the_shop_and_the_tills_delivered(company: Company) -> None:
    known = {row["order_id"] for row in company.truth("orders")}
    orders = {f"shop:{order['order_id']}" for order in company.objects("shop/orders") if order["order_id"]}
    receipts = {f"pos:{line['receipt_id']}" for line in company.table("pos/receipts")}
    assert orders | receipts <= known
    assert len(known) == company.report.orders_count


def test_the_report_counts_noise_as_the_truth_does(company: Company) -> None:
    counted = Counter((row["source"], row["feed"], row["field"], row["noise_type"]) for row in company.truth("noise"))
    assert counted == {(n.source, n.feed, n.field, n.noise_type): n.records_count for n in company.report.noise}


def test_the_truth_ends_on_the_last_delivered_day(company: Company) -> None:
    last_day = date(2026, 7, 2)
    assert max(row["ordered_at"].date() for row in company.truth("orders")) <= last_day
    assert max(row["sent_at"].date() for row in company.truth("messages")) <= last_day
    assert len(company.truth("people")) == company.report.people_count


def test_without_a_truth_folder_no_truth_is_written(tmp_path: Path) -> None:
    report = write_sample_company(tmp_path / "inbox", customers_count=5, sources=("crm",))
    assert report.truth_root is None
    assert not list(tmp_path.glob("**/*.parquet"))


def test_progress_is_told_what_comes_next(tmp_path: Path) -> None:
    told: list[str] = []
    write_sample_company(tmp_path, customers_count=5, sources=("crm",), progress=told.append)
    assert told[0] == "people and what they do"
    assert "crm/contacts" in told


@pytest.mark.parametrize(("customers_count", "nights"), [(0, 1), (5, 0), (5, 62)])
def test_an_impossible_size_is_refused_and_nothing_is_written(
    tmp_path: Path, customers_count: int, nights: int
) -> None:
    with pytest.raises(SampleImpossible, match="Nothing was written"):
        write_sample_company(tmp_path, customers_count=customers_count, nights=nights)
    assert not list(tmp_path.iterdir())


def test_an_unknown_source_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(SampleImpossible, match="no source 'fax'"):
        write_sample_company(tmp_path, customers_count=5, sources=("crm", "fax"))
    assert not list(tmp_path.iterdir())
