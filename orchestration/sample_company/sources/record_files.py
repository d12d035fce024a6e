"""One file of a feed from rows of records: their order, accidents of records, the file, and the truth about both.

Belongs here: what is the same for every file of every feed. Which rows go into which file is `observer.py`.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.foundation.sql import quote_literal
from orchestration.sample_company.noise import NOISE, RECORD, record_noise
from orchestration.sample_company.randomness import stream
from orchestration.sample_company.sources.feed import Feed, ParquetFile, TextFile
from orchestration.sample_company.sources.files import Written, write_lines, write_parquet, write_workbook

_BATCH_ROWS = 50_000
_NO_ACCIDENTS = pa.table(
    {"row_index": pa.array([], pa.int64()), "noise": pa.array([], pa.string()), "place": pa.array([], pa.float64())}
)

_LINES_SQL = """
with written as (
    select row_index, noise, place, {line} as line
    from sent
    left join accidents
        using (row_index)
)

select line || {newline} as line
from (
    select 0 as repetition, row_index, broken_line(line, noise, place, {delimiter}) as line
    from written
    union all
    select 1, row_index, line
    from written
    where noise = 'line_repeated'
    {last_line}
)
order by repetition, row_index
"""
_BROKEN_LINE = """
create macro broken_line(line, noise, place, delimiter) as case noise
    when 'line_cut_off' then left(line, (length(line) * (0.3 + 0.6 * place))::integer)
    when 'too_many_separators' then line || delimiter || delimiter || 'moved'
    when 'too_few_separators' then left(line, length(line) - position(delimiter in reverse(line)))
    else line
end
"""
_ROWS_SQL = """
with typed as (
    select row_index, noise, {columns}
    from sent
    left join accidents
        using (row_index)
)

select * exclude (repetition, row_index)
from (
    select 0 as repetition, * exclude (noise)
    from typed
    union all
    select 1, * exclude (noise)
    from typed
    where noise in ('line_repeated', 'row_repeated')
)
order by repetition, row_index
"""
_NOISE_SQL = """
copy (
    select {source} as source, {feed} as feed, {file} as file_name, record_key,
        split_part(noise, '/', 1) as field, split_part(noise, '/', 2) as noise_type,
    from (select record_key, unnest(noises) as noise from sent)
    where noise is not null
    union all
    select {source}, {feed}, {file}, record_key, 'record', noise
    from sent
    join accidents
        using (row_index)
    union all
    select {source}, {feed}, {file}, 'totals', 'record', 'totals_line'
    where {has_totals}
) to {path} (format parquet)
"""
_OWNERS_SQL = """
copy (
    select distinct record_id, person_number from sent where record_id is not null and person_number is not null
) to {path} (format parquet)
"""


@dataclass
class RecordFiles:
    """Writes files of records, and notes for each what is wrong in it and whose its records are.

    Attributes:
        connection: Sees the rows; has the noise macros.
        work: Folder for the notes, one Parquet file per written file: `noise/*.parquet`, `owners/*.parquet`.
        seed: The company's seed.
        count: Files written.
    """

    connection: duckdb.DuckDBPyConnection
    work: Path
    seed: int
    count: int = 0

    def prepare(self) -> None:
        """Make the folders and the macro that files need."""
        for folder in ("noise", "owners"):
            (self.work / folder).mkdir(parents=True, exist_ok=True)
        self.connection.execute(_BROKEN_LINE)

    def write(self, feed: Feed, rows: str, path: Path, *, drawn_for: str) -> Written | None:
        """Write one file; None, and no file, when there is no row for it.

        Args:
            feed: Whose file.
            rows: SQL query with the columns of the feed's records.
            path: Where.
            drawn_for: Name that the accidents are drawn for: the same name has the same accidents.
        """
        # A table keeps the order in which it is filled; its row ids count from 0.
        self.connection.execute(
            f"create or replace temp table sorted as select * from ({rows}) order by {feed.order_by}"
        )
        self.connection.execute("create or replace temp view sent as select *, rowid as row_index from sorted")
        counted = self.connection.execute("select count(*) from sent").fetchall()
        count = int(counted[0][0])
        if not count:
            return None
        rates = NOISE[feed.key].get(RECORD, {})
        rng = stream(self.seed, feed.key, drawn_for)
        self.connection.register("accidents", record_noise(rng, count, rates) if rates else _NO_ACCIDENTS)
        written = self._write_shape(feed, path)
        self._note_truth(feed, path.name)
        self.connection.unregister("accidents")
        self.count += 1
        return written

    def _write_shape(self, feed: Feed, path: Path) -> Written:
        shape = feed.shape
        if isinstance(shape, TextFile):
            return write_lines(path, self._batches(_lines_sql(shape)), shape)
        rows = self._batches(_ROWS_SQL.format(columns=shape.columns))
        if isinstance(shape, ParquetFile):
            return write_parquet(path, rows)
        return write_workbook(path, rows.read_all(), shape)

    def _batches(self, sql: str) -> pa.RecordBatchReader:
        return self.connection.execute(sql).to_arrow_reader(_BATCH_ROWS)

    def _note_truth(self, feed: Feed, name: str) -> None:
        values = {"source": feed.source, "feed": feed.name, "file": name}
        quoted = {key: quote_literal(value) for key, value in values.items()}
        noise, owners = (
            quote_literal(str(self.work / folder / f"{self.count:06d}.parquet")) for folder in ("noise", "owners")
        )
        has_totals = isinstance(feed.shape, TextFile) and bool(feed.shape.last_line)
        self.connection.execute(_NOISE_SQL.format(path=noise, has_totals=str(has_totals).lower(), **quoted))
        self.connection.execute(_OWNERS_SQL.format(path=owners))


def _lines_sql(shape: TextFile) -> str:
    last_line = f"union all select 2, 0, ({shape.last_line})" if shape.last_line else ""
    return _LINES_SQL.format(
        line=shape.line,
        newline=" || ".join(f"chr({ord(mark)})" for mark in shape.newline),
        delimiter=quote_literal(shape.delimiter),
        last_line=last_line,
    )
