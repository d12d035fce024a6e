"""The SQLAlchemy dialect through which Great Expectations reads a DuckDB file, and never writes it.

Great Expectations fetches results after it has given the connection back; under duckdb_engine's
own dialect the rollback on that return drops them. Here begin, commit and rollback do nothing,
one connection serves an engine, columns are reflected from `duckdb_columns()`, and the file is
opened read-only. Expectations and what they mean do not belong here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import duckdb_engine
from sqlalchemy import URL, Connection, text
from sqlalchemy.dialects import registry
from sqlalchemy.engine.interfaces import ReflectedColumn, ReflectedPrimaryKeyConstraint
from sqlalchemy.pool import Pool, StaticPool
from sqlalchemy.types import NullType

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.sql import quote_identifier, quote_literal

DIALECT_NAME = "duckdb_readonly"
_ATTACH = "attach."
_COLUMNS = """
select schema_name, table_name, column_name, data_type, is_nullable
from duckdb_columns()
where database_name = current_database()
order by schema_name, table_name, column_index
"""


class ReadOnlyDuckDBDialect(duckdb_engine.Dialect):
    """DuckDB opened read-only, in one schema, without transactions."""

    name = DIALECT_NAME
    supports_statement_cache = False
    _columns: dict[tuple[str, str], list[Any]] | None = None

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        """Return the pool that keeps one connection, so that `dispose` frees the file."""
        del url
        return StaticPool

    def create_connect_args(self, url: URL) -> tuple[tuple[()], dict[str, Any]]:
        """Return `connect`'s arguments from a URL made by `read_only_url`."""
        query = {name: _single(value) for name, value in url.query.items()}
        attached = {n.removeprefix(_ATTACH): v for n, v in query.items() if n.startswith(_ATTACH)}
        plain = {name: value for name, value in query.items() if not name.startswith(_ATTACH)}
        return (), {**plain, "attached": attached}

    def connect(self, *_: object, **arguments: Any) -> Any:  # noqa: ANN401 - duckdb_engine's wrapper, untyped
        """Return a read-only connection whose unqualified names are those of the schema."""
        config = {name: arguments[name] for name in ("memory_limit", "threads")}
        connection = duckdb.connect(arguments["path"], read_only=True, config=config)
        connection.execute("set TimeZone = 'UTC'")
        for name, path in arguments["attached"].items():
            connection.execute(f"attach if not exists {quote_literal(path)} as {quote_identifier(name)} (read_only)")
        connection.execute(f"set schema = {quote_literal(arguments['schema'])}")
        return duckdb_engine.ConnectionWrapper(connection)

    def do_begin(self, connection: object) -> None:
        """Begin nothing: a read-only connection has nothing to undo."""

    def do_commit(self, connection: object) -> None:
        """Commit nothing."""

    def do_rollback(self, connection: object) -> None:
        """Roll nothing back, so that rows not yet fetched stay fetchable."""

    def get_columns(
        self, connection: Connection, table_name: str, schema: str | None = None, **_: object
    ) -> list[ReflectedColumn]:
        """Return the columns of a table or view, in table order."""
        columns = self._columns_by_table(connection)
        rows = columns.get((schema or self._schema(connection), str(table_name)), [])
        return [
            {
                "name": str(row.column_name),
                "type": self._reflected_type(str(row.data_type)),
                "nullable": bool(row.is_nullable),
                "default": None,
            }
            for row in rows
        ]

    def _schema(self, connection: Connection) -> str:
        return str(connection.execute(text("select current_schema()")).scalar_one())

    def _columns_by_table(self, connection: Connection) -> Mapping[tuple[str, str], list[Any]]:
        """Return the columns of all tables, read once: nobody writes the file, and DuckDB lists all for any."""
        if self._columns is None:
            self._columns = {}
            for row in connection.execute(text(_COLUMNS)).fetchall():
                self._columns.setdefault((str(row.schema_name), str(row.table_name)), []).append(row)
        return self._columns

    def get_pk_constraint(
        self, connection: Connection, table_name: str, schema: str | None = None, **_: object
    ) -> ReflectedPrimaryKeyConstraint:
        """Return no constraint: keys are facts to check here, not declarations to trust."""
        del connection, table_name, schema
        return {"constrained_columns": [], "name": None}

    def _reflected_type(self, data_type: str) -> Any:  # noqa: ANN401 - SQLAlchemy's own type
        known = self.ischema_names.get(data_type.partition("(")[0].lower(), NullType)
        return known() if isinstance(known, type) else known


def read_only_url(
    database: Path, schema: str, *, limits: DuckdbLimits, attached: Mapping[str, Path] | None = None
) -> str:
    """Return the URL of one schema of a DuckDB file, with other files attached read-only.

    The path stands in the query, where every character is escaped, since Great Expectations would
    take a `$` in a plain URL for a variable to fill in.

    Args:
        database: the DuckDB file.
        schema: the schema in which unqualified names are looked up.
        limits: memory and threads of the connection.
        attached: name to file, for tables read as `name.schema.table`.
    """
    registry.register(DIALECT_NAME, __name__, ReadOnlyDuckDBDialect.__name__)
    others = {f"{_ATTACH}{name}": str(path) for name, path in (attached or {}).items()}
    query = {
        "path": str(database),
        "schema": schema,
        "memory_limit": limits.memory_limit,
        "threads": str(limits.threads),
        **others,
    }
    return URL.create(DIALECT_NAME, query=query).render_as_string(hide_password=False)


def _single(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else value[-1]
