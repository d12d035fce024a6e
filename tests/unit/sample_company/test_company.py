import csv
import io
import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from orchestration.sample_company.company import SampleImpossible, SampleReport, write_sample_company

ENDS_ON = date(2026, 6, 30)
CUSTOMERS_COUNT = 400


def _made(root: Path, *, nights: int = 1, seed: int = 7) -> SampleReport:
    return write_sample_company(
        root / "inbox",
        customers_count=CUSTOMERS_COUNT,
        nights=nights,
        seed=seed,
        ends_on=ENDS_ON,
        truth_root=root / "truth",
    )


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> SampleReport:
    return _made(tmp_path_factory.mktemp("company"))


def _payload(company: SampleReport, source: str) -> bytes:
    return next(file.path for file in company.files if file.source == source).read_bytes()


def _shop_lines(company: SampleReport) -> list[str]:
    return _payload(company, "shop").decode().splitlines()


def _orders(company: SampleReport) -> list[dict[str, Any]]:
    orders = []
    for line in _shop_lines(company):
        try:
            orders.append(json.loads(line))
        except ValueError:
            continue
    return orders


def _contacts(company: SampleReport) -> list[list[str]]:
    text = _payload(company, "crm").decode("cp1252")
    return list(csv.reader(io.StringIO(text), delimiter=";"))[1:]


def _truth(company: SampleReport, name: str) -> list[dict[str, Any]]:
    assert company.truth_root is not None
    return pq.read_table(company.truth_root / f"{name}.parquet").to_pylist()


def _injected(company: SampleReport, source: str, field: str, noise_type: str) -> int:
    return sum(
        n.records_count for n in company.noise if (n.source, n.field, n.noise_type) == (source, field, noise_type)
    )


def test_the_same_seed_gives_the_same_bytes(company: SampleReport, tmp_path: Path) -> None:
    again = _made(tmp_path)
    assert [file.sha256 for file in again.files] == [file.sha256 for file in company.files]
    assert company.truth_root is not None
    for path in company.truth_root.glob("*.parquet"):
        assert (tmp_path / "truth" / path.name).read_bytes() == path.read_bytes()


def test_another_seed_gives_another_company(company: SampleReport, tmp_path: Path) -> None:
    other = _made(tmp_path, seed=8)
    assert {file.sha256 for file in other.files}.isdisjoint(file.sha256 for file in company.files)


def test_later_nights_do_not_change_the_files_of_the_first(company: SampleReport, tmp_path: Path) -> None:
    longer = _made(tmp_path, nights=3)
    assert [file.sha256 for file in longer.files[:2]] == [file.sha256 for file in company.files]
    assert [file.delivered_on.isoformat() for file in longer.files[::2]] == ["2026-06-30", "2026-07-01", "2026-07-02"]


def test_a_later_night_brings_only_what_is_new_from_the_shop(tmp_path: Path) -> None:
    nights = _made(tmp_path, nights=3)
    history, second, third = (file for file in nights.files if file.source == "shop")
    first_ids = {(o["order_id"], o["updated_at"]) for o in map(json.loads, _complete(history.path))}
    for later in (second, third):
        ids = {(o["order_id"], o["updated_at"]) for o in map(json.loads, _complete(later.path))}
        assert ids
        assert ids.isdisjoint(first_ids)


def _complete(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]


def test_the_files_lie_where_the_contracts_look_for_them(company: SampleReport) -> None:
    assert [f"{file.path.parent.name}/{file.path.name}" for file in company.files] == [
        "crm/contacts_2026-06-30.csv",
        "shop/orders_2026-06-30.ndjson",
    ]


def test_records_counts_are_the_records_in_the_files(company: SampleReport) -> None:
    assert {file.source: file.records_count for file in company.files} == {
        "crm": len(_contacts(company)),
        "shop": len(_shop_lines(company)),
    }


def test_shop_noise_found_in_the_file_is_the_noise_reported(company: SampleReport) -> None:
    lines, orders = _shop_lines(company), _orders(company)
    repeated = sum(count - 1 for count in Counter(lines).values())
    latest = datetime.fromisoformat(f"{ENDS_ON}T23:59:59+00:00")
    found = {
        "line_cut_off": len(lines) - len(orders),
        "line_repeated": repeated,
        "order_id_missing": sum(order["order_id"] is None for order in orders),
        "price_negative": sum(any(Decimal(line["unit_price"]) < 0 for line in o["lines"]) for o in orders),
        "currency_unknown": sum(order["currency"] != "GBP" for order in orders),
        "date_in_future": sum(datetime.fromisoformat(order["ordered_at"]) > latest for order in orders),
    }
    assert found == {name: _injected(company, "shop", "record", name) for name in found}


