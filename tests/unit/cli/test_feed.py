"""`genome feed new` makes a contract and staging of a file that nobody has described."""

import gzip
import shutil
import sys
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from openpyxl import Workbook
from rich.console import Console

from orchestration.cli.feed import FeedNotProposed, FeedProposal, new_feed, propose_feed
from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.settings import PROJECT_ROOT, Settings

ORDERS = (
    "Order No;Ordered;E-Mail;Total\n"
    "0001;21.11.2026;jo@example.org;1.234,50\n"
    "0002;22.11.2026;mo@example.org;7,25\n"
    "0003;22.11.2026\n"
    "0004;23.11.2026;ké@example.org;8,00\n"
)
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


def test_other_formats_are_described_alike(tmp_path: Path) -> None:
    ndjson = tmp_path / "orders.ndjson.gz"
    ndjson.write_bytes(gzip.compress(b'{"order_id": "1", "paid": true}\n{"order_id": "2", "paid": false}\n'))
    parquet = tmp_path / "orders.parquet"
    with duckdb.connect() as connection:
        connection.execute("copy (select 7 as order_id, true as paid union all select 8, false) to $1", [str(parquet)])
    workbook = Workbook()
    rows: tuple[list[str], ...] = (["Report of November"], [], ["order_id", "paid"], ["1", "yes"], ["2", "no"])
    for row in rows:
        workbook.worksheets[0].append(row)
    workbook.save(tmp_path / "orders.xlsx")
    for path, expected in ((ndjson, (2, 2, 0)), (parquet, (2, 2, 0)), (tmp_path / "orders.xlsx", (3, 2, 1))):
        proposal = proposed(path)
        assert counts(proposal) == expected, path.name
        assert [(c.name, c.meaning.kind) for c in proposal.columns] == [("order_id", "id"), ("paid", "boolean")]


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
