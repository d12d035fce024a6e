"""What every reader is given and gives back: one delivered file of one feed, and the account of its records."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.contracts import FeedContract
from orchestration.ingest.quarantine import QuarantineFile
from orchestration.ingest.raw_file import RawFile
from orchestration.ingest.received_files import ReceivedFile


@dataclass(frozen=True)
class Delivery:
    """One delivered file on its way into the lake.

    Attributes:
        feed: its contract.
        received: the private copy.
        plain: the same bytes, unpacked.
        work: private folder for what is needed meanwhile.
        raw: where its rows go.
        quarantine: where its formless records go.
        limits: what DuckDB may take.
    """

    feed: FeedContract
    received: ReceivedFile
    plain: Path
    work: Path
    raw: RawFile
    quarantine: QuarantineFile
    limits: DuckdbLimits


@dataclass(frozen=True)
class CellDrift:
    """Cells of one column that are not as its contract agrees.

    Attributes:
        kind: `types` when they cannot be read as the column's type, `values` when they are none of the accepted ones.
        column: the column.
        cells_count: how many.
        shapes: how they are written, up to five, the most frequent first: `9` for a digit, `a` for a letter.
    """

    kind: Literal["types", "values"]
    column: str
    cells_count: int
    shapes: tuple[str, ...]


@dataclass(frozen=True)
class Account:
    """What became of a file's records.

    Attributes:
        records: by the independent count.
        landed: rows written.
        quarantined: records without shape.
        unknown_columns: columns that went to `_extras`, in order.
        drifts: cells that are not as agreed, of the kinds of which the contract wants to be told.
    """

    records: int
    landed: int
    quarantined: int
    unknown_columns: tuple[str, ...]
    drifts: tuple[CellDrift, ...] = ()
