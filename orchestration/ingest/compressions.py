"""How a delivered file is packed, and its bytes unpacked: gzip, bzip2, zstd, or a zip archive of one file.

A workbook is a zip archive too, but a format of its own: it is not unpacked here. What is packed inside a packed file
stays packed; the readers refuse it.
"""

import errno
import gzip
import lzma
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Literal
from zipfile import BadZipFile, ZipFile, ZipInfo

import pyarrow as pa

from orchestration.ingest.errors import FileUnreadable
from orchestration.ingest.physical_lines import ByteReader

Compression = Literal["none", "gzip", "bzip2", "zstd", "zip"]

_MAGIC: tuple[tuple[re.Pattern[bytes], Compression], ...] = (
    (re.compile(rb"\x1f\x8b"), "gzip"),
    (re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"), "bzip2"),
    (re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), "zstd"),
    (re.compile(rb"PK(\x03\x04|\x05\x06)"), "zip"),
)
_HEAD_BYTES = 16
_BOMB_BYTES = 64 << 20
_BOMB_RATIO = 250
_SOON_BYTES = 256 << 20
_DAMAGE = (
    BadZipFile,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)
_ARROW_CODEC: dict[Compression, Literal["bz2", "zstd"]] = {"bzip2": "bz2", "zstd": "zstd"}
_OFFICE_PARTS = {"[Content_Types].xml", "META-INF/manifest.xml"}
_BESIDE = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_ENCRYPTED_FLAG = 1

_DIRECTORY_END = struct.Struct("<4s4H2LH")
_DIRECTORY_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_DIRECTORY_BYTES_LIMIT = 4 << 20
_IN_64 = 0xFFFFFFFF


def compression_of(path: Path, name: str) -> Compression:
    """Return how the file at `path` is packed, by its first bytes; of zip archives, whether it is no workbook.

    Args:
        path: the file's bytes.
        name: as delivered; it tells a damaged zip archive from a damaged workbook.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    found = next((compression for magic, compression in _MAGIC if magic.match(head)), None)
    if found is None:
        return "none"
    if found != "zip":
        return found
    try:
        require_few_parts(path)
        with archive_read(), ZipFile(path) as archive:
            return "none" if _OFFICE_PARTS & set(archive.namelist()) else "zip"
    except ArchiveDamaged:
        return "zip" if name.lower().endswith(".zip") else "none"


def is_bomb(packed: int, unpacked: int) -> bool:
    """Return whether something grows so much when it is unpacked that it cannot be a table.

    Args:
        packed: bytes as delivered.
        unpacked: bytes so far, or in all.
    """
    return unpacked > _BOMB_BYTES and unpacked > _BOMB_RATIO * packed


@contextmanager
def unpacking(path: Path, compression: Compression, display: str) -> Iterator[ByteReader]:
    """Yield the unpacked bytes of a file from the front; reading them raises `FileUnreadable` where it is damaged.

    Raises:
        FileUnreadable: the file is a zip archive of several files, or of none, or encrypted, or it is damaged, or
            grows beyond all measure.
    """
    with path.open("rb") as packed:
        if compression == "none":
            yield packed
        elif compression == "gzip":
            with gzip.GzipFile(fileobj=packed) as unzipped:
                yield _Guarded(unzipped, packed, compression, display)
        elif compression == "zip":
            with _one_member(packed, display) as member:
                yield _Guarded(member, packed, compression, display)
        else:
            with pa.CompressedInputStream(packed, _ARROW_CODEC[compression]) as stream:
                yield _Guarded(stream, packed, compression, display)


class ArchiveDamaged(Exception):
    """A packed file that cannot be read, or whose list of parts is larger than any honest one."""


@contextmanager
def archive_read() -> Iterator[None]:
    """Run what reads a packed file.

    Raises:
        ArchiveDamaged: a part is damaged or unusual; what the libraries raise depends on which byte it is.
    """
    try:
        yield
    except _DAMAGE as error:
        raise ArchiveDamaged(str(error) or type(error).__name__) from error
    except OSError as error:
        # A place before the archive's beginning; all else that has a number is the machine's trouble.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise ArchiveDamaged(str(error)) from error


def require_few_parts(path: Path) -> None:
    """Check the size of a zip archive's list of parts before it is read into memory.

    Raises:
        ArchiveDamaged: the list has more than 4 MiB, about 50,000 parts.
    """
    with path.open("rb") as archive:
        size = _directory_bytes(archive)
    if size > _DIRECTORY_BYTES_LIMIT:
        raise ArchiveDamaged(f"its list of parts has {size} bytes, above {_DIRECTORY_BYTES_LIMIT}")


def _directory_bytes(archive: BinaryIO) -> int:
    """Return the size that a zip archive states for its list of parts; 0 when there is no list."""
    end = archive.seek(0, 2)
    begin = max(end - _DIRECTORY_END.size - 0xFFFF, 0)
    archive.seek(begin)
    tail = archive.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _DIRECTORY_END.size > len(tail):
        return 0
    size = int(_DIRECTORY_END.unpack_from(tail, at)[5])
    place = begin + at - _LOCATOR_64.size - _DIRECTORY_END_64.size
    if place >= 0:
        archive.seek(place)
        record = archive.read(_DIRECTORY_END_64.size)
        if record.startswith(b"PK\x06\x06"):
            size = max(size if size != _IN_64 else 0, int(_DIRECTORY_END_64.unpack(record)[8]))
    return size


@contextmanager
def _one_member(packed: BinaryIO, display: str) -> Iterator[ByteReader]:
    with ExitStack() as opened:
        try:
            require_few_parts(Path(packed.name))
            with archive_read():
                archive = opened.enter_context(ZipFile(packed))
                member = opened.enter_context(archive.open(_the_member(archive, display)))
        except ArchiveDamaged as error:
            raise FileUnreadable.because_damaged(display, "zip", str(error)) from error
        yield member


def _the_member(archive: ZipFile, display: str) -> ZipInfo:
    members = [part for part in archive.infolist() if not part.is_dir() and not _is_beside(part.filename)]
    if len(members) != 1:
        raise FileUnreadable.because_not_one(display, len(members))
    [member] = members
    if member.flag_bits & _ENCRYPTED_FLAG:
        raise FileUnreadable.because_encrypted(display)
    return member


def _is_beside(name: str) -> bool:
    """Return whether a part is what a desktop puts beside the file that was meant."""
    return name.startswith(_BESIDE[0]) or name.rpartition("/")[2] in _BESIDE[1:]


class _Guarded:
    """Reads unpacked bytes and says of which file they are when they do not unpack, or grow beyond all measure."""

    def __init__(self, stream: ByteReader, packed: BinaryIO, compression: Compression, display: str) -> None:
        self._stream = stream
        self._packed = packed
        self._packed_bytes = Path(packed.name).stat().st_size
        self._unpacked_bytes = 0
        self._compression = compression
        self._display = display

    def read(self, size: int, /) -> bytes:
        try:
            with archive_read():
                piece = self._stream.read(size)
        except ArchiveDamaged as error:
            raise FileUnreadable.because_damaged(self._display, self._compression, str(error)) from error
        self._unpacked_bytes += len(piece)
        self._require_measure()
        return piece

    def _require_measure(self) -> None:
        # Of a long file what was read so far tells enough, so that not all of it is unpacked first.
        packed = self._packed.tell() if self._unpacked_bytes > _SOON_BYTES else self._packed_bytes
        if is_bomb(packed, self._unpacked_bytes):
            raise FileUnreadable.because_bomb(self._display, packed, self._unpacked_bytes)
