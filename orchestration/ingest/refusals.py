"""What was refused, where and by which rule: whole files, records without shape, and rows that broke a rule of staging.

It reads the ledger, the quarantine, raw, the archive and what the last night judged, and changes nothing. How a row is
judged belongs to dbt; how a refusal is shown, to the command line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from orchestration.foundation.connections import DuckdbLimits, connect
from orchestration.foundation.contracts import Contracts
from orchestration.foundation.errors import GenomeError
from orchestration.foundation.lake_io import Lake, create_views, view_name
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.sql import quote_identifier
from orchestration.ingest.archived_records import ArchivedRecords, BytesUntold
from orchestration.ingest.ledger import LEDGER_TABLE
from orchestration.ingest.quarantine import QUARANTINE_TABLE

_LOCKED_BY_ANOTHER = "Could not set lock"
_JUDGED = """
select source, feed, file_sha256, row_id, reason_code as rule
from staging.int_rows_judged
where row_fate = 'rejected'
"""
_NONE_JUDGED = """
select
    null::varchar as source, null::varchar as feed, null::varchar as file_sha256,
    null::varchar as row_id, null::varchar as rule
where false
"""
_REFUSED = """
create temp view refused as
select
    'file' as stage, source, feed, reason_code as rule, file_sha256, file_name, null::bigint as row_number,
    null::bigint as line_number, null::blob as record_bytes, reason_text
from lake_ledger.files
where file_fate = 'refused'
union all
select
    'landing', _source, _feed, reason_code, _file_sha256, _file, _row_number,
    line_number, record_bytes, reason_text
from lake_quarantine.records
union all
select
    'staging', source, feed, rule, file_sha256, null, split_part(row_id, ':', 2)::bigint,
    null, null, null
from rejected
"""
_CHOSEN = """
from refused
where ($source is null or source = $source) and ($feed is null or feed = $feed) and ($rule is null or rule = $rule)
"""
_COUNTS = f"""
select
    source, feed, stage, rule, count(distinct file_sha256) as files,
    case when stage <> 'file' then count(*) end as rows
{_CHOSEN}
group by source, feed, stage, rule
order by rows desc nulls first, source, feed, stage, rule
"""
_SAMPLES = f"""
create temp table sampled as
select *
{_CHOSEN}
qualify
    row_number() over (partition by source, feed, stage, rule order by file_sha256, file_name, row_number) <= $limit
"""
_CELLS_OF_FEED = """
select landed._file_sha256, landed._row_number, landed._file, to_json({cells})::varchar as cells
from {table} as landed
inner join sampled
    on landed._file_sha256 = sampled.file_sha256 and landed._row_number = sampled.row_number
where sampled.stage = 'staging' and sampled.source = $source and sampled.feed = $feed
"""
_FILES_SAMPLED = """
select source, feed, file_sha256, list(distinct row_number order by row_number) as row_numbers
from sampled
where stage = 'staging'
group by source, feed, file_sha256
order by source, feed, file_sha256
"""
_SHOWN = """
select
    sampled.stage, sampled.source, sampled.feed, sampled.rule,
    coalesce(sampled.file_name, cells.file_name) as file_name,
    sampled.row_number, coalesce(sampled.line_number, originals.line_number) as line_number, sampled.reason_text,
    coalesce(sampled.record_bytes, originals.record_bytes, encode(cells.cells)) as content,
    untold.why as untold_because
from sampled
left join cells
    on sampled.stage = 'staging' and sampled.source = cells.source and sampled.feed = cells.feed
    and sampled.file_sha256 = cells.file_sha256 and sampled.row_number = cells.row_number
left join originals
    on sampled.stage = 'staging' and sampled.source = originals.source and sampled.feed = originals.feed
    and sampled.file_sha256 = originals.file_sha256 and sampled.row_number = originals.row_number
left join untold
    on sampled.stage = 'staging' and sampled.source = untold.source and sampled.feed = untold.feed
    and sampled.file_sha256 = untold.file_sha256
