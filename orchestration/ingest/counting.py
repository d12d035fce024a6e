"""How many records a delivered file holds, counted from its bytes by a reader of its own.

The count is what the ledger is balanced against, so nothing here uses the parsers that land rows. A CSV record ends
at the first LF, CRLF or CR outside quotes; a blank line is none. A quote opens only at the beginning of a cell. A
record beyond `RECORD_BYTES_LIMIT`, or whose quote never closes, is its first line alone.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Context, localcontext
from pathlib import Path

import ijson
import numpy as np
import pyarrow.parquet as pq

from orchestration.ingest.json_arrays import NotAnArray
from orchestration.ingest.physical_lines import RECORD_BYTES_LIMIT, ByteReader, PhysicalLine, physical_lines
from orchestration.ingest.ragged_suspects import RaggedRecords, RaggedSuspects
from orchestration.ingest.regular_records import RegularTotals, regular_records

Opener = Callable[[], AbstractContextManager[ByteReader]]

_LINES_CHUNK_BYTES = 1 << 20
_JSON_CHUNK_BYTES = 1 << 18
_SECOND_HALF = re.compile(rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_UNFINISHED_BYTES = 5
_JSON_FAULT = re.compile(r"(parse|lexical) error: [a-zA-Z0-9 ',\[\]]+")


@dataclass(frozen=True)
class CsvCount:
    """Records of a CSV text, its header included.

    Attributes:
        records: how many.
        regular: totals over the text when all its quotes stand at the edges of cells and no record is over-long; None
            when the text had to be read step by step.
        ragged: of a regular text, the records that seem to have another number of cells than the header.
    """

    records: int
    regular: RegularTotals | None
    ragged: RaggedRecords


def count_csv(opener: Opener, *, delimiter: str, quote: str, width: int, is_thorough: bool = False) -> CsvCount:
    """Return how many records a CSV text holds, its header included.

    Args:
        opener: opens the text's bytes, ASCII-compatible, from the front.
        delimiter: one ASCII character.
        quote: one ASCII character, or empty when cells are never quoted.
        width: how many cells the header has.
        is_thorough: look at each record's cells even where the delimiters of many records are as many as they need.
    """
    marks = _Marks(delimiter.encode(), quote.encode(), width)
    totals = RegularTotals()
    suspects = marks.suspects(is_thorough=is_thorough)
    with opener() as stream:
        for chunk in regular_records(stream, delimiter=marks.delimiter, quote=marks.quote):
            if chunk is None:
                break
            totals = totals.with_chunk(chunk)
            suspects.take(chunk)
        else:
            passed = _ragged_before(opener, marks, suspects.unseen_bytes)
            return CsvCount(totals.records, totals, RaggedRecords.joined([passed, suspects.found]))
    with opener() as stream:
        return CsvCount(_count_stepwise(stream, marks.delimiter, marks.quote), None, RaggedRecords.none())


@dataclass(frozen=True)
class _Marks:
    """What a text's cells are told apart by."""

    delimiter: bytes
    quote: bytes
    width: int

    def suspects(self, *, is_thorough: bool) -> RaggedSuspects:
        return RaggedSuspects(delimiter=self.delimiter, quote=self.quote, width=self.width, is_thorough=is_thorough)


def _ragged_before(opener: Opener, marks: _Marks, end: int) -> RaggedRecords:
    """Return the ragged records of a regular text's chunks before the offset `end`."""
    suspects = marks.suspects(is_thorough=True)
    if end:
        with opener() as stream:
            for chunk in regular_records(stream, delimiter=marks.delimiter, quote=marks.quote):
                if chunk is None or chunk.offset >= end:
                    break
                suspects.take(chunk)
    return suspects.found


def count_ndjson(opener: Opener) -> int:
    """Return how many lines hold more than JSON's white space; LF, CRLF and CR end a line."""
    with opener() as stream:
        return sum(1 for line in physical_lines(stream) if line.content.strip(b" \t\r\n"))


def count_filled_lines(opener: Opener) -> int:
    """Return how many lines hold at least one byte besides their end; LF, CRLF and CR end a line."""
    count, is_behind_end = 0, True
    with opener() as stream:
        while piece := stream.read(_LINES_CHUNK_BYTES):
            found = np.frombuffer(piece, dtype=np.uint8)
            is_end = (found == ord("\n")) | (found == ord("\r"))
            count += int(np.count_nonzero(~is_end[1:] & is_end[:-1])) + int(is_behind_end and not is_end[0])
            is_behind_end = bool(is_end[-1])
    return count


