"""The work of all feeds: facts to records, block by block; records to files, night by night; and what is wrong in them.

Belongs here: which records a file holds, accidents of records, the list of noise and of whose record is whose. What a
feed's records are is its module; memory stays that of one block of people, of a day, and of a snapshot.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.sample_company.calendar import Calendar
from orchestration.sample_company.facts.schema import FACT_TABLES
from orchestration.sample_company.facts.store import FactStore
from orchestration.sample_company.noise import NOISE, RECORD, record_noise
from orchestration.sample_company.noise_macros import create_macros, plain_name
from orchestration.sample_company.randomness import stream
from orchestration.sample_company.sources.feed import Feed, ParquetFile, TextFile
from orchestration.sample_company.sources.files import Written, write_lines, write_parquet, write_workbook
from orchestration.sample_company.sources.known import know_people

LATE_FILE_SHARE = 0.03
AGAIN_FILE_SHARE = 0.05

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


@dataclass(frozen=True)
class SampleFile:
    """One file written to the inbox: path, when it arrives, records (broken ones included), bytes, sha256."""

    source: str
    feed: str
    path: Path
    delivered_on: date
    records_count: int
    file_bytes: int
    sha256: str


@dataclass
class Observer:
    """Writes the files of feeds over one store of facts.

    Attributes:
        facts: What is true.
        connection: Sees the facts, and from then on only this observer.
        inbox_root: Folder with one folder per source.
        work: Folder for what is found wrong, and whose records are whose: `noise/*.parquet`, `owners/*.parquet`.
        calendar: The company's days.
        last_day: The last day whose files are written.
        seed: The company's seed.
        files: What was written.
    """

    facts: FactStore
    connection: duckdb.DuckDBPyConnection
    inbox_root: Path
    work: Path
    calendar: Calendar
    last_day: date
    seed: int
    files: list[SampleFile] = field(default_factory=list)
    _held: set[str] = field(default_factory=set)

    def observe(self, feeds: Sequence[Feed], *, progress: Callable[[str], None]) -> None:
        """Write all files of the feeds; `progress` is told what comes next."""
        self._prepare()
        of_people = [feed for feed in feeds if not feed.is_company_wide]
        for path in self.facts.files("people"):
            block = int(path.stem.partition("=")[2])
            self._see(block)
            know_people(self.connection)
            for feed in of_people:
                progress(f"{feed.key}, people from {block + 1:,} x 20,000" if block else feed.key)
                self._take(feed, part=block + 1)
        for feed in feeds:
            progress(f"{feed.key}, night by night")
            if feed.is_company_wide:
                self._take(feed, part=1)
            for day in self._days():
                self._write_night(feed, day)
            self.connection.execute(f"drop table if exists {_held(feed)}")
        self.files.sort(key=lambda file: (file.delivered_on, file.source, file.feed, file.path.name))

    def _prepare(self) -> None:
        for folder in ("noise", "owners"):
            (self.work / folder).mkdir(parents=True, exist_ok=True)
        create_macros(self.connection, seed=self.seed)
        self.connection.execute(_BROKEN_LINE)
        for name, day in (("ends_on", self.calendar.ends_on), ("last_day", self.last_day), ("day", self.last_day)):
            self._set_day(name, day)

    def _set_day(self, name: str, day: date) -> None:
        self.connection.execute(f"set variable {name} = {quote_literal(day.isoformat())}::date")

    def _days(self) -> Iterator[date]:
        """The days whose files are written from what is held: nights after the history's."""
        days_count = (self.last_day - self.calendar.ends_on).days
        return (self.calendar.ends_on + timedelta(days=number) for number in range(days_count + 1))

    def _see(self, block: int) -> None:
        """Let the views of people's facts show one block only."""
        for table in FACT_TABLES.values():
            path = self.facts.root / table.name / f"block={block:05d}.parquet"
            if not table.is_company_wide and path.exists():
                source = f"read_parquet({quote_literal(str(path))}, hive_partitioning = false)"
                self.connection.execute(
                    f"create or replace view {quote_identifier(table.name)} as select * from {source}"
                )

    def _take(self, feed: Feed, *, part: int) -> None:
        """Write the history of the facts now seen, and hold what later nights need."""
        rows = f"from ({feed.records})"
        if feed.delivery == "snapshot":
            self._hold(feed, f"select * {rows} where valid_from_on <= getvariable('last_day')")
            return
        self._write(
            feed,
            f"select * {rows} where sent_on <= getvariable('ends_on')",
            name=_file_name(feed, self.calendar.ends_on, part=part),
            delivered_on=self.calendar.ends_on,
        )
        if self.last_day > self.calendar.ends_on:
            later = "where sent_on > getvariable('ends_on') and sent_on <= getvariable('last_day')"
            self._hold(feed, f"select * {rows} {later}")

    def _hold(self, feed: Feed, rows: str) -> None:
        is_begun = feed.key in self._held
        self._held.add(feed.key)
        into = f"insert into {_held(feed)}" if is_begun else f"create temp table {_held(feed)} as"
        self.connection.execute(f"{into} {rows}")

    def _write_night(self, feed: Feed, day: date) -> None:
        self._set_day("day", day)
        is_first = day == self.calendar.ends_on
        if feed.delivery == "events":
            if not is_first:
                self._write_day(feed, day)
            return
        due = "" if is_first else f"and ({feed.due})"
        held = f"""
            from {_held(feed)}
            where valid_from_on <= getvariable('day')
                and (valid_to_on is null or valid_to_on > getvariable('day')) {due}
        """
        volumes = [""]
        if feed.volume:
            found = self.connection.execute(
                f"select distinct {feed.volume} as volume {held} order by volume"
            ).fetchall()
            volumes = [str(volume) for (volume,) in found]
        for volume in volumes:
            of_volume = f"and {feed.volume} = {quote_literal(volume)}" if volume else ""
            self._write_snapshot(feed, day, volume=volume, rows=f"select * {held} {of_volume}")

    def _write_snapshot(self, feed: Feed, day: date, *, volume: str, rows: str) -> None:
        if feed.rows_at_most is None:
            self._write(feed, rows, name=_file_name(feed, day, volume=volume), delivered_on=day)
            return
        for part in itertools.count(1):
            page = f"{rows} order by {feed.order_by} limit {feed.rows_at_most} offset {(part - 1) * feed.rows_at_most}"
            name = _file_name(feed, day, volume=volume, part=part)
            if not self._write(feed, page, name=name, delivered_on=day):
                return

    def _write_day(self, feed: Feed, day: date) -> None:
        """Write a later day's file: some come a night late, some a second time under another name."""
        late, again = stream(self.seed, "delivery", feed.key, day.isoformat()).random(2)
        arrives_on = day + timedelta(days=int(late < LATE_FILE_SHARE))
        rows = f"select * from {_held(feed)} where sent_on = getvariable('day')"
        names = {_file_name(feed, day): arrives_on}
        if again < AGAIN_FILE_SHARE:
            names[_file_name(feed, day, part=0)] = arrives_on + timedelta(days=1)
        for name, delivered_on in names.items():
            if delivered_on <= self.last_day:
                self._write(feed, rows, name=name, delivered_on=delivered_on, stream_name=_file_name(feed, day))

    def _write(self, feed: Feed, rows: str, *, name: str, delivered_on: date, stream_name: str = "") -> bool:
        """Write one file, its noise and its owners; nothing, and False, when there is no row for it."""
        self.connection.execute(
            f"create or replace temp table sent as "
            f"select *, row_number() over (order by {feed.order_by}) - 1 as row_index from ({rows})"
        )
        counted = self.connection.execute("select count(*) from sent").fetchall()
        count = int(counted[0][0])
        if not count:
            return False
        rates = NOISE[feed.key].get(RECORD, {})
        rng = stream(self.seed, feed.key, stream_name or name)
        self.connection.register("accidents", record_noise(rng, count, rates) if rates else _NO_ACCIDENTS)
        path = self.inbox_root / feed.source / name
        written = self._write_shape(feed, path)
        self._note_truth(feed, name)
        self.connection.unregister("accidents")
        self.files.append(
            SampleFile(
                source=feed.source,
                feed=feed.name,
                path=path,
                delivered_on=delivered_on,
                records_count=written.records_count,
                file_bytes=written.file_bytes,
                sha256=written.sha256,
            )
        )
        return True

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
        number = f"{len(self.files):06d}.parquet"
        values = {
            key: quote_literal(value) for key, value in (("source", feed.source), ("feed", feed.name), ("file", name))
        }
        noise, owners = (quote_literal(str(self.work / folder / number)) for folder in ("noise", "owners"))
        has_totals = isinstance(feed.shape, TextFile) and bool(feed.shape.last_line)
        self.connection.execute(_NOISE_SQL.format(path=noise, has_totals=str(has_totals).lower(), **values))
        self.connection.execute(_OWNERS_SQL.format(path=owners))


def _lines_sql(shape: TextFile) -> str:
    last_line = f"union all select 2, 0, ({shape.last_line})" if shape.last_line else ""
    return _LINES_SQL.format(
        line=shape.line,
        newline=" || ".join(f"chr({ord(mark)})" for mark in shape.newline),
        delimiter=quote_literal(shape.delimiter),
        last_line=last_line,
    )


def _held(feed: Feed) -> str:
    return quote_identifier(f"held_{plain_name(feed.key)}")


def _file_name(feed: Feed, day: date, *, part: int = 1, volume: str = "") -> str:
    """Return a file's name; part 0 is the same file again.

    Example:
        >>> from orchestration.sample_company.sources.shop import ORDERS
        >>> _file_name(ORDERS, date(2026, 6, 30), part=2)
        'orders_2026-06-30_part-0002.ndjson'
    """
    ending = {0: "_again", 1: ""}.get(part, f"_part-{part:04d}")
    middle = f"_{volume}" if volume else ""
    return f"{feed.stem}{middle}_{day.isoformat()}{ending}.{feed.extension}"
