"""Files of one feed from the inbox into the lake: each lands once, or is refused whole, and none is lost.

The order makes every crash harmless: raw and quarantine are committed under keys of the file's own hash, then the
original goes to the archive, then the ledger row makes it final, and only then the inbox is emptied. Running again
repeats what was cut off, with the same keys. How a format is read belongs to the readers.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from orchestration.foundation.clock import business_day, naive_utc
from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contracts import Contracts, FeedContract
from orchestration.foundation.faults import fault_point
from orchestration.foundation.lake_io import Lake, move_atomically, sha256_of, sync_folder
from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.errors import FileRefused, FilesRefused
from orchestration.ingest.inbox import safe_name, unclaimed_entries, waiting_files
from orchestration.ingest.ledger import FileLanding, FileLedger, require_balance
from orchestration.ingest.quarantine import QUARANTINE_TABLE, QuarantineFile
from orchestration.ingest.raw_file import Provenance, RawFile
from orchestration.ingest.readers import read
from orchestration.ingest.received_files import ReceivedFile, StillChanging, receive, unpacked, work_folder

_DEFAULT_LIMITS = DuckdbLimits(memory_limit="1GB", threads=2)


@dataclass(frozen=True)
class LandingReport:
    """What one landing did.

    Attributes:
        files: one entry a delivered file, in the order of their names.
        left_in_inbox: names of files that were still being written; the next landing takes them.
    """

    files: tuple[FileLanding, ...] = ()
    left_in_inbox: tuple[str, ...] = ()

    @property
    def landed_count(self) -> int:
        """Rows that came into raw."""
        return sum(file.landed_count for file in self.files)

    @property
    def quarantined_count(self) -> int:
        """Records that came into quarantine."""
        return sum(file.quarantined_count for file in self.files)

    @property
    def refused(self) -> tuple[FileLanding, ...]:
        """Files that were refused whole."""
        return tuple(file for file in self.files if file.fate == "refused")

    @property
    def unknown_columns(self) -> tuple[str, ...]:
        """Columns that the contract does not know, over all files, by name."""
        return tuple(sorted({column for file in self.files for column in file.unknown_columns}))


def land_feed(  # noqa: PLR0913 - a landing has this many circumstances, and none has a default that is right
    lake: Lake,
    feed: FeedContract,
    *,
    run_id: str,
    ingested_at: datetime,
    timezone: str,
    limits: DuckdbLimits = _DEFAULT_LIMITS,
) -> LandingReport:
    """Return what became of each file that waits for `feed` in `inbox/<source>/`.

    Args:
        lake: where the inbox, the archive and the tables are.
        feed: the contract.
        run_id: the run that lands.
        ingested_at: zone-aware instant of the landing.
        timezone: IANA zone in which the arrival day is counted.
        limits: what DuckDB may take for one file.

    Raises:
        LedgerUnbalanced: records of a file were lost or invented; it stays in the inbox and nothing of it is final.
    """
    ledger = FileLedger(lake, run_id=run_id, ingested_at=ingested_at)
    arrived_on = business_day(ingested_at, timezone)
    session = _Session(lake, feed, ledger, run_id, ingested_at, arrived_on, limits)
    files: list[FileLanding] = []
    left: list[str] = []
    for waiting in waiting_files(lake.root, feed):
        if ledger.has(waiting):
            waiting.path.unlink()
            continue
        try:
            with work_folder(lake.root) as work:
                landing = session.land(receive(waiting, work), work)
        except StillChanging:
            left.append(waiting.name)
            continue
        ledger.commit(landing, waiting)
        fault_point("landing.after_ledger")
        if waiting.is_unchanged():
            waiting.path.unlink()
        fault_point("landing.after_unlink")
        files.append(landing)
    return LandingReport(tuple(files), tuple(left))


def refuse_unclaimed(
    lake: Lake, contracts: Contracts, *, run_id: str, ingested_at: datetime, timezone: str
) -> LandingReport:
    """Return the refusal of each inbox entry that no feed may read, moved as it is to `archive/refused/`.

    Links, folders and devices are moved unopened; what they lead to stays where it is.

    Args:
        lake: where the inbox and the archive are.
        contracts: all contracts.
        run_id: the run that lands.
        ingested_at: zone-aware instant of the landing.
        timezone: IANA zone in which the arrival day is counted.
    """
    ledger = FileLedger(lake, run_id=run_id, ingested_at=ingested_at)
    arrived_on = business_day(ingested_at, timezone)
    files = []
    for entry, refusal in unclaimed_entries(lake.root, contracts):
        sha256 = sha256_of(entry.path) if entry.is_regular else ""
        folder = f"refused/{safe_name(entry.source) or 'inbox'}"
        target = _archive_path(lake.root, folder, arrived_on, sha256 or entry.fingerprint, entry.name)
        landing = FileLanding(
            source=entry.source,
            feed="",
            file_name=entry.name,
            file_sha256=sha256,
            delivered_on=arrived_on,
            file_bytes=entry.size,
            fate="refused",
            reason_code=refusal.reason_code,
            reason_text=str(refusal),
            archive_path=target.relative_to(lake.root).as_posix(),
        )
        fault_point("landing.before_refused_ledger")
        if not ledger.has(entry):
            ledger.commit(landing, entry)
            files.append(landing)
        fault_point("landing.after_refused_ledger")
        _move_unopened(entry.path, target)
        fault_point("landing.after_refused_move")
    return LandingReport(tuple(files))


def require_none_refused(report: LandingReport, feed: FeedContract) -> None:
    """Check that no file was refused, for a feed whose contract stops there.

    Raises:
        FilesRefused: the contract says `on_refused_file: stop` and a file was refused.
    """
    if feed.on_refused_file == "stop" and report.refused:
        raise FilesRefused.of(feed.table, [file.reason_text for file in report.refused])


@dataclass(frozen=True)
class _Session:
    """What all files of one landing share."""

    lake: Lake
    feed: FeedContract
    ledger: FileLedger
    run_id: str
    ingested_at: datetime
    arrived_on: date
    limits: DuckdbLimits

    def land(self, received: ReceivedFile, work: Path) -> FileLanding:
        """Return what becomes of one file; all but its ledger row is done."""
        fault_point("landing.after_receive")
        landing = FileLanding(
            source=self.feed.source,
            feed=self.feed.name,
            file_name=received.name,
            file_sha256=received.sha256,
            delivered_on=self.arrived_on,
            file_bytes=received.size,
            fate="landed",
        )
        earlier = self.ledger.landed(self.feed.source, self.feed.name, received.sha256)
        if earlier is not None:
            return replace(
                landing,
                fate="already_landed",
                reason_code="already_landed",
                reason_text=f"the same bytes landed as {earlier.file_name} on {earlier.delivered_on}",
                records_count=earlier.records_count,
                archive_path=earlier.archive_path,
            )
        try:
            account = self._read(received, work)
        except FileRefused as refusal:
            landing = replace(landing, fate="refused", reason_code=refusal.reason_code, reason_text=str(refusal))
            return self._archived(landing, received, f"refused/{self.feed.source}")
        landing = replace(
            landing,
            records_count=account.records,
            landed_count=account.landed,
            quarantined_count=account.quarantined,
            unknown_columns=account.unknown_columns,
        )
        return self._archived(landing, received, self.feed.source)

    def _archived(self, landing: FileLanding, received: ReceivedFile, folder: str) -> FileLanding:
        target = _archive_path(self.lake.root, folder, self.arrived_on, received.sha256, received.name)
        move_atomically(received.path, target)
        fault_point("landing.after_archive")
        return replace(landing, archive_path=target.relative_to(self.lake.root).as_posix())

    def _read(self, received: ReceivedFile, work: Path) -> Account:
        """Return the account of a file after committing its rows and its formless records."""
        provenance = Provenance(
            source=self.feed.source,
            feed=self.feed.name,
            file_name=received.name,
            file_sha256=received.sha256,
            ingested_at=naive_utc(self.ingested_at),
            run_id=self.run_id,
        )
        quarantine = QuarantineFile(work / "quarantine.parquet", provenance)
        plain = unpacked(received, work)
        accounts: list[Account] = []

        def write_raw(path: Path) -> int:
            raw = RawFile(path, self.feed, provenance)
            account = read(Delivery(self.feed, received, plain, work, raw, quarantine, self.limits))
            require_balance(received.display, account)
            accounts.append(account)
            return account.landed

        key = self._raw_key(received.sha256)
        partition = f"arrived_on={key[:10]}"
        self.lake.write_with(
            self.feed.table, key, write_raw, run_id=self.run_id, written_at=self.ingested_at, partition=partition
        )
        fault_point("landing.after_raw")
        formless_key = f"{self.feed.source}-{self.feed.name}-{key}"
        if quarantine.count or self.lake.record(QUARANTINE_TABLE, formless_key) is not None:
            self.lake.write_with(
                QUARANTINE_TABLE,
                formless_key,
                quarantine.copied_to,
                run_id=self.run_id,
                written_at=self.ingested_at,
                partition=partition,
            )
        fault_point("landing.after_quarantine")
        return accounts[0]

    def _raw_key(self, sha256: str) -> str:
        """Return the file's manifest key; that of an earlier day when a landing was cut off there."""
        cut_off = (record.key for record in self.lake.records(self.feed.table) if record.key.endswith(sha256[:16]))
        return next(cut_off, f"{self.arrived_on}_{sha256[:16]}")


def _archive_path(root: Path, folder: str, arrived_on: date, fingerprint: str, name: str) -> Path:
    return root / "archive" / folder / arrived_on.isoformat() / f"{fingerprint[:16]}_{safe_name(name)}"


def _move_unopened(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)
    sync_folder(target.parent)
    sync_folder(source.parent)
