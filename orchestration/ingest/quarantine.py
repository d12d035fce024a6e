"""Records without shape: kept with their bytes, place and reason, in the file that becomes their quarantine commit.

Rows whose cells break a rule have a shape and are staging's matter.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.ingest.physical_lines import PhysicalLine
from orchestration.ingest.raw_file import Provenance
from orchestration.ingest.texts import Encoding

QUARANTINE_TABLE = "quarantine/records"
KEPT_BYTES_LIMIT = 2_000_000
"""Of a longer record the first bytes are kept; the archived file has the rest at the record's offset."""

_SCHEMA = LAKE_TABLES[QUARANTINE_TABLE].schema
_BATCH_RECORDS = 4096
_BATCH_BYTES = 16 << 20


@dataclass(frozen=True)
class FormlessRecord:
    """One record that has no shape.

    Attributes:
        row_number: its ordinal among the file's physical records, from 1.
        line_number: the physical line of the unpacked file on which it begins, from 1.
        byte_offset: where it begins in the unpacked file.
        content: its bytes as received.
        reason_code: why, as a code.
        reason_text: why, in words and without cells.
    """

    row_number: int
    line_number: int
    byte_offset: int | None
    content: bytes
    reason_code: str
    reason_text: str

    @classmethod
    def of_line(
        cls, line: PhysicalLine, ordinal: int, encoding: Encoding, *, reason_code: str, reason_text: str
    ) -> "FormlessRecord":
        """Return the record that a line is, its bytes as received.

        Args:
            line: as it was read: original bytes, or UTF-8 where the text's encoding is not line-safe.
            ordinal: the record's number in the file.
            encoding: of the file.
            reason_code: why, as a code.
            reason_text: why, in words and without cells.
        """
        is_original = encoding.is_line_safe
        recoded = b"" if is_original else line.content.decode("utf-8", "ignore").encode(encoding.codec)
        return cls(
            row_number=ordinal,
            line_number=line.number,
            byte_offset=line.offset if is_original else None,
            content=line.content if is_original else recoded,
            reason_code=reason_code,
            reason_text=reason_text,
        )


class QuarantineFile:
    """The Parquet file in the making of one delivered file's formless records."""

    def __init__(self, path: Path, provenance: Provenance) -> None:
        self.path = path
        self.count = 0
        self._provenance = provenance
        self._pending: list[FormlessRecord] = []
        self._pending_bytes = 0
        self._writer: pq.ParquetWriter | None = None

    @contextmanager
    def filled_anew(self) -> Iterator["QuarantineFile"]:
        """Yield the file, empty; at the end it is whole on disk."""
        self.count, self._pending, self._pending_bytes = 0, [], 0
        with pq.ParquetWriter(self.path, _SCHEMA, compression="zstd") as writer:
            self._writer = writer
            yield self
            self._flush()
        self._writer = None

    def add(self, record: FormlessRecord) -> None:
        """Put one record in; order is kept."""
        self.count += 1
        self._pending.append(record)
        self._pending_bytes += len(record.content)
        if len(self._pending) >= _BATCH_RECORDS or self._pending_bytes >= _BATCH_BYTES:
            self._flush()

    def take(self, path: Path, count: int) -> None:
        """Be the file at `path` from now on, which holds `count` records."""
        path.replace(self.path)
        self.count = count

    def copied_to(self, path: Path) -> int:
        """Return the records after writing the whole file to `path`."""
        shutil.copyfile(self.path, path)
        return self.count

    def _flush(self) -> None:
        if self._writer is None or not self._pending:
            return
        records = self._pending
        constant = self._provenance.cells()
        columns: dict[str, list[Any]] = {
            "_row_number": [record.row_number for record in records],
            "line_number": [record.line_number for record in records],
            "byte_offset": [record.byte_offset for record in records],
            "record_bytes": [record.content[:KEPT_BYTES_LIMIT] for record in records],
            "reason_code": [record.reason_code for record in records],
            "reason_text": [record.reason_text for record in records],
        }
        arrays = [
            pa.array(columns[field.name], field.type)
            if field.name in columns
            else pa.repeat(pa.scalar(constant[field.name], field.type), len(records))
            for field in _SCHEMA
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA))
        self._pending, self._pending_bytes = [], 0
