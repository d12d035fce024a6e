"""Which records of a regular CSV text have another number of cells than its header, seen in passing by the count.

A suspicion only steers the fast reader: DuckDB's own verdict must agree with it before anything is kept. As long as
a chunk's delimiters are as many as its records need, single records are not looked at; from the first chunk that
differs, all are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.ingest.regular_records import Positions, RegularChunk, delimiters_by_stretch


@dataclass(frozen=True)
class RaggedRecords:
    """Ragged records of a text, in order: arrays of one length.

    Attributes:
        ordinals: among the text's records; the header is 0.
        begins: offset in the text.
        ends: offset behind the line end.
        line_numbers: the physical line on which the record begins, from 1; only of a text without blank lines.
    """

    ordinals: Positions
    begins: Positions
    ends: Positions
    line_numbers: Positions

    def __len__(self) -> int:
        return len(self.ordinals)

    @classmethod
    def none(cls) -> "RaggedRecords":
        """Return no records."""
        return cls(*(np.empty(0, dtype=np.int64) for _ in range(4)))

    @classmethod
    def joined(cls, parts: Sequence["RaggedRecords"]) -> "RaggedRecords":
        """Return the records of parts that follow one another."""
        return cls(
            np.concatenate([part.ordinals for part in parts]),
            np.concatenate([part.begins for part in parts]),
            np.concatenate([part.ends for part in parts]),
            np.concatenate([part.line_numbers for part in parts]),
        )


class RaggedSuspects:
    """Takes the chunks of one text in order and gathers its ragged records."""

    def __init__(self, *, delimiter: bytes, quote: bytes, width: int, is_thorough: bool = False) -> None:
        self._delimiter = delimiter
        self._quote = quote
        self._gaps = width - 1
        self._is_thorough = is_thorough
        self._unseen_bytes = 0
        self._records = 0
        self._inside = False
        self._pending_gaps = 0
        self._lines = 0
        self._pending_line = 1
        self._found: list[RaggedRecords] = []

    @property
    def found(self) -> RaggedRecords:
        """The ragged records among those that were looked at."""
        return RaggedRecords.joined([RaggedRecords.none(), *self._found])

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
        if records:
            last = int(chunk.record_ends[-1]) - chunk.offset
            self._pending_line = self._lines + int(np.searchsorted(chunk.lines, last)) + 1
        self._lines += len(chunk.lines)

    def _look_at(self, chunk: RegularChunk) -> None:
        ends = chunk.record_ends - chunk.offset
        counts = self._gaps_by_record(chunk, ends)
        counts[0] += self._pending_gaps
        self._pending_gaps = int(counts[-1])
        suspected = np.flatnonzero(counts[:-1] != self._gaps)
        is_ragged = [not self._is_empty(chunk, int(at), int(counts[at])) for at in suspected]
        ragged = suspected[np.asarray(is_ragged, dtype=bool)]
        if len(ragged):
            begins = chunk.record_begins[ragged]
            lines = self._lines + np.searchsorted(chunk.lines, begins - chunk.offset) + 1
            lines[begins < chunk.offset] = self._pending_line
            self._found.append(RaggedRecords(ragged + self._records, begins, chunk.record_ends[ragged], lines))

    def _gaps_by_record(self, chunk: RegularChunk, ends: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the delimiters outside quotes of each record that ends in the chunk, and of what is behind them."""
        cells = np.frombuffer(chunk.content, dtype=np.uint8)
        is_delimiter = cells == self._delimiter[0]
        begins = np.concatenate(([0], ends))
        counts = np.zeros(len(begins), dtype=np.int64)
        begins = begins[begins < len(cells)]
        counts[: len(begins)] = np.add.reduceat(is_delimiter.view(np.uint8), begins, dtype=np.uint32)
        if self._quote and (self._inside or self._quote in chunk.content):
            quotes = np.flatnonzero(cells == self._quote[0])
            quoted, delimiters = (each[1 - self._inside :: 2] for each in delimiters_by_stretch(is_delimiter, quotes))
            np.subtract.at(counts, np.searchsorted(ends, quoted, side="right"), delimiters)
            self._inside = bool((len(quotes) + self._inside) % 2)
        return counts

    def _is_empty(self, chunk: RegularChunk, at: int, gaps: int) -> bool:
        """Return whether all that a record has beyond the header's cells is empty."""
        begin, end = int(chunk.record_begins[at]) - chunk.offset, int(chunk.record_ends[at]) - chunk.offset
        surplus = int(gaps) - self._gaps
        return surplus > 0 and chunk.content[max(begin, 0) : end].rstrip(b"\r\n").endswith(self._delimiter * surplus)
