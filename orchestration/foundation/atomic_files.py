"""Files that hold either what they held or all that is written, however the process ends; and hashes of bytes.

A file is written under a temporary name, synced and renamed, and its folder synced. What files mean belongs elsewhere.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Union

from orchestration.foundation.faults import fault_point

Json = Union[str, int, float, bool, None, "list[Json]", "dict[str, Json]"]


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's bytes, lower hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def checksum_of(plain: Mapping[str, Json]) -> str:
    """Return the sha256 of a JSON object's content, for a record that carries it to tell when it was changed."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def write_bytes_atomically(path: Path, payload: bytes) -> None:
    """Write `payload` so that `path` holds either what it held or all of it, whenever the process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with temporary_beside(path) as temporary:
        fault_point("lake_io.before_bytes_write")
        temporary.write_bytes(payload)
        fault_point("lake_io.after_bytes_write")
        sync_file(temporary)
        fault_point("lake_io.before_bytes_rename")
        temporary.replace(path)
        fault_point("lake_io.after_bytes_rename")
    sync_folder(path.parent)


def move_atomically(source: Path, target: Path) -> None:
    """Move a file inside one file system, its bytes and both folders synced."""
    target.parent.mkdir(parents=True, exist_ok=True)
    sync_file(source)
    fault_point("lake_io.before_move")
    source.replace(target)
    fault_point("lake_io.after_move")
    sync_folder(target.parent)
    sync_folder(source.parent)


def sync_file(path: Path) -> None:
    """Make a file's bytes durable."""
    fault_point("lake_io.before_fsync")
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
    fault_point("lake_io.after_fsync")


def sync_folder(path: Path) -> None:
    """Make a folder's entries (renames into and out of it) durable."""
    fault_point("lake_io.before_folder_fsync")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fault_point("lake_io.after_folder_fsync")


@contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside `path`, out of the readers' sight; nothing of it stays when the block ends."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
