"""What becomes of a file with columns that its contract does not know: kept, quarantined, or refused, as it says.

A reader puts such cells into `_extras`; here it is decided whether they stay. What cells must be belongs to dbt.
"""

from pathlib import Path

import duckdb

from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.errors import ColumnsUnknown

_REASON_CODE = "columns_unknown"
_KEPT = "select * from read_parquet({raw}) where _extras is null"
_FORMLESS = """
select
    _source, _feed, _file, _file_sha256, _row_number, null::bigint as line_number, null::bigint as byte_offset,
    encode(to_json(struct_pack({cells}, _extras := _extras))::varchar) as record_bytes,
    '{code}' as reason_code,
    'has cells in columns that the contract does not know' as reason_text,
    _ingested_at, _run_id
from read_parquet({raw})
where _extras is not null
"""


def judged(delivery: Delivery, account: Account) -> Account:
    """Return the account of a file after its contract's rule for unknown columns was applied to what its reader wrote.

    By `evolve` unknown cells stay in `_extras`; by `quarantine` rows that have any become formless records, their cells
    as a JSON object of texts; by `freeze` the file is refused.

    Args:
        delivery: the file, its raw rows and formless records as its reader left them.
        account: what its reader counted.

    Raises:
        ColumnsUnknown: the contract freezes its columns and the file has others.
    """
    rule = delivery.feed.on_drift.columns
    if rule == "evolve" or not account.unknown_columns:
        return account
    if rule == "freeze":
        raise ColumnsUnknown.of(delivery.received.display, account.unknown_columns, delivery.feed.source)
    return _quarantined(delivery, account)


def _quarantined(delivery: Delivery, account: Account) -> Account:
    raw, kept, formless = delivery.raw.path, delivery.work / "kept.parquet", delivery.work / "unknown.parquet"
    limits = delivery.limits
    cells = ", ".join(f"{quote_identifier(name)} := {quote_identifier(name)}" for name in delivery.feed.columns)
    with duckdb.connect(config={"memory_limit": limits.memory_limit, "threads": limits.threads}) as connection:
        connection.execute("set enable_progress_bar = false")
        source = quote_literal(str(raw))
        landed = _copied(connection, _KEPT.format(raw=source), kept)
        parts = [_FORMLESS.format(raw=source, cells=cells, code=_REASON_CODE)]
        if delivery.quarantine.count:
            parts.append(f"select * from read_parquet({quote_literal(str(delivery.quarantine.path))})")
        quarantined = _copied(connection, " union all by name ".join(parts) + " order by _row_number", formless)
    kept.replace(raw)
    delivery.quarantine.take(formless, quarantined)
    return Account(account.records, landed, quarantined, account.unknown_columns)


def _copied(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Return the rows of a query after writing them to a Parquet file."""
    copied = connection.execute(f"copy ({query}) to {quote_literal(str(path))} (format parquet, compression zstd)")
    [(count,)] = copied.fetchall()
    return int(count)
