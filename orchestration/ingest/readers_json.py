"""NDJSON files to raw rows: one object a line, values as text exactly as written.

Text values are decoded, numbers keep their literal, nested values are compact JSON text with their literals and
escapes as written; null and absent are null. A line that is no object, or repeats a key, is quarantined.
"""

from collections.abc import Iterator, Mapping

import pyarrow as pa

from orchestration.foundation.contracts import FeedContract
from orchestration.ingest.counting import count_ndjson
from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.errors import FeedColumnsMissing, FileNotOfFormat
from orchestration.ingest.json_objects import (
    NotAnObject,
    canonical_json,
    canonical_object,
    canonical_text,
    compact_object,
    members,
)
from orchestration.ingest.physical_lines import PhysicalLine, physical_lines
from orchestration.ingest.quarantine import FormlessRecord, QuarantineFile
from orchestration.ingest.texts import behind_bom, encoding_of

_BATCH_ROWS = 20_000
_BATCH_BYTES = 32 << 20
_BLANKS = b" \t\r\n"


def read_ndjson(delivery: Delivery) -> Account:
    """Return the account of an NDJSON file's records after writing its rows and its formless records.

    Raises:
        FileRefused: the file is no text in its encoding, no line of it is an object, or required columns are in none.
    """
    feed, received = delivery.feed, delivery.received
    stated = "utf-8" if feed.encoding == "detect" else feed.encoding
    encoding = encoding_of(delivery.plain, stated=stated, display=received.display, source=feed.source)
    records = count_ndjson(lambda: behind_bom(received.opened, encoding))
    reader = _Reader(feed, encoding.codec if encoding.is_line_safe else "utf-8")
    with delivery.quarantine.filled_anew() as quarantine:
        with behind_bom(lambda: delivery.plain.open("rb"), encoding) as stream:
            landed = delivery.raw.write(reader.batches(physical_lines(stream), quarantine))
        if records and not landed:
            evidence = f"none of its {records} lines is an object of its own"
            raise FileNotOfFormat.of(received.display, "NDJSON", evidence)
    missing = [column for column in feed.required_columns if column not in reader.seen]
    if records and missing:
        raise FeedColumnsMissing.of(received.display, missing, sorted(reader.keys), feed.source)
    return Account(records, landed, quarantine.count, tuple(sorted(reader.unknown)))


class _Reader:
    """Reads lines against one contract and remembers which keys it met."""

    def __init__(self, feed: FeedContract, codec: str) -> None:
        self.keys: dict[str, str | None] = {}
        self._feed = feed
        self._codec = codec

    @property
    def seen(self) -> set[str]:
        """Columns of the contract that some record had."""
        return {column for column in self.keys.values() if column is not None}

    @property
    def unknown(self) -> set[str]:
        """Keys of some record that the contract does not know."""
        return {key for key, column in self.keys.items() if column is None}

    def batches(self, lines: Iterator[PhysicalLine], quarantine: QuarantineFile) -> Iterator[pa.Table]:
        """Yield the lines' rows in order; lines without shape go to quarantine."""
        batch = _Batch(self._feed)
        records = (line for line in lines if line.content.strip(_BLANKS))
        for ordinal, line in enumerate(records, start=1):
            try:
                batch.add(ordinal, self._cells(line), line.size)
            except NotAnObject as reason:
                quarantine.add(_formless(line, ordinal, reason))
            if batch.is_full:
                yield batch.table()
                batch = _Batch(self._feed)
        yield batch.table()

    def _cells(self, line: PhysicalLine) -> dict[str, str | None]:
        if line.is_overlong:
            raise NotAnObject("record_too_long", f"its line has {line.size} bytes")
        canonical = canonical_object(line.content.strip(_BLANKS)) if self._codec == "utf-8" else None
        return self._stepwise(line) if canonical is None else self._canonical(canonical)

    def _canonical(self, found: Mapping[str, object]) -> dict[str, str | None]:
        cells: dict[str, str | None] = {}
        extras: dict[str, str] = {}
        for key, value in found.items():
            column = self._column_of(key)
            if column is None:
                extras[key] = canonical_json(value)
            elif column in cells:
                raise _repeated(column)
            else:
                cells[column] = canonical_text(value)
        if extras:
            cells["_extras"] = compact_object(extras)
        return cells

    def _stepwise(self, line: PhysicalLine) -> dict[str, str | None]:
        try:
            text = line.content.decode(self._codec)
        except UnicodeDecodeError as error:
            raise NotAnObject("encoding_invalid", f"some bytes are no {self._codec} text") from error
        cells: dict[str, str | None] = {}
        extras: dict[str, str] = {}
        for member in members(text):
            column = self._column_of(member.key)
            if column is None:
                extras[member.key] = member.json_text
            elif column in cells:
                raise _repeated(column)
            else:
                cells[column] = member.text
        if extras:
            cells["_extras"] = compact_object(extras)
        return cells

    def _column_of(self, key: str) -> str | None:
        if key not in self.keys:
            self.keys[key] = self._feed.column_of_header(key)
        return self.keys[key]


class _Batch:
    """Rows that are written together."""

    def __init__(self, feed: FeedContract) -> None:
        self._names = [*feed.columns, "_extras"]
        self._rows: list[dict[str, str | None]] = []
        self._ordinals: list[int] = []
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        return len(self._rows) >= _BATCH_ROWS or self._bytes >= _BATCH_BYTES

    def add(self, ordinal: int, cells: dict[str, str | None], size: int) -> None:
        self._rows.append(cells)
        self._ordinals.append(ordinal)
        self._bytes += size

    def table(self) -> pa.Table:
        columns = {name: pa.array([row.get(name) for row in self._rows], pa.string()) for name in self._names}
        return pa.table({**columns, "_row_number": pa.array(self._ordinals, pa.int64())})


def _repeated(column: str) -> NotAnObject:
    return NotAnObject("key_repeated", f"two of its keys mean the column {column!r}")


def _formless(line: PhysicalLine, ordinal: int, reason: NotAnObject) -> FormlessRecord:
    return FormlessRecord(ordinal, line.number, line.offset, line.content, reason.code, reason.text)
