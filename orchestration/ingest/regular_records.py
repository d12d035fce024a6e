"""Where the records of a regular CSV text begin and end, found with array arithmetic a chunk at a time.

Regular means: every quote opens or closes a whole cell or doubles another, line ends are LF or CRLF, and no record is
over-long. A text that is not regular is given up at once; what then happens is the caller's matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from orchestration.ingest.physical_lines import RECORD_BYTES_LIMIT, ByteReader

_CHUNK_BYTES = 1 << 20
_LF, _CR = 10, 13

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class RegularChunk:
    """Whole lines of a regular text.

    Attributes:
        content: the lines' bytes.
        offset: of the first byte in the text.
        lines: how many lines.
        record_begins: offset in the text of each record that ends in the chunk; it may begin before the chunk.
        record_ends: offset behind each record's line end.
        crlf: how many of the records end in CRLF.
        blanks: how many blank lines.
        delimiters: how many delimiters stand outside quotes.
    """

    content: bytes
    offset: int
    lines: Positions
    record_begins: Positions
    record_ends: Positions
    crlf: int
    blanks: int
    delimiters: int


@dataclass(frozen=True)
class RegularTotals:
    """What a regular text holds in all."""

    records: int = 0
    crlf: int = 0
    blanks: int = 0

    def with_chunk(self, chunk: RegularChunk) -> "RegularTotals":
        """Return the totals after one more chunk."""
        return RegularTotals(
            records=self.records + len(chunk.record_ends),
            crlf=self.crlf + chunk.crlf,
            blanks=self.blanks + chunk.blanks,
        )


@dataclass(frozen=True)
class RegularText:
    """A UTF-8 text on disk.

    Attributes:
        path: the UTF-8 text.
        delimiter: between cells, one byte.
        quote: around cells, one byte or none.
    """

    path: Path
    delimiter: bytes
    quote: bytes


def regular_records(stream: ByteReader, *, delimiter: bytes, quote: bytes) -> Iterator[RegularChunk | None]:
    """Yield the text's chunks in order; None, as the last item, as soon as the text proves not to be regular."""
    state = _State()
    for content in _whole_lines(stream):
        step = None if content is None else _step(state, content, delimiter, quote)
        if step is None:
            yield None
            return
        chunk, state = step
        yield chunk
    if state.inside:
        yield None


@dataclass(frozen=True)
class _State:
    """What one chunk must know of those before it."""

    offset: int = 0
    begin: int = 0
    inside: bool = False


def _whole_lines(stream: ByteReader) -> Iterator[bytes | None]:
    held = b""
    while piece := stream.read(_CHUNK_BYTES):
        cut = piece.rfind(b"\n") + 1
        if cut == 0:
            held += piece
            if len(held) > RECORD_BYTES_LIMIT:
                yield None
                return
            continue
        yield held + piece[:cut] if held else piece[:cut]
        held = piece[cut:]
    if held:
        yield held


def _step(state: _State, content: bytes, delimiter: bytes, quote: bytes) -> tuple[RegularChunk, _State] | None:
    has_cr = b"\r" in content
    if has_cr and content.count(b"\r") != content.count(b"\r\n"):
        return None
    if not content.endswith(b"\n"):
        content += b"\n"
    cells = np.frombuffer(content, dtype=np.uint8)
    lines = np.flatnonzero(cells == _LF)
    is_delimiter = cells == delimiter[0]
    ends, inside = lines, state.inside
    if quote and (inside or quote in content):
        quotes = np.flatnonzero(cells == quote[0])
        if not _are_at_edges(cells, quotes, delimiter[0], quote[0], inside=inside):
            return None
        ends = lines[(np.searchsorted(quotes, lines) + inside) % 2 == 0]
        delimiters = int(delimiters_by_stretch(is_delimiter, quotes)[1][int(inside) :: 2].sum())
        inside = bool((len(quotes) + inside) % 2)
    else:
        delimiters = int(np.count_nonzero(is_delimiter))
    begins = np.concatenate(([state.begin - state.offset], ends[:-1] + 1)) if len(ends) else ends
    sizes = ends - begins
    ends_in_cr = cells[ends - 1] == _CR if has_cr else np.zeros(len(ends), dtype=bool)
    blank = (sizes == 0) | ((sizes == 1) & ends_in_cr)
    if len(sizes) and int(sizes.max()) + 1 > RECORD_BYTES_LIMIT:
        return None
    begin = state.offset + int(ends[-1]) + 1 if len(ends) else state.begin
    offset = state.offset + len(content)
    if offset - begin > RECORD_BYTES_LIMIT:
        return None
    chunk = RegularChunk(
        content=content,
        offset=state.offset,
        lines=lines,
        record_begins=begins[~blank] + state.offset,
        record_ends=ends[~blank] + state.offset + 1,
        crlf=int(np.count_nonzero(ends_in_cr & ~blank)),
        blanks=int(np.count_nonzero(blank)),
        delimiters=delimiters,
    )
    return chunk, replace(state, offset=offset, begin=begin, inside=inside)


def _are_at_edges(cells: NDArray[np.uint8], quotes: Positions, delimiter: int, quote: int, *, inside: bool) -> bool:
    """Return whether each opening quote begins a cell and each closing one ends it, doubled quotes aside."""
    opening, closing = quotes[int(inside) :: 2], quotes[1 - int(inside) :: 2]
    before = cells[opening - 1]
    if len(opening) and opening[0] == 0:
        before[0] = _LF
    after = cells[closing + 1]
    is_edge = np.zeros(256, dtype=bool)
    is_edge[[delimiter, quote, _LF]] = True
    opens = bool(is_edge[before].all())
    is_edge[_CR] = True
    return opens and bool(is_edge[after].all())


def delimiters_by_stretch(is_delimiter: NDArray[np.bool_], quotes: Positions) -> tuple[Positions, NDArray[np.uint32]]:
    """Return where the stretches between quotes begin, the first one at 0, and how many delimiters each holds."""
    begins = np.concatenate(([0], quotes))
    return begins, np.add.reduceat(is_delimiter.view(np.uint8), begins, dtype=np.uint32)
