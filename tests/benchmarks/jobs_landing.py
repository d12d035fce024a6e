"""Jobs around landing: our landing, a bare DuckDB COPY, pandas, and both with types; all of one CSV of lines."""

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.foundation.clock import naive_utc
from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.feed_contract import DriftContract, FeedContract, raw_schema
from orchestration.foundation.lake_io import Lake, create_views
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.ingest.landing import land_feed
from orchestration.ingest.raw_file import Provenance
from tests.benchmarks.work import Facts, Meter

AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
_TYPED = {"Quantity": "BIGINT", "InvoiceDate": "TIMESTAMP", "UnitPrice": "DECIMAL(18,4)"}


def land(arguments: Facts, meter: Meter) -> Facts:
    """Land the file with everything that landing does."""
    lake, feed = _inbox_with(arguments)
    with meter.measured():
        _land(lake, feed, arguments)
    facts = _landed_facts(lake, feed)
    shutil.rmtree(lake.root)
    return facts


def land_reading_types(arguments: Facts, meter: Meter) -> Facts:
    """Land the file with everything that landing does, and look at the type of each cell as well."""
    lake, feed = _inbox_with(arguments)
    feed = feed.model_copy(update={"on_drift": DriftContract(types="quarantine")})
    with meter.measured():
        _land(lake, feed, arguments)
    facts = _landed_facts(lake, feed)
    shutil.rmtree(lake.root)
    return facts


def copy_text(arguments: Facts, meter: Meter) -> Facts:
    """Copy the same text to Parquet, bad rows skipped."""
    feed, target = _feed(), Path(arguments["folder"]) / "bare.parquet"
    with meter.measured(), _connected(arguments) as connection:
        reader = _read_csv(arguments, dict.fromkeys(_headers(feed), "VARCHAR"))
        connection.execute(f"copy (select * from {reader}) to '{target}' (format parquet, compression zstd)")
    return _facts_of(target, _headers(feed))


def pandas_parquet(arguments: Facts, meter: Meter) -> Facts:
    """Write the table that landing writes with pandas: every cell as text, rows numbered, provenance on each row."""
    import pandas as pd

    feed, source, target = _feed(), Path(arguments["csv"]), Path(arguments["folder"]) / "pandas.parquet"
    with meter.measured():
        frame = pd.read_csv(source, dtype=str, keep_default_na=False)
        frame.columns = pd.Index(list(feed.columns))
        with source.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        stated = Provenance(feed.source, feed.name, source.name, sha256, naive_utc(AT), "benchmark")
        frame = frame.assign(_extras=None, _row_number=range(1, len(frame) + 1), **stated.cells())
        frame.to_parquet(target, compression="zstd", index=False)
    return _facts_of(target, list(feed.columns))


def copy_typed(arguments: Facts, meter: Meter) -> Facts:
    """Copy the file to Parquet with its types."""
    feed, target = _feed(), Path(arguments["folder"]) / "typed.parquet"
    with meter.measured(), _connected(arguments) as connection:
        reader = _read_csv(arguments, {name: _TYPED.get(name, "VARCHAR") for name in _headers(feed)})
        connection.execute(f"copy (select * from {reader}) to '{target}' (format parquet, compression zstd)")
    names = dict(zip(feed.columns, _headers(feed), strict=True))
    columns = ", ".join(f'"{header}" as {name}' for name, header in names.items())
    with duckdb.connect() as connection:
        facts = _typed_facts(connection, f"(select {columns} from read_parquet('{target}'))")
    target.unlink()
    return facts


def land_and_type(arguments: Facts, meter: Meter) -> Facts:
    """Land the file, then run the compiled SQL of the feed's staging models over it; no Dagster, no dbt."""
    from orchestration.standardise.nightly import standardise_new_values

    lake, feed = _inbox_with(arguments)
    with meter.measured():
        _land(lake, feed, arguments)
    day = AT.date()
    list(standardise_new_values(lake, [feed], as_of_on=day, run_id="benchmark", at=AT))
    schemas = {feed.table: raw_schema(feed)}
    schemas |= {name: table.schema for name, table in LAKE_TABLES.items() if name.startswith("standardised/")}
    database = lake.root / "warehouse.duckdb"
    with _connected(arguments, database) as connection:
        connection.execute("set TimeZone = 'UTC'")
        create_views(connection, lake, schemas)
        for schema in ("reference", "staging", "vault"):
            connection.execute(f"create schema {schema}")
    with meter.measured(), _connected(arguments, database) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for statement in arguments["statements"]:
            connection.execute(statement)
    with duckdb.connect(database) as connection:
        typed = "(from staging.stg_online_retail__lines_typed where rejection_reason_code is null)"
        facts = _typed_facts(connection, typed)
    shutil.rmtree(lake.root)
    return facts


