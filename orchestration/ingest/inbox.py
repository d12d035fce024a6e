"""What waits in the inbox: which entries are files to land, for which feed, and which are none.

Only regular files directly in `inbox/<source>/` that have no other name (no hard link) are ever opened. Names that
begin with a dot are not yet delivered (uploads under way use them) and are left alone.
"""

import hashlib
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from orchestration.foundation.contracts import FeedContract, SourceContract
from orchestration.ingest.errors import FeedUnknown, FileRefused, NameUnsafe

_KINDS = {
    stat.S_IFREG: "hard link",
    stat.S_IFLNK: "symbolic link",
    stat.S_IFDIR: "folder",
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}
_SAFE_NAME_LENGTH = 100


@dataclass(frozen=True)
class WaitingFile:
    """One inbox entry as it was seen: where, its printable name, and what tells it from a later one of that name."""

    path: Path
    source: str
    name: str
    has_plain_name: bool
    mode: int
    links: int
    size: int
    inode: int
    modified_ns: int
    changed_ns: int

    @property
    def identity(self) -> str:
        """What is equal only for this very delivery, not for a second copy of its bytes."""
        return f"{self.source}/{self.name}:{self.inode}:{self.modified_ns}:{self.changed_ns}"

    @property
    def fingerprint(self) -> str:
        """A hash of the identity, lower hex."""
        return hashlib.sha256(self.identity.encode()).hexdigest()

    @property
    def display(self) -> str:
        """The entry as messages name it."""
        return f"{self.source}/{self.name}"

    @property
    def is_plain_file(self) -> bool:
        """Whether the entry is a regular file, and no other name leads to its bytes from elsewhere."""
        return stat.S_ISREG(self.mode) and self.links == 1

    def fault(self) -> FileRefused | None:
        """Return why the entry may not be opened, or None for a regular file with a plain name."""
        if not self.has_plain_name:
            return NameUnsafe.because_of_characters(self.display)
        if not self.is_plain_file:
            return NameUnsafe.because_no_file(self.display, _KINDS.get(stat.S_IFMT(self.mode), "special file"))
        return None

    def is_unchanged(self) -> bool:
        """Return whether the inbox still holds this very delivery."""
        try:
            return seen(self.path, self.source) == self
        except FileNotFoundError:
            return False


def seen(path: Path, source: str) -> WaitingFile:
    """Return the inbox entry at `path` as it is now, without following links."""
    found = path.lstat()
    is_plain = path.name.isprintable()
    return WaitingFile(
        path=path,
        source=source,
        name=path.name if is_plain else path.name.encode("unicode_escape").decode("ascii"),
        has_plain_name=is_plain,
        mode=found.st_mode,
        links=found.st_nlink,
        size=found.st_size,
        inode=found.st_ino,
        modified_ns=found.st_mtime_ns,
        changed_ns=found.st_ctime_ns,
    )


def waiting_files(lake_root: Path, feed: FeedContract) -> Iterator[WaitingFile]:
    """Yield the files that wait for `feed`, by name; entries that may not be opened are not among them."""
    for entry in _entries(lake_root / "inbox" / feed.source, feed.source):
        if entry.fault() is None and fnmatchcase(entry.name, feed.file_pattern):
            yield entry


def unclaimed_entries(
    lake_root: Path, contracts: Mapping[str, SourceContract]
) -> Iterator[tuple[WaitingFile, FileRefused]]:
    """Yield each inbox entry that no feed may read, with the reason, by source and name."""
    inbox = lake_root / "inbox"
    for folder in _entries(inbox, ""):
        if not stat.S_ISDIR(folder.mode):
            yield folder, folder.fault() or FeedUnknown.without_contract(folder.name, "<source>", list(contracts))
            continue
        for entry in _entries(folder.path, folder.name):
            refusal = entry.fault() or _feed_fault(entry, contracts)
            if refusal is not None:
                yield entry, refusal


def safe_name(name: str) -> str:
    """Return a name of plain characters for the archive; not unique, so its hash goes before it.

    Example:
        >>> safe_name("März 'final'/../x.csv")
        'M_rz__final____x.csv'
    """
    plain = re.sub(r"[^A-Za-z0-9.-]|\.\.+", "_", name)
    return plain[-_SAFE_NAME_LENGTH:]


def _feed_fault(entry: WaitingFile, contracts: Mapping[str, SourceContract]) -> FileRefused | None:
    contract = contracts.get(entry.source)
    if contract is None:
        return FeedUnknown.without_contract(entry.display, entry.source, list(contracts))
    patterns = [feed.file_pattern for feed in contract.feeds.values()]
    if any(fnmatchcase(entry.name, pattern) for pattern in patterns):
        return None
    return FeedUnknown.in_source(entry.display, entry.source, patterns)


def _entries(folder: Path, source: str) -> Iterator[WaitingFile]:
    try:
        if not stat.S_ISDIR(folder.lstat().st_mode):
            return
    except FileNotFoundError:
        return
    for path in sorted(folder.iterdir()):
        if not path.name.startswith("."):
            yield seen(path, source)
