"""A delivered file as the readers get it: a private copy whose bytes can no longer change, hashed, unpacked.

How its records are read belongs to the readers; where it ends up belongs to `landing`.
"""

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.ingest.compressions import Compression, compression_of, unpacking
from orchestration.ingest.inbox import WaitingFile
from orchestration.ingest.physical_lines import ByteReader

_CHUNK_BYTES = 1 << 20


class StillChanging(Exception):
    """The file was written to while it was copied."""


@dataclass(frozen=True)
class ReceivedFile:
    """One delivered file, copied out of the inbox.

    Attributes:
        name: as delivered.
        source: the source in whose folder it lay.
        path: the private copy, byte for byte.
        sha256: of these bytes, lower hex.
        size: of these bytes.
        compression: how they are packed.
    """

    name: str
    source: str
    path: Path
    sha256: str
    size: int
    compression: Compression

    @property
    def display(self) -> str:
        """The file as messages name it."""
        return f"{self.source}/{self.name}"

    @contextmanager
    def opened(self) -> Iterator[ByteReader]:
        """Yield the file's bytes from the front, unpacked when they are packed."""
        with unpacking(self.path, self.compression, self.display) as stream:
            yield stream


def receive(waiting: WaitingFile, work: Path) -> ReceivedFile:
    """Return the private copy of a waiting file.

    Raises:
        StillChanging: the file changed or went away meanwhile.
    """
    target = work / "received"
    digest = hashlib.sha256()
    try:
        descriptor = os.open(waiting.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise StillChanging from error
    with os.fdopen(descriptor, "rb", buffering=0) as source, target.open("wb", buffering=0) as copy:
        if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
            raise StillChanging
        while piece := source.read(_CHUNK_BYTES):
            digest.update(piece)
            copy.write(piece)
        after = os.fstat(source.fileno())
    if (after.st_ino, after.st_size, after.st_mtime_ns) != (waiting.inode, waiting.size, waiting.modified_ns):
        raise StillChanging
    compression = compression_of(target, waiting.name)
    return ReceivedFile(waiting.name, waiting.source, target, digest.hexdigest(), waiting.size, compression)


def unpacked(received: ReceivedFile, work: Path) -> Path:
    """Return a path with the file's bytes unpacked: the copy itself when it is not packed.

    Raises:
        FileUnreadable: the file is cut off, damaged, encrypted, of several files, or grows beyond all measure.
    """
    if received.compression == "none":
        return received.path
    target = work / "unpacked"
    with received.opened() as stream, target.open("wb") as plain:
        while piece := stream.read(_CHUNK_BYTES):
            plain.write(piece)
    return target


@contextmanager
def work_folder(lake_root: Path) -> Iterator[Path]:
    """Yield an empty private folder inside the lake, removed at the end; those of killed processes go first."""
    base = lake_root / "archive" / ".receiving"
    base.mkdir(parents=True, exist_ok=True)
    for leftover in base.iterdir():
        _remove_if_abandoned(leftover)
    folder = Path(tempfile.mkdtemp(dir=base))
    with (folder / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


def _remove_if_abandoned(folder: Path) -> None:
    try:
        with (folder / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except (BlockingIOError, FileNotFoundError, NotADirectoryError):
        return
