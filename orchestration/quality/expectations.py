"""Runs declared facts as Great Expectations suites inside DuckDB.

This module imports Great Expectations when it is loaded (seconds, and hundreds of megabytes), so
`gates` loads it only when a gate runs. Analytics, progress bars and data docs are off; the
context lives in memory. What a gate claims stands in `suites`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template
from typing import Any, ClassVar

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.compatibility import pydantic
from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import Expectation

from orchestration.foundation.connections import DuckdbLimits
from orchestration.foundation.sql import quote_literal
from orchestration.quality.declarations import Builtin, Check, FactSpec, NoRows, WithinLimits
from orchestration.quality.dialect import read_only_url

Outcome = tuple[bool, dict[str, object], int]
Parameters = Mapping[str, object]

_KEYS = "select key::varchar as key, count(*) over () as unexpected_count from ({query}) order by key limit 5"
_BATCH = "(select * from {batch})"  # Great Expectations gives its batch an alias, or none beside a join
_BIND_NAME = re.compile(r"(?<![:\w\\]):(?=\w)")  # SQLAlchemy would ask for a value of `:name`
_HARMLESS_ERROR = re.compile(r"(?:Binder|Catalog|Parser) Error: [^\n\\]{1,200}")  # speaks of names, never of values
_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}


class _OneQuery(UnexpectedRowsExpectation):
    """A query that is asked once; Great Expectations' own class asks it again to count its rows."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)

    @pydantic.validator("unexpected_rows_query")
    def _validate_query(cls, query: str) -> str:  # noqa: N805 - a validator is a class method
        return query.strip()


class UnexpectedKeys(_OneQuery):
    """A query that must return nothing: it gives up to five keys, each with the count of all of them."""

    def _validate(self, metrics: Mapping[str, Any], *_: object, **__: object) -> dict[str, object]:
        rows = metrics["unexpected_rows_query.table"]
        count = rows[0]["unexpected_count"] if rows else 0
        return {"success": not rows, "result": {"unexpected_count": count, "keys": [row["key"] for row in rows]}}


class MeasuresWithinLimits(_OneQuery):
    """A query of measures, each with its limits; a measure of nothing (null) passes."""

    def _validate(self, metrics: Mapping[str, Any], *_: object, **__: object) -> dict[str, object]:
        rows = metrics["unexpected_rows_query.table"]
        broken = sorted(row["measure"] for row in rows if not _is_within(row))
        measures = {row["measure"]: _rounded(row["observed"]) for row in rows}
        result = {"unexpected_count": len(broken), "measures": measures, "outside_limits": broken}
        return {"success": not broken, "result": result}


@dataclass(frozen=True)
class Databases:
    """Where facts are read: a DuckDB file, further files by name, and what a connection may take."""

    database: Path
    attached: Mapping[str, Path]
    limits: DuckdbLimits

    def url(self, schema: str) -> str:
        """Return the URL of one schema of the database."""
        return read_only_url(self.database, schema, limits=self.limits, attached=self.attached)


def outcomes(facts: Sequence[tuple[FactSpec, Parameters]], databases: Databases) -> list[Outcome]:
    """Return, fact by fact in the order given, whether it held, what was observed, how often not.

    Args:
        facts: the facts with the parameters that their checks name.
        databases: where their tables are.
    """
    found: list[Outcome] = [(False, {}, 0)] * len(facts)
    by_schema: dict[str, dict[str, list[int]]] = {}
    for position, (fact, _) in enumerate(facts):
        schema, _, table = fact.relation.rpartition(".")
        by_schema.setdefault(schema, {}).setdefault(table, []).append(position)
    context = _context()
    for schema, by_table in by_schema.items():
        with _datasource(context, schema, databases.url(schema)) as datasource:
            for table, positions in by_table.items():
                chosen = [facts[position] for position in positions]
                for position, outcome in zip(positions, _of_one_table(datasource, table, chosen), strict=True):
                    found[position] = outcome
    return found


def _of_one_table(datasource: SQLDatasource, table: str, facts: Sequence[tuple[FactSpec, Parameters]]) -> list[Outcome]:
    if not _has_table(datasource, table):
        return [(False, {"missing_table": fact.relation}, 1) for fact, _ in facts]
    expectations = [
        _expectation(check, parameters, position)
        for position, (fact, parameters) in enumerate(facts)
        for check in fact.checks
    ]
    # Quoted, since a feed may be named like a word of SQL.
    asset = datasource.add_table_asset(table, table_name=f'"{table}"')
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    suite = gx.ExpectationSuite(name=table, expectations=expectations)
    by_fact: dict[int, list[Any]] = {}
    results: list[Any] = batch.validate(suite, result_format=_RESULT_FORMAT).results
    for result in results:
        by_fact.setdefault(result.expectation_config.meta["fact"], []).append(result)
    return [_outcome(by_fact[position]) for position in range(len(facts))]


