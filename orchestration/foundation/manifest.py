"""One commit of a lake table as a record: its files with their hashes, and the refusal of what is not as recorded.

Where records lie and who reads what they name is `lake_io`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from orchestration.foundation.atomic_files import Json, checksum_of
from orchestration.foundation.errors import GenomeError, some_of

AS_RECEIVED = ("raw", "quarantine", "ledger")
"""The first parts of the names of tables that hold what was received; all others are made from them."""

_AS_RECEIVED = (
    "Restore the file from a copy, or let `genome replay` land the delivered file again from archive/; then run the "
    "night."
)
_LEDGER = (
    "Restore the file from a copy; or remove every manifest record of the delivered file (under raw, quarantine and "
    "ledger), drop its original from archive/ into the inbox again and run the night."
)
_DERIVED = (
    "`genome rebuild` makes derived tables anew from raw and quarantine, and forgets a damaged part it cannot make."
)


class LakeFileDamaged(GenomeError):
    """A file that a manifest names is missing or is not what was written."""

    @classmethod
    def because(cls, path: Path, what: str, *, table: str) -> "LakeFileDamaged":
        """Return the error for one damaged file of a table, with the way out that the table's kind has."""
        kind = table.split("/", maxsplit=1)[0]
        way_out = _LEDGER if kind == "ledger" else _AS_RECEIVED if kind in AS_RECEIVED else _DERIVED
        return cls(f"{path} {what}; the manifest of {table} says otherwise, so no reader may use it. {way_out}")


@dataclass(frozen=True)
class LakeFile:
    """One committed Parquet file: path relative to the lake root, rows, bytes and sha256 (lower hex)."""

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class ManifestRecord:
    """One commit: the files that make up one key of one table, the run that wrote them, and facts about them."""

    table: str
    key: str
    files: tuple[LakeFile, ...]
    run_id: str
    written_at: datetime
    facts: Mapping[str, Json] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of all files of the record."""
        return sum(file.rows for file in self.files)


def record_bytes(record: ManifestRecord) -> bytes:
    """Return a record as it is written: JSON with a checksum over itself."""
    plain = {**asdict(record), "written_at": record.written_at.isoformat()}
    return json.dumps({**plain, "checksum": checksum_of(plain)}, indent=1, sort_keys=True, ensure_ascii=False).encode()


def read_record(path: Path, table: str) -> ManifestRecord:
    """Return the record at `path` of a table.

    Raises:
        LakeFileDamaged: it cannot be read, or is not what was written.
    """
    try:
        plain = json.loads(path.read_bytes())
        stated, found = plain.pop("checksum"), checksum_of(plain)
        files = tuple(LakeFile(**file) for file in plain.pop("files"))
        written_at = datetime.fromisoformat(plain.pop("written_at"))
        record = ManifestRecord(files=files, written_at=written_at, **plain)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"is no manifest record ({some_of([str(error)])})"
        raise LakeFileDamaged.because(path, what, table=table) from error
    if stated != found:
        raise LakeFileDamaged.because(path, "has other content than was written", table=table)
    return record
