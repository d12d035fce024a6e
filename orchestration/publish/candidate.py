"""Builds the next serving database beside the published one, and verifies it before it is shown.

It copies what dbt made, row by row and comment by comment, and computes nothing. Making the
candidate visible is `swap`; whether its facts hold is for the serving gate.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from orchestration.foundation.connections import DuckdbLimits, connect
from orchestration.foundation.errors import GenomeError, some_of
from orchestration.foundation.faults import fault_point
from orchestration.foundation.lake_io import sync_file, write_bytes_atomically
from orchestration.foundation.sql import quote_identifier, quote_literal

CANDIDATE_NAME = "genome.next.duckdb"
_RECORD_NAME = "genome.next.json"
BUILD_ID = "build_id"
_BUILD_ID_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_STORAGE_VERSION = "v1.2.0"  # the oldest that holds all our types, so that 1.2 and later drivers read it
_IN_MEMORY = Path(":memory:")
_WAREHOUSE = "warehouse"
_ABOUT_BUILD_ID = "The publication this row belongs to; one value in the whole database."
_SCHEMA = "main"  # BI users write plain table names; the file's stem, `genome`, is no schema


@dataclass(frozen=True)
class PublishedTable:
    """One table of a serving database.

    Attributes:
        name: its name in the serving database.
        rows_count: its rows.
        checksum: sum of its rows' hashes over all columns but `build_id`, as text; the same
            whatever the order of the rows.
    """

    name: str
    rows_count: int
    checksum: str


@dataclass(frozen=True)
class Candidate:
    """A serving database that is built and not yet shown: its file, build and tables by name."""

    path: Path
    build_id: str
    tables: tuple[PublishedTable, ...]


class CandidateUnbuildable(GenomeError):
    """The warehouse holds nothing that can be published, or a table that may not be."""

    @classmethod
    def without_tables(cls, schema: str) -> "CandidateUnbuildable":
        """Return the error for a schema with no table."""
        return cls(
            f"the warehouse has no table in schema {schema!r}; what is published is what dbt "
            f"builds there. Run the serving block first; what was published stays."
        )

    @classmethod
    def with_build_id(cls, build_id: str) -> "CandidateUnbuildable":
        """Return the error for a build id that cannot be part of a file name."""
        return cls(
            f"{build_id!r} is no build id; it names a kept file, so it is letters, digits, '_' "
            f"and '-' and not 'next'. Nothing was built and what was published stays."
        )

    @classmethod
    def with_reserved_column(cls, tables: Sequence[str]) -> "CandidateUnbuildable":
        """Return the error for tables that already have a `build_id`."""
        return cls(
            f"{some_of(tables)} already have a column {BUILD_ID!r}, which publishing adds as the "
            f"last column of every table. Rename it in the model; what was published stays."
        )


class CandidateMissing(GenomeError):
    """There is no candidate to verify or to show."""

    @classmethod
    def in_folder(cls, serving_dir: Path) -> "CandidateMissing":
        """Return the error for a folder without a candidate or without its record."""
        return cls(
            f"{serving_dir} holds no {CANDIDATE_NAME} with its {_RECORD_NAME}: none was built since the last one was "
            f"shown. Build it first; what was published stays."
        )


class CandidateDamaged(GenomeError):
    """A candidate that is not what was copied from the warehouse."""

    @classmethod
    def of(cls, candidate: Candidate, faults: Sequence[str]) -> "CandidateDamaged":
        """Return the error that lists every difference."""
        listed = "\n".join(f"  - {fault}" for fault in faults)
        return cls(
            f"{candidate.path.name} differs from what was copied into it:\n{listed}\n"
            f"It was not swapped in and what was published stays; run the night again, and check "
            f"the disk when it happens twice."
        )


def build_candidate(
    *,
    warehouse: Path,
    serving_dir: Path,
    build_id: str,
    limits: DuckdbLimits,
    schema: str = "serving",
) -> Candidate:
    """Return the candidate after copying every table of one warehouse schema into a new file.

    Each table keeps its columns, types, nullability and comments, gains a last column `build_id`,
    and is ordered by its primary key (by all columns where it has none), so that two builds of
    the same facts are equal row by row.

    Args:
        warehouse: the DuckDB file that dbt wrote, opened read-only.
        serving_dir: the folder of the serving databases.
        build_id: names the build in every row.
        limits: memory and threads of the connection.
        schema: the warehouse schema to publish.

    Raises:
        CandidateUnbuildable: the build id cannot name a file, the schema has no table, or a table
            already has a `build_id`.
    """
    if not _BUILD_ID_FORM.fullmatch(build_id) or build_id == "next":
        raise CandidateUnbuildable.with_build_id(build_id)
    path = serving_dir / CANDIDATE_NAME
    forget_candidate(serving_dir)
    serving_dir.mkdir(parents=True, exist_ok=True)
    with connect(_IN_MEMORY, limits, read_only=False) as connection:
        connection.execute(f"attach {quote_literal(str(warehouse))} as {_WAREHOUSE} (read_only)")
        sources = _sources(connection, schema)
        if not sources:
            raise CandidateUnbuildable.without_tables(schema)
        reserved = [source.name for source in sources if BUILD_ID in source.columns]
        if reserved:
            raise CandidateUnbuildable.with_reserved_column(reserved)
        connection.execute(f"attach {quote_literal(str(path))} as pub (storage_version '{_STORAGE_VERSION}')")
        connection.execute("begin")
        for source in sources:
            connection.execute(";".join(_statements(source, build_id)))
            fault_point("candidate.between_tables")
        connection.execute("commit")
        tables = tuple(_measured(connection, source.relation, source.name) for source in sources)
        connection.execute("detach pub")
    sync_file(path)
    record = json.dumps({"build_id": build_id, "tables": [asdict(table) for table in tables]}, indent=2)
    fault_point("candidate.before_record")
    write_bytes_atomically(serving_dir / _RECORD_NAME, f"{record}\n".encode())
    fault_point("candidate.after_record")
    return Candidate(path, build_id, tables)


def read_candidate(serving_dir: Path) -> Candidate:
    """Return the candidate that was built last and not yet shown, as its builder recorded it.

    Its checksums are those of the warehouse's tables at that time, so that verifying it again
    finds what happened to the file since.

    Raises:
        CandidateMissing: there is none, or its record cannot be read.
    """
    path, record = serving_dir / CANDIDATE_NAME, serving_dir / _RECORD_NAME
    if not path.exists() or not record.exists():
        raise CandidateMissing.in_folder(serving_dir)
    try:
        content = json.loads(record.read_bytes())
        return Candidate(path, content["build_id"], tuple(PublishedTable(**table) for table in content["tables"]))
    except (ValueError, KeyError, TypeError) as error:
        raise CandidateMissing.in_folder(serving_dir) from error


def forget_candidate(serving_dir: Path) -> None:
    """Remove the candidate and its record, whether it was shown, abandoned or half built."""
    for name in (_RECORD_NAME, f"{CANDIDATE_NAME}.wal", CANDIDATE_NAME):
        (serving_dir / name).unlink(missing_ok=True)


def verify_candidate(candidate: Candidate, *, limits: DuckdbLimits) -> None:
    """Return only when the file, opened read-only, holds exactly what was copied into it.

    Checked are the set of tables, that all are plain tables with `build_id` last, their rows,
    their checksums against the warehouse's, and that every row carries this build's id.

    Raises:
        CandidateDamaged: with every difference found.
    """
    with connect(candidate.path, limits, read_only=True) as connection:
        faults = [*_faults_of_tables(connection, candidate)]
        if not faults:
            faults = [fault for table in candidate.tables for fault in _faults_of_rows(connection, candidate, table)]
    if faults:
        raise CandidateDamaged.of(candidate, faults)


@dataclass(frozen=True)
class _Source:
    """A warehouse table to publish: its name, comment, key, and its columns with their nullability and comments."""

    schema: str
    name: str
    comment: str | None
    key: Sequence[str]
    columns: Mapping[str, tuple[bool, str | None]]

    @property
    def relation(self) -> str:
        return f"{_WAREHOUSE}.{quote_identifier(self.schema)}.{quote_identifier(self.name)}"


def _sources(connection: duckdb.DuckDBPyConnection, schema: str) -> list[_Source]:
    """Return the tables and views of one warehouse schema, by name."""
    rows = connection.execute(
        """
        with tables as (
            select database_name, schema_name, table_name, comment from duckdb_tables()
            union all
            select database_name, schema_name, view_name, comment from duckdb_views() where not internal
        ),
        keys as (
            select database_name, schema_name, table_name, constraint_column_names
            from duckdb_constraints() where constraint_type = 'PRIMARY KEY'
        )
        select t.table_name, any_value(t.comment), any_value(k.constraint_column_names),
            list((c.column_name, c.is_nullable, c.comment) order by c.column_index)
        from tables as t
        join duckdb_columns() as c using (database_name, schema_name, table_name)
        left join keys as k using (database_name, schema_name, table_name)
        where database_name = ? and schema_name = ?
        group by t.table_name order by t.table_name
        """,
        [_WAREHOUSE, schema],
    ).fetchall()
    return [
        _Source(
            schema, name, comment, key or (), {column: (is_nullable, about) for column, is_nullable, about in columns}
        )
        for name, comment, key, columns in rows
    ]


def _statements(source: _Source, build_id: str) -> Iterator[str]:
    """Yield the statements that copy one table into the candidate."""
    target = f"pub.{_SCHEMA}.{quote_identifier(source.name)}"
    key = ", ".join(quote_identifier(column) for column in source.key) or "all"
    added = f"{quote_literal(build_id)} as {BUILD_ID}"
    yield f"create table {target} as select *, {added} from {source.relation} order by {key}"
    if source.comment:
        yield f"comment on table {target} is {quote_literal(source.comment)}"
    for column, (is_nullable, comment) in {**source.columns, BUILD_ID: (False, _ABOUT_BUILD_ID)}.items():
        if not is_nullable:
            yield f"alter table {target} alter {quote_identifier(column)} set not null"
        if comment:
            yield f"comment on column {target}.{quote_identifier(column)} is {quote_literal(comment)}"


def _measured(connection: duckdb.DuckDBPyConnection, relation: str, name: str) -> PublishedTable:
    row = connection.execute(
        f"select count(*), coalesce(sum(hash(facts)::hugeint), 0)::varchar "
        f"from (select columns(lambda c: c <> '{BUILD_ID}') from {relation}) as facts"
    ).fetchone()
    rows_count, checksum = row or (0, "0")
    return PublishedTable(name, rows_count, checksum)


def _faults_of_tables(connection: duckdb.DuckDBPyConnection, candidate: Candidate) -> list[str]:
    expected = {table.name for table in candidate.tables}
    last_columns = dict(
        connection.execute(
            "select table_name, arg_max(column_name, column_index) from duckdb_columns() "
            "where not internal and database_name = current_database() group by table_name order by table_name"
        ).fetchall()
    )
    views = connection.execute("select view_name from duckdb_views() where not internal order by all").fetchall()
    return [
        *(f"table {name} is missing" for name in sorted(expected - set(last_columns))),
        *(f"table {name} was not copied" for name in sorted(set(last_columns) - expected)),
        *(f"{name} is a view" for (name,) in views),
        *(
            f"the last column of {name} is {last!r}, not {BUILD_ID!r}"
            for name, last in last_columns.items()
            if last != BUILD_ID
        ),
    ]


def _faults_of_rows(connection: duckdb.DuckDBPyConnection, candidate: Candidate, expected: PublishedTable) -> list[str]:
    relation = quote_identifier(expected.name)
    found = _measured(connection, relation, expected.name)
    strangers = connection.execute(
        f"select count(*) from {relation} where {BUILD_ID} is distinct from ?",
        [candidate.build_id],
    ).fetchone()
    faults = []
    if found.rows_count != expected.rows_count:
        faults.append(f"{expected.name} has {found.rows_count} rows, not {expected.rows_count}")
    elif found.checksum != expected.checksum:
        faults.append(f"{expected.name} has other values than the warehouse's table")
    if strangers and strangers[0]:
        faults.append(f"{expected.name} has {strangers[0]} rows of another build")
    return faults
