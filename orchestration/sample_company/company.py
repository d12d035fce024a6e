"""The sample company as a whole: people, what they do, what two sources make of it, and the truth.

Belongs here: the order of the parts, the files and the truth tables on disk. Each part's content
is its own module. No stage reads the truth; tests and evaluation do.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.foundation.errors import GenomeError
from orchestration.foundation.lake_io import write_bytes_atomically
from orchestration.sample_company import behaviour as people_behaviour
from orchestration.sample_company.catalogue import make_catalogue
from orchestration.sample_company.people import Calendar, make_people
from orchestration.sample_company.sources import crm, shop
from orchestration.sample_company.sources.observed import ObservedFile
from orchestration.sample_company.tables import query

DEFAULT_ENDS_ON = date(2026, 6, 30)
DEFAULT_SEED = 7
HISTORY_DAYS = 730
NIGHTS_AT_MOST = 61


class SampleImpossible(GenomeError):
    """A sample company of a size that cannot be made."""

    @classmethod
    def because_of_size(cls, *, customers_count: int, nights: int) -> "SampleImpossible":
        """Return the error for a number of customers or nights out of range."""
        return cls(
            f"a sample company of {customers_count} customers and {nights} nights cannot be made; it has at least 1 "
            f"customer, and from 1 to {NIGHTS_AT_MOST} nights. Nothing was written."
        )


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


@dataclass(frozen=True)
class NoiseCount:
    """How many records of a feed have one kind of noise in one field, over all files."""

    source: str
    feed: str
    field: str
    noise_type: str
    records_count: int


@dataclass(frozen=True)
class SampleReport:
    """What was made.

    Attributes:
        people_count: People who joined until the last delivered day.
        orders_count: Sales and returns that happened until then.
        files: Written files, ordered by day, source and feed.
        noise: What is wrong in them, ordered by source, feed, field and type.
        truth_root: Where the truth tables are, if they were asked for.
    """

    people_count: int
    orders_count: int
    files: tuple[SampleFile, ...]
    noise: tuple[NoiseCount, ...]
    truth_root: Path | None


def write_sample_company(  # noqa: PLR0913 - the company is these few facts
    inbox_root: Path,
    *,
    customers_count: int,
    nights: int = 1,
    seed: int = DEFAULT_SEED,
    ends_on: date = DEFAULT_ENDS_ON,
    truth_root: Path | None = None,
) -> SampleReport:
    """Return what was written: the files of the sample company's sources, the same bytes for the same arguments.

    Args:
        inbox_root: Folder with one folder per source; files go to `crm/` and `shop/`.
        customers_count: People who joined until `ends_on`.
        nights: 1 writes the history until `ends_on`; each further night adds the files of one more day. The files of
            the earlier nights do not depend on it.
        seed: Seed of all random numbers.
        ends_on: Last day of the history.
        truth_root: Folder for the truth tables (Parquet), or None for none.

    Raises:
        SampleImpossible: `customers_count` or `nights` is out of range.
    """
    if customers_count < 1 or not 1 <= nights <= NIGHTS_AT_MOST:
        raise SampleImpossible.because_of_size(customers_count=customers_count, nights=nights)
    calendar = Calendar(
        starts_on=ends_on - timedelta(days=HISTORY_DAYS - 1),
        ends_on=ends_on,
        last_on=ends_on + timedelta(days=NIGHTS_AT_MOST - 1),
    )
    people = make_people(customers_count=customers_count, seed=seed, calendar=calendar)
    catalogue = make_catalogue(seed=seed)
    done = people_behaviour.simulate(people, catalogue, seed=seed, calendar=calendar)
    in_crm = crm.observe(people, seed=seed)
    in_shop = shop.observe(people, done, catalogue, seed=seed)
    last_day = ends_on + timedelta(days=nights - 1)
    written = [(observed, _write(inbox_root, observed)) for observed in _files(in_crm, in_shop, ends_on, last_day)]
    truth = _truth(
        people=people,
        traits=done.traits,
        in_crm=in_crm,
        in_shop=in_shop,
        files=[observed for observed, _ in written],
        last_day=last_day,
    )
    if truth_root is not None:
        for name, table in truth.items():
            _write_parquet(truth_root / f"{name}.parquet", table)
    return SampleReport(
        people_count=truth["people"].num_rows,
        orders_count=truth["orders"].num_rows,
        files=tuple(file for _, file in written),
        noise=tuple(NoiseCount(**row) for row in truth["noise_counts"].to_pylist()),
        truth_root=truth_root,
    )


def _files(in_crm: crm.Crm, in_shop: shop.Shop, ends_on: date, last_day: date) -> Iterator[ObservedFile]:
    after: date | None = None
    day = ends_on
    while day <= last_day:
        yield crm.contacts_file(in_crm, day)
        orders = shop.orders_file(in_shop, day=day, after=after)
        if orders.records_count:
            yield orders
        after, day = day, day + timedelta(days=1)


def _write(inbox_root: Path, observed: ObservedFile) -> SampleFile:
    path = inbox_root / observed.source / observed.name
    write_bytes_atomically(path, observed.payload)
    return SampleFile(
        source=observed.source,
        feed=observed.feed,
        path=path,
        delivered_on=observed.delivered_on,
        records_count=observed.records_count,
        file_bytes=len(observed.payload),
        sha256=hashlib.sha256(observed.payload).hexdigest(),
    )


def _truth(  # noqa: PLR0913 - one truth out of all parts
    *,
    people: pa.Table,
    traits: pa.Table,
    in_crm: crm.Crm,
    in_shop: shop.Shop,
    files: list[ObservedFile],
    last_day: date,
) -> dict[str, pa.Table]:
    """Return the truth tables by name, for what had happened until `last_day`."""
    noise = _noise(files)
    tables = {
        "people": people,
        "traits": traits,
        "contacts": crm.records_truth(in_crm, last_day),
        "accounts": shop.records_truth(in_shop, last_day),
        "orders": shop.orders_truth(in_shop, last_day),
        "noise": noise,
    }
    statements = {
        "people": "select * from people join traits using (person_number) where joined_on <= $day order by person_id",
        "person_records": "select * from (select * from contacts union all select * from accounts) order by record_id",
        "orders": "select * from orders order by order_id",
        "noise": "select * from noise order by file_name, record_key, field, noise_type",
        "noise_counts": """
            select source, feed, field, noise_type, count(*) as records_count
            from noise
            group by source, feed, field, noise_type
            order by source, feed, field, noise_type
        """,
    }
    return {
        name: query(statement, tables, {"day": last_day} if "$day" in statement else None)
        for name, statement in statements.items()
    }


def _noise(files: list[ObservedFile]) -> pa.Table:
    """One row per value or record that is wrong in a file: where it is, and what is wrong."""
    parts = []
    for file in files:
        count = file.noise.num_rows
        part = file.noise
        for name, value in (("file_name", file.name), ("feed", file.feed), ("source", file.source)):
            part = part.add_column(0, name, pa.repeat(pa.scalar(value), count))
        parts.append(part)
    return pa.concat_tables(parts)


def _write_parquet(path: Path, table: pa.Table) -> None:
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd")
    write_bytes_atomically(path, buffer.getvalue().to_pybytes())