def _inbox_with(arguments: Facts) -> tuple[Lake, FeedContract]:
    """Return an empty lake whose inbox holds a copy of the file, and the feed."""
    root = Path(arguments["folder"]) / "landed"
    shutil.rmtree(root, ignore_errors=True)
    feed = _feed()
    inbox = root / "inbox" / feed.source
    inbox.mkdir(parents=True)
    shutil.copy2(arguments["csv"], inbox / "online_retail_bulk.csv")
    return Lake(root), feed


def _land(lake: Lake, feed: FeedContract, arguments: Facts) -> None:
    limits = DuckdbLimits(arguments["memory_limit"], arguments["threads"])
    report = land_feed(lake, feed, run_id="benchmark", ingested_at=AT, timezone="Europe/London", limits=limits)
    assert [file.fate for file in report.files] == ["landed"], [file.reason_text for file in report.files]


def _feed() -> FeedContract:
    contracts = load_contracts(PROJECT_ROOT / "lake" / "contracts")
    return next(feed for feed in contracts.feeds() if feed.table == "raw/online_retail/lines")


def _headers(feed: FeedContract) -> list[str]:
    return [column.aliases[0] if column.aliases else name.capitalize() for name, column in feed.columns.items()]


def _connected(arguments: Facts, path: Path | str = ":memory:") -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        path, config={"threads": arguments["threads"], "memory_limit": arguments["memory_limit"]}
    )
    connection.execute("set enable_progress_bar = false")
    return connection


def _read_csv(arguments: Facts, types: dict[str, str]) -> str:
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    return (
        f"read_csv('{arguments['csv']}', columns = {{{columns}}}, auto_detect = false, header = true, delim = ',', "
        f"quote = '\"', escape = '\"', ignore_errors = {str(arguments['is_ragged']).lower()})"
    )


def _facts_of(parquet: Path, names: list[str]) -> Facts:
    columns = ", ".join(f"coalesce(\"{name}\", '')" for name in names)
    with duckdb.connect() as connection:
        facts = _summed(connection, columns, f"read_parquet('{parquet}')")
    parquet.unlink()
    return facts


def _landed_facts(lake: Lake, feed: FeedContract) -> Facts:
    tables = {feed.table: raw_schema(feed)}
    tables |= {name: LAKE_TABLES[name].schema for name in ("quarantine/records", "ledger/files")}
    columns = ", ".join(f"coalesce({name}, '')" for name in feed.columns)
    with duckdb.connect() as connection:
        create_views(connection, lake, tables)
        facts = _summed(connection, columns, "lake_raw_online_retail.lines")
        numbers = "_row_number from lake_raw_online_retail.lines union all select _row_number"
        more = {
            "ordinals": f"select count(distinct _row_number) from (select {numbers} from lake_quarantine.records)",
            "quarantined": "select count(*) from lake_quarantine.records",
            "records": "select sum(records_count)::bigint from lake_ledger.files",
            "bad_checksum": "select coalesce(sum(hash(trim(decode(record_bytes), e'\\r\\n'))::hugeint), 0)::varchar "
            "from lake_quarantine.records",
        }
        return facts | {name: connection.execute(query).fetchall()[0][0] for name, query in more.items()}


def _typed_facts(connection: duckdb.DuckDBPyConnection, rows: str) -> Facts:
    cells = (
        "invoice_no, stock_code, description_or_name, quantity::bigint, unit_price::decimal(18, 4), "
        "customer_number::varchar"
    )
    names = connection.execute(f"describe select * from {rows}").fetchall()
    name = "product_name" if any(column[0] == "product_name" for column in names) else "description"
    return _summed(connection, cells.replace("description_or_name", name), rows)


def _summed(connection: duckdb.DuckDBPyConnection, cells: str, rows: str) -> dict[str, Any]:
    query = f"select count(*), coalesce(sum(hash({cells})::hugeint), 0)::varchar from {rows}"
    count, checksum = connection.execute(query).fetchall()[0]
    return {"rows": count, "checksum": checksum}
