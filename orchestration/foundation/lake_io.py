"""How bytes get into the lake and are trusted again: atomic files, manifest records, verified reads, views.

A Parquet file is written under a temporary name, synced, hashed and renamed; it counts only once one manifest record
names it. Readers trust nothing else: a killed writer leaves files that no record names, and a flipped bit no longer
has the recorded sha256. What the tables mean does not belong here (see `lake_tables` and the stages).
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.foundation.atomic_files import (
    Json,
    checksum_of,
    move_atomically,
    sha256_of,
    sync_file,
    sync_folder,
    temporary_beside,
    write_bytes_atomically,
)
from orchestration.foundation.errors import GenomeError
from orchestration.foundation.faults import fault_point
from orchestration.foundation.manifest import (
    AS_RECEIVED,
    LakeFile,
    LakeFileDamaged,
    ManifestRecord,
    read_record,
    record_bytes,
)
from orchestration.foundation.sql import quote_identifier, quote_literal

__all__ = [
    "AS_RECEIVED",
    "Json",
    "Lake",
    "LakeFile",
    "LakeFileDamaged",
    "LakeNameInvalid",
    "ManifestRecord",
    "checksum_of",
    "create_views",
    "move_atomically",
    "sha256_of",
    "sync_file",
    "sync_folder",
    "view_name",
    "write_bytes_atomically",
]

_MANIFEST_FOLDER = "_manifest"
_CHECKED_NAME = "_checked.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=-]*")


class LakeNameInvalid(GenomeError):
    """A table or key that cannot be a path inside the lake."""

    @classmethod
    def of(cls, name: str) -> "LakeNameInvalid":
        """Return the error for `name`."""
        return cls(f"{name!r} is no lake name; parts are letters, digits, '.', '_', '=' and '-', split by '/'.")


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
        with temporary_beside(folder / f"{key}.parquet") as temporary:
            fault_point("lake_io.before_temporary_write")
            rows = write(temporary)
            fault_point("lake_io.after_temporary_write")
            sync_file(temporary)
            sha256 = sha256_of(temporary)
            final = folder / f"{key}-{sha256[:12]}.parquet"
            size = temporary.stat().st_size
            fault_point("lake_io.before_rename")
            temporary.replace(final)
            fault_point("lake_io.after_rename")
        sync_folder(folder)
        committed = LakeFile(final.relative_to(self.root).as_posix(), rows, size, sha256)
        record = ManifestRecord(table, key, (committed,), run_id, written_at, dict(facts or {}))
        fault_point("lake_io.before_manifest_record")
        write_bytes_atomically(self._record_path(table, key), record_bytes(record))
        fault_point("lake_io.after_manifest_record")
        return record

    def records(self, table: str) -> tuple[ManifestRecord, ...]:
        """Return the table's manifest records, ordered by key; none when it was never written."""
        folder = self._folder(table, "") / _MANIFEST_FOLDER
        return tuple(read_record(path, table) for path in sorted(folder.glob("*.json")))

    def record(self, table: str, key: str) -> ManifestRecord | None:
        """Return the record of one key, or None."""
        path = self._record_path(table, key)
        return read_record(path, table) if path.exists() else None

    def tables(self) -> tuple[str, ...]:
        """Return the names of all tables that have a manifest record, ordered."""
        folders = self.root.glob(f"**/{_MANIFEST_FOLDER}")
        return tuple(sorted(f.parent.relative_to(self.root).as_posix() for f in folders if any(f.iterdir())))

    def paths(self, table: str, keys: Collection[str] | None = None) -> list[Path]:
        """Return the committed files of a table (of `keys` only, if given), each seen to be there in its size.

        Raises:
            LakeFileDamaged: a file or the record of a key is missing, or a file has another size.
        """
        return [path for record in self._chosen(table, keys) for _, path in self._sized(record)]

    def checked_paths(self, table: str, keys: Collection[str] | None = None) -> list[Path]:
        """Return the committed files of a table (of `keys` only, if given), each with the bytes that were written.

        A file is hashed when it is new or was touched since it was hashed last; the memory of that lies beside the
        table and may be removed at any time.

        Raises:
            LakeFileDamaged: a file or the record of a key is missing, or a file has another size or sha256.
        """
        memory = self._folder(table, "") / _CHECKED_NAME
        before = _checked_before(memory)
        now: dict[str, Json] = {}
        paths = []
        for record in self._chosen(table, keys):
            for file, path in self._sized(record):
                state = _state_of(path, file.sha256)
                if before.get(file.path) != state:
                    _require_bytes(path, file, table)
                now[file.path] = state
                paths.append(path)
        if not now.items() <= before.items():
            write_bytes_atomically(memory, json.dumps({**before, **now}, sort_keys=True).encode())
        return paths

    def forget_checks(self, table: str) -> None:
        """Make the next `checked_paths` of a table hash all of its files."""
        (self._folder(table, "") / _CHECKED_NAME).unlink(missing_ok=True)

    def forget(self, table: str, key: str) -> None:
        """Remove a key's record from a table that is made anew; no reader sees its files from then on."""
        path = self._record_path(table, key)
        if path.exists():
            path.unlink()
            sync_folder(path.parent)

    def keys(self, table: str) -> tuple[str, ...]:
        """Return the keys of a table by the names of their records, whether these can be read or not, ordered."""
        folder = self._folder(table, "") / _MANIFEST_FOLDER
        return tuple(sorted(path.stem for path in folder.glob("*.json")))

    def verify(self, record: ManifestRecord) -> None:
        """Check every byte of the record's files against their sha256.

        Raises:
            LakeFileDamaged: a file is missing, or has another size or sha256.
        """
        for file, path in self._sized(record):
            _require_bytes(path, file, record.table)

    def read_table(self, table: str, schema: pa.Schema) -> pa.Table:
        """Return all committed rows of `table` in `schema`, in key order; no rows when it was never written.

        Raises:
            LakeFileDamaged: a file is missing or has another size or sha256.
        """
        for record in self.records(table):
            self.verify(record)
        parts = [pq.read_table(path, schema=schema, partitioning=None) for path in self.paths(table)]
        return pa.concat_tables(parts) if parts else schema.empty_table()

    def _chosen(self, table: str, keys: Collection[str] | None) -> Iterator[ManifestRecord]:
        found = {record.key: record for record in self.records(table)}
        for key in sorted(found if keys is None else keys):
            if key not in found:
                raise LakeFileDamaged.because(self._record_path(table, key), "is missing", table=table)
            yield found[key]

    def _sized(self, record: ManifestRecord) -> Iterator[tuple[LakeFile, Path]]:
        for file in record.files:
            path = self.root / file.path
            if not path.is_file():
                raise LakeFileDamaged.because(path, "is missing", table=record.table)
            size = path.stat().st_size
            if size != file.bytes:
                raise LakeFileDamaged.because(path, f"has {size} bytes, not {file.bytes}", table=record.table)
            yield file, path

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

    A column that none of the files has, since the schema gained it after they were written, is null.

    Args:
        connection: a writable DuckDB connection.
        lake: where the tables are.
        tables: lake table name to the schema that its view shows, in column order.
        keys: manifest keys to show, by table; a table that is not named shows all of its keys.

    Raises:
        LakeFileDamaged: a committed file is missing, or is new or touched and has other bytes than were written.
    """
    fault_point("views.before_first")
    for table, schema in tables.items():
        schema_name, name = (quote_identifier(part) for part in view_name(table))
        paths = lake.checked_paths(table, (keys or {}).get(table))
        connection.execute(f"create schema if not exists {schema_name}")
        view = f"create or replace view {schema_name}.{name} as"
        try:
            connection.execute(f"{view} {_select(paths, schema)}")
        except duckdb.BinderException:  # a column that the schema gained since is in none of the files
            connection.execute(f"{view} {_select(paths, schema, gains_columns=True)}")
        fault_point("views.between")
    fault_point("views.after_last")


def _select(paths: list[Path], schema: pa.Schema, *, gains_columns: bool = False) -> str:
    columns = ", ".join(
        f"{'null' if not paths else quote_identifier(f.name)}::{_duckdb_type(f.type)} as {quote_identifier(f.name)}"
        for f in schema
    )
    if not paths:
        return f"select {columns} where false"
    listed = ", ".join(quote_literal(str(path)) for path in paths)
    files = f"read_parquet([{listed}], hive_partitioning = false, union_by_name = true)"
    if not gains_columns:
        return f"select {columns} from {files}"
    return f"select {columns} from ({_select([], schema)} union all by name select * from {files})"


_DUCKDB_TYPES = {
    pa.string(): "varchar",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us"): "timestamp",
    pa.binary(): "blob",
    pa.list_(pa.string()): "varchar[]",
}


def _duckdb_type(arrow_type: pa.DataType) -> str:
    return _DUCKDB_TYPES[arrow_type]


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise LakeNameInvalid.of(name)


def _require_bytes(path: Path, file: LakeFile, table: str) -> None:
    found = sha256_of(path)
    if found != file.sha256:
        raise LakeFileDamaged.because(path, f"has sha256 {found}, not {file.sha256}", table=table)


def _state_of(path: Path, sha256: str) -> list[Json]:
    """Return what changes whenever a file is written, replaced or copied, and the sha256 that it should have."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, sha256]


def _checked_before(memory: Path) -> dict[str, Json]:
    """Return what was checked; nothing when the memory is missing or damaged, so that all is checked again."""
    try:
        found = json.loads(memory.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
