"""Shows a verified candidate under the published name, keeps the last builds, goes back to one, records which is shown.

The order of writes makes a crash at any point harmless: the record names the next build before the
file is renamed and forgets the one before only afterwards, so the sha256 of the file always finds
its record. Building and verifying a candidate is `candidate`; what the record holds is `records`.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from orchestration.foundation.faults import fault_point
from orchestration.foundation.lake_io import sha256_of, sync_file, sync_folder, write_bytes_atomically
from orchestration.publish.candidate import Candidate, forget_candidate
from orchestration.publish.lookup import LOOKUP_NAME, LookupMissing, lookup_of_build, lookups_of_builds
from orchestration.publish.records import (
    DATABASE_NAME,
    RECORD_NAME,
    Published,
    PublishedFileUnknown,
    PublishedRecordDamaged,
    Record,
    RollbackImpossible,
    read_record,
    record_bytes,
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
    sync_file(candidate.path)
    coming = Published(
        build_id=candidate.build_id,
        as_of_on=as_of_on,
        tables=candidate.tables,
        sha256=sha256_of(candidate.path),
        bytes=candidate.path.stat().st_size,
        published_at=published_at,
    )
    with _publishing(serving_dir):
        record = _settled(serving_dir)
        _show(candidate.path, coming, record=record, serving_dir=serving_dir)
        _show_lookup(serving_dir, coming)
        before = (record.shown,) if record.shown else ()
        _write(serving_dir, Record(shown=coming, earlier=(*before, *record.earlier)))
        fault_point("swap.after_shown")
        forget_candidate(serving_dir)
        fault_point("swap.after_forget")
    return coming


def roll_back(serving_dir: Path, *, build_id: str | None = None) -> Published:
    """Return the earlier build that is shown from now on; the build shown so far is kept.

    Args:
        serving_dir: the folder of the serving databases.
        build_id: which kept build; the newest intact one published before the present one when it is left out.

    Raises:
        RollbackImpossible: no such build is kept with the bytes that were published.
    """
    with _publishing(serving_dir):
        record = _settled(serving_dir)
        chosen = _kept_build(serving_dir, record, build_id)
        link = serving_dir / f".{DATABASE_NAME}.tmp"
        _link_or_copy(_kept_path(serving_dir, chosen), link)
        _show(link, chosen, record=record, serving_dir=serving_dir)
        fault_point("rollback.after_rename")
        _show_lookup(serving_dir, chosen)
        before = (record.shown,) if record.shown and record.shown != chosen else ()
        earlier = (*before, *(build for build in record.earlier if build != chosen))
        _write(serving_dir, Record(shown=chosen, earlier=earlier))
    return chosen


def _kept_build(serving_dir: Path, record: Record, build_id: str | None) -> Published:
    known = [build for build in (record.shown, *record.earlier) if build is not None]
    if build_id is not None:
        known = [build for build in known if build.build_id == build_id]
        if not known:
            kept = [build.build_id for build in record.earlier]
            raise RollbackImpossible.of_unknown(build_id, kept)
    elif record.shown is not None:
        known = [build for build in known if build.published_at < record.shown.published_at]
    tried = {}
    for build in sorted(known, key=lambda build: build.published_at, reverse=True):
        path = _kept_path(serving_dir, build)
        if not path.exists():
            tried[build.build_id] = f"{path.name} is missing"
        elif sha256_of(path) != build.sha256:
            tried[build.build_id] = f"{path.name} has other bytes than were published"
        else:
            return build
    raise RollbackImpossible.without_intact(tried)


def _show(path: Path, coming: Published, *, record: Record, serving_dir: Path) -> None:
    """Put a database under the published name after giving the one shown so far its second name."""
    database = serving_dir / DATABASE_NAME
    fault_point("swap.before_keep")
    if database.exists():
        name = record.shown.build_id if record.shown else f"unrecorded-{sha256_of(database)[:12]}"
        _keep_as(database, serving_dir / f"genome.{name}.duckdb")
    fault_point("swap.after_keep")
    _write(serving_dir, replace(record, coming=coming))
    fault_point("swap.after_coming")
    path.replace(database)
    sync_folder(serving_dir)
    fault_point("swap.after_rename")


def _show_lookup(serving_dir: Path, build: Published) -> None:
    """Put a build's look-up file under the published name; without one, none is shown beside its database."""
    shown, kept = serving_dir / LOOKUP_NAME, lookup_of_build(serving_dir, build.build_id)
    if kept.exists():
        link = serving_dir / f".{LOOKUP_NAME}.tmp"
        _link_or_copy(kept, link)
        link.replace(shown)
    else:
        shown.unlink(missing_ok=True)
    sync_folder(serving_dir)


