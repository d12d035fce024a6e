"""Shows a verified candidate under the published name, keeps the last builds, and records which is shown.

The order of writes makes a crash at any point harmless: the record names the next build before the
file is renamed and forgets the one before only afterwards, so the sha256 of the file always finds
its record. Building and verifying a candidate is `candidate`.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from orchestration.foundation.errors import GenomeError
from orchestration.foundation.lake_io import (
    sha256_of,
    sync_file,
    sync_folder,
    write_bytes_atomically,
)
from orchestration.publish.candidate import Candidate, PublishedTable, forget_candidate

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
class _Record:
    """What `published.json` holds: the build shown, the one being swapped in, and earlier ones kept."""

    shown: Published | None = None
    coming: Published | None = None
    earlier: tuple[Published, ...] = ()


class PublishedFileUnknown(GenomeError):
    """A serving database that no record describes."""

    @classmethod
    def at(cls, path: Path, sha256: str) -> "PublishedFileUnknown":
        """Return the error for a file whose sha256 is in no record."""
        return cls(
            f"{path.name} has sha256 {sha256}, which {RECORD_NAME} does not name: it was not "
            f"published by a night, or was changed since. Run the night again; it keeps this file "
            f"under another name and publishes anew."
        )


def swap(candidate: Candidate, *, serving_dir: Path, as_of_on: date, published_at: datetime) -> Published:
    """Return the record of the candidate after showing it under the published name.

    There is no moment without `genome.duckdb`: the build shown so far gets a second name,
    `genome.<build_id>.duckdb`, and is then replaced by one rename. Readers that have it open keep
    what they opened.

    Args:
        candidate: built and verified.
        serving_dir: the folder of the serving databases.
        as_of_on: the business day that the build closes.
        published_at: the instant to record, zone-aware.
    """
    database = serving_dir / DATABASE_NAME
    sync_file(candidate.path)
    coming = Published(
        build_id=candidate.build_id,
        as_of_on=as_of_on,
        tables=candidate.tables,
        sha256=sha256_of(candidate.path),
        bytes=candidate.path.stat().st_size,
        published_at=published_at,
    )
    record = _settled(serving_dir)
    if database.exists():
        name = record.shown.build_id if record.shown else f"unrecorded-{sha256_of(database)[:12]}"
        _keep_as(database, serving_dir / f"genome.{name}.duckdb")
    _write(serving_dir, replace(record, coming=coming))
    candidate.path.replace(database)
    sync_folder(serving_dir)
    before = (record.shown,) if record.shown else ()
    _write(serving_dir, _Record(shown=coming, earlier=(*before, *record.earlier)))
    forget_candidate(serving_dir)
    return coming


def keep_last(serving_dir: Path, count: int = 3) -> tuple[Published, ...]:
    """Return the builds that are kept, the one shown first, after removing those beyond `count`.

    Files that no record names are left alone.
    """
    record = _settled(serving_dir)
    kept, dropped = record.earlier[: max(count - 1, 0)], record.earlier[max(count - 1, 0) :]
    still_needed = {build.build_id for build in kept}
    for build in dropped:
        if build.build_id not in still_needed:
            (serving_dir / f"genome.{build.build_id}.duckdb").unlink(missing_ok=True)
    if dropped:
        sync_folder(serving_dir)
        _write(serving_dir, replace(record, earlier=kept))
    return ((record.shown,) if record.shown else ()) + kept


def published(serving_dir: Path) -> Published | None:
    """Return the record of the database that readers see now, or None before the first publication.

    The file decides: after a crash between the rename and the record's last write, the record
    still names the build before, and the one "coming" is what is shown.

    Raises:
        PublishedFileUnknown: the file is not one that the record names.
    """
    database = serving_dir / DATABASE_NAME
    if not database.exists():
        return None
    sha256 = sha256_of(database)
    record = _read(serving_dir)
    for build in (record.shown, record.coming):
        if build is not None and build.sha256 == sha256:
            return build
    raise PublishedFileUnknown.at(database, sha256)


def _settled(serving_dir: Path) -> _Record:
    """Return the record as it would stand had the last swap not been cut short."""
    record = _read(serving_dir)
    try:
        shown = published(serving_dir)
    except PublishedFileUnknown:
        shown = None
    is_cut_short = shown is not None and shown == record.coming
    before = (record.shown,) if record.shown and record.shown != shown else ()
    earlier = (*before, *record.earlier) if is_cut_short or shown is None else record.earlier
    return _Record(shown=shown, earlier=earlier)


def _keep_as(database: Path, kept: Path) -> None:
    if kept.exists() and kept.samefile(database):
        return
    temporary = kept.with_name(f".{kept.name}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        os.link(database, temporary)
    except OSError:  # a file system without hard links
        shutil.copyfile(database, temporary)
        sync_file(temporary)
    temporary.replace(kept)
    sync_folder(kept.parent)


def _write(serving_dir: Path, record: _Record) -> None:
    content = json.dumps(asdict(record), indent=2, default=_as_text)
    write_bytes_atomically(serving_dir / RECORD_NAME, f"{content}\n".encode())


def _read(serving_dir: Path) -> _Record:
    path = serving_dir / RECORD_NAME
    if not path.exists():
        return _Record()
    content = json.loads(path.read_bytes())
    return _Record(
        shown=_build(content["shown"]),
        coming=_build(content["coming"]),
        earlier=tuple(b for b in map(_build, content["earlier"]) if b is not None),
    )


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