order by source, feed, stage, rule, file_name, row_number
"""


class WarehouseBusy(GenomeError):
    """What staging judged cannot be read while a night writes it."""

    @classmethod
    def at(cls, warehouse: Path) -> "WarehouseBusy":
        """Return the error for the database that another process writes."""
        return cls(
            f"{warehouse} is being written by another process, most likely a night at work, so that what staging "
            "refused cannot be read now. Ask again when the night has ended; nothing was read or changed."
        )


@dataclass(frozen=True)
class RefusalChoice:
    """Which refusals are asked for; None for all.

    Attributes:
        source: of one source only.
        feed: of one feed only.
        rule: by one rule only.
    """

    source: str | None = None
    feed: str | None = None
    rule: str | None = None


@dataclass(frozen=True)
class RefusedRow:
    """One refusal as it is shown: where it stands, the rule, and what was received.

    Attributes:
        stage: `file` for a file refused whole, `landing` for a record without shape, `staging` for a row that broke
            a rule.
        source: whose file.
        feed: of which feed; empty when no feed claimed the file.
        rule: the reason's code.
        file_name: as delivered.
        row_number: ordinal of the record in its file; None for a whole file.
        line_number: physical line on which it begins; None where only the ordinal is known.
        reason_text: why, in words; None when the rule says it all.
        content: a record's bytes as received, or where these cannot be told its cells as received (a JSON object,
            UTF-8); None for a whole file.
        untold_because: why the bytes of a row of staging cannot be told; None where they are.
    """

    stage: str
    source: str
    feed: str
    rule: str
    file_name: str
    row_number: int | None
    line_number: int | None
    reason_text: str | None
    content: bytes | None
    untold_because: str | None


class Refusals:
    """All that was refused in one lake, as it is now."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, lake: Lake, contracts: Contracts) -> None:
        self._connection = connection
        self._lake = lake
        self._contracts = contracts

    def counts(self, choice: RefusalChoice) -> pa.Table:
        """Return one row per source, feed, stage and rule: `files` and `rows` (null for whole files), most rows first.

        Args:
            choice: which of them.
        """
        return self._connection.execute(_COUNTS, _asked(choice)).to_arrow_table()

    def records_count(self) -> int:
        """Return how many records all landed files hold, by the ledger."""
        query = "select coalesce(sum(records_count), 0)::bigint from lake_ledger.files where file_fate = 'landed'"
        [(count,)] = self._connection.execute(query).fetchall()
        return int(count)

    def samples(self, choice: RefusalChoice, *, limit: int) -> tuple[RefusedRow, ...]:
        """Return up to `limit` refusals of each source, feed, stage and rule, by these, file and place in it.

        Args:
            choice: which of them.
            limit: how many of each.

        Raises:
            LakeFileDamaged: a file that holds one of them is missing or damaged.
        """
        self._connection.execute("drop table if exists sampled")
        self._connection.execute(_SAMPLES, {**_asked(choice), "limit": limit})
        self._put_cells()
        self._put_originals()
        return tuple(RefusedRow(*row) for row in self._connection.execute(_SHOWN).fetchall())

    def _put_cells(self) -> None:
        """Put the landed cells of the sampled rows of staging beside them; feeds without a contract have none."""
        self._connection.execute(
            "create or replace temp table cells (source varchar, feed varchar, file_sha256 varchar, "
            "row_number bigint, file_name varchar, cells varchar)"
        )
        feeds = {(feed.source, feed.name): feed for feed in self._contracts.feeds()}
        schemas = self._contracts.raw_schemas()
        asked = "select distinct source, feed from sampled where stage = 'staging'"
        for source, name in self._connection.execute(asked).fetchall():
            feed = feeds.get((source, name))
            if feed is None:
                continue
            create_views(self._connection, self._lake, {feed.table: schemas[feed.table]})
            table = ".".join(quote_identifier(part) for part in view_name(feed.table))
            packed = ", ".join(f"{quote_identifier(column)} := {quote_identifier(column)}" for column in feed.columns)
            query = _CELLS_OF_FEED.format(table=table, cells=f"struct_pack({packed})")
            self._connection.execute(
                f"insert into cells select $source, $feed, * exclude (_file, cells), _file, cells from ({query})",
                {"source": source, "feed": name},
            )

    def _put_originals(self) -> None:
        """Put the delivered bytes of the sampled rows of staging beside them, or why these cannot be told."""
        of_a_row = "source varchar, feed varchar, file_sha256 varchar"
        self._connection.execute(
            f"create or replace temp table originals ({of_a_row}, row_number bigint, line_number bigint, "
            "record_bytes blob)"
        )
        self._connection.execute(f"create or replace temp table untold ({of_a_row}, why varchar)")
        archived = ArchivedRecords(self._lake, self._contracts)
        for *file, row_numbers in self._connection.execute(_FILES_SAMPLED).fetchall():
            source, feed, sha256 = file
            try:
                found = archived.records(source, feed, sha256, np.array(row_numbers, dtype=np.int64))
            except BytesUntold as reason:
                self._connection.execute("insert into untold values ($1, $2, $3, $4)", [*file, str(reason)])
                continue
            self._connection.register("found", found)
            self._connection.execute(
                "insert into originals select $1, $2, $3, _row_number, line_number, record_bytes from found", file
            )


@contextmanager
def opened_refusals(lake: Lake, contracts: Contracts, warehouse: Path, limits: DuckdbLimits) -> Iterator[Refusals]:
    """Yield all that was refused at landing, and by staging as the last night judged.

    Args:
        lake: where ledger, quarantine and raw are.
        contracts: for the columns of raw tables.
        warehouse: dbt's database; one that was never built has judged nothing.
        limits: what DuckDB may take.

    Raises:
        WarehouseBusy: a night is writing the warehouse.
        LakeFileDamaged: a file of ledger or quarantine is missing or damaged.
    """
    rejected = _rejected(warehouse, limits)
    with duckdb.connect(config={"memory_limit": limits.memory_limit, "threads": limits.threads}) as connection:
        connection.execute("set enable_progress_bar = false")
        create_views(connection, lake, {name: LAKE_TABLES[name].schema for name in (LEDGER_TABLE, QUARANTINE_TABLE)})
        connection.register("rejected", rejected)
        connection.execute(_REFUSED)
        yield Refusals(connection, lake, contracts)


def _rejected(warehouse: Path, limits: DuckdbLimits) -> pa.Table:
    if not warehouse.exists():
        return duckdb.sql(_NONE_JUDGED).to_arrow_table()
    try:
        with connect(warehouse, limits, read_only=True) as connection:
            return connection.execute(_JUDGED if _is_judged(connection) else _NONE_JUDGED).to_arrow_table()
    except duckdb.IOException as error:
        if _LOCKED_BY_ANOTHER in str(error):
            raise WarehouseBusy.at(warehouse) from error
        raise


def _is_judged(connection: duckdb.DuckDBPyConnection) -> bool:
    query = "select count(*) from duckdb_views() where schema_name = 'staging' and view_name = 'int_rows_judged'"
    return connection.execute(query).fetchall() == [(1,)]


def _asked(choice: RefusalChoice) -> dict[str, str | None]:
    return {"source": choice.source, "feed": choice.feed, "rule": choice.rule}
