"""A folder of foreign files as records and their truth.

Belongs here: which file is what, and one table of records of all of them. Does not belong here: what a column means
(`linkage.columns`) and how values are cleaned (`linkage.frame`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import duckdb
import pyarrow as pa

from orchestration.foundation.errors import GenomeError, some_of
from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.identity.benchmark.truth import TruthFile, truth_of
from orchestration.identity.linkage.columns import ColumnMapping, ColumnsUnusable, mapped_columns
from orchestration.identity.linkage.frame import read_kinds

RAW = "linkage_raw"
RESULT = "clusters.csv"
"""What a run writes; never read as a file of records or truth."""
_ENDINGS = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet")
_ENCODINGS = ("utf-8", "latin-1")


class FolderUnusable(GenomeError):
    """A folder that holds nothing to link."""

    @classmethod
    def without_records(cls, folder: Path, found: Sequence[str]) -> Self:
        """Return the error for a folder without a file of records."""
        held = f"it holds {some_of(found)}" if found else "it is empty"
        return cls(
            f"{folder.name} has no file of records; {held}. Put records.csv there, or several files with a header each "
            f"({', '.join(_ENDINGS)}), and truth.csv (record_id, entity_id) where the truth is known."
        )

    @classmethod
    def of_ids(cls, path: Path, missing: int, repeated: Sequence[int]) -> Self:
        """Return the error for record ids that are blank or not unique, by count and row number."""
        faults = [f"{missing} records without an id"] if missing else []
        faults += [f"ids that stand twice, as in rows {some_of(repeated)}"] if repeated else []
        return cls(
            f"{path.name} has {' and '.join(faults)}. Every record needs an id of its own within its file: say which "
            "column holds it in a mapping file: `record_id: <column>`."
        )

    @classmethod
    def unreadable(cls, path: Path, error: Exception) -> Self:
        """Return the error for a file that cannot be read as a table."""
        return cls(f"{path.name} cannot be read as a table ({type(error).__name__}). Is it text with a header line?")


@dataclass(frozen=True)
class FolderRead:
    """What a folder holds.

    Attributes:
        records_by_file: number of records by file name.
        mappings: columns by kind, by file name.
        truth: `record_id` and `entity_id`, or None when no file tells it.
        truth_note: which file told the truth, and what of it was left out.
    """

    records_by_file: Mapping[str, int]
    mappings: Mapping[str, ColumnMapping]
    truth: pa.Table | None
    truth_note: str


def read_folder(
    connection: duckdb.DuckDBPyConnection, folder: Path, *, stated: Mapping[str, tuple[str, ...]] | None = None
) -> FolderRead:
    """Return what the folder holds, with all its records in the table `linkage_raw`.

    A record's id is its own where no other file has it, else `<file>:<id>`.

    Raises:
        FolderUnusable: no records, unreadable files, ids missing or repeated.
        ColumnsUnusable: a file without an id, or without a column that persons are compared by.
    """
    paths = _paths(folder)
    tables = {path: _read(connection, path, index) for index, path in enumerate(paths)}
    mappings = {path: mapped_columns(_columns(connection, tables[path]), stated) for path in paths}
    records = [path for path in paths if _is_of_records(path, mappings[path], paths)]
    if not records:
        raise FolderUnusable.without_records(folder, sorted(path.name for path in folder.iterdir()))
    for path in records:
        _require_usable(connection, path, tables[path], mappings[path])
    _write_raw(connection, records, tables, mappings)
    others = [TruthFile(path.name, tables[path], mappings[path]) for path in paths if path not in records]
    truth, note = truth_of(connection, others, [TruthFile(path.name, tables[path], mappings[path]) for path in records])
    return FolderRead(
        {path.name: _count(connection, tables[path]) for path in records},
        {path.name: mappings[path] for path in records},
        truth,
        note,
    )


def _paths(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise FolderUnusable.without_records(folder, [])
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.name.lower().endswith(_ENDINGS) and path.name != RESULT
    )


def _read(connection: duckdb.DuckDBPyConnection, path: Path, index: int) -> str:
    table = f"linkage_file_{index}"
    if path.suffix == ".parquet":
        attempts = [f"read_parquet({quote_literal(str(path))})"]
    else:
        attempts = [
            f"read_csv({quote_literal(str(path))}, all_varchar = true, header = true, encoding = '{encoding}')"
            for encoding in _ENCODINGS
        ]
    failure: duckdb.Error | None = None
    for attempt in attempts:
        try:
            connection.execute(f"create or replace table {table} as select * from {attempt}")
        except duckdb.Error as error:
            failure = error
        else:
            return table
    raise FolderUnusable.unreadable(path, failure or ValueError()) from failure


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in connection.execute(f"describe {table}").fetchall()]


def _is_of_records(path: Path, mapping: ColumnMapping, paths: Sequence[Path]) -> bool:
    """Return whether a file holds records: it is named so, or has columns of persons; a file of keys has neither."""
    if path.name.startswith("records."):
        return True
    if path.name.startswith("truth") or any(other.name.startswith("records.") for other in paths):
        return False
    return bool(mapping.by_kind) or (mapping.record_id is None and mapping.entity_id is None)


def _require_usable(connection: duckdb.DuckDBPyConnection, path: Path, table: str, mapping: ColumnMapping) -> None:
    columns = _columns(connection, table)
    if mapping.record_id is None:
        raise ColumnsUnusable.without_id(path, columns)
    if not mapping.by_kind:
        raise ColumnsUnusable.without_persons(path, columns)
    name = quote_identifier(mapping.record_id)
    missing = _count(connection, table, f"where nullif(trim({name}::varchar), '') is null")
    repeated = connection.execute(
        f"select number from (select row_number() over () as number, {name} as id from {table}) "
        "qualify count(*) over (partition by id) > 1 order by number"
    ).fetchall()
    if missing or repeated:
        raise FolderUnusable.of_ids(path, missing, [int(row[0]) for row in repeated])


def _write_raw(
    connection: duckdb.DuckDBPyConnection,
    records: Sequence[Path],
    tables: Mapping[Path, str],
    mappings: Mapping[Path, ColumnMapping],
) -> None:
    parts = []
    for path in records:
        mapping = mappings[path]
        selected = read_kinds(tables[path], mapping.by_kind, record_id=mapping.record_id or "")
        parts.append(f"select *, {quote_literal(path.name)} as source from ({selected})")
    connection.execute(
        f"""
        create or replace table {RAW} as
        select * replace (
            case when count(*) over (partition by record_id) > 1 then source || ':' || record_id else record_id end
                as record_id
        )
        from ({" union all by name ".join(parts)})
        """
    )


def _count(connection: duckdb.DuckDBPyConnection, table: str, condition: str = "") -> int:
    row = connection.execute(f"select count(*) from {table} {condition}").fetchone()
    return int(row[0]) if row else 0
