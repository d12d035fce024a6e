"""Which column is made from which: read from the SQL that dbt compiled, once a version of the dbt project.

Functions on dbt's manifest and SQL texts; nothing here opens the warehouse or knows Dagster. Lineage is told, never
needed: a model whose SQL cannot be read has none, and is named.
"""

import contextlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import sqlglot
from pydantic import TypeAdapter, ValidationError
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema

from orchestration.foundation.lake_io import write_bytes_atomically

Manifest: TypeAlias = Mapping[str, Any]
Column: TypeAlias = tuple[str, str]
"""A column by the unique id of its dbt node, and its name."""
Sources: TypeAlias = Mapping[str, tuple[Column, ...]]
"""By column of one model, the columns that it is made from directly, sorted; none for a constant or a count."""

_DIALECT = "duckdb"
_TABLES = ("model", "seed", "source")
_UNREADABLE = (SqlglotError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What sqlglot raises on SQL that it does not understand."""
_KEPT: TypeAdapter[dict[str, dict[str, tuple[Column, ...]] | None]] = TypeAdapter(
    dict[str, dict[str, tuple[Column, ...]] | None]
)


@dataclass(frozen=True)
class ColumnLineage:
    """The lineage of some models.

    Attributes:
        sources: by unique id of a model, its columns with what they are made from.
        unreadable: unique ids of the models whose SQL was not understood, sorted.
    """

    sources: Mapping[str, Sources]
    unreadable: tuple[str, ...] = ()

    def origins(self, column: Column) -> frozenset[Column]:
        """Return every column that `column` is made from, directly or through others, itself left out."""
        found: set[Column] = set()
        waiting = [column]
        while waiting:
            model, name = waiting.pop()
            new = set(self.sources.get(model, {}).get(name, ())) - found
            found |= new
            waiting.extend(new)
        return frozenset(found)


def lineage_of(manifest: Manifest, compiled: Mapping[str, str]) -> ColumnLineage:
    """Return the lineage of models by their compiled SQL.

    A column counts as made from another when that column's values reach it, or decide in its expression which do
    (`case`, `filter`); a column that only joins or filters whole rows does not count.

    Args:
        manifest: dbt's manifest, whose documented columns say what a `select *` of a table is.
        compiled: unique id of a model to its SQL without Jinja.
    """
    tables = _Tables.of(manifest)
    found = {model: _sources(sql, tables) for model, sql in compiled.items()}
    return _as_lineage(found)


def kept_lineage(manifest: Manifest, target_dir: Path, *, version: str, models: Collection[str]) -> ColumnLineage:
    """Return the lineage of models that dbt just built, reading the SQL of those that this version did not have yet.

    What was read is kept in `target_dir` for the version; a file there that is damaged, or that cannot be written, only
    means that the SQL is read again.

    Args:
        manifest: dbt's manifest.
        target_dir: dbt's target folder, with what it compiled.
        version: fingerprint of the dbt project.
        models: unique ids of what was built; what is no model, such as a seed, is left out.
    """
    path = target_dir / f"column_lineage-{version[:16]}.json"
    known = _read(path)
    compiled = dict(_compiled(manifest, target_dir, [model for model in models if model not in known]))
    if compiled:
        tables = _Tables.of(manifest)
        known |= {model: _sources(sql, tables) for model, sql in compiled.items()}
        with contextlib.suppress(OSError):
            write_bytes_atomically(path, _KEPT.dump_json(known))
    return _as_lineage({model: known[model] for model in models if model in known})


def _as_lineage(found: Mapping[str, Mapping[str, tuple[Column, ...]] | None]) -> ColumnLineage:
    unreadable = sorted(model for model, sources in found.items() if sources is None)
    return ColumnLineage({model: s for model, s in found.items() if s is not None}, tuple(unreadable))


def _read(path: Path) -> dict[str, dict[str, tuple[Column, ...]] | None]:
    try:
        return _KEPT.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return {}


def _compiled(manifest: Manifest, target_dir: Path, models: Collection[str]) -> Iterator[tuple[str, str]]:
    for model in models:
        node = manifest["nodes"][model]
        path = target_dir / "compiled" / node["package_name"] / node["original_file_path"]
        if node["resource_type"] == "model" and path.is_file():
            yield model, path.read_text(encoding="utf-8")


@dataclass(frozen=True)
class _Tables:
    """The tables that a manifest knows: their columns for sqlglot, and whose they are by schema and name."""

    schema: MappingSchema
    nodes: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, manifest: Manifest) -> "_Tables":
        nodes: dict[tuple[str, str], str] = {}
        columns: dict[str, Any] = {}
        for node in (*manifest["nodes"].values(), *manifest["sources"].values()):
            if node["resource_type"] in _TABLES:
                name = node.get("alias") or node["identifier"]
                nodes[node["schema"], name] = node["unique_id"]
                # The database's name is that of a file; the type decides nothing here, but sqlglot wants one.
                known = columns.setdefault(node["database"], {}).setdefault(node["schema"], {})
                known[name] = dict.fromkeys(node["columns"], "text")
        return cls(MappingSchema(columns, dialect=_DIALECT), nodes)


def _sources(sql: str, tables: _Tables) -> dict[str, tuple[Column, ...]] | None:
    """Return what each column of a query is made from, or None when the query is not understood."""
    try:
        query: Any = qualify(sqlglot.parse_one(sql, read=_DIALECT), dialect=_DIALECT, schema=tables.schema)
        scope = build_scope(query)
        names = query.named_selects if scope else ()
        return {name: _made_from(name, query, scope, tables) for name in names} or None
    except _UNREADABLE:
        return None


def _made_from(name: str, query: Any, scope: Any, tables: _Tables) -> tuple[Column, ...]:  # noqa: ANN401 - sqlglot's own
    found = set()
    for node in lineage(name, query, schema=tables.schema, dialect=_DIALECT, scope=scope, copy=False).walk():
        table = None if node.downstream else node.expression.find(exp.Table)
        origin = tables.nodes.get((table.db, table.name)) if table else None
        if origin is not None:
            found.add((origin, exp.to_column(node.name).name))
    return tuple(sorted(found))
