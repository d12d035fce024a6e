"""The truth beside the sources' files: what had happened until the last delivered day, and what is wrong in the files.

Belongs here: which tables the truth has. No stage reads them; tests and `genome evaluate` do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.foundation.atomic_files import temporary_beside
from orchestration.foundation.sql import quote_literal
from orchestration.sample_company.facts.schema import FACT_TABLES
from orchestration.sample_company.sources.known import ORDER_ID

# Facts that the truth repeats as they are, with the column that says when they became true (none: always).
_FACTS: Mapping[str, str | None] = {
    "people": "joined_on",
    "former_names": "valid_to_on",
    "households": None,
    "companies": None,
    "homes": "valid_from_on",
    "contact_points": "valid_from_on",
    "devices": "valid_from_on",
    "loyalty_cards": "issued_on",
    "traits": None,
    "life_events": "happened_on",
    "experiences": "happened_at",
    "promises": "promised_at",
    "coupon_attempts": "attempted_at",
    "campaign_effects": "starts_at",
    "messages": "sent_at",
    "consents": "changed_at",
    "journeys": "entered_at",
    "sessions": "started_at",
    "tickets": "opened_at",
    "survey_answers": "answered_at",
    "subject_requests": "requested_at",
    "social_engagements": "engaged_at",
    "catalogue": None,
    "campaigns": "starts_on",
    "offers": None,
}
_OTHERS: Mapping[str, str] = {
    "orders": f"""
        select if(channel = 'store', 'pos:', 'shop:') || {ORDER_ID} as order_id, person_id, orders.*
        from orders
        join people
            using (person_number)
        where ordered_at::date <= getvariable('last_day')
        order by order_number
    """,
    "orders_to_come": f"""
        select if(channel = 'store', 'pos:', 'shop:') || {ORDER_ID} as order_id, person_id, orders.*
        from orders
        join people
            using (person_number)
        where ordered_at::date > getvariable('last_day')
        order by order_number
    """,
    "person_records": """
        select distinct owners.record_id, people.person_id
        from owners
        join people
            using (person_number)
        order by record_id, person_id
    """,
    "noise": "select * from noise order by source, feed, file_name, record_key, field, noise_type",
    "noise_counts": """
        select source, feed, field, noise_type, count(*) as records_count
        from noise
        group by source, feed, field, noise_type
        order by source, feed, field, noise_type
    """,
}
TABLES = (*_FACTS, *_OTHERS)
_NO_ROWS = {
    "noise": """
        select '' as source, '' as feed, '' as file_name, '' as record_key, '' as field, '' as noise_type limit 0
    """,
    "owners": "select '' as record_id, 0::bigint as person_number limit 0",
}


@dataclass(frozen=True)
class NoiseCount:
    """How many records of a feed have one kind of noise in one field, over all files."""

    source: str
    feed: str
    field: str
    noise_type: str
    records_count: int


class Truth:
    """The truth over one store of facts and what an observer found wrong."""

    def __init__(self, *, connection: duckdb.DuckDBPyConnection, work: Path, last_day: date) -> None:
        self._connection = connection
        connection.execute(f"set variable last_day = {quote_literal(last_day.isoformat())}::date")
        for name, no_rows in _NO_ROWS.items():
            files = str(work / name / "*.parquet")
            rows = f"select * from read_parquet({quote_literal(files)})" if any((work / name).iterdir()) else no_rows
            connection.execute(f"create view {name} as {rows}")

    def write(self, folder: Path) -> None:
        """Write one Parquet file per table, each whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, statement in {**{name: _fact(name) for name in _FACTS}, **_OTHERS}.items():
            path = folder / f"{name}.parquet"
            with temporary_beside(path) as temporary:
                self._connection.execute(
                    f"copy ({statement}) to {quote_literal(str(temporary))} (format parquet, compression zstd)"
                )
                temporary.replace(path)

    def people_count(self) -> int:
        """Return how many people have joined."""
        return self._count(_fact("people"))

    def orders_count(self) -> int:
        """Return how many sales and returns have happened."""
        return self._count("select 1 from orders where ordered_at::date <= getvariable('last_day')")

    def noise_counts(self) -> tuple[NoiseCount, ...]:
        """Return what is wrong in the files, ordered by source, feed, field and type."""
        return tuple(NoiseCount(*row) for row in self._connection.execute(_OTHERS["noise_counts"]).fetchall())

    def _count(self, statement: str) -> int:
        counted = self._connection.execute(f"select count(*) from ({statement})").fetchall()
        return int(counted[0][0])


def _fact(name: str) -> str:
    since = _FACTS[name]
    holds = f"where {since}::date <= getvariable('last_day')" if since else ""
    return f"select * from {name} {holds} order by {', '.join(FACT_TABLES[name].key)}"
