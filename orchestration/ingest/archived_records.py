"""Single landed records as they were delivered, out of the archive; or why they can no longer be told.

Nothing is changed, and no bytes are given for a record that may be another one: the archived file must be what was
delivered, and the contract the one by which it landed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.foundation.contracts import Contracts, FeedContract
from orchestration.foundation.lake_io import Lake, sha256_of
from orchestration.ingest.compressions import compression_of
from orchestration.ingest.ledger import FileLanding, FileLedger
from orchestration.ingest.originals import TEXT_FORMATS, original_records, write_originals
from orchestration.ingest.readers import format_of_file
from orchestration.ingest.received_files import ReceivedFile, unpacked, work_folder
from orchestration.ingest.regular_records import Positions


class BytesUntold(Exception):
    """The bytes of a landed record cannot be told; the text says why, in words for whoever asked."""


class ArchivedRecords:
    """The delivered files that one archive holds, by the ledger as it is when this is made."""

    def __init__(self, lake: Lake, contracts: Contracts) -> None:
        self._lake = lake
        self._feeds = {(feed.source, feed.name): feed for feed in contracts.feeds()}
        self._ledger = FileLedger(lake, run_id="", written_at=datetime.min.replace(tzinfo=UTC))

    def records(self, source: str, feed_name: str, sha256: str, ordinals: Positions) -> pa.Table:
        """Return records of one landed file: `_row_number`, `line_number`, `byte_offset` and `record_bytes`, in order.

        Args:
            source: who delivered the file.
            feed_name: the feed in which it landed.
            sha256: of its bytes, lower hex.
            ordinals: which of its records, ascending, from 1.

        Raises:
            BytesUntold: the archive holds the file no more, it has another contract now, or its rows have no bytes.
        """
        landing = self._ledger.landed(source, feed_name, sha256)
        feed = self._feeds.get((source, feed_name))
        if landing is None or feed is None:
            raise BytesUntold("its feed has no contract any more")
        path = self._archived(landing, feed)
        if landing.contract_fingerprint != feed.landing_fingerprint:
            raise BytesUntold("its contract has changed since it landed; `genome replay` lands it by that of now")
        with _opened(self._lake.root, path, landing) as (plain, work):
            stated = format_of_file(plain, feed)
            if stated not in TEXT_FORMATS:
                raise BytesUntold(f"of a {stated} file the cells are what is kept of a row")
            found = original_records(plain, feed, stated, ordinals, display=f"{source}/{landing.file_name}")
            write_originals(found, work / "originals.parquet")
            return pq.read_table(work / "originals.parquet")

    def _archived(self, landing: FileLanding, feed: FeedContract) -> Path:
        path = self._lake.root / landing.archive_path
        if not landing.archive_path or not path.is_file() or path.is_symlink():
            raise BytesUntold(
                f"the archive keeps files of this feed for {feed.retention_days} days, and that of "
                f"{landing.delivered_on} is gone"
            )
        if sha256_of(path) != landing.file_sha256:
            raise BytesUntold("the archived file is no longer what was delivered")
        return path


@contextmanager
def _opened(root: Path, path: Path, landing: FileLanding) -> Iterator[tuple[Path, Path]]:
    """Yield where an archived file lies unpacked, and a private folder that is removed at the end."""
    name, size, compression = landing.file_name, landing.file_bytes, compression_of(path, landing.file_name)
    received = ReceivedFile(name, landing.source, path, landing.file_sha256, size, compression)
    with work_folder(root) as work:
        yield unpacked(received, work), work
