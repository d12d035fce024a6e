"""What dbt builds from small lakes, against figures that are worked out by hand."""

from pathlib import Path

import duckdb
import pytest

from tests.support.small_company import (
    CONTACTS_OF_MONDAY,
    CONTACTS_OF_TUESDAY,
    ORDERS_OF_MONDAY,
    ORDERS_OF_TUESDAY,
    fill_stages,
    invoice_lines,
)
from tests.support.warehouses import BLOCKS, Dbt, SmallLake

STAGING_TABLES = (
    "vault.stg_crm__contacts",
    "staging.stg_crm__contacts_judged",
    "vault.stg_shop__orders",
    "staging.stg_shop__orders_judged",
    "staging.stg_shop__order_lines",
    "identity.int_identity_records",
    "identity.int_logins_observed",
    "vault.int_contact_points_observed",
    "vault.int_person_attributes",
)


def rows(warehouse: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(warehouse, read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_an_empty_lake_builds_into_empty_tables_and_all_segments(empty_warehouse: Path) -> None:
    counts = {
        table: rows(empty_warehouse, f"select count(*) from {table}")[0][0]
        for table in ("customer.dim_customers", "customer.fct_orders", "serving.mart_customer_360")
    }
    assert set(counts.values()) == {0}
    assert rows(empty_warehouse, "select count(*), sum(customers_count) from serving.mart_segments") == [(12, 0)]
    assert rows(empty_warehouse, "select count(*) from insight.int_feature_dates") == [(1,)]


@pytest.mark.parametrize("source", ["crm", "shop"])
def test_a_lake_with_one_source_builds(dbt: Dbt, warehouse: Path, tmp_path: Path, source: str) -> None:  # noqa: ARG001 - after the session's warehouse, whose path it uses
    lake = SmallLake()
    fill_stages(lake)
    feeds = {"crm": ("contacts", CONTACTS_OF_MONDAY), "shop": ("orders", ORDERS_OF_MONDAY)}
    feed, landed = feeds.get(source, ("lines", invoice_lines()))
    lake.land(source, feed, "file", landed)
    lake.write(dbt.warehouse)
    dbt.build(*BLOCKS)
    kept = dbt.keep(f"only_{source}_{tmp_path.name}")
    assert rows(kept, "select count(*) > 0 from serving.mart_customer_360") == [(True,)]


def test_every_delivered_record_has_exactly_one_fate_in_the_ledger(warehouse: Path) -> None:
    crm_and_shop = rows(
        warehouse,
        "select file_name, row_fate, reason_code, records_count from serving.mart_row_ledger "
        "where source <> 'online_retail' order by all",
    )
    same = "row_identical_to_another"
    by_hand = {
        ("contacts_monday.csv", "rejected", "contact_id_missing", 1),
        ("contacts_monday.csv", "repaired", "email_unusable", 1),
        ("orders_bad.ndjson", "quarantined", "columns_missing", 4),
        ("orders_monday.ndjson", "quarantined", "json_malformed", 1),
        ("orders_monday.ndjson", "rejected", "currency_not_accepted", 1),
    }
    assert by_hand <= set(crm_and_shop)
    fates = {(fate, reason): 0 for _, fate, reason, _ in crm_and_shop}
    for _, fate, reason, count in crm_and_shop:
        assert isinstance(count, int)
        fates[fate, reason] += count
    assert fates["duplicate", same] == 3  # in either file of a pair: the smaller hash is kept
    assert sum(fates.values()) == 5 + 3 + 6 + 3 + 1 + 4


def test_the_same_bytes_delivered_again_are_duplicates_as_a_whole(warehouse: Path) -> None:
    again = rows(
        warehouse,
        "select row_fate, reason_code, records_count from serving.mart_row_ledger "
        "where file_name = 'online_retail_copy.parquet'",
    )
    assert again == [("duplicate", "file_already_landed", len(invoice_lines()))]


def test_records_that_share_an_email_are_one_customer(warehouse: Path) -> None:
    shared = rows(
        warehouse,
        "select records_count, sources_count, country_code, orders_count, returns_count, net_revenue_amount::text "
        "from serving.mart_customer_360 where sources_count > 1",
    )
    assert shared == [(2, 2, "GB", 2, 1, "20.00")]


def test_a_correction_counts_and_what_it_corrects_does_not(warehouse: Path) -> None:
    amounts = rows(
        warehouse, "select order_id, net_revenue_amount::text from customer.fct_orders where source = 'shop' order by 1"
    )
    assert amounts == [
        ("shop:R1", "-30.00"),
        ("shop:S1", "20.00"),
        ("shop:S2", "30.00"),
        ("shop:S3", "6.66"),
        ("shop:S4", "7.00"),
    ]


def test_an_order_after_the_night_stays_in_staging(warehouse: Path) -> None:
    staged = rows(warehouse, "select count(*) from vault.stg_shop__orders where order_id_shop = 'S6'")
    known = rows(warehouse, "select count(*) from customer.fct_orders where order_id = 'shop:S6'")
    assert (staged, known) == ([(1,)], [(0,)])


def test_late_files_are_typed_once_and_give_the_same_tables(dbt: Dbt, warehouse: Path, tmp_path: Path) -> None:
    lake = SmallLake()
    fill_stages(lake)
    lake.land("crm", "contacts", "contacts_tuesday.csv", CONTACTS_OF_TUESDAY)
    lake.land("shop", "orders", "orders_tuesday.ndjson", ORDERS_OF_TUESDAY)
    lake.write(dbt.warehouse)
    dbt.build("block_staging", is_tested=False)
    lake.land("crm", "contacts", "contacts_monday.csv", CONTACTS_OF_MONDAY)
    lake.land("shop", "orders", "orders_monday.ndjson", ORDERS_OF_MONDAY)
    lake.land("online_retail", "lines", "online_retail.parquet", invoice_lines())
    lake.write(dbt.warehouse)
    dbt.build("block_staging", is_tested=False)
    kept = dbt.keep(f"late_{tmp_path.name}")
    typed = rows(kept, "select count(*), count(distinct row_id) from vault.stg_shop__orders_typed")
    landed = len(ORDERS_OF_MONDAY) + len(ORDERS_OF_TUESDAY)
    assert typed == [(landed, landed)]
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as at_once (read_only)")
        connection.execute(f"attach '{kept}' as one_by_one (read_only)")
        for table in STAGING_TABLES:
            for left, right in (("at_once", "one_by_one"), ("one_by_one", "at_once")):
                query = f"select * from {left}.{table} except all select * from {right}.{table}"
                assert connection.execute(query).fetchall() == [], (table, left)


def test_descriptions_reach_the_warehouse_as_comments(warehouse: Path) -> None:
    without = rows(
        warehouse,
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where schema_name in ('serving', 'customer') and comment is null",
    )
    assert without == []
