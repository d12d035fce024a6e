"""The work of all feeds: facts to records, block by block, and records to files, night by night.

Belongs here: which records go into which file, and when it arrives. What a feed's records are is its module, how one
file comes about `record_files.py`; memory stays that of one block of people, of a day, and of a snapshot.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb

from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.sample_company.calendar import Calendar
from orchestration.sample_company.facts.schema import FACT_TABLES
from orchestration.sample_company.facts.store import FactStore
from orchestration.sample_company.noise_macros import create_macros, plain_name
from orchestration.sample_company.randomness import stream
from orchestration.sample_company.sources.feed import Feed
from orchestration.sample_company.sources.known import know_people
from orchestration.sample_company.sources.record_files import RecordFiles

LATE_FILE_SHARE = 0.03
AGAIN_FILE_SHARE = 0.05


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
        work: Folder for what is found wrong, and whose records are whose; see `RecordFiles`.
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

    def __post_init__(self) -> None:
        self._record_files = RecordFiles(self.connection, self.work, self.seed)

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
        create_macros(self.connection, seed=self.seed)
        self._record_files.prepare()
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
                self._write(feed, rows, name=name, delivered_on=delivered_on, drawn_for=_file_name(feed, day))

    def _write(self, feed: Feed, rows: str, *, name: str, delivered_on: date, drawn_for: str = "") -> bool:
        """Write one file; False when there is no row for it."""
        path = self.inbox_root / feed.source / name
        written = self._record_files.write(feed, rows, path, drawn_for=drawn_for or name)
        if written is None:
            return False
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
