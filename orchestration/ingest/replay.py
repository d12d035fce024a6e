"""Delivered files landed again from the archive, so that the next night gives what a right contract had given at once.

Each delivery keeps its day, its instant and its name; what it becomes now takes the place of what it became then, in
raw, quarantine, archive and ledger. A note beside the archive says that a replay is under way: one that was cut off is
ended by the next replay or landing. How a file lands is `landing`'s matter.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contracts import Contracts, FeedContract
from orchestration.foundation.lake_io import Lake, LakeFileDamaged, sha256_of, sync_folder, write_bytes_atomically
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.ingest.errors import NameUnsafe
from orchestration.ingest.inbox import seen
from orchestration.ingest.landing import FeedLanding, LandedKeys, archive_path
from orchestration.ingest.ledger import FileLanding, FileLedger, LedgerEntry
from orchestration.ingest.quarantine import QUARANTINE_TABLE
from orchestration.ingest.received_files import receive, work_folder

_NOTE_NAME = ".replaying"
_VALUES_OF_RAW = "standardise"

Reason = Literal["asked for", "damaged", "contract changed", "refused before"]


@dataclass(frozen=True)
class ReplayChoice:
    """Which files are landed again.

    Attributes:
        source: of one source only; None for all.
        feed: that landed, or land now, in one feed only; None for all.
        is_every_file: also those whose contract is the one by which they landed.
    """

    source: str | None = None
    feed: str | None = None
    is_every_file: bool = False


@dataclass(frozen=True)
class ReplayFile:
    """The deliveries of one file's bytes, in the order of their arrival, and why they land again."""

    entries: tuple[LedgerEntry, ...]
    reason: Reason

    @property
    def source(self) -> str:
        """Who delivered it."""
        return self.entries[0].landing.source

    @property
    def sha256(self) -> str:
        """Of its bytes, lower hex."""
        return self.entries[0].landing.file_sha256


@dataclass(frozen=True)
class Replayed:
    """What became of one file: each delivery before and now; none now when its original is gone."""

    file: ReplayFile
    now: tuple[FileLanding, ...]

    @property
    def is_gone(self) -> bool:
        """Whether the archive holds its bytes no more, so that all stays as it was."""
        return not self.now


def files_to_replay(lake: Lake, contracts: Contracts, choice: ReplayChoice) -> tuple[ReplayFile, ...]:
    """Return the files whose landing may now differ, in the order of their arrival.

    These are files that were refused and that a feed claims now, files that landed by another contract than that of
    now or in another feed, and files whose rows are no longer what was written. A file that no feed claims any more
    keeps what became of it.

    Args:
        lake: where the archive and the tables are.
        contracts: all contracts.
        choice: which of them.

    Raises:
        LakeFileDamaged: a record of the ledger cannot be read.
    """
    ledger = FileLedger(lake, run_id="", written_at=datetime.min.replace(tzinfo=UTC))
    grouped: dict[tuple[str, str], list[LedgerEntry]] = defaultdict(list)
    for entry in ledger.entries():
        landing = entry.landing
        if landing.file_sha256 and landing.reason_code != NameUnsafe.reason_code and _claimant(contracts, landing):
            grouped[landing.source, landing.file_sha256].append(entry)
    files = []
    for entries in grouped.values():
        reasons = (_reason(lake, contracts, entry.landing, choice) for entry in entries)
        found = next((reason for reason in reasons if reason is not None), None)
        if found is not None:
            files.append(ReplayFile(tuple(entries), found))
    return tuple(files)


def replay(  # noqa: PLR0913 - a landing has this many circumstances
    lake: Lake,
    contracts: Contracts,
    choice: ReplayChoice,
    *,
    run_id: str,
    at: datetime,
    limits: DuckdbLimits,
) -> Iterator[Replayed]:
    """Yield what becomes of each file that lands again; what was derived from it is for the next night to make anew.

    Call it while holding the night's lock. When it is cut off, calling it again, or landing, ends it.

    Args:
        lake: where the archive and the tables are.
        contracts: all contracts.
        choice: which files.
        run_id: the run that lands them.
        at: zone-aware instant of the commits.
        limits: what DuckDB may take for one file.

    Raises:
        LedgerUnbalanced: records of a file were lost or invented; nothing of it is final.
        LakeFileDamaged: a record of the ledger cannot be read.
    """
    cut_off = _noted(lake)
    if cut_off not in (None, choice):
        end_replay(lake, contracts, run_id=run_id, at=at, limits=limits)
    files = files_to_replay(lake, contracts, choice)
    if files:
        write_bytes_atomically(_note(lake), json.dumps(asdict(choice)).encode())
    ledger = FileLedger(lake, run_id=run_id, written_at=at)
    session = _Replay(lake, contracts, ledger, run_id, at, limits)
    for file in files:
        yield Replayed(file, session.land_again(file))
    _remove_unnamed(lake, ledger)
    if _note(lake).exists():
        _forget_standardised(lake)
        _note(lake).unlink()
        sync_folder(_note(lake).parent)


def end_replay(lake: Lake, contracts: Contracts, *, run_id: str, at: datetime, limits: DuckdbLimits) -> None:
    """End a replay that was cut off; nothing happens when there is none.

    Args:
        lake: where the archive and the tables are.
        contracts: all contracts.
        run_id: the run that ends it.
        at: zone-aware instant of the commits.
        limits: what DuckDB may take for one file.

    Raises:
        LedgerUnbalanced: records of a file were lost or invented.
    """
    choice = _noted(lake)
    if choice is not None:
        for _ in replay(lake, contracts, choice, run_id=run_id, at=at, limits=limits):
            pass


