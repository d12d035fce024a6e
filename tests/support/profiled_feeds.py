"""Feeds with rows in a lake of their own, and their nights of profiles."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.feed_contract import FeedContract, raw_schema
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.night import close_night, pin_night
from orchestration.foundation.profiles_policy import ProfilesPolicy
from orchestration.profiles.nightly.night import ProfilesReport, profile_night
from tests.support.inboxes import contract

AT = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
LIMITS = DuckdbLimits("500MB", 2)


def feed_of(source: str, name: str, /, **types: str) -> FeedContract:
    """A feed whose columns have these contract types, or are personal when it says `direct`."""
    columns = {
        column: {
            "type": "text" if stated == "direct" else stated,
            "pii": "direct" if stated == "direct" else "none",
            "purpose": "tests",
            "description": "A cell.",
        }
        for column, stated in types.items()
    }
    return contract(source=source, name=name, delivery="delta", columns=columns)


@dataclass(frozen=True)
class ProfiledFeeds:
    """A lake, its feeds, and the nights that profile them."""

    lake: Lake
    feeds: tuple[FeedContract, ...]
    policy: ProfilesPolicy = field(default_factory=ProfilesPolicy)

    def land(self, feed: FeedContract, key: str, **columns: Sequence[object]) -> None:
        """Commit a file of rows; cells that are no text land as JSON."""
        schema = raw_schema(feed)
        count = len(next(iter(columns.values())))
        cells: Mapping[str, list[Any]] = {
            name: [_text(cell) for cell in columns.get(name, [None] * count)] for name in (*feed.columns, "_extras")
        }
        rows = [
            {field.name: None for field in schema}
            | {name: cells[name][place] for name in cells}
            | {"_file_sha256": key, "_row_number": place + 1}
            for place in range(count)
        ]
        table = pa.Table.from_pylist(rows, schema=schema)
        self.lake.write_table(feed.table, key, table, run_id="landing", written_at=AT)

    def profile(self, day: date) -> ProfilesReport:
        """Profile the night that closes a day, without closing it."""
        return profile_night(
            self.lake, self.feeds, self.policy, as_of_on=day, run_id=f"run-{day}", at=AT, limits=LIMITS
        )

    def night(self, day: date) -> ProfilesReport:
        """Profile and close the night that closes a day."""
        report = self.profile(day)
        pin_night(self.lake, {feed.table: None for feed in self.feeds}, as_of_on=day, run_id=f"run-{day}", at=AT)
        close_night(self.lake, as_of_on=day, at=AT)
        return report


def by_column(report: ProfilesReport) -> dict[str, dict[str, Any]]:
    """The night's profiles by name of column."""
    return {row["column_name"]: row for row in report.columns.to_pylist()}


def _text(cell: object) -> str | None:
    return cell if cell is None or isinstance(cell, str) else json.dumps(cell)
