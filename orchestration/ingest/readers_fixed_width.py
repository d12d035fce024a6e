"""Fixed-width files to raw rows: a record is a line, and the contract says at which characters each cell stands.

A cell is what stands there without the blanks that pad it; leading zeros stay. What stands where the contract names no
column goes to `_extras`, so that nothing of a line is lost. A line of another width than the contract's is quarantined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from orchestration.foundation.feed_contract import FeedContract, FixedWidthContract
from orchestration.ingest.counting import count_filled_lines
from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.errors import FileNotOfFormat, HeaderUnusable
from orchestration.ingest.physical_lines import PhysicalLine, physical_lines
from orchestration.ingest.quarantine import FormlessRecord, QuarantineFile
from orchestration.ingest.raw_file import extras_text
from orchestration.ingest.texts import Encoding, behind_bom, encoding_of

_BATCH_ROWS = 50_000


def read_fixed_width(delivery: Delivery) -> Account:
    """Return the account of a fixed-width file's lines after writing its rows and its formless records.

    Raises:
        FileRefused: the file is no text in its encoding, has fewer lines than its header, or none of its width.
    """
    feed, received = delivery.feed, delivery.received
    rules = feed.fixed_width_rules
    encoding = encoding_of(delivery.plain, stated=feed.encoding, display=received.display, source=feed.source)
    lines = count_filled_lines(lambda: behind_bom(received.opened, encoding))
    if lines < rules.header_lines:
        raise HeaderUnusable.because_empty(received.display)
    records = lines - rules.header_lines
    reader = _Reader(feed, rules, encoding)
    with delivery.quarantine.filled_anew() as quarantine:
        with behind_bom(lambda: delivery.plain.open("rb"), encoding) as stream:
            filled = (line for line in physical_lines(stream, offset=encoding.bom_bytes) if not line.is_blank)
            landed = delivery.raw.write(reader.batches(islice(filled, rules.header_lines, None), quarantine))
        if records and not landed:
            evidence = f"none of its {records} lines has the {rules.width} characters that the contract states"
            raise FileNotOfFormat.of(received.display, "fixed-width", evidence)
    return Account(records, landed, quarantine.count, tuple(sorted(reader.unknown)))


class _Reader:
    """Cuts lines as one contract says and remembers which places without a column held something."""

    def __init__(self, feed: FeedContract, rules: FixedWidthContract, encoding: Encoding) -> None:
        self.unknown: set[str] = set()
        self._feed = feed
        self._rules = rules
        self._encoding = encoding
        self._codec = encoding.codec if encoding.is_line_safe else "utf-8"
        self._gaps = {f"characters_{first}_{last}": (first, last) for first, last in rules.gaps()}

    def batches(self, lines: Iterator[PhysicalLine], quarantine: QuarantineFile) -> Iterator[pa.Table]:
        """Yield the lines' rows in order; lines of another width, or that are no text, go to quarantine."""
        ordinal = 1
        while batch := list(islice(lines, _BATCH_ROWS)):
            yield self._table(batch, ordinal, quarantine)
            ordinal += len(batch)

    def _table(self, lines: Sequence[PhysicalLine], ordinal: int, quarantine: QuarantineFile) -> pa.Table:
        texts: list[str] = []
        ordinals: list[int] = []
        fault: tuple[str, str] | None
        for number, line in enumerate(lines, start=ordinal):
            try:
                text = line.content.decode(self._codec).rstrip("\r\n")
            except UnicodeDecodeError:
                fault = ("encoding_invalid", f"some bytes are no {self._encoding.codec} text")
            else:
                fault = self._fault(text, line)
            if fault is not None:
                code, reason = fault
                quarantine.add(
                    FormlessRecord.of_line(line, number, self._encoding, reason_code=code, reason_text=reason)
                )
            else:
                texts.append(text)
                ordinals.append(number)
        return self._cut(pa.array(texts, pa.string()), ordinals)

    def _fault(self, text: str, line: PhysicalLine) -> tuple[str, str] | None:
        width = self._rules.width
        if line.is_overlong:
            return "record_too_long", f"its line has {line.size} bytes"
        if (len(text) < width and not self._rules.may_end_early) or text[width:].strip(" "):
            return "cells_ragged", f"the line has {len(text)} characters, not the {width} that the contract states"
        return None

    def _cut(self, texts: pa.Array[Any], ordinals: list[int]) -> pa.Table:
        cells = {name: _cells(texts, place) for name, place in self._rules.positions.items()}
        gaps = {name: _cells(texts, place) for name, place in self._gaps.items()}
        filled = {name: values for name, values in gaps.items() if pc.any(pc.not_equal(values, pa.scalar(""))).as_py()}
        if filled:
            self.unknown |= filled.keys()
            rows = zip(*(values.to_pylist() for values in filled.values()), strict=True)
            cells["_extras"] = pa.array([extras_text(list(filled), row) for row in rows], pa.string())
        return pa.table({**cells, "_row_number": pa.array(ordinals, pa.int64())})


def _cells(texts: pa.Array[Any], place: tuple[int, int]) -> pa.Array[Any]:
    first, last = place
    return pc.utf8_trim(pc.utf8_slice_codeunits(texts, first - 1, last), " ")
