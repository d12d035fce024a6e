"""A whole night on the sample company, against its truth and against itself."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration.sample_company.company import write_sample_company
from tests.support.nights import (
    CUSTOMERS,
    LAST_DAY,
    published_columns,
    published_differences,
    run_night,
    settings_of,
)

pytestmark = pytest.mark.night


def test_every_delivered_record_has_exactly_one_fate(finished_night: Path) -> None:
    with duckdb.connect(finished_night / "serving" / "genome.duckdb", read_only=True) as connection:
        fates = dict(
            connection.execute("select file_sha256, sum(records_count) from mart_row_ledger group by all").fetchall()
        )
    delivered = pq.read_table(finished_night / "ledger" / "files", partitioning=None).to_pylist()
    assert fates == {file["file_sha256"]: file["records_count"] for file in delivered}


def test_customers_and_the_people_whom_the_crm_or_the_shop_knows_are_nearly_one_to_one(finished_night: Path) -> None:
    with duckdb.connect(finished_night / "serving" / "genome.duckdb", read_only=True) as connection:
        customers = connection.execute("select count(*) from mart_customer_360").fetchall()[0][0]
        [(people,)] = connection.execute(
            "select count(distinct person_id) from read_parquet(?) "
            "where split_part(record_id, ':', 1) in ('crm', 'shop')",
            [str(finished_night / "sample_truth" / "person_records.parquet")],
        ).fetchall()
    assert people > CUSTOMERS / 2
    assert people * 0.9 <= customers <= people * 1.2


def test_the_published_database_holds_no_direct_identifier(finished_night: Path) -> None:
    with duckdb.connect(finished_night / "serving" / "genome.duckdb", read_only=True) as connection:
        for table, columns in published_columns(finished_night).items():
            for column in columns:
                found = connection.execute(
                    f"select count(*) from {table} where regexp_matches({column}::varchar, "
                    r"'[^@\s]+@[^@\s]+\.[a-z]{2,}|\+[1-9][0-9]{7,14}')"
                ).fetchall()
                assert found == [(0,)], f"{table}.{column}"


def test_nights_without_new_files_move_only_what_depends_on_the_date(finished_night: Path, quiet_night: Path) -> None:
    facts = "customer_id, orders_count, net_revenue_amount, first_ordered_on, last_ordered_on, country_code"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{finished_night}/serving/genome.duckdb' as one (read_only)")
        connection.execute(f"attach '{quiet_night}/serving/genome.duckdb' as other (read_only)")
        before, after = (
            connection.execute(f"select {facts} from {name}.mart_customer_360 order by customer_id").fetchall()
            for name in ("one", "other")
        )
        days = connection.execute("select distinct as_of_on from other.mart_customer_360").fetchall()
    assert before == after
    assert days == [(LAST_DAY + timedelta(days=2),)]
    assert published_differences(finished_night, quiet_night)["mart_row_ledger"] == 0


def test_a_second_night_adds_what_arrived_and_keeps_the_rest(finished_night: Path, own_night: Path) -> None:
    write_sample_company(own_night / "inbox", customers_count=CUSTOMERS, nights=2)
    assert run_night(settings_of(own_night), LAST_DAY + timedelta(days=1)).is_success
    with duckdb.connect() as connection:
        connection.execute(f"attach '{finished_night}/serving/genome.duckdb' as one (read_only)")
        connection.execute(f"attach '{own_night}/serving/genome.duckdb' as other (read_only)")
        lost = connection.execute(
            "select count(*) from one.mart_row_ledger o anti join other.mart_row_ledger t using (file_sha256)"
        ).fetchall()
        again = connection.execute(
            "select count(*) from other.mart_row_ledger where reason_code = 'file_already_landed'"
        ).fetchall()
    assert lost == [(0,)]
    assert again[0][0] > 0


def test_too_little_history_publishes_no_score_and_says_why(parsed_project: Path, tmp_path: Path) -> None:
    root = tmp_path / "lake"
    shutil.copytree(parsed_project, root / ".dbt")
    write_sample_company(root / "inbox", customers_count=60, sources=("crm", "shop"))
    assert run_night(settings_of(root), date(2024, 9, 30)).is_success
    with duckdb.connect(root / "serving" / "genome.duckdb", read_only=True) as connection:
        scored = connection.execute("select count(purchase_probability_next_90d) from mart_customer_360").fetchall()
        said = connection.execute("select model_status, status_reason_code from mart_models").fetchall()
    assert scored == [(0,)]
    assert [status for status, _ in said] == ["withheld"]
    assert said[0][1]
