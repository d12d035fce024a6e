"""Files of one feed from the inbox into the lake: each lands once, or is refused whole, and none is lost.

The order makes every crash harmless: raw and quarantine are committed under keys of the file's own hash, then the
original goes to the archive, then the ledger row makes it final, and only then the inbox is emptied. Running again
repeats what was cut off, with the same keys. How a format is read belongs to the readers.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from orchestration.foundation.clock import business_day, naive_utc
from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contracts import Contracts, FeedContract, raw_schema
from orchestration.foundation.faults import fault_point
from orchestration.foundation.lake_io import Lake, move_atomically, sha256_of, sync_folder
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.drift import judged
from orchestration.ingest.errors import FileRefused, FilesRefused
from orchestration.ingest.inbox import safe_name, unclaimed_entries, waiting_files
from orchestration.ingest.ledger import FileLanding, FileLedger, LedgerEntry, require_balance
from orchestration.ingest.quarantine import QUARANTINE_TABLE, QuarantineFile
from orchestration.ingest.raw_file import Provenance, RawFile
from orchestration.ingest.readers import read
from orchestration.ingest.received_files import ReceivedFile, StillChanging, receive, unpacked, work_folder

_DEFAULT_LIMITS = DuckdbLimits(memory_limit="1GB", threads=2)
_HASH_LENGTH = 16


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

    @property
    def drifted_cells(self) -> tuple[str, ...]:
        """What cells were not as agreed, as `column: count types|values, such as shape`, over all files, by column."""
        drifts = [drift for file in self.files for drift in file.drifts]
        counts = Counter({(d.column, d.kind): 0 for d in drifts})
        shapes = {(d.column, d.kind): d.shapes[0] for d in reversed(drifts)}
        for drift in drifts:
            counts[drift.column, drift.kind] += drift.cells_count
        return tuple(
            f"{column}: {count} of other {kind}, such as {shapes[column, kind]!r}"
            for (column, kind), count in sorted(counts.items())
        )


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
    ledger = FileLedger(lake, run_id=run_id, written_at=ingested_at)
    arrived_on = business_day(ingested_at, timezone)
    session = FeedLanding(lake, feed, run_id, ingested_at, arrived_on, limits, written_at=ingested_at)
    files: list[FileLanding] = []
    left: list[str] = []
    for waiting in waiting_files(lake.root, feed):
        if ledger.has(waiting):
            waiting.path.unlink()
            continue
        try:
            with work_folder(lake.root) as work:
                received = receive(waiting, work)
                earlier = ledger.landed(feed.source, feed.name, received.sha256)
                landing = session.land(received, work, earlier=earlier)
        except StillChanging:
            left.append(waiting.name)
            continue
        ledger.commit(LedgerEntry(waiting.identity, ingested_at, landing))
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
    ledger = FileLedger(lake, run_id=run_id, written_at=ingested_at)
    arrived_on = business_day(ingested_at, timezone)
    files = []
    for entry, refusal in unclaimed_entries(lake.root, contracts):
        sha256 = sha256_of(entry.path) if entry.is_plain_file else ""
        folder = f"refused/{safe_name(entry.source) or 'inbox'}"
        target = archive_path(lake.root, folder, arrived_on, sha256 or entry.fingerprint, entry.name)
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
            ledger.commit(LedgerEntry(entry.identity, ingested_at, landing))
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
class FeedLanding:
    """What the files share that arrived together for one feed.

    Attributes:
        lake: where the archive and the tables are.
        feed: the contract.
        run_id: the run that lands.
        ingested_at: zone-aware instant of their arrival.
        arrived_on: its day.
        limits: what DuckDB may take for one file.
        written_at: zone-aware instant of the commits; later than the arrival when they land again.
    """

    lake: Lake
    feed: FeedContract
    run_id: str
    ingested_at: datetime
    arrived_on: date
    limits: DuckdbLimits
    written_at: datetime

    def land(self, received: ReceivedFile, work: Path, *, earlier: FileLanding | None) -> FileLanding:
        """Return what becomes of one file; all but its ledger row is done.

        Args:
            received: the private copy.
            work: private folder for what is needed meanwhile.
            earlier: the delivery with which these bytes landed before; None for none.
        """
        fault_point("landing.after_receive")
        landing = FileLanding(
            source=self.feed.source,
            feed=self.feed.name,
            file_name=received.name,
            file_sha256=received.sha256,
            delivered_on=self.arrived_on,
            file_bytes=received.size,
            fate="landed",
            contract_fingerprint=self.feed.landing_fingerprint,
        )
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
            self.vacate(received.sha256)
            landing = replace(landing, fate="refused", reason_code=refusal.reason_code, reason_text=str(refusal))
            return self._archived(landing, received, f"refused/{self.feed.source}")
        landing = replace(
            landing,
            records_count=account.records,
            landed_count=account.landed,
            quarantined_count=account.quarantined,
            unknown_columns=account.unknown_columns,
            drifts=account.drifts,
        )
        return self._archived(landing, received, self.feed.source)

    @cached_property
    def _earlier_keys(self) -> "LandedKeys":
        """What was committed before the first of these files; the same bytes land only once among them."""
        return LandedKeys(self.lake, self.feed)

    def vacate(self, sha256: str) -> None:
        """Leave no row and no formless record of a file, which may have landed by another contract or been cut off.

        The keys stay, empty, since a night that is not closed may have pinned them.
        """
        schemas = {self.feed.table: raw_schema(self.feed), QUARANTINE_TABLE: LAKE_TABLES[QUARANTINE_TABLE].schema}
        keys = self._earlier_keys.of(sha256)
        for table, key in keys.items():
            self.lake.write_table(
                table,
                key,
                schemas[table].empty_table(),
                run_id=self.run_id,
                written_at=self.written_at,
                partition=f"arrived_on={keys[self.feed.table][:10]}",
            )

    def _archived(self, landing: FileLanding, received: ReceivedFile, folder: str) -> FileLanding:
        target = archive_path(self.lake.root, folder, self.arrived_on, received.sha256, received.name)
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
            delivery = Delivery(self.feed, received, plain, work, raw, quarantine, self.limits)
            account = judged(delivery, read(delivery))
            require_balance(received.display, account)
            accounts.append(account)
            return account.landed

        earlier = self._earlier_keys.of(received.sha256)
        key = earlier.get(self.feed.table) or f"{self.arrived_on}_{received.sha256[:_HASH_LENGTH]}"
        partition = f"arrived_on={key[:10]}"
        self.lake.write_with(
            self.feed.table, key, write_raw, run_id=self.run_id, written_at=self.written_at, partition=partition
        )
        fault_point("landing.after_raw")
        if quarantine.count or QUARANTINE_TABLE in earlier:
            self.lake.write_with(
                QUARANTINE_TABLE,
                _formless_key(self.feed, key),
                quarantine.copied_to,
                run_id=self.run_id,
                written_at=self.written_at,
                partition=partition,
            )
        fault_point("landing.after_quarantine")
        return accounts[0]


class LandedKeys:
    """The manifest keys under which files' rows and formless records of one feed are committed, as they are now.

    The tables are listed once: asking the file system anew for each of many files takes quadratic time.
    """

    def __init__(self, lake: Lake, feed: FeedContract) -> None:
        self._feed = feed
        self._raw: dict[str, str] = {}
        for key in lake.keys(feed.table):
            self._raw.setdefault(key[-_HASH_LENGTH:], key)
        self._formless = frozenset(lake.keys(QUARANTINE_TABLE))

    def of(self, sha256: str) -> dict[str, str]:
        """Return a file's keys by table; the records need not be readable, and a file that never landed has none.

        Args:
            sha256: of its bytes, lower hex.
        """
        key = self._raw.get(sha256[:_HASH_LENGTH])
        if key is None:
            return {}
        formless = _formless_key(self._feed, key)
        return {self._feed.table: key} | ({QUARANTINE_TABLE: formless} if formless in self._formless else {})


def _formless_key(feed: FeedContract, raw_key: str) -> str:
    return f"{feed.source}-{feed.name}-{raw_key}"


def archive_path(root: Path, folder: str, arrived_on: date, fingerprint: str, name: str) -> Path:
    """Return where a delivered file is kept below `archive/<folder>`, by its day, its hash and its name."""
    return root / "archive" / folder / arrived_on.isoformat() / f"{fingerprint[:16]}_{safe_name(name)}"


def _move_unopened(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)
    sync_folder(target.parent)
    sync_folder(source.parent)
