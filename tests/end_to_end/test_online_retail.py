"""A whole night on the real Online Retail file, against separate queries over the file itself."""

import shutil
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.support.nights import run_night, settings_of

pytestmark = [pytest.mark.real_data, pytest.mark.night]

AS_OF_ON = date(2011, 9, 8)
NO_REVENUE = r"M|B|ADJUST.*|AMAZONFEE|BANK CHARGES|CRUK"
# One fate a line, from the contract's words and not from the models: equal lines are one, then what no sale can be.
FATES = """
create table fates as
with lines as (
    select *, count(*) as copies from read_parquet($file) group by all
)
select
    copies,
    upper(trim(InvoiceNo)) as invoice, upper(trim(StockCode)) as stock_code, CustomerID as customer,
    round(Quantity * UnitPrice::varchar::decimal(18, 4), 2) as amount,
    case
        when Quantity = 0 then 'quantity_zero'
        when UnitPrice < 0 then 'price_negative'
        when UnitPrice = 0 then 'price_zero'
        when upper(InvoiceNo) not like 'C%' and Quantity < 0 then 'sale_quantity_negative'
        when upper(InvoiceNo) like 'C%' and Quantity > 0 then 'return_quantity_positive'
    end as refusal
from lines
"""
SUMMED = f"""
select
    count(distinct customer) as customers,
    count(distinct invoice) filter (where invoice not like 'C%' and invoice not like 'A%') as sales,
    count(distinct invoice) filter (where invoice like 'C%') as returns,
    count(*) as lines,
    sum(amount) as amount,
    sum(amount) filter (where not regexp_full_match(stock_code, '{NO_REVENUE}')) as revenue
from fates where refusal is null
"""


@pytest.fixture(scope="module")
def retail_night(real_data: Path, parsed_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("retail") / "lake"
    shutil.copytree(parsed_project, root / ".dbt")
    inbox = root / "inbox" / "online_retail"
    inbox.mkdir(parents=True)
    shutil.copyfile(real_data / "transactions" / "online_retail.parquet", inbox / "online_retail.parquet")
    end = run_night(settings_of(root), AS_OF_ON)
    assert end.is_success, end.reasons
    return root


@pytest.fixture(scope="module")
def source(real_data: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(FATES, {"file": str(real_data / "transactions" / "online_retail.parquet")})
    return connection


def test_every_line_of_the_file_has_the_fate_that_the_file_itself_tells(
    retail_night: Path, source: duckdb.DuckDBPyConnection
) -> None:
    with _published(retail_night) as connection:
        found = connection.execute(
            "select reason_code, sum(records_count)::bigint "
            "from mart_row_ledger where row_fate not in ('accepted', 'repaired') group by all order by all"
        ).fetchall()
        [(kept, everything)] = connection.execute(
            "select (sum(records_count) filter (where row_fate in ('accepted', 'repaired')))::bigint, "
            "sum(records_count)::bigint from mart_row_ledger"
        ).fetchall()
    expected = source.execute(
        "select refusal, count(*) from fates where refusal is not null group by all "
        "union all select 'row_identical_to_another', sum(copies - 1)::bigint from fates order by all"
    )
    assert found == expected.fetchall()
    counted = source.execute("select count(*) - count(refusal), sum(copies)::bigint from fates")
    assert (kept, everything) == counted.fetchone()
    assert everything == 332_447


def test_orders_and_revenue_of_the_night_are_those_of_the_valid_lines(
    retail_night: Path, source: duckdb.DuckDBPyConnection
) -> None:
    expected = source.execute(SUMMED).fetchall()
    with duckdb.connect(retail_night / "warehouse.duckdb", read_only=True) as connection:
        found = connection.execute(
            "select count(distinct customer_id), count(*) filter (where order_type = 'sale'), "
            "count(*) filter (where order_type = 'return'), sum(lines_count)::bigint, sum(lines_amount), "
            "sum(net_revenue_amount) from customer.fct_orders"
        ).fetchall()
    assert found == expected


def test_published_customers_and_segments_add_up_to_the_lines_that_name_a_customer(
    retail_night: Path, source: duckdb.DuckDBPyConnection
) -> None:
    [(customers, sales, returns, _, _, revenue)] = source.execute(f"{SUMMED} and customer is not null").fetchall()
    summed = "sum(orders_count)::bigint, sum(net_revenue_amount)"
    with _published(retail_night) as connection:
        [marts] = connection.execute(
            f"select count(*), sum(returns_count)::bigint, {summed} from mart_customer_360"
        ).fetchall()
        [segments] = connection.execute(f"select sum(customers_count)::bigint, {summed} from mart_segments").fetchall()
    assert marts == (customers, returns, sales, revenue)
    assert segments == (customers, sales, revenue)


def test_the_purchase_model_is_honest_on_real_customers(retail_night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with _published(retail_night) as connection:
        records = connection.execute("select * from mart_models").to_arrow_table().to_pylist()
        [(scored, customers)] = connection.execute(
            "select count(purchase_probability_next_90d), count(*) filter (where orders_count > 0) "
            "from mart_customer_360"
        ).fetchall()
    [model] = records
    assert model["model_status"] == "champion", model["status_reason"]
    with capsys.disabled():
        sys.stdout.write(
            "\nOnline Retail: AUC {auc:.3f} ({auc_low:.3f} to {auc_high:.3f}), recency alone {baseline_auc:.3f}, slope "
            "{calibration_slope:.2f} ({calibration_slope_low:.2f} to {calibration_slope_high:.2f}), permuted AUC "
            "{permuted_auc:.3f}, {tested_rows_count} customers in the test\n".format(**model)
        )
    # All bounds were fixed before the first run.
    assert model["auc"] > model["baseline_auc"]
    assert 0.70 < model["auc"] < 0.85
    assert model["calibration_slope_low"] <= 1.1
    assert model["calibration_slope_high"] >= 0.9
    assert abs(model["permuted_auc"] - 0.5) <= 0.02
    assert scored == customers > 0


def _published(root: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(root / "serving" / "genome.duckdb", read_only=True)
