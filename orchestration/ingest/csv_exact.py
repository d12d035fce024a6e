"""CSV records one by one, by Python's csv module: exact on any text, with each faulty record's bytes and reason.

Slower than `csv_fast`, and the referee wherever that one is in doubt. Memory is bounded by the longest record.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.ingest.physical_lines import RECORD_BYTES_LIMIT, ByteReader, PhysicalLine, physical_lines

_UNDECODED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True)
class CsvDialect:
    """How cells are told apart: one-character delimiter, quote (empty for none), and the codec of the bytes."""

    delimiter: str
    quote: str
    codec: str


@dataclass(frozen=True)
class CsvRecord:
    """One physical record.

    Attributes:
        cells: its cells; none when it is faulty.
        content: its bytes with their line end (the first ones, if over-long).
        line_number: the physical line on which it begins, from 1.
        byte_offset: where it begins in the text.
        reason_code: why it has no cells, or empty.
        reason_text: the same in words.
    """

    cells: list[str]
    content: bytes
    line_number: int
    byte_offset: int
    reason_code: str = ""
    reason_text: str = ""


class _NeverClosed(Exception):
    """A quoted cell goes on beyond what a record may have."""


def csv_records(stream: ByteReader, dialect: CsvDialect, *, offset: int = 0) -> Iterator[CsvRecord]:
    """Yield every physical record of a text in order, its header first; blank lines are none.

    Args:
        stream: line-safe bytes of the text.
        dialect: how to read it.
        offset: of the stream's first byte in the file.
    """
    lines = _Lines(stream, dialect.codec, offset)
    csv.field_size_limit(RECORD_BYTES_LIMIT * 2)
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        strict=True,
    )
    while lines.begin_record():
        yield _next_record(reader, lines)


def _next_record(reader: Iterator[list[str]], lines: "_Lines") -> CsvRecord:
    first = lines.first
    if first.is_overlong:
        lines.take_first()
        return _faulty([first], "record_too_long", f"its line has {first.size} bytes, above {RECORD_BYTES_LIMIT}")
    try:
        cells = next(reader)
    except (_NeverClosed, csv.Error) as error:
        if isinstance(error, _NeverClosed) or lines.ended:
            return _never_closed(lines)
        return _faulty(lines.taken, "quote_misplaced", "text stands between a closing quote and the next delimiter")
    if any(map(_UNDECODED.search, cells)):
        return _faulty(lines.taken, "encoding_invalid", f"some bytes are no {lines.codec} text")
    return CsvRecord(cells, _content(lines.taken), first.number, first.offset)


def _never_closed(lines: "_Lines") -> CsvRecord:
    """Return the first line as the faulty record; those behind it are read again as records of their own."""
    first = lines.first
    lines.put_back_all_but_first()
    return _faulty(
        [first], "quote_never_closed", f"a quote opens here that does not close in {RECORD_BYTES_LIMIT} bytes"
    )


def _faulty(lines: list[PhysicalLine], code: str, text: str) -> CsvRecord:
    return CsvRecord([], _content(lines), lines[0].number, lines[0].offset, code, text)


def _content(lines: list[PhysicalLine]) -> bytes:
    return lines[0].content if len(lines) == 1 else b"".join(line.content for line in lines)


class _Lines:
    """Feeds the csv module line by line and remembers which lines the record under way has taken."""

    def __init__(self, stream: ByteReader, codec: str, offset: int) -> None:
        self.codec = codec
        self.taken: list[PhysicalLine] = []
        self.taken_bytes = 0
        self.ended = False
        self._lines = physical_lines(stream, offset=offset)
        self._again: deque[PhysicalLine] = deque()

    @property
    def first(self) -> PhysicalLine:
        """The line on which the record under way begins."""
        return self.taken[0] if self.taken else self._again[0]

    def begin_record(self) -> bool:
        """Move to the next line that is not blank; False when there is none."""
        self.taken, self.taken_bytes, self.ended = [], 0, False
        while (line := self._pulled()) is not None:
            if not line.is_blank:
                self._again.appendleft(line)
                return True
        return False

    def take_first(self) -> None:
        """Take the first line without giving it to the csv module."""
        self.taken = [self._again.popleft()]

    def put_back_all_but_first(self) -> None:
        self._again.extendleft(reversed(self.taken[1:]))
        self.taken = self.taken[:1]

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.taken_bytes >= RECORD_BYTES_LIMIT:
            raise _NeverClosed
        line = self._pulled()
        if line is None:
            self.ended = True
            raise StopIteration
        self.taken.append(line)
        self.taken_bytes += line.size
        if self.taken_bytes > RECORD_BYTES_LIMIT:
            raise _NeverClosed
        return line.content.decode(self.codec, errors="surrogateescape")

    def _pulled(self) -> PhysicalLine | None:
        return self._again.popleft() if self._again else next(self._lines, None)
