"""What says that room, rights or memory are lacking becomes a refusal with the way out; nothing else does."""

import errno
import os
import sqlite3

import duckdb
import pytest

from orchestration.foundation.room import NoRoom, way_out_of


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "Make room"),
        (OSError(errno.EFBIG, os.strerror(errno.EFBIG)), "Make room"),
        (sqlite3.OperationalError("database or disk is full"), "Make room"),
        (sqlite3.OperationalError("disk I/O error"), "a file may not grow further"),
        (duckdb.IOException('Could not write file "x": No space left on device'), "Make room"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "mount it writable"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES)), "Give its rights"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "Give its rights"),
        (duckdb.OutOfMemoryException("failed to pin block of size 256.0 KiB"), "GENOME_DUCKDB_MEMORY_LIMIT"),
        (MemoryError(), "GENOME_DUCKDB_MEMORY_LIMIT"),
    ],
)
def test_an_error_that_lacks_something_says_what_and_the_way_out(error: Exception, way_out: str) -> None:
    refusal = NoRoom.because(error)
    assert refusal is not None
    assert way_out in str(refusal)
    assert "What was published is what it was" in str(refusal)
    assert refusal.is_passing


def test_other_errors_are_no_refusal_for_want_of_room() -> None:
    assert NoRoom.because(FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))) is None
    assert not way_out_of("Binder Error: column customer_id is not there")
