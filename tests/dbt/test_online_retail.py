"""The real Online Retail file through all models, against independent queries over the file itself."""

from pathlib import Path

import duckdb
import pytest

from tests.support.warehouses import BLOCKS, Dbt, SmallLake

pytestmark = pytest.mark.real_data

NO_REVENUE = ("M", "B", "AMAZONFEE", "BANK CHARGES", "CRUK")
_RAW = """
insert into lake_raw_online_retail.lines by name
select
    InvoiceNo as invoice_no, StockCode as stock_code, Description as description, Quantity::varchar as quantity,
    InvoiceDate::varchar as invoiced_at, UnitPrice::varchar as unit_price, CustomerID::varchar as customer_number,
    Country as country, 'retail' as _file_sha256, row_number() over () as _row_number
from read_parquet($file)
"""
_VALID = """
select distinct * from read_parquet($file)
where UnitPrice > 0 and Quantity <> 0 and (Quantity < 0) = (InvoiceNo like 'C%')
"""


@pytest.fixture(scope="module")
def file(real_data: Path) -> str:
    return str(real_data / "transactions" / "online_retail.parquet")


@pytest.fixture(scope="module")
def retail_warehouse(dbt: Dbt, warehouse: Path, file: str) -> Path:  # noqa: ARG001 - after the session's warehouse, whose path it uses
    lake = SmallLake()
    with duckdb.connect() as connection:
        count, numbers = connection.execute(
            "select count(*), list(distinct CustomerID) from read_parquet($file)", {"file": file}
        ).fetchall()[0]
    lake.deliver("online_retail", "lines", "online_retail.parquet", "retail", count)
    records = {f"online_retail:customers:{number}": f"c_{number}" for number in numbers if number is not None}
    lake.add("identity/customer_records", [{"record_id": r, "customer_id": c} for r, c in records.items()])
    lake.write(dbt.warehouse)
    with duckdb.connect(dbt.warehouse) as connection:
        connection.execute(_RAW, {"file": file})
    dbt.build(*BLOCKS)
    return dbt.keep("online_retail")


def _one(connection: duckdb.DuckDBPyConnection, query: str, **values: object) -> tuple[object, ...]:
    [row] = connection.execute(query, values).fetchall()
    return tuple(row)


def test_orders_customers_and_revenue_are_those_of_the_valid_lines_of_the_file(
    retail_warehouse: Path, file: str
) -> None:
    with duckdb.connect(retail_warehouse, read_only=True) as connection:
        built = _one(
            connection,
            "select count(*), count(*) filter (order_type = 'return'), count(distinct customer_id), sum(lines_count), "
            "sum(lines_amount), sum(net_revenue_amount) from customer.fct_orders",
        )
        published = _one(connection, "select count(*), sum(net_revenue_amount) from serving.mart_customer_360")
    with duckdb.connect() as connection:
        amounts = "round(UnitPrice::varchar::decimal(18, 4) * Quantity, 2)"
        expected = _one(
            connection,
            "select count(distinct InvoiceNo), count(distinct InvoiceNo) filter (InvoiceNo like 'C%'), "
            f"count(distinct CustomerID), count(*), sum({amounts}), "
            f"sum({amounts}) filter (not list_contains($none, upper(StockCode))) from ({_VALID})",
            file=file,
            none=list(NO_REVENUE),
        )
        of_customers = _one(
            connection,
            f"select count(distinct CustomerID), sum({amounts}) filter (not list_contains($none, upper(StockCode))) "
            f"from ({_VALID}) where CustomerID is not null",
            file=file,
            none=list(NO_REVENUE),
        )
    assert built == expected
    assert published == of_customers


def test_the_ledger_holds_each_line_of_the_file_once(retail_warehouse: Path, file: str) -> None:
    with duckdb.connect(retail_warehouse, read_only=True) as connection:
        fates = dict(
            connection.execute(
                "select coalesce(reason_code, row_fate), records_count from serving.mart_row_ledger"
            ).fetchall()
        )
    with duckdb.connect() as connection:
        count, distinct, free, negative = _one(
            connection,
            "select (select count(*) from read_parquet($file)), count(*), count(*) filter (UnitPrice = 0), "
            "count(*) filter (UnitPrice < 0) from (select distinct * from read_parquet($file))",
            file=file,
        )
    assert isinstance(count, int)
    assert isinstance(distinct, int)
    assert sum(fates.values()) == count
    assert fates["row_identical_to_another"] == count - distinct
    assert (fates["price_zero"], fates["price_negative"]) == (free, negative)
