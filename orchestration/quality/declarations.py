"""How a gate's facts are declared: plain frozen values, readable without Great Expectations.

The same declaration gives Dagster its check specs when definitions load and Great Expectations
its suites when the gate runs. What a given gate claims stands in `suites`, running it in
`expectations`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

AssetKeyPath = tuple[str, ...]


@dataclass(frozen=True)
class Builtin:
    """One of Great Expectations' own expectations.

    Attributes:
        expectation: its class name, such as `ExpectColumnValuesToNotBeNull`.
        arguments: its keyword arguments; a text `$name` takes the value of that parameter.
    """

    expectation: str
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class NoRows:
    """A query that must return nothing.

    Attributes:
        query: DuckDB SQL that selects a text column `key` naming what is wrong without personal
            data; `$batch` is the fact's table, `$name` a parameter as an SQL literal.
    """

    query: str


@dataclass(frozen=True)
class WithinLimits:
    """A query whose every measure must lie inside its limits.

    Attributes:
        query: DuckDB SQL, at most 200 rows: `measure` (text), `observed`, `at_least` and
            `at_most` (numbers, null for no limit; `observed` null when there was nothing to
            measure, which passes).
        told_as: where all measures have one limit, the name under which the highest of them is
            told night by night, such as `highest_share`; else empty.
        limit: that limit; a text `$name` takes the value of that parameter.
    """

    query: str
    told_as: str = ""
    limit: str | float = 0.0


Check = Builtin | NoRows | WithinLimits


@dataclass(frozen=True)
class FactSpec:
    """One fact that a gate claims, named by a sentence.

    Attributes:
        table: the table it is about, as `schema.table`.
        fact: the sentence in snake_case, unique for its table.
        description: one sentence for people: what holds, and what its breach means.
        asset_key: the asset that carries the check.
        checks: all must pass for the fact to hold.
        feed: `source/feed` whose limits apply; empty for those of everything.
        reads: the table to read when it is another than `table`.
        is_blocking: whether a breach stops the night; else it only warns.
    """

    table: str
    fact: str
    description: str
    asset_key: AssetKeyPath
    checks: tuple[Check, ...]
    feed: str = ""
    reads: str = ""
    is_blocking: bool = True

    @property
    def relation(self) -> str:
        """The table that the checks read, as `schema.table`."""
        return self.reads or self.table


@dataclass(frozen=True)
class GateSpec:
    """A gate: the boundary after one layer, and every fact that must hold to pass it."""

    name: str
    description: str
    facts: tuple[FactSpec, ...]

    @property
    def asset_keys(self) -> tuple[AssetKeyPath, ...]:
        """The assets that carry its checks, each once, in order of declaration."""
        return tuple(dict.fromkeys(fact.asset_key for fact in self.facts))


def not_null(*columns: str) -> tuple[Builtin, ...]:
    """Return the checks that no value of these columns is null."""
    return tuple(Builtin("ExpectColumnValuesToNotBeNull", {"column": c}) for c in columns)


def between(column: str, at_least: object = None, at_most: object = None, *, mostly: float = 1.0) -> Builtin:
    """Return the check that the non-null values of a column lie in a closed range."""
    return Builtin(
        "ExpectColumnValuesToBeBetween",
        {"column": column, "min_value": at_least, "max_value": at_most, "mostly": mostly},
    )


def one_of(column: str, *values: str) -> Builtin:
    """Return the check that the non-null values of a column are among those known."""
    return Builtin("ExpectColumnValuesToBeInSet", {"column": column, "value_set": list(values)})


def no_twins(*columns: str) -> NoRows:
    """Return the check that no two rows share the same values of these columns."""
    listed = ", ".join(columns)
    key = " || ' ' || ".join(f"coalesce({column}::varchar, '?')" for column in columns)
    return NoRows(f"select {key} as key, count(*) as rows_count from $batch group by {listed} having count(*) > 1")


def all_match(column: str, pattern: str, key: str) -> NoRows:
    """Return the check that every non-null value of a column matches a whole regular expression.

    Args:
        column: the column to match.
        pattern: an RE2 expression that the whole value must match.
        key: an SQL expression that names the row without personal data.
    """
    escaped = pattern.replace("'", "''").replace("$", "$$")
    return NoRows(
        f"select {key}::varchar as key from $batch "
        f"where {column} is not null and not regexp_full_match({column}, '{escaped}')"
    )
