"""XML files to raw rows: the contract names the record element, and what it holds are its cells by name.

An attribute arrives as `@name`, a child element as `name`, the text of an element that also has attributes as `#text`;
names are as written, prefix included, and a column takes them by its aliases. A child's text is kept as it is;
what is nested is JSON text, and elements that repeat are a JSON array. Absent and `xsi:nil` are null. Comments,
processing instructions and the order among different elements are not kept. The encoding is the one that the file
declares.
"""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pyarrow as pa

from orchestration.foundation.feed_contract import FeedContract
from orchestration.ingest.counting_xml import count_xml_records
from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.errors import FeedColumnsMissing, FileNotOfFormat
from orchestration.ingest.quarantine import FormlessRecord, QuarantineFile
from orchestration.ingest.raw_file import RowBatch
from orchestration.ingest.xml_events import NotSafeXml
from orchestration.ingest.xml_records import NotARecord, XmlRecord, XmlRecords, XmlValue, record_bytes


def read_xml(delivery: Delivery) -> Account:
    """Return the account of an XML file's records after writing its rows and its formless records.

    Raises:
        FileRefused: the file is no XML, has a document type, no record element or none with a shape, or required
            columns are in none.
    """
    feed, display = delivery.feed, delivery.received.display
    steps = feed.xml_rules.record.split("/")
    reader = _Reader(feed, delivery.plain)
    try:
        with delivery.quarantine.filled_anew() as quarantine:
            with delivery.plain.open("rb") as stream:
                found = XmlRecords(stream, steps)
                landed = delivery.raw.write(reader.batches(found, quarantine))
            # Counted only now: until here nothing is known of how the text is nested or what it declares.
            records = count_xml_records(delivery.plain, steps)
    except NotSafeXml as error:
        raise FileNotOfFormat.of(display, "XML", str(error)) from error
    if not records and not found.has_parent and found.elements > 1:
        raise FileNotOfFormat.because_no_record(display, feed.xml_rules.record, feed.source)
    if records and not landed:
        raise FileNotOfFormat.of(display, "XML", f"none of its {records} records has a shape that cells can hold")
    seen = {column for column in reader.columns.values() if column is not None}
    missing = [column for column in feed.required_columns if column not in seen]
    if records and missing:
        raise FeedColumnsMissing.of(display, missing, sorted(reader.columns), feed.source)
    unknown = sorted(name for name, column in reader.columns.items() if column is None)
    return Account(records, landed, quarantine.count, tuple(unknown))


class _Reader:
    """Reads records against one contract and remembers which names it met."""

    def __init__(self, feed: FeedContract, path: Path) -> None:
        self.columns: dict[str, str | None] = {}
        self._feed = feed
        self._path = path
        self._lists = frozenset(feed.xml_rules.lists)

    def batches(self, records: XmlRecords, quarantine: QuarantineFile) -> Iterator[pa.Table]:
        """Yield the records' rows in order; records without shape go to quarantine."""
        batch = RowBatch(self._feed)
        for ordinal, record in enumerate(records, start=1):
            try:
                batch.add(ordinal, self._cells(record), record.end - record.begin)
            except NotARecord as reason:
                quarantine.add(self._formless(record, ordinal, reason))
            if batch.is_full:
                yield batch.table()
                batch = RowBatch(self._feed)
        yield batch.table()

    def _cells(self, record: XmlRecord) -> dict[str, str | None]:
        cells: dict[str, str | None] = {}
        extras: dict[str, XmlValue] = {}
        for name, value in record.members(self._lists).items():
            column = self._column_of(name)
            if column is None:
                extras[name] = value
            elif column in cells:
                raise NotARecord("key_repeated", f"two of its names mean the column {column!r}")
            elif isinstance(value, list) and name not in self._lists and self._feed.columns[column].type != "json":
                raise NotARecord("element_repeated", f"the element of the column {column!r} stands more than once")
            else:
                cells[column] = value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
        if extras:
            cells["_extras"] = orjson.dumps(extras).decode()
        return cells

    def _column_of(self, name: str) -> str | None:
        if name not in self.columns:
            self.columns[name] = self._feed.column_of_header(name)
        return self.columns[name]

    def _formless(self, record: XmlRecord, ordinal: int, reason: NotARecord) -> FormlessRecord:
        return FormlessRecord(
            row_number=ordinal,
            line_number=record.line,
            byte_offset=record.begin,
            content=record_bytes(self._path, record),
            reason_code=reason.code,
            reason_text=reason.text,
        )
