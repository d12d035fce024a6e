"""What a feed is: which records a source has, when it delivers them, and how its files look.

Belongs here: the facts that all feeds have in common. Each feed's own is its source's module; the work is
`observer.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa


@dataclass(frozen=True)
class TextFile:
    """A file of lines.

    Attributes:
        line: SQL expression over the columns of `records`, `noise` (the accident's kind, or null) and `place`.
        header: The first line, or nothing.
        delimiter: Between the cells, where there are cells.
        newline: What ends a line.
        encoding: A Python codec's name.
        byte_order_mark: Bytes before the first line.
        is_gzip: Whether the file is compressed.
        last_line: SQL query for one more line at the end of each file, or nothing.
    """

    line: str
    header: str = ""
    delimiter: str = ""
    newline: str = "\n"
    encoding: str = "utf-8"
    byte_order_mark: bytes = b""
    is_gzip: bool = False
    last_line: str = ""


@dataclass(frozen=True)
class ParquetFile:
    """A typed file.

    Attributes:
        columns: SQL select list over the columns of `records`, `noise` and `place`.
    """

    columns: str


@dataclass(frozen=True)
class Workbook:
    """A spreadsheet.

    Attributes:
        columns: SQL select list over the columns of `records`, `noise` and `place`.
        write: Writes the rows as a workbook at a path; the second argument is the day.
    """

    columns: str
    write: Callable[[Path, pa.Table], None]


@dataclass(frozen=True)
class Feed:
    """One feed of a source.

    Attributes:
        source: The folder of the inbox.
        name: The feed's name in its contract.
        stem: How file names begin.
        extension: How file names end, without the first dot.
        records: SQL query over the facts and what is known of people (`known.py`), one row per record: `record_key`
            (text), `record_id` (as the product names it, or null), `person_number` (or null), `noises` (list of
            `field/noise` texts with nulls) and the content. For `events` also `sent_on`, the day of its file; for a
            `snapshot` `valid_from_on` and `valid_to_on` (null: holds on), the days on which the record is in the file.
        order_by: A total order of a file's records.
        shape: How a file looks.
        delivery: `events` delivers what is new, `snapshot` all that holds on the day.
        due: SQL condition for a snapshot's record to be delivered on a later night `getvariable('day')`.
        volume: SQL expression that tells apart the files of one snapshot, or nothing for one file.
        rows_at_most: Rows of one file of a snapshot, or None for all.
        is_company_wide: Whether the records are the company's, not blocks of people's.
    """

    source: str
    name: str
    stem: str
    extension: str
    records: str
    order_by: str
    shape: TextFile | ParquetFile | Workbook
    delivery: Literal["events", "snapshot"] = "events"
    due: str = "true"
    volume: str = ""
    rows_at_most: int | None = None
    is_company_wide: bool = False

    @property
    def key(self) -> str:
        """The feed's name in `noise.NOISE`.

        Example:
            >>> from orchestration.sample_company.sources.catalogue import STOCK
            >>> STOCK.key
            'catalogue/stock'
        """
        return f"{self.source}/{self.name}"
