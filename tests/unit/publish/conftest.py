"""A tiny warehouse to publish from."""

from pathlib import Path

import duckdb
import pytest

from orchestration.foundation.connections import DuckdbLimits

LIMITS = DuckdbLimits(memory_limit="1GB", threads=1)

WAREHOUSE = """
create schema serving;
create table serving.mart_customers (
    customer_id varchar primary key, revenue_amount decimal(18, 2) not null, reasons json, note varchar
);
insert into serving.mart_customers values
    ('c3', 1.50, '[{"label": "a"}]', null), ('c1', 2.50, null, 'it''s'), ('c2', 0, null, '');
comment on table serving.mart_customers is 'One row per customer; it''s tonight''s.';
comment on column serving.mart_customers.revenue_amount is 'Revenue in GBP.';
create table serving.mart_segments (segment_code varchar, customers_count bigint);
insert into serving.mart_segments values ('lost', 2), ('champions', 1);
create schema vault;
create table vault.secrets as select 'ada@example.org' as email;
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(WAREHOUSE)
    return path


@pytest.fixture
def limits() -> DuckdbLimits:
    return LIMITS
