"""How bytes get into the lake and are trusted again: atomic files, manifest records, verified reads, views.

A Parquet file is written under a temporary name, synced, hashed and renamed; it counts only once one manifest record
names it. Readers trust nothing else: a killed writer leaves files that no record names, and a flipped bit no longer
has the recorded sha256. What the tables mean does not belong here (see `lake_tables` and the stages).
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Union

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.foundation.errors import GenomeError, some_of
from orchestration.foundation.sql import quote_identifier, quote_literal

Json = Union[str, int, float, bool, None, "list[Json]", "dict[str, Json]"]

_MANIFEST_FOLDER = "_manifest"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=-]*")


class LakeFileDamaged(GenomeError):
    """A file that a manifest names is missing or is not what was written."""

    @classmethod
    def because(cls, path: Path, what: str) -> "LakeFileDamaged":
        """Return the error for one damaged file."""
        return cls(
            f"{path} {what}; its manifest record says otherwise, so no reader may use it. Restore the file from a "
            f"copy, or drop the delivered file into the inbox again after removing its manifest record."
        )


class LakeNameInvalid(GenomeError):
    """A table or key that cannot be a path inside the lake."""

    @classmethod
    def of(cls, name: str) -> "LakeNameInvalid":
        """Return the error for `name`."""
        return cls(f"{name!r} is no lake name; parts are letters, digits, '.', '_', '=' and '-', split by '/'.")


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


@dataclass(frozen=True)
class Lake:
    """The lake below one root folder; every write goes through `write_table` or `write_with`."""

    root: Path

    def write_table(  # noqa: PLR0913 - one commit has this many facts
        self,
        table: str,
        key: str,
        data: pa.Table,
        *,
        run_id: str,
        written_at: datetime,
        partition: str = "",
        facts: Mapping[str, Json] | None = None,
    ) -> ManifestRecord:
        """Return the manifest record after committing `data` as the content of `key`, replacing what it held."""

        def write(path: Path) -> int:
            pq.write_table(data, path, compression="zstd")
            return data.num_rows

        return self.write_with(
            table,
            key,
            write,
            run_id=run_id,
            written_at=written_at,
            partition=partition,
            facts=facts,
        )

    def write_with(  # noqa: PLR0913 - one commit has this many facts
        self,
        table: str,
        key: str,
        write: Callable[[Path], int],
        *,
        run_id: str,
        written_at: datetime,
        partition: str = "",
        facts: Mapping[str, Json] | None = None,
    ) -> ManifestRecord:
        """Return the manifest record after committing the Parquet file that `write` makes.

        Args:
            table: lake table, such as `raw/crm/contacts`.
            key: unique inside the table; writing it again replaces its content atomically.
            write: writes one Parquet file at the path it is given and returns its row count.
            run_id: the run that writes.
            written_at: zone-aware instant of the commit.
            partition: folder below the table, such as `arrived_on=2026-06-30`.
            facts: what else the record should say, JSON values.

        Raises:
            LakeNameInvalid: the table, key or partition cannot be a path inside the lake.
        """
        folder = self._folder(table, partition)
        _require_name(key)
        folder.mkdir(parents=True, exist_ok=True)
        with _temporary_beside(folder / f"{key}.parquet") as temporary:
            rows = write(temporary)
            sync_file(temporary)
            sha256 = sha256_of(temporary)
            final = folder / f"{key}-{sha256[:12]}.parquet"
            size = temporary.stat().st_size
            temporary.replace(final)
        sync_folder(folder)
        committed = LakeFile(final.relative_to(self.root).as_posix(), rows, size, sha256)
        record = ManifestRecord(table, key, (committed,), run_id, written_at, dict(facts or {}))
        write_bytes_atomically(self._record_path(table, key), _as_json(record))
        return record

    def records(self, table: str) -> tuple[ManifestRecord, ...]:
        """Return the table's manifest records, ordered by key; none when it was never written."""
        folder = self._folder(table, "") / _MANIFEST_FOLDER
        return tuple(_from_json(path) for path in sorted(folder.glob("*.json")))

    def record(self, table: str, key: str) -> ManifestRecord | None:
        """Return the record of one key, or None."""
        path = self._record_path(table, key)
        return _from_json(path) if path.exists() else None

    def tables(self) -> tuple[str, ...]:
        """Return the names of all tables that have a manifest record, ordered."""
        folders = self.root.glob(f"**/{_MANIFEST_FOLDER}")
        return tuple(sorted(f.parent.relative_to(self.root).as_posix() for f in folders if any(f.iterdir())))

    def paths(self, table: str, keys: Collection[str] | None = None) -> list[Path]:
        """Return the committed files of a table (of `keys` only, if given), each seen to be there in its size.

        Raises:
            LakeFileDamaged: a file is missing or has another size.
        """
        chosen = (record for record in self.records(table) if keys is None or record.key in keys)
        return [path for record in chosen for path in self._sized_paths(record)]

    def verify(self, record: ManifestRecord) -> None:
        """Check every byte of the record's files against their sha256.

        Raises:
            LakeFileDamaged: a file is missing, or has another size or sha256.
        """
        for file, path in zip(record.files, self._sized_paths(record), strict=True):
            found = sha256_of(path)
            if found != file.sha256:
                raise LakeFileDamaged.because(path, f"has sha256 {found}, not {file.sha256}")

    def read_table(self, table: str, schema: pa.Schema) -> pa.Table:
        """Return all committed rows of `table` in `schema`, in key order; no rows when it was never written.

        Raises:
            LakeFileDamaged: a file is missing or has another size or sha256.
        """
        for record in self.records(table):
            self.verify(record)
        parts = [pq.read_table(path, schema=schema, partitioning=None) for path in self.paths(table)]
        return pa.concat_tables(parts) if parts else schema.empty_table()

    def _sized_paths(self, record: ManifestRecord) -> Iterator[Path]:
        for file in record.files:
            path = self.root / file.path
            if not path.is_file():
                raise LakeFileDamaged.because(path, "is missing")
            if path.stat().st_size != file.bytes:
                raise LakeFileDamaged.because(path, f"has {path.stat().st_size} bytes, not {file.bytes}")
            yield path

    def _folder(self, table: str, partition: str) -> Path:
        for part in [*table.split("/"), *([partition] if partition else [])]:
            _require_name(part)
        return self.root / table / partition

    def _record_path(self, table: str, key: str) -> Path:
        return self._folder(table, "") / _MANIFEST_FOLDER / f"{key}.json"