def test_crm_noise_found_in_the_file_is_the_noise_reported(company: SampleReport) -> None:
    contacts = _contacts(company)
    whole = [row for row in contacts if len(row) == 11]
    found = {
        "too_many_separators": sum(len(row) > 11 for row in contacts),
        "too_few_separators": sum(len(row) < 11 for row in contacts),
        "contact_id_missing": sum(row[0] == "" for row in contacts),
        "line_repeated": sum(count - 1 for count in Counter(map(tuple, contacts)).values()),
    }
    assert found == {name: _injected(company, "crm", "record", name) for name in found}
    default_birthdays = sum(row[8] == "01.01.1900" for row in whole)
    assert abs(default_birthdays - _injected(company, "crm", "birthday", "default")) <= 3


def test_returns_are_negative_and_point_at_a_sale_of_the_same_person(company: SampleReport) -> None:
    persons = {row["order_id"]: row["person_id"] for row in _truth(company, "orders")}
    returns = [order for order in _orders(company) if order["order_type"] == "return" and order["order_id"]]
    assert returns
    for order in returns:
        assert all(line["quantity"] < 0 for line in order["lines"])
        assert persons["shop:" + order["order_id"]] == persons["shop:" + order["original_order_id"]]


def test_a_correction_sends_the_same_order_again_with_a_later_update(company: SampleReport) -> None:
    updates: dict[str, set[str]] = {}
    for order in _orders(company):
        if order["order_id"]:
            updates.setdefault(order["order_id"], set()).add(order["updated_at"])
    corrected = [sorted(instants) for instants in updates.values() if len(instants) > 1]
    assert corrected
    assert all(len(instants) == 2 for instants in corrected)


def test_the_truth_knows_the_person_of_every_record_in_the_files(company: SampleReport) -> None:
    known = {row["record_id"] for row in _truth(company, "person_records")}
    accounts = {f"shop:accounts:{o['customer']['account_id']}" for o in _orders(company) if o["customer"]["account_id"]}
    contacts = {f"crm:contacts:{row[0]}" for row in _contacts(company) if row[0]}
    assert accounts | contacts <= known
    assert len(known) == len(_truth(company, "person_records"))


def test_some_people_are_known_to_one_source_only_and_some_are_guests(company: SampleReport) -> None:
    sources: dict[str, set[str]] = {}
    for row in _truth(company, "person_records"):
        sources.setdefault(row["person_id"], set()).add(row["record_id"].partition(":")[0])
    assert {frozenset(found) for found in sources.values()} == {
        frozenset({"crm"}),
        frozenset({"shop"}),
        frozenset({"crm", "shop"}),
    }
    assert any(order["customer"]["account_id"] is None for order in _orders(company))


def test_strangers_share_a_name(company: SampleReport) -> None:
    names = Counter((p["first_name"], p["last_name"]) for p in _truth(company, "people"))
    assert max(names.values()) > 1


def test_contact_points_belong_to_one_person_and_reach_nobody_real(company: SampleReport) -> None:
    people = _truth(company, "people")
    emails = [p[name] for p in people for name in ("email", "email_before") if p[name]]
    assert len(set(emails)) == len(emails)
    assert all(email.endswith(("example.com", "example.org", "example.net")) for email in emails)
    assert len({p["phone_e164"] for p in people}) == len(people)


def test_without_a_truth_folder_no_truth_is_written(tmp_path: Path) -> None:
    report = write_sample_company(tmp_path / "inbox", customers_count=5)
    assert report.truth_root is None
    assert not list(tmp_path.glob("**/*.parquet"))


@pytest.mark.parametrize(("customers_count", "nights"), [(0, 1), (5, 0), (5, 62)])
def test_an_impossible_size_is_refused_and_nothing_is_written(
    tmp_path: Path, customers_count: int, nights: int
) -> None:
    with pytest.raises(SampleImpossible, match="Nothing was written"):
        write_sample_company(tmp_path, customers_count=customers_count, nights=nights)
    assert not list(tmp_path.iterdir())