def _expectation(check: Check, parameters: Parameters, position: int) -> Expectation:
    meta = {"fact": position}
    match check:
        case Builtin():
            arguments = {n: _filled(value, parameters) for n, value in check.arguments.items()}
            builtin: Expectation = getattr(gxe, check.expectation)(**arguments, meta=meta)
            return builtin
        case NoRows():
            query = _as_query(_KEYS.format(query=check.query), parameters)
            return UnexpectedKeys(unexpected_rows_query=query, meta=meta)
        case WithinLimits():
            query = _as_query(check.query, parameters)
            return MeasuresWithinLimits(unexpected_rows_query=query, meta=meta)


def _as_query(query: str, parameters: Parameters) -> str:
    literals = {name: _as_literal(value) for name, value in parameters.items()}
    filled = _BIND_NAME.sub(r"\\:", Template(query).substitute(literals, batch="\0"))
    return filled.replace("{", "{{").replace("}", "}}").replace("\0", _BATCH)


def _as_literal(value: object) -> str:
    match value:
        case bool() | int() | float():
            return repr(value).lower()
        case date():
            return f"date {quote_literal(value.isoformat())}"
        case list() | tuple():
            return f"[{', '.join(_as_literal(item) for item in value)}]::varchar[]"
        case _:
            return quote_literal(str(value))


def _filled(value: object, parameters: Parameters) -> object:
    if isinstance(value, list):
        return [_filled(item, parameters) for item in value]
    if isinstance(value, str) and value.startswith("$"):
        return parameters[value[1:]]
    return value


def _outcome(results: Sequence[Any]) -> Outcome:
    observed: dict[str, object] = {}
    for result in results:
        observed.update(_observed(result))
    unexpected = sum(
        max(int(result.result.get("unexpected_count") or 0), 0 if result.success else 1)
        for result in results
        if not result.success
    )
    return all(result.success for result in results), observed, unexpected


def _observed(result: Any) -> dict[str, object]:  # noqa: ANN401 - Great Expectations is untyped
    found = result.result
    column = result.expectation_config.kwargs.get("column", "")
    prefix = f"{column} " if column else ""
    if not found:
        message = _HARMLESS_ERROR.search(str(result.exception_info))
        return {f"{prefix}not_checked": message.group() if message else result.expectation_config.type}
    if "measures" in found:
        return {**found["measures"], **_unless_empty("outside_limits", found["outside_limits"])}
    if "keys" in found:
        return {"unexpected_count": found["unexpected_count"], **_unless_empty("keys", found["keys"])}
    if "element_count" in found:
        return {f"{prefix}unexpected_count": found["unexpected_count"] or 0}
    if result.expectation_config.type == "expect_table_columns_to_match_set":
        return {"missing_columns": found.get("details", {}).get("mismatched", {}).get("missing", [])}
    return {f"{prefix}observed": _rounded(found.get("observed_value"))}


def _unless_empty(name: str, values: list[str]) -> dict[str, object]:
    return {name: values} if values else {}


def _is_within(row: Mapping[str, Any]) -> bool:
    if row["observed"] is None:
        return True
    is_high_enough = row["at_least"] is None or row["observed"] >= row["at_least"]
    return is_high_enough and (row["at_most"] is None or row["observed"] <= row["at_most"])


def _rounded(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    try:
        return round(float(value), 6)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)


def _context() -> AbstractDataContext:
    # Stated in full, since the default makes a folder for data docs whenever a context is made.
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        analytics_enabled=False,
    )
    context: AbstractDataContext = gx.get_context(mode="ephemeral", project_config=config)
    return context


@contextmanager
def _datasource(context: AbstractDataContext, name: str, url: str) -> Iterator[SQLDatasource]:
    """Yield a datasource whose connections are closed at the end, so that the next process may write the file."""
    datasource = context.data_sources.add_sql(name=name, connection_string=url)
    try:
        yield datasource
    finally:
        datasource.get_engine().dispose()
        datasource.get_execution_engine().engine.dispose()


def _has_table(datasource: SQLDatasource, table: str) -> bool:
    engine = datasource.get_engine()
    with engine.connect() as connection:
        return bool(engine.dialect.get_columns(connection, table))
