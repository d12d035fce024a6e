"""An inbox to drop files into, and a landing of one feed from it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.feed_contract import FeedContract, raw_schema
from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.landing import LandingReport, land_feed
from orchestration.ingest.quarantine import QuarantineFile
from orchestration.ingest.raw_file import Provenance, RawFile
from orchestration.ingest.readers import read
from orchestration.ingest.received_files import ReceivedFile

CONTRACT_YAML = """
source: till
owner: stores
description: The tills.
feeds:
  receipts:
    description: One row per receipt.
    format: csv
    file_pattern: receipts*
    delimiter: ","
    encoding: utf-8
    delivery: events
    duplicate_rule: exact_row
    retention_days: 1
    columns:
      a: {type: text, required: true, pii: none, purpose: tests, description: A cell.}
      b: {type: text, pii: none, purpose: tests, description: A cell.}
      c: {type: text, pii: none, purpose: tests, description: A cell.}
"""
"""The file of a source with one feed, which is what `contract()` returns."""

AT = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Inbox:
    """A lake of its own with one feed, `till/receipts`, of the columns a, b and c, of which a is required."""

    lake: Lake
    feed: FeedContract

    @property
    def folder(self) -> Path:
        return self.lake.root / "inbox" / self.feed.source

    def drop(self, content: bytes, name: str = "receipts.csv") -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_bytes(content)
        return path

    def land(self, run_id: str = "run-1", at: datetime = AT) -> LandingReport:
        return land_feed(self.lake, self.feed, run_id=run_id, ingested_at=at, timezone="Europe/London")

    def raw(self) -> list[dict[str, Any]]:
        return self.lake.read_table(self.feed.table, raw_schema(self.feed)).to_pylist()

    def table(self, name: str) -> list[dict[str, Any]]:
        return self.lake.read_table(name, LAKE_TABLES[name].schema).to_pylist()

    def quarantine(self) -> list[dict[str, Any]]:
        return self.table("quarantine/records")

    def ledger(self) -> list[dict[str, Any]]:
        return self.table("ledger/files")

    def cells(self) -> dict[int, tuple[str | None, ...]]:
        return {row["_row_number"]: tuple(row[name] for name in self.feed.columns) for row in self.raw()}


def contract(**stated: object) -> FeedContract:
    columns: Mapping[str, Mapping[str, object]] = {
        name: {"type": "text", "required": name == "a", "pii": "none", "purpose": "tests", "description": "A cell."}
        for name in ("a", "b", "c")
    }
    return FeedContract.model_validate(
        {
            "source": "till",
            "name": "receipts",
            "description": "One row per receipt.",
            "format": "csv",
            "file_pattern": "receipts*",
            "delimiter": ",",
            "encoding": "utf-8",
            "delivery": "events",
            "duplicate_rule": "exact_row",
            "retention_days": 1,
            "columns": columns,
            **stated,
        }
    )


@dataclass(frozen=True)
class Reading:
    """What a reader made of one file, without inbox, archive and ledger."""

    account: Account
    raw: list[dict[str, Any]]
    quarantine: list[dict[str, Any]]

    def cells(self, feed: FeedContract) -> dict[int, tuple[str | None, ...]]:
        return {row["_row_number"]: tuple(row[name] for name in feed.columns) for row in self.raw}


def read_bytes(content: bytes, feed: FeedContract, work: Path) -> Reading:
    """What the feed's reader makes of `content`."""
    path = work / "received"
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    received = ReceivedFile("receipts.csv", feed.source, path, sha256, len(content), compression="none")
    provenance = Provenance(feed.source, feed.name, received.name, sha256, AT.replace(tzinfo=None), "run-1")
    raw = RawFile(work / "raw.parquet", feed, provenance)
    quarantine = QuarantineFile(work / "quarantine.parquet", provenance)
    account = read(Delivery(feed, received, path, work, raw, quarantine, DuckdbLimits("500MB", 2)))
    rows = [pq.read_table(file.path).to_pylist() for file in (raw, quarantine)]
    return Reading(account, rows[0], rows[1])
