"""The ledger of delivered files: one row each, committed last, and the balance of its records.

The fates of single rows are staging's matter; they join this ledger in the serving marts.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import pyarrow as pa
from pydantic import TypeAdapter

from orchestration.foundation.clock import naive_utc
from orchestration.foundation.lake_io import Lake, ManifestRecord
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.ingest.delivery import Account, CellDrift
from orchestration.ingest.errors import LedgerUnbalanced
from orchestration.ingest.inbox import WaitingFile

LEDGER_TABLE = "ledger/files"

Fate = Literal["landed", "already_landed", "refused"]


@dataclass(frozen=True)
class FileLanding:
    """What became of one delivered file.

    Attributes:
        source: in whose folder it lay.
        feed: whose pattern claimed it; empty when none did.
        file_name: as delivered.
        file_sha256: of its bytes, lower hex; empty when it was no file.
        delivered_on: arrival day.
        file_bytes: its size.
        fate: what became of it.
        reason_code: why it was refused, or empty.
        reason_text: the same in words, with the way out.
        records_count: its records by the independent count; None when it was refused before it was counted.
        landed_count: rows in raw.
        quarantined_count: records in quarantine.
        unknown_columns: columns that went to `_extras`.
        drifts: cells that were not as agreed, of the kinds of which the contract wants to be told.
        archive_path: where its bytes are now, relative to the lake root.
        contract_fingerprint: of the contract by which it landed or was refused (`FeedContract.landing_fingerprint`);
            empty when no feed claimed it or it is not on record.
    """

    source: str
    feed: str
    file_name: str
    file_sha256: str
    delivered_on: date
    file_bytes: int
    fate: Fate
    reason_code: str = ""
    reason_text: str = ""
    records_count: int | None = None
    landed_count: int = 0
    quarantined_count: int = 0
    unknown_columns: tuple[str, ...] = ()
    drifts: tuple[CellDrift, ...] = ()
    archive_path: str = ""
    contract_fingerprint: str = ""


@dataclass(frozen=True)
class LedgerEntry:
    """One delivered file on record: what tells this delivery from others, when it came, and what became of it."""

    delivery: str
    ingested_at: datetime
    landing: FileLanding


_LANDING = TypeAdapter(FileLanding)


def require_balance(display: str, account: Account) -> None:
    """Check that each record of a file was landed or quarantined, and none was invented.

    Raises:
        LedgerUnbalanced: the independent count says otherwise.
    """
    if account.records != account.landed + account.quarantined:
        raise LedgerUnbalanced.of(display, account.records, account.landed, account.quarantined)


class FileLedger:
    """The ledger of one lake, as read once, and what is committed to it since."""

    def __init__(self, lake: Lake, *, run_id: str, written_at: datetime) -> None:
        self._lake = lake
        self._run_id = run_id
        self._written_at = written_at
        self._entries: dict[str, LedgerEntry] = {}
        self._landed: dict[tuple[str, str, str], FileLanding] = {}
        for record in lake.records(LEDGER_TABLE):
            self._remember(record)

    def has(self, waiting: WaitingFile) -> bool:
        """Return whether this very delivery is in the ledger: a landing was cut off before it emptied the inbox."""
        return waiting.identity in self._entries

    def entries(self) -> tuple[LedgerEntry, ...]:
        """Return every delivered file in the order of arrival, by name where several came at once."""
        return tuple(sorted(self._entries.values(), key=lambda e: (e.ingested_at, e.landing.file_name, e.delivery)))

    def landed(self, source: str, feed: str, sha256: str) -> FileLanding | None:
        """Return the row of the delivery with which these bytes landed, or None."""
        return self._landed.get((source, feed, sha256))

    def commit(self, entry: LedgerEntry) -> None:
        """Put one delivered file in, in place of what was said of it before; what came before becomes final by it."""
        landing = entry.landing
        told_apart = hashlib.sha256(entry.delivery.encode()).hexdigest()[:16]
        key = f"{landing.delivered_on}_{landing.file_sha256[:16] or 'none'}_{told_apart}"
        record = self._lake.write_table(
            LEDGER_TABLE,
            key,
            self._table(entry),
            run_id=self._run_id,
            written_at=self._written_at,
            facts={
                "delivery": entry.delivery,
                "ingested_at": entry.ingested_at.isoformat(),
                "landing": _LANDING.dump_python(landing, mode="json"),
            },
        )
        self._remember(record)

    def _remember(self, record: ManifestRecord) -> None:
        landing = _LANDING.validate_python(record.facts["landing"])
        stated = record.facts.get("ingested_at")
        ingested_at = record.written_at if stated is None else datetime.fromisoformat(str(stated))
        entry = LedgerEntry(str(record.facts["delivery"]), ingested_at, landing)
        self._entries[entry.delivery] = entry
        if landing.fate == "landed":
            self._landed[landing.source, landing.feed, landing.file_sha256] = landing

    def _table(self, entry: LedgerEntry) -> pa.Table:
        landing = entry.landing
        row = {
            "source": landing.source,
            "feed": landing.feed,
            "file_name": landing.file_name,
            "file_sha256": landing.file_sha256,
            "delivered_on": landing.delivered_on,
            "file_bytes": landing.file_bytes,
            "file_fate": landing.fate,
            "reason_code": landing.reason_code or None,
            "reason_text": landing.reason_text or None,
            "records_count": landing.records_count,
            "landed_count": landing.landed_count,
            "quarantined_count": landing.quarantined_count,
            "archive_path": landing.archive_path,
            "_ingested_at": naive_utc(entry.ingested_at),
            "_run_id": self._run_id,
        }
        return pa.Table.from_pylist([row], schema=LAKE_TABLES[LEDGER_TABLE].schema)
