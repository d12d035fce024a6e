"""The Online Retail file lands whole through its own contract."""

import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.settings import load_settings
from tests.support.inboxes import Inbox

pytestmark = pytest.mark.real_data

# Of the delivered file: its rows, the sum of its quantities and its rows without a customer.
ROWS, QUANTITY, WITHOUT_CUSTOMER = 332_447, 3_210_575, 91_641


def test_online_retail_lands_row_by_row_and_says_what_its_source_says(real_data: Path, tmp_path: Path) -> None:
    delivered = real_data / "transactions" / "online_retail.parquet"
    feed = load_contracts(load_settings({}).contracts_dir)["online_retail"].feeds["lines"]
    inbox = Inbox(Lake(tmp_path / "lake"), feed)
    inbox.folder.mkdir(parents=True)
    shutil.copy(delivered, inbox.folder)
    [landing] = inbox.land().files
    assert (landing.fate, landing.records_count, landing.landed_count) == ("landed", ROWS, ROWS)
    assert landing.unknown_columns == ()
    [raw] = inbox.lake.paths(feed.table)
    back = """
        select
            invoice_no, stock_code, description, quantity::bigint, invoiced_at::timestamp, unit_price::double,
            customer_number::bigint, country
        from read_parquet(?, hive_partitioning = false) order by _row_number
    """
    with duckdb.connect() as connection:
        source = connection.execute("select * from read_parquet(?)", [str(delivered)]).to_arrow_table()
        landed = connection.execute(back, [str(raw)]).to_arrow_table()
        totals = "select count(*), sum(quantity::bigint), count(*) - count(customer_number) from read_parquet(?)"
        assert connection.execute(totals, [str(raw)]).fetchone() == (ROWS, QUANTITY, WITHOUT_CUSTOMER)
    assert landed.rename_columns(source.column_names).cast(source.schema).equals(source)
