"""The bytes, place and reason of the ragged records of a regular CSV text, given their ordinals."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from orchestration.ingest.quarantine import FormlessRecord
from orchestration.ingest.regular_records import RegularChunk, RegularText, regular_records


def located(text: RegularText, ordinals: NDArray[np.int64], width: int) -> Iterator[FormlessRecord]:
    """Yield the records with the given ordinals (ascending, the header is 0) as received.

    Args:
        text: the text, regular and without blank lines.
        ordinals: which of its records.
        width: how many cells its header has.
    """
    if not len(ordinals):
        return
    place = _Place(text)
    with text.opened() as stream, text.opened() as bytes_again:
        for chunk in regular_records(stream, delimiter=text.delimiter, quote=text.quote):
            if chunk is None:
                return
            chosen = ordinals[(ordinals >= place.records) & (ordinals < place.records + len(chunk.record_ends))]
            for ordinal in chosen:
                begin, end = (int(at[ordinal - place.records]) for at in (chunk.record_begins, chunk.record_ends))
                line = place.line_of(chunk, begin)
                bytes_again.seek(text.bom_bytes + begin)
                content = bytes_again.read(end - begin).decode().encode(text.original_codec)
                yield FormlessRecord(
                    row_number=int(ordinal),
                    line_number=line,
                    byte_offset=place.original_offset(chunk, begin),
                    content=content,
                    reason_code="cells_ragged",
                    reason_text=f"the record does not have the {width} cells of the header",
                )
            place.move_behind(chunk)


class _Place:
    """How many records, lines and original bytes lie before a chunk."""

    def __init__(self, text: RegularText) -> None:
        self.records = 0
        self._text = text
        self._lines = 0
        self._pending_line = 1
        self._original = text.original_bom_bytes
        self._seen = 0
        self._pending_offset = text.original_bom_bytes

    def line_of(self, chunk: RegularChunk, begin: int) -> int:
        """Return the physical line on which the record at offset `begin` begins."""
        if begin < chunk.offset:
            return self._pending_line
        return self._lines + int(np.searchsorted(chunk.lines, begin - chunk.offset)) + 1

    def original_offset(self, chunk: RegularChunk, begin: int) -> int:
        """Return where the record begins in the delivered encoding; offsets must be asked for in ascending order."""
        if begin < chunk.offset:
            return self._pending_offset
        self._advance(chunk, begin - chunk.offset)
        return self._original

    def move_behind(self, chunk: RegularChunk) -> None:
        """Take a chunk as read."""
        self.records += len(chunk.record_ends)
        if len(chunk.record_ends):
            end = int(chunk.record_ends[-1])
            self._pending_line = self.line_of(chunk, end)
            self._advance(chunk, end - chunk.offset)
            self._pending_offset = self._original
        self._advance(chunk, len(chunk.content))
        self._lines += len(chunk.lines)
        self._seen = 0

    def _advance(self, chunk: RegularChunk, to: int) -> None:
        piece = chunk.content[self._seen : to]
        is_recoded = self._text.original_codec != "utf-8"
        self._original += len(piece.decode().encode(self._text.original_codec)) if is_recoded else len(piece)
        self._seen = to
