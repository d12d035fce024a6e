"""Whether what waits in the inbox may be landed now: the same at two looks, and nothing else at work.

Which files are claimed by a feed, and how one is read, is for `ingest`; here they are only looked at from outside.
"""

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path

EMPTY = ""


@dataclass(frozen=True)
class InboxVerdict:
    """Whether to land now, and if not, why not in one line."""

    is_ready: bool
    why_not: str | None = None


def inbox_digest(lake_root: Path) -> str:
    """Return 16 hex digits over the names, sizes and times of all waiting files; `EMPTY` when none waits.

    Entries whose names begin with a dot are uploads under way and do not count. A file that grows, is touched or is
    replaced gives another digest, whatever the clocks say. The size does not depend on how many files wait.
    """
    digest = hashlib.sha256()
    is_empty = True
    inbox = lake_root / "inbox"
    for path in sorted((*inbox.glob("*"), *inbox.glob("*/*"))):
        is_source_folder = path.parent == inbox and path.is_dir() and not path.is_symlink()
        if is_source_folder or any(part.startswith(".") for part in path.relative_to(inbox).parts):
            continue
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue
        is_empty = False
        kind = stat.S_IFMT(found.st_mode)
        relative = path.relative_to(lake_root).as_posix().encode(errors="surrogateescape")
        seen = (kind, found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns)
        digest.update(relative + b"\0" + repr(seen).encode() + b"\n")
    return EMPTY if is_empty else digest.hexdigest()[:16]


def settled(*, before: str | None, now: str, is_busy: bool) -> InboxVerdict:
    """Return whether to land: files wait, are what they were at the last look, and no run is queued or at work.

    As long as one file changes between two looks all wait, at the latest for the night, which takes what is there.

    Args:
        before: the digest at the last look; None or empty before the first.
        now: the digest at this look.
        is_busy: whether a run is queued or at work.
    """
    if now == EMPTY:
        return InboxVerdict(is_ready=False, why_not="no file waits in the inbox")
    if now != before:
        return InboxVerdict(is_ready=False, why_not="files have come or are still being written; the next look decides")
    if is_busy:
        return InboxVerdict(is_ready=False, why_not="a run is queued or at work; it, or the next look, lands the files")
    return InboxVerdict(is_ready=True)
