"""`genome feed new` makes a contract and staging of a file that nobody has described."""

import bz2
import gzip
import shutil
import sys
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pyarrow as pa
import pytest
import xlwt
from openpyxl import Workbook
from rich.console import Console

from orchestration.cli.feed import FeedNotProposed, FeedProposal, new_feed, propose_feed
from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.settings import PROJECT_ROOT, Settings
from tests.support.ods_files import number, ods, row, text

ORDERS = (
    "Order No;Ordered;E-Mail;Total\n"
    "0001;21.11.2026;jo@example.org;1.234,50\n"
    "0002;22.11.2026;mo@example.org;7,25\n"
    "0003;22.11.2026\n"
    "0004;23.11.2026;ké@example.org;8,00\n"
)
ROWS = ((1, "yes"), (2, "no"))
SETTINGS = Settings(timezone="Europe/London")
NEVER_SEEN = (
    "identity/febrl1/records.csv",
    "identity/febrl3/records.csv",
    "identity/fake_1000/records.csv",
    "identity/historical_50k/records.csv",
    "identity/senzing_truthset/customers.csv",
    "churn/telco_customer_churn.csv",
    "transactions/cdnow_sample.csv",
    "transactions/complete_journey/demographics.parquet",
    "transactions/complete_journey/campaigns.parquet",
    "transactions/complete_journey/products.parquet",
)


def proposed(path: Path) -> FeedProposal:
    return propose_feed(SETTINGS, path, source="vendor", feed="orders")


def counts(proposal: FeedProposal) -> tuple[int | None, int, int]:
    landing = proposal.landing
    return landing.records_count, landing.landed_count, landing.quarantined_count


def test_a_text_is_described_and_what_would_be_quarantined_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "orders_2026-11-21.csv"
    path.write_bytes(ORDERS.encode("cp1252"))
    proposal = proposed(path)
    assert counts(proposal) == (4, 3, 1)
    assert sum(proposal.quarantined.values()) == 1
    assert {column.name: column.meaning.kind for column in proposal.columns} == {
        "order_no": "id",
        "ordered": "date",
        "e_mail": "email",
        "total": "amount",
    }
    for stated in ("delimiter: ;", "encoding: cp1252", "decimal_mark: ','", "key:\n    - order_no"):
        assert stated in proposal.contract


def _xlsx() -> bytes:
    workbook = Workbook()
    rows: list[list[str]] = [
        ["Report of November"],
        [],
        ["order_id", "paid"],
        ["1", "yes"],
        ["2", "no"],
        ["Total", "1 of 2"],
    ]
    for line in rows:
        workbook.worksheets[0].append(line)
    workbook.create_sheet("old", 0).sheet_state = "hidden"
    workbook["old"].append(["order_id", "paid", "cancelled"])
    saved = BytesIO()
    workbook.save(saved)
    return saved.getvalue()


def _xls() -> bytes:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Orders")
    for place, line in enumerate((("Report of November",), ("order_id", "paid"), (1, "yes"), (2, "no"))):
        for column, value in enumerate(line):
            sheet.write(place, column, value)
    saved = BytesIO()
    workbook.save(saved)
    return saved.getvalue()


def _zipped(content: bytes) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("orders", content)
    return packed.getvalue()