def _drop_lookups(serving_dir: Path, *, kept: tuple[Published, ...]) -> None:
    """Remove the look-up files of builds that are not kept, those that no gate let pass among them."""
    needed = {lookup_of_build(serving_dir, build.build_id) for build in kept}
    for path in set(lookups_of_builds(serving_dir)) - needed:
        path.unlink(missing_ok=True)
    sync_folder(serving_dir)


@contextmanager
def _publishing(serving_dir: Path) -> Iterator[None]:
    """Wait until no other process changes what is shown, and keep others waiting meanwhile."""
    serving_dir.mkdir(parents=True, exist_ok=True)
    with (serving_dir / ".publishing.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def keep_last(serving_dir: Path, count: int = 3) -> tuple[Published, ...]:
    """Return the builds that are kept, the one shown first, after removing those beyond `count`.

    Databases that no record names are left alone.
    """
    with _publishing(serving_dir):
        record = _settled(serving_dir)
        kept, dropped = record.earlier[: max(count - 1, 0)], record.earlier[max(count - 1, 0) :]
        still_needed = {build.build_id for build in kept}
        for build in dropped:
            if build.build_id not in still_needed:
                _kept_path(serving_dir, build).unlink(missing_ok=True)
        if dropped:
            sync_folder(serving_dir)
            fault_point("keep_last.after_unlink")
            _write(serving_dir, replace(record, earlier=kept))
            fault_point("keep_last.after_record")
        _drop_lookups(serving_dir, kept=((record.shown,) if record.shown else ()) + kept)
    return ((record.shown,) if record.shown else ()) + kept


def published(serving_dir: Path) -> Published | None:
    """Return the record of the database that readers see now, or None before the first publication.

    The file decides: after a crash between the rename and the record's last write, the record
    still names the build before, and the one "coming" is what is shown.

    Raises:
        PublishedFileUnknown: the file is not one that the record names.
        PublishedRecordDamaged: the record cannot be read.
    """
    database = serving_dir / DATABASE_NAME
    record = read_record(serving_dir)
    if not database.exists():
        if record.shown is not None:
            raise PublishedFileUnknown.missing(database, record.shown.build_id)
        return None
    sha256 = sha256_of(database)
    for build in (record.shown, record.coming):
        if build is not None and build.sha256 == sha256:
            return build
    raise PublishedFileUnknown.at(database, sha256)


def shown_lookup(serving_dir: Path) -> Path:
    """Return the look-up file of the build that readers see now, also while its public name still is another's.

    The name `lookup.parquet` is moved after the database's; whoever was killed in between has left it behind, and the
    next that publishes moves it.

    Raises:
        LookupMissing: nothing is published, or that build has none.
        PublishedFileUnknown: the database is not one that the record names.
        PublishedRecordDamaged: the record cannot be read.
    """
    record = read_record(serving_dir)
    shown = published(serving_dir) if record.shown is None or record.coming is not None else record.shown
    if shown is None:
        raise LookupMissing.at(serving_dir / LOOKUP_NAME)
    path = lookup_of_build(serving_dir, shown.build_id)
    if not path.exists():
        raise LookupMissing.of_build(path)
    return path


def _settled(serving_dir: Path) -> Record:
    """Return the record as it would stand had the last swap not been cut short; an empty one when it is damaged.

    The look-up file that a cut left behind is brought up to the database.
    """
    try:
        record = read_record(serving_dir)
        shown = published(serving_dir)
    except PublishedRecordDamaged:
        return Record()
    except PublishedFileUnknown:
        shown = None
    is_cut_short = shown is not None and shown == record.coming
    if shown is not None and is_cut_short:
        _show_lookup(serving_dir, shown)
    before = (record.shown,) if record.shown and record.shown != shown else ()
    earlier = (*before, *record.earlier) if is_cut_short or shown is None else record.earlier
    return Record(shown=shown, earlier=tuple(build for build in earlier if build != shown))


def _kept_path(serving_dir: Path, build: Published) -> Path:
    return serving_dir / f"genome.{build.build_id}.duckdb"


def _keep_as(database: Path, kept: Path) -> None:
    if kept.exists() and kept.samefile(database):
        return
    temporary = kept.with_name(f".{kept.name}.tmp")
    _link_or_copy(database, temporary)
    temporary.replace(kept)
    sync_folder(kept.parent)


def _link_or_copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)
        sync_file(target)


def _write(serving_dir: Path, record: Record) -> None:
    write_bytes_atomically(serving_dir / RECORD_NAME, record_bytes(record))