@dataclass(frozen=True)
class _Replay:
    """What all files of one replay share."""

    lake: Lake
    contracts: Contracts
    ledger: FileLedger
    run_id: str
    at: datetime
    limits: DuckdbLimits

    def land_again(self, file: ReplayFile) -> tuple[FileLanding, ...]:
        """Return what becomes of each delivery of a file; none when its original is gone, and then nothing changes."""
        original = _original(self.lake, file)
        if original is None:
            return ()
        landed: dict[str, FileLanding] = {}
        results = []
        for entry in file.entries:
            feed = _claimant(self.contracts, entry.landing)
            if feed is None:
                continue
            result = self._landed(entry, feed, original, earlier=landed.get(feed.name))
            results.append((entry, result))
            if result.fate == "landed":
                landed[feed.name] = result
            original = self.lake.root / result.archive_path
        self._vacate_others(file, landed)
        # The first delivery last: until it is committed, the file is one to replay.
        for entry, result in reversed(results):
            if result.fate == "landed" or _unlike(result, entry.landing):
                self.ledger.commit(replace(entry, landing=result))
        return tuple(result for _, result in results)

    def _landed(
        self, entry: LedgerEntry, feed: FeedContract, original: Path, *, earlier: FileLanding | None
    ) -> FileLanding:
        with work_folder(self.lake.root) as work:
            received = receive(seen(original, feed.source), work)
            as_delivered = replace(received, name=entry.landing.file_name)
            return self._session(entry, feed).land(as_delivered, work, earlier=earlier)

    def _vacate_others(self, file: ReplayFile, landed: dict[str, FileLanding]) -> None:
        """Leave nothing of a file in feeds of its source in which it landed before and does not now."""
        for feed in self.contracts[file.source].feeds.values():
            if feed.name not in landed:
                self._session(file.entries[0], feed).vacate(file.sha256)

    def _session(self, entry: LedgerEntry, feed: FeedContract) -> FeedLanding:
        day = entry.landing.delivered_on
        return FeedLanding(self.lake, feed, self.run_id, entry.ingested_at, day, self.limits, written_at=self.at)


def _claimant(contracts: Contracts, landing: FileLanding) -> FeedContract | None:
    """Return the feed that claims a delivered file now, the first by the contract's order; None for none."""
    source = contracts.get(landing.source)
    feeds = () if source is None else source.feeds.values()
    return next((feed for feed in feeds if fnmatchcase(landing.file_name, feed.file_pattern)), None)


def _reason(lake: Lake, contracts: Contracts, landing: FileLanding, choice: ReplayChoice) -> Reason | None:
    """Return why a delivered file lands again, or None."""
    feed = _claimant(contracts, landing)
    if feed is None or landing.fate == "already_landed":
        return None
    if choice.source not in (None, landing.source) or choice.feed not in (None, feed.name, landing.feed):
        return None
    if choice.is_every_file:
        return "asked for"
    if landing.fate == "refused":
        return "refused before"
    if landing.feed != feed.name or landing.contract_fingerprint != feed.landing_fingerprint:
        return "contract changed"
    return "damaged" if _is_damaged(lake, feed, landing) else None


def _is_damaged(lake: Lake, feed: FeedContract, landing: FileLanding) -> bool:
    """Return whether rows or formless records of a landed file are missing or not what was written, byte by byte."""
    keys = LandedKeys(lake, feed).of(landing.file_sha256)
    if feed.table not in keys or (landing.quarantined_count and QUARANTINE_TABLE not in keys):
        return True
    try:
        for table, key in keys.items():
            record = lake.record(table, key)
            if record is not None:
                lake.verify(record)
    except LakeFileDamaged:
        return True
    return False


def _original(lake: Lake, file: ReplayFile) -> Path | None:
    """Return where the archive holds a file's bytes, as they were delivered; None when it does no more."""
    for named in dict.fromkeys(entry.landing.archive_path for entry in file.entries):
        path = lake.root / named
        if named and path.is_file() and not path.is_symlink() and sha256_of(path) == file.sha256:
            return path
    return None


def _remove_unnamed(lake: Lake, ledger: FileLedger) -> None:
    """Remove the second copy of an original where the ledger names only the other one, which is there."""
    landings = [entry.landing for entry in ledger.entries() if entry.landing.file_sha256 and entry.landing.feed]
    named = {landing.archive_path for landing in landings}
    for landing in landings:
        for folder in (landing.source, f"refused/{landing.source}"):
            path = archive_path(lake.root, folder, landing.delivered_on, landing.file_sha256, landing.file_name)
            is_surplus = path.relative_to(lake.root).as_posix() not in named
            if is_surplus and path.is_file() and (lake.root / landing.archive_path).is_file():
                path.unlink()


def _forget_standardised(lake: Lake) -> None:
    """Make the next night standardise the values of all rows anew, since some of the values may be in none any more."""
    for table in LAKE_TABLES.values():
        if table.writer == _VALUES_OF_RAW:
            for key in lake.keys(table.name):
                lake.forget(table.name, key)


def _noted(lake: Lake) -> ReplayChoice | None:
    """Return the choice of a replay that was cut off, or None."""
    note = _note(lake)
    return ReplayChoice(**json.loads(note.read_bytes())) if note.exists() else None


def _note(lake: Lake) -> Path:
    return lake.root / "archive" / _NOTE_NAME


def _unlike(one: FileLanding, other: FileLanding) -> bool:
    """Return whether a delivery became something else, the contract that decided it aside."""
    return replace(one, contract_fingerprint="") != replace(other, contract_fingerprint="")