def count_json_array(opener: Opener, steps: Sequence[str] = ()) -> int:
    """Return how many values one array of a JSON text holds.

    The text is read from end to end by ijson, so that it is JSON when this returns. Its memory grows with the longest
    text and the deepest nesting, and a number of too many digits crashes it, so that only texts through which
    `array_values` has gone may be counted.

    Args:
        opener: opens the text's bytes as UTF-8 without a mark.
        steps: the keys that lead from the text's object to the array; none where the text is the array.

    Raises:
        NotAnArray: the text is no JSON.
    """
    try:
        try:
            with opener() as stream:
                return _count_at(stream, steps)
        except UnicodeDecodeError:
            with opener() as stream:
                return _count_at(_WithoutHalves(stream), steps)
    except ijson.JSONError as error:
        # The parser shows the text around the fault as well, which a message must not.
        kind = _JSON_FAULT.search(str(error))
        raise NotAnArray(kind[0] if kind else "it breaks off") from error


class _WithoutHalves:
    """Reads JSON with U+FFFD for escapes of second halves of characters, which the parser cannot take alone."""

    def __init__(self, stream: ByteReader) -> None:
        self._stream = stream
        self._held = b""

    def read(self, size: int, /) -> bytes:
        while True:
            piece = self._stream.read(size)
            text = _SECOND_HALF.sub(rb"\\ufffd", self._held + piece)
            end = len(text) - _UNFINISHED_BYTES if piece else len(text)
            ready, self._held = text[: max(end, 0)], text[max(end, 0) :]
            if ready or not piece:
                return ready


def _count_at(stream: ByteReader, steps: Sequence[str]) -> int:
    # A number that no decimal holds is a value like any other here.
    with localcontext(Context(traps=[])):
        return _count_of(ijson.basic_parse(stream, buf_size=_JSON_CHUNK_BYTES), steps)


def _count_of(events: Iterable[tuple[str, object]], steps: Sequence[str]) -> int:
    # How many objects and arrays are open, and how many of the steps lead to where the reader is.
    depth = taken = count = 0
    is_inside = False
    for event, value in events:
        if event in {"end_array", "end_map"}:
            depth -= 1
            taken = min(taken, depth)
            is_inside = is_inside and depth > len(steps)
        elif event == "map_key":
            if taken >= depth - 1 < len(steps):
                taken = depth - 1 + (value == steps[depth - 1])
        else:
            count += is_inside and depth == len(steps) + 1
            if event in {"start_array", "start_map"}:
                is_inside = is_inside or (event == "start_array" and taken == depth == len(steps))
                depth += 1
    return count


def count_parquet(path: Path) -> int:
    """Return the rows that the footer of a Parquet file states."""
    return int(pq.read_metadata(path).num_rows)


def _count_stepwise(stream: ByteReader, delimiter: bytes, quote: bytes) -> int:
    lines = _Pushback(physical_lines(stream))
    records = 0
    while _skip_record(lines, delimiter, quote):
        records += 1
    return records


def _skip_record(lines: "_Pushback", delimiter: bytes, quote: bytes) -> bool:
    """Move behind the next record; False when there is none."""
    first = lines.next()
    while first is not None and first.is_blank:
        first = lines.next()
    if first is None:
        return False
    inside = not first.is_overlong and _ends_inside(first.content, delimiter, quote, inside=False)
    rest: list[PhysicalLine] = []
    size = first.size
    while inside:
        line = lines.next() if size < RECORD_BYTES_LIMIT else None
        if line is not None:
            rest.append(line)
            size += line.size
        if line is None or size > RECORD_BYTES_LIMIT:
            lines.put_back(rest)
            return True
        inside = _ends_inside(line.content, delimiter, quote, inside=True)
    return True


def _ends_inside(line: bytes, delimiter: bytes, quote: bytes, *, inside: bool) -> bool:
    """Return whether a line leaves a quoted cell open, given whether it begins inside one."""
    if not quote or (not inside and quote not in line):
        return False
    at = 0
    while True:
        if not inside and line.startswith(quote, at):
            at, inside = at + 1, True
        if inside:
            at = _behind_closing(line, quote, at)
            if at < 0:
                return True
            if line[at : at + 1] not in (delimiter, b"\r", b"\n", b""):
                return False
            inside = False
        at = line.find(delimiter, at) + 1
        if at == 0:
            return False


def _behind_closing(line: bytes, quote: bytes, at: int) -> int:
    while (at := line.find(quote, at) + 1) > 0:
        if not line.startswith(quote, at):
            return at
        at += 1
    return -1


class _Pushback:
    """Lines that can be given back to be read again."""

    def __init__(self, lines: Iterator[PhysicalLine]) -> None:
        self._lines = lines
        self._again: deque[PhysicalLine] = deque()

    def next(self) -> PhysicalLine | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def put_back(self, lines: list[PhysicalLine]) -> None:
        self._again.extendleft(reversed(lines))
