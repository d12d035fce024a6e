"""NDJSON files and JSON arrays to raw rows: one object a record, values as text exactly as written.

Text values are decoded, numbers keep their literal, nested values are compact JSON text with their literals and
escapes as written; null and absent are null. A record that is no object, or repeats a key, is quarantined.
An NDJSON file is read line by line whatever its lines hold; a JSON array is one text, JSON as a whole or refused. The
array may stand inside objects, at the keys that the contract's `records` names; what else these hold is not landed.
"""

from collections.abc import Callable, Iterator, Mapping

import pyarrow as pa

from orchestration.ingest.counting import count_json_array, count_ndjson
from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.errors import FeedColumnsMissing, FileNotOfFormat, HeaderUnusable
from orchestration.ingest.headers import COLUMNS_LIMIT
from orchestration.ingest.json_arrays import NotAnArray, array_values
from orchestration.ingest.json_objects import (
    NotAnObject,
    canonical_json,
    canonical_object,
    canonical_text,
    compact_object,
    members,
)
from orchestration.ingest.physical_lines import ByteReader, PhysicalLine, physical_lines
from orchestration.ingest.quarantine import FormlessRecord, QuarantineFile
from orchestration.ingest.raw_file import RowBatch
from orchestration.ingest.texts import Encoding, behind_bom, encoding_of, with_marks

_BLANKS = b" \t\r\n"


def read_ndjson(delivery: Delivery) -> Account:
    """Return the account of an NDJSON file's records after writing its rows and its formless records.

    Raises:
        FileRefused: the file is no text in its encoding, no line of it is an object, its objects have too many keys, or
            required columns are in none.
    """

    def lines_of(stream: ByteReader, offset: int) -> Iterator[PhysicalLine]:
        return (line for line in physical_lines(stream, offset=offset) if line.content.strip(_BLANKS))

    encoding = _encoding_of(delivery)
    records = count_ndjson(lambda: behind_bom(delivery.received.opened, encoding))
    return _Reader(delivery, encoding, "NDJSON").read(lines_of, lambda: records)


def read_json(delivery: Delivery) -> Account:
    """Return the account of a JSON array's values after writing its rows and its formless records.

    Raises:
        FileRefused: the file is no JSON array, too deep, no value of it is an object, its objects have too many keys,
            or required columns are in none.
    """
    encoding = _encoding_of(delivery)
    steps = delivery.feed.records_path
    try:
        # The values are found first: only then it is known that none is so long or deep that it fills the memory.
        return _Reader(delivery, encoding, "JSON").read(
            lambda stream, offset: array_values(stream, offset=offset, steps=steps),
            lambda: count_json_array(lambda: with_marks(delivery.received.opened, encoding), steps),
        )
    except NotAnArray as error:
        raise FileNotOfFormat.of(delivery.received.display, "JSON", str(error)) from error


def _encoding_of(delivery: Delivery) -> Encoding:
    feed = delivery.feed
    stated = "utf-8" if feed.encoding == "detect" else feed.encoding
    return encoding_of(delivery.plain, stated=stated, display=delivery.received.display, source=feed.source)


class _Reader:
    """Reads records against one contract and remembers which keys it met."""

    def __init__(self, delivery: Delivery, encoding: Encoding, name: str) -> None:
        self.keys: dict[str, str | None] = {}
        self._delivery = delivery
        self._feed = delivery.feed
        self._encoding = encoding
        self._codec = encoding.codec if encoding.is_line_safe else "utf-8"
        self._name = name

    def read(
        self, records_of: Callable[[ByteReader, int], Iterator[PhysicalLine]], count: Callable[[], int]
    ) -> Account:
        """Return the account of the file after writing what `records_of` finds in it.

        Args:
            records_of: yields the records of the text, given its line-safe bytes and the offset of the first of them.
            count: counts them independently, called after they were read.
        """
        delivery, display = self._delivery, self._delivery.received.display
        with delivery.quarantine.filled_anew() as quarantine:
            with behind_bom(lambda: delivery.plain.open("rb"), self._encoding) as stream:
                landed = delivery.raw.write(self.batches(records_of(stream, self._encoding.bom_bytes), quarantine))
            records = count()
            if records and not landed:
                raise FileNotOfFormat.of(display, self._name, f"none of its {records} records is an object of its own")
        missing = [column for column in self._feed.required_columns if column not in self.seen]
        if records and missing:
            raise FeedColumnsMissing.of(display, missing, sorted(self.keys), self._feed.source)
        return Account(records, landed, quarantine.count, tuple(sorted(self.unknown)))

    @property
    def seen(self) -> set[str]:
        """Columns of the contract that some record had."""
        return {column for column in self.keys.values() if column is not None}

    @property
    def unknown(self) -> set[str]:
        """Keys of some record that the contract does not know."""
        return {key for key, column in self.keys.items() if column is None}

    def batches(self, records: Iterator[PhysicalLine], quarantine: QuarantineFile) -> Iterator[pa.Table]:
        """Yield the records' rows in order; records without shape go to quarantine."""
        batch = RowBatch(self._feed)
        for ordinal, line in enumerate(records, start=1):
            try:
                batch.add(ordinal, self._cells(line), line.size)
            except NotAnObject as reason:
                quarantine.add(
                    FormlessRecord.of_line(
                        line, ordinal, self._encoding, reason_code=reason.code, reason_text=reason.text
                    )
                )
            if batch.is_full:
                yield batch.table()
                batch = RowBatch(self._feed)
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
            if len(self.keys) == COLUMNS_LIMIT:
                raise HeaderUnusable.because_too_wide(self._delivery.received.display, COLUMNS_LIMIT)
            self.keys[key] = self._feed.column_of_header(key)
        return self.keys[key]


def _repeated(column: str) -> NotAnObject:
    return NotAnObject("key_repeated", f"two of its keys mean the column {column!r}")
