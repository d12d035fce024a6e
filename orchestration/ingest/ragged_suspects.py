"""Which records of a regular CSV text have another number of cells than its header, seen in passing by the count.

A suspicion only steers the fast reader: DuckDB's own verdict must agree with it before anything is kept. As long as
a chunk's delimiters are as many as its records need, single records are not looked at; from the first chunk that
differs, all are.
"""

import numpy as np
from numpy.typing import NDArray

from orchestration.ingest.regular_records import RegularChunk

Ordinals = NDArray[np.int64]


class RaggedSuspects:
    """Takes the chunks of one text in order and gathers the ordinals of its ragged records; the header is 0."""

    def __init__(self, *, delimiter: bytes, quote: bytes, width: int, is_thorough: bool = False) -> None:
        self._delimiter = delimiter
        self._quote = quote
        self._gaps = width - 1
        self._is_thorough = is_thorough
        self._unseen_bytes = 0
        self._records = 0
        self._inside = False
        self._pending_gaps = 0
        self._found: list[Ordinals] = []

    @property
    def ordinals(self) -> Ordinals:
        """The ragged records among those that were looked at, ascending."""
        return np.concatenate(self._found) if self._found else np.empty(0, dtype=np.int64)

    @property
    def unseen_bytes(self) -> int:
        """How many bytes at the front were passed without a look although later ones hold ragged records."""
        return self._unseen_bytes if self._found else 0

    def take(self, chunk: RegularChunk) -> None:
        """Look at one more chunk."""
        records = len(chunk.record_ends)
        end = chunk.offset + len(chunk.content)
        is_closed = records > 0 and int(chunk.record_ends[-1]) == end
        if not self._is_thorough and is_closed and chunk.delimiters == records * self._gaps:
            self._unseen_bytes = end
        else:
            self._is_thorough = True
            self._look_at(chunk)
        self._records += records

    def _look_at(self, chunk: RegularChunk) -> None:
        gaps = self._gap_positions(chunk)
        ends = chunk.record_ends - chunk.offset
        if not len(ends):
            self._pending_gaps += len(gaps)
            return
        up_to = np.searchsorted(gaps, ends)
        counts = np.diff(up_to, prepend=0)
        counts[0] += self._pending_gaps
        self._pending_gaps = len(gaps) - int(up_to[-1])
        ragged = [
            at for at in np.flatnonzero(counts != self._gaps) if not self._is_empty(chunk, int(at), int(counts[at]))
        ]
        if ragged:
            self._found.append(np.asarray(ragged, dtype=np.int64) + self._records)

    def _gap_positions(self, chunk: RegularChunk) -> NDArray[np.int64]:
        cells = np.frombuffer(chunk.content, dtype=np.uint8)
        gaps = np.flatnonzero(cells == self._delimiter[0])
        if self._quote and (self._inside or self._quote in chunk.content):
            quotes = np.flatnonzero(cells == self._quote[0])
            gaps = gaps[(np.searchsorted(quotes, gaps) + self._inside) % 2 == 0]
            self._inside = bool((len(quotes) + self._inside) % 2)
        return gaps

    def _is_empty(self, chunk: RegularChunk, at: int, gaps: int) -> bool:
        """Return whether all that a record has beyond the header's cells is empty."""
        begin, end = int(chunk.record_begins[at]) - chunk.offset, int(chunk.record_ends[at]) - chunk.offset
        surplus = int(gaps) - self._gaps
        return surplus > 0 and chunk.content[max(begin, 0) : end].rstrip(b"\r\n").endswith(self._delimiter * surplus)
