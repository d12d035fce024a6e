"""Physical lines of a byte stream: what ends in LF, CRLF or CR, with its offset, in bounded memory.

What a record is does not belong here: a quoted cell may span lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

RECORD_BYTES_LIMIT = 2_000_000
"""A longer record is no record: its first line is quarantined and reading resumes on the next."""

LINE_BYTES_LIMIT = 64 << 20
"""A text with a longer line is no text of records: it is not read to its end."""

_CHUNK_BYTES = 1 << 20


class LineEndless(Exception):
    """A line beyond all measure; the text says where it begins."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"the line at byte {offset} has more than {LINE_BYTES_LIMIT} bytes")


class ByteReader(Protocol):
    """What can be read from front to back."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""


@dataclass(frozen=True)
class PhysicalLine:
    """One line: its bytes with their line end (only the first ones, if over-long), offset, number and full size."""

    content: bytes
    offset: int
    number: int
    size: int

    @property
    def is_overlong(self) -> bool:
        """Whether the line exceeds what any record may have."""
        return self.size > RECORD_BYTES_LIMIT

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing before the line's end."""
        return self.content in (b"\n", b"\r\n", b"\r")


def physical_lines(stream: ByteReader, *, offset: int = 0) -> Iterator[PhysicalLine]:
    """Yield the stream's lines in order; CRLF is one line end, and the last line may lack one.

    Raises:
        LineEndless: a line exceeds what any text of records has.
    """
    held = b""
    number = 0
    for piece in _pieces(stream):
        lines = (held + piece).splitlines(keepends=True) if held else piece.splitlines(keepends=True)
        held = lines.pop() if not lines[-1].endswith(b"\n") else b""
        for content in lines:
            number += 1
            yield PhysicalLine(content, offset, number, len(content))
            offset += len(content)
        if len(held) > RECORD_BYTES_LIMIT:
            number += 1
            size, rest = _skip_line(stream, held, offset)
            yield PhysicalLine(held[:RECORD_BYTES_LIMIT], offset, number, size)
            offset, held = offset + size, rest
    if held:
        for content in held.splitlines(keepends=True):
            number += 1
            yield PhysicalLine(content, offset, number, len(content))
            offset += len(content)


def _pieces(stream: ByteReader) -> Iterator[bytes]:
    while piece := stream.read(_CHUNK_BYTES):
        yield piece


def _skip_line(stream: ByteReader, held: bytes, offset: int) -> tuple[int, bytes]:
    """Return the size of the line that begins with `held`, its end included, and what was read beyond it."""
    size = 0
    while True:
        first, *rest = held.splitlines(keepends=True)
        if rest or first.endswith(b"\n"):
            return size + len(first), b"".join(rest)
        keep = first.endswith(b"\r")
        size += len(first) - keep
        if size > LINE_BYTES_LIMIT:
            raise LineEndless(offset)
        piece = stream.read(_CHUNK_BYTES)
        if not piece:
            return size + keep, b""
        held = b"\r" * keep + piece