OBJECTS = b'[{"order_id": "1", "paid": true},\n{"order_id": "2", "paid": false}]'
XML = b"<e><made/><o><order_id>1</order_id><paid>yes</paid></o><o><order_id>2</order_id><paid>no</paid></o></e>"
WRITTEN = {
    "orders.ndjson.gz": (gzip.compress(OBJECTS[1:-1].replace(b",\n", b"\n")), 0, "format: ndjson"),
    "orders.json.bz2": (bz2.compress(OBJECTS), 0, "format: json"),
    "page.json": (b'{"next": null, "data": {"items": ' + OBJECTS + b"}}", 0, "records: data.items"),
    "orders.xml.zip": (_zipped(XML), 0, "record: e/o"),
    "orders16.xml": (XML.decode().encode("utf-16"), 0, "record: e/o"),
    "orders.xlsx": (_xlsx(), 2, "totals_labels:\n      - total"),
    "orders.xls": (_xls(), 1, "sheet: Orders"),
    "orders.ods": (
        ods(row(text("Report")), row(text("order_id"), text("paid")), *(row(number(n), text(w)) for n, w in ROWS)),
        1,
        "format: ods",
    ),
    "orders.csv.zst": (bytes(pa.compress(b"order_id,paid\n1,yes\n2,no\n", codec="zstd", asbytes=True)), 0, "csv"),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_other_formats_are_described_alike(name: str, tmp_path: Path) -> None:
    content, beside, stated = WRITTEN[name]
    path = tmp_path / name
    path.write_bytes(content)
    proposal = proposed(path)
    assert counts(proposal) == (2 + beside, 2, beside)
    assert [(c.name, c.meaning.kind) for c in proposal.columns] == [("order_id", "id"), ("paid", "boolean")]
    assert stated in proposal.contract


def test_parquet_is_described_alike(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    with duckdb.connect() as connection:
        connection.execute("copy (select 7 as order_id, true as paid union all select 8, false) to $1", [str(path)])
    assert counts(proposed(path)) == (2, 2, 0)


def test_what_repeats_and_is_an_attribute_is_told_of_xml(tmp_path: Path) -> None:
    path = tmp_path / "orders.xml"
    orders = (
        "<order id='1'><line><sku>a</sku></line><line><sku>b</sku></line></order>"
        "<order id='2'><line><sku>a</sku></line></order>"
    )
    path.write_text(f"<export><orders>{orders}</orders></export>", encoding="utf-8")
    proposal = proposed(path)
    assert counts(proposal) == (2, 2, 0)
    assert [(column.name, column.header, column.meaning.type) for column in proposal.columns] == [
        ("id", "@id", "text"),
        ("line", "line", "json"),
    ]
    assert "record: export/orders/order\n      lists:\n      - line\n" in proposal.contract


def test_nothing_is_written_and_no_personal_value_is_shown_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    screen = StringIO()
    new_feed(SETTINGS, console=Console(file=screen, width=110), path=path, source="vendor", feed=None, write=False)
    shown = screen.getvalue()
    assert "4 records, 3 would land, 1 would be quarantined" in shown
    assert "Nothing was written" in shown
    assert "example.org" not in shown
    assert not (SETTINGS.contracts_dir / "vendor.yml").exists()


def test_what_is_written_loads_and_is_never_written_over(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(PROJECT_ROOT / "lake" / "contracts", project / "lake" / "contracts")
    (project / "dbt_project" / "macros").mkdir(parents=True)
    for source in load_contracts(PROJECT_ROOT / "lake" / "contracts"):
        (project / "dbt_project" / "models" / "staging" / source).mkdir(parents=True)
    settings = Settings(project_root=project, contracts_dir=project / "lake" / "contracts")
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    console = Console(file=StringIO())
    new_feed(settings, console=console, path=path, source="vendor", feed="orders", write=True)
    assert "orders" in load_contracts(settings.contracts_dir)["vendor"].feeds
    staging = settings.dbt_dir / "models" / "staging" / "vendor"
    assert sorted(file.name for file in staging.iterdir()) == [
        "_vendor__orders__models.yml",
        "_vendor__sources.yml",
        "stg_vendor__orders.sql",
        "stg_vendor__orders_judged.sql",
        "stg_vendor__orders_typed.sql",
    ]
    with pytest.raises(FeedNotProposed, match="not written over"):
        new_feed(settings, console=console, path=path, source="vendor", feed="orders", write=True)


def test_what_is_no_table_is_refused_with_its_reason(tmp_path: Path) -> None:
    for content, reason in ((b"", "no header"), (b"PK\x03\x04 no workbook", "XLSX"), (b"PAR1 cut", "PARQUET|Parquet")):
        path = tmp_path / "file"
        path.write_bytes(content)
        with pytest.raises(FeedNotProposed, match=reason):
            proposed(path)
    with pytest.raises(FeedNotProposed, match="no regular file"):
        proposed(tmp_path)


@pytest.mark.real_data
@pytest.mark.parametrize("name", NEVER_SEEN)
def test_a_file_that_was_never_seen_is_described_landed_and_balanced(real_data: Path, name: str) -> None:
    proposal = propose_feed(SETTINGS, real_data / name, source=None, feed=None)
    records, landed, quarantined = counts(proposal)
    shown = f"{records:>8,} records {landed:>8,} landed {quarantined:>5,} quarantined"
    sys.stdout.write(f"{name:52} {len(proposal.columns):3} columns {shown}\n")
    assert records == landed + quarantined
    assert landed > 0
    assert proposal.landing.unknown_columns == ()
    assert len(proposal.staging) == 4
