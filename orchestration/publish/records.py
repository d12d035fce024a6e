"""The record of what is published: the build shown, one being swapped in, earlier ones kept; and refusals about them.

In which order record and database change, so that a crash anywhere is harmless, is `swap`'s matter.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from orchestration.foundation.errors import GenomeError, some_of
from orchestration.foundation.lake_io import checksum_of
from orchestration.publish.candidate import PublishedTable

DATABASE_NAME = "genome.duckdb"
RECORD_NAME = "published.json"


@dataclass(frozen=True)
class Published:
    """A serving database that is, or was, shown to readers.

    Attributes:
        build_id: the value of every row's `build_id`.
        as_of_on: the business day that it closes.
        tables: its tables by name.
        sha256: of its file.
        bytes: size of its file.
        published_at: when it was swapped in, zone-aware.
    """

    build_id: str
    as_of_on: date
    tables: tuple[PublishedTable, ...]
    sha256: str
    bytes: int
    published_at: datetime


@dataclass(frozen=True)
class Record:
    """What `published.json` holds: the build shown, the one being swapped in, and earlier ones kept."""

    shown: Published | None = None
    coming: Published | None = None
    earlier: tuple[Published, ...] = ()


class PublishedFileUnknown(GenomeError):
    """A serving database that is not what the record describes."""

    @classmethod
    def at(cls, path: Path, sha256: str) -> "PublishedFileUnknown":
        """Return the error for a file whose sha256 is in no record."""
        return cls(
            f"{path.name} has sha256 {sha256}, which {RECORD_NAME} does not name: it was not "
            f"published by a night, or was changed since. Run the night again; it keeps this file "
            f"under another name and publishes anew. Until then `genome rollback` shows the build before."
        )

    @classmethod
    def missing(cls, path: Path, build_id: str) -> "PublishedFileUnknown":
        """Return the error for a published database that is gone."""
        return cls(
            f"{path} is missing, and {RECORD_NAME} says that build {build_id} is shown there. `genome rollback` shows "
            "the build before; the next night, or `genome rebuild`, publishes anew."
        )


class PublishedRecordDamaged(GenomeError):
    """The record of what is published cannot be read."""

    @classmethod
    def at(cls, path: Path, what: str) -> "PublishedRecordDamaged":
        """Return the error for the record at `path`."""
        return cls(
            f"{path} is no record of what is published ({what}). Run the night again: it publishes anew and begins a "
            "new record; the databases of earlier builds stay beside it under their own names."
        )


class RollbackImpossible(GenomeError):
    """There is no earlier build that could be shown."""

    @classmethod
    def without_intact(cls, tried: Mapping[str, str]) -> "RollbackImpossible":
        """Return the error that says of each earlier build why it cannot be shown."""
        listed = (
            "\n".join(f"  - {build_id}: {why}" for build_id, why in tried.items()) or "  - no earlier build is kept"
        )
        return cls(
            f"there is no earlier build to show:\n{listed}\nWhat is shown stays. `genome rebuild` makes it anew from "
            "raw, quarantine and policies."
        )

    @classmethod
    def of_unknown(cls, build_id: str, known: Sequence[str]) -> "RollbackImpossible":
        """Return the error for a build that no record names."""
        return cls(f"{build_id!r} is no kept build; kept are {some_of(known) or 'none'}. What is shown stays.")


def record_bytes(record: Record) -> bytes:
    """Return a record as it is written: plain JSON with a checksum over itself."""
    plain = json.loads(json.dumps(asdict(record), default=_as_text))
    return (json.dumps({**plain, "checksum": checksum_of(plain)}, indent=2) + "\n").encode()


def read_record(serving_dir: Path) -> Record:
    """Return the record of a serving folder; an empty one before the first publication.

    Raises:
        PublishedRecordDamaged: it cannot be read, or is not what was written.
    """
    path = serving_dir / RECORD_NAME
    if not path.exists():
        return Record()
    try:
        content = json.loads(path.read_bytes())
        if content.pop("checksum") != checksum_of(content):
            raise PublishedRecordDamaged.at(path, "it has other content than was written")
        return Record(
            shown=_build(content["shown"]),
            coming=_build(content["coming"]),
            earlier=tuple(b for b in map(_build, content["earlier"]) if b is not None),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PublishedRecordDamaged.at(path, f"{type(error).__name__}: {error}") from error


def _build(content: Mapping[str, Any] | None) -> Published | None:
    if content is None:
        return None
    tables: Sequence[Mapping[str, Any]] = content["tables"]
    return Published(
        build_id=content["build_id"],
        as_of_on=date.fromisoformat(content["as_of_on"]),
        tables=tuple(PublishedTable(**table) for table in tables),
        sha256=content["sha256"],
        bytes=content["bytes"],
        published_at=datetime.fromisoformat(content["published_at"]),
    )


def _as_text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(value)
