"""Whatever a vendor sends twice, late, renamed, overlapping or corrected, and in any order, staging ends the same.

Files land for real and the staging models are built by DuckDB over every landing in turn, as nights do; dbt is not
started. One feed of each mode of delivery: a snapshot whose only clock is the day in its name, a delta, and events.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.foundation.contracts import load_contracts
from orchestration.foundation.feed_contract import FeedContract, raw_schema
from orchestration.foundation.lake_io import Lake, create_views, view_name
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.settings import PROJECT_ROOT
from tests.support.inboxes import AT, Inbox
from tests.support.rendered_models import rendered

STAGING = PROJECT_ROOT / "dbt_project" / "models" / "staging"
FEEDS = {feed.table: feed for feed in load_contracts(PROJECT_ROOT / "lake" / "contracts").feeds()}
COLUMNS = {(feed.source, feed.name): feed.columns for feed in FEEDS.values()}
DAYS_LATE = 90
Row = tuple[object, ...]
Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Case:
    """What a vendor sends of one feed, what staging must end with, and how that is read."""

    table: str
    files: Files
    read: str
    expected: Sequence[Row]

    @property
    def feed(self) -> FeedContract:
        return FEEDS[self.table]

    @property
    def stem(self) -> str:
        return f"stg_{self.feed.source}__{self.feed.name}"


def _csv(header: str, *rows: str, mark: str = ",") -> bytes:
    return ("\n".join([header, *rows]).replace("|", mark) + "\n").encode("cp1252")


def _products(*rows: str) -> bytes:
    return _csv("sku|product_name|list_price|valid_from|status", *(f"{row}|01/01/2026|active" for row in rows))


def _spend(*rows: str) -> bytes:
    return _csv("date|campaign|channel|spend|exported_at", *rows, mark=";")


def _events(*numbers: int, sent: str = "10:00:05") -> bytes:
    events = (
        {
            "messageId": f"m{number}",
            "anonymousId": f"device{number}",
            "call_type": "page",
            "properties": {"path": "/"},
            "context": {"session_id": "s"},
            "occurred_at": f"2026-04-{number:02}T10:00:00Z",
            "sent_at": f"2026-04-{number:02}T{sent}Z",
        }
        for number in numbers
    )
    return "".join(json.dumps(event) + "\n" for event in events).encode()


SNAPSHOT = Case(
    "raw/catalogue/products",
    {
        "products_2026-06-01.csv": _products("s1|Lamp|10.00", "s2|Rug|5.00"),
        "products_2026-06-03.csv": _products("s2|Rug|5.00", "s3|Cup|7.00"),
        "products_2026-06-08.csv": _products("s1|Lamp|12.00", "s2|Rug|5.50"),
        "products_again_2026-06-08.csv": _products("s1|Lamp|12.00", "s2|Rug|5.50"),
        "products_2026-06-15.csv": _products("s1|Lamp|10.00", "s2|Rug|5.00"),
    },
    "select sku, list_price_amount::varchar, listed_on::varchar from {} order by sku",
    [("s1", "10.00", "2026-06-15"), ("s2", "5.00", "2026-06-15"), ("s3", "7.00", "2026-06-03")],
)
DELTA = Case(
    "raw/ads/spend",
    {
        "ad_spend_1.csv": _spend(
            "01.06.2026|June|search|10,00|02.06.2026 06:00", "01.06.2026|June|mail|3,00|02.06.2026 06:00"
        ),
        "ad_spend_2.csv": _spend(
            "01.06.2026|June|search|12,00|03.06.2026 06:00", "02.06.2026|June|mail|4,00|03.06.2026 06:00"
        ),
        "ad_spend_3.csv": _spend("01.06.2026|June|search|10,00|04.06.2026 06:00"),
        "ad_spend_part.csv": _spend("01.06.2026|June|mail|3,00|02.06.2026 06:00"),
        "ad_spend_2_again.csv": _spend(
            "01.06.2026|June|search|12,00|03.06.2026 06:00", "02.06.2026|June|mail|4,00|03.06.2026 06:00"
        ),
    },
    "select spend_on::varchar, channel, spend_amount::varchar from {} order by all",
    [("2026-06-01", "mail", "3.00"), ("2026-06-01", "search", "10.00"), ("2026-06-02", "mail", "4.00")],
)
EVENTS = Case(
    "raw/web/events",
    {
        "events_1.ndjson": _events(1, 2, 3, 3),
        "events_2.ndjson": _events(3, 4),
        "events_part.ndjson": _events(2),
        "events_copy.ndjson": _events(1, 2, 3, 3),
        "events_retried.ndjson": _events(4, 5, sent="11:30:00"),
    },
    "select event_id_web from {} order by all",
    [("m1",), ("m2",), ("m3",), ("m4",), ("m5",)],
)


class _Nights:
    """Nights over one lake and one database, of one feed."""

    def __init__(self, case: Case, folder: Path) -> None:
        self._case = case
        self._inbox = Inbox(Lake(folder / "lake"), case.feed)
        self._connection = duckdb.connect()
        self._connection.execute("set TimeZone = 'UTC'")
        seed = PROJECT_ROOT / "dbt_project" / "seeds" / "web_event_types.csv"
        self._connection.execute(f"create table web_event_types as from read_csv('{seed}')")

    def run(self, names: Sequence[str], *, day: int) -> None:
        """Land files on a day, then build the staging models by what is new."""
        for name in names:
            self._inbox.drop(self._case.files[name], name)
        report = self._inbox.land(f"night-{day}", AT + timedelta(days=day))
        assert report.refused == (), [file.reason_text for file in report.refused]
        feed, ledger = self._case.feed, "ledger/files"
        tables = {feed.table: raw_schema(feed), ledger: LAKE_TABLES[ledger].schema}
        create_views(self._connection, self._inbox.lake, tables)
        for table in tables:
            name = "_".join(table.removeprefix("raw/").split("/"))
            self._connection.execute(f"create or replace view {name} as from {'.'.join(view_name(table))}")
        for suffix in ("_typed", "_judged", ""):
            self._build(self._case.stem + suffix)

    def result(self) -> tuple[list[Row], list[Row]]:
        """Return the rows that staging kept, and how many landed rows have which fate."""
        fates = f"select row_fate, count(*) from {self._case.stem}_judged group by all order by all"
        kept = self._connection.execute(self._case.read.format(self._case.stem)).fetchall()
        return kept, self._connection.execute(fates).fetchall()

    def _build(self, model: str) -> None:
        is_added_to = model.endswith(("_typed", "_judged")) and model in self._tables()
        query = _rendered(STAGING / self._case.feed.source / f"{model}.sql", this=model if is_added_to else "")
        if not is_added_to:
            self._connection.execute(f"create or replace table {model} as {query}")
            return
        self._connection.execute(f"create or replace temp table new_rows as {query}")
        self._connection.execute(f"delete from {model} where row_id in (select row_id from new_rows)")
        self._connection.execute(f"insert into {model} by name select * from new_rows")

    def _tables(self) -> set[str]:
        return {str(name) for (name,) in self._connection.execute("select table_name from duckdb_tables()").fetchall()}


@cache
def _rendered(path: Path, *, this: str) -> str:
    return rendered(path.read_text(encoding="utf-8"), columns=COLUMNS, this=this)


def _in_order(names: Sequence[str], cuts: set[int]) -> Iterator[list[str]]:
    """Yield the names night by night; a new night begins before each place in `cuts`."""
    night: list[str] = []
    for place, name in enumerate(names):
        if place in cuts and night:
            yield night
            night = []
        night.append(name)
    yield night


@pytest.mark.parametrize("case", [SNAPSHOT, DELTA, EVENTS], ids=["snapshot", "delta", "events"])
@settings(max_examples=4)
@given(data=st.data())
def test_any_order_lateness_and_repetition_of_files_ends_in_the_same_rows(
    case: Case, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    at_once = _Nights(case, tmp_path_factory.mktemp("at-once"))
    at_once.run(list(case.files), day=0)
    assert at_once.result()[0] == case.expected
    names = data.draw(st.permutations([*case.files, next(iter(case.files))]))
    nights = list(_in_order(names, data.draw(st.sets(st.integers(1, len(names) - 1)))))
    days = sorted(data.draw(st.sets(st.integers(0, DAYS_LATE), min_size=len(nights), max_size=len(nights))))
    in_turn = _Nights(case, tmp_path_factory.mktemp("in-turn"))
    for night, day in zip(nights, days, strict=True):
        in_turn.run(night, day=day)
    assert in_turn.result() == at_once.result()