def view_name(table: str) -> tuple[str, str]:
    """Return the schema and name under which SQL sees a lake table.

    Example:
        >>> view_name("raw/crm/contacts")
        ('lake_raw_crm', 'contacts')
    """
    *folders, name = table.split("/")
    return "lake_" + "_".join(folders), name


def create_views(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    tables: Mapping[str, pa.Schema],
    *,
    keys: Mapping[str, Collection[str]] | None = None,
) -> None:
    """Create one view a lake table, over exactly its committed files; a typed empty one where there are none.

    Args:
        connection: a writable DuckDB connection.
        lake: where the tables are.
        tables: lake table name to the schema that its view shows, in column order.
        keys: manifest keys to show, by table; a table that is not named shows all of its keys.

    Raises:
        LakeFileDamaged: a committed file is missing or has another size.
    """
    for table, schema in tables.items():
        schema_name, name = (quote_identifier(part) for part in view_name(table))
        paths = lake.paths(table, (keys or {}).get(table))
        connection.execute(f"create schema if not exists {schema_name}")
        connection.execute(f"create or replace view {schema_name}.{name} as {_select(paths, schema)}")


def _select(paths: list[Path], schema: pa.Schema) -> str:
    columns = ", ".join(
        f"{'null' if not paths else quote_identifier(f.name)}::{_duckdb_type(f.type)} as {quote_identifier(f.name)}"
        for f in schema
    )
    if not paths:
        return f"select {columns} where false"
    listed = ", ".join(quote_literal(str(path)) for path in paths)
    return f"select {columns} from read_parquet([{listed}], hive_partitioning = false, union_by_name = true)"


_DUCKDB_TYPES = {
    pa.string(): "varchar",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us"): "timestamp",
    pa.binary(): "blob",
}


def _duckdb_type(arrow_type: pa.DataType) -> str:
    return _DUCKDB_TYPES[arrow_type]


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's bytes, lower hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_bytes_atomically(path: Path, payload: bytes) -> None:
    """Write `payload` so that `path` holds either what it held or all of it, whenever the process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _temporary_beside(path) as temporary:
        temporary.write_bytes(payload)
        sync_file(temporary)
        temporary.replace(path)
    sync_folder(path.parent)


def move_atomically(source: Path, target: Path) -> None:
    """Move a file inside one file system, its bytes and both folders synced."""
    target.parent.mkdir(parents=True, exist_ok=True)
    sync_file(source)
    source.replace(target)
    sync_folder(target.parent)
    sync_folder(source.parent)


def sync_file(path: Path) -> None:
    """Make a file's bytes durable."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def sync_folder(path: Path) -> None:
    """Make a folder's entries (renames into and out of it) durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _temporary_beside(path: Path) -> Iterator[Path]:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise LakeNameInvalid.of(name)


def _as_json(record: ManifestRecord) -> bytes:
    plain = {**asdict(record), "written_at": record.written_at.isoformat()}
    return json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False).encode()


def _from_json(path: Path) -> ManifestRecord:
    try:
        plain = json.loads(path.read_bytes())
        files = tuple(LakeFile(**file) for file in plain.pop("files"))
        written_at = datetime.fromisoformat(plain.pop("written_at"))
        return ManifestRecord(files=files, written_at=written_at, **plain)
    except (ValueError, KeyError, TypeError) as error:
        raise LakeFileDamaged.because(path, f"is no manifest record ({some_of([str(error)])})") from error
