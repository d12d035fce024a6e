"""The profile of each column of a table: how full it is, how varied, which shapes its values have, what they could be.

One scan makes one row per distinct value; all else is asked of these. What a profile means belongs to `meanings`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb

from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.profiles.date_formats import DATE_FORMATS, EARLIEST_YEAR, LATEST_YEAR

PATTERNS_SHOWN = 5
VALUES_SHOWN = 5

_KEPT_CHARACTERS = 200
_PATTERN_CHARACTERS = 40
_VALUES_TABLE = "profiled_values"
_SAMPLED_VALUES = 5_000
_NUMBER = r"[+-]?[£€$]? ?[+-]?"
# By what a value could be; a value may be several. RE2, matched against the whole trimmed value.
_TESTS: Mapping[str, str] = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}",
    "phone": r"(\+|0|\()[0-9 ()./-]{5,22}[0-9]|[0-9]{2,5}[ ./-][0-9]{2,5}([ ./-][0-9]{2,5})+",
    "integer": r"[+-]?[0-9]{1,18}",
    "leading_zero": r"0[0-9]+",
    "point_number": rf"{_NUMBER}([0-9]+|[0-9]{{1,3}}(,[0-9]{{3}})+)([.][0-9]+)?",
    "comma_number": rf"{_NUMBER}([0-9]+|[0-9]{{1,3}}([.][0-9]{{3}})+)(,[0-9]+)?",
    "decimals_after_point": rf"{_NUMBER}([0-9]+|[0-9]{{1,3}}(,[0-9]{{3}})+)[.][0-9]+",
    "decimals_after_comma": rf"{_NUMBER}([0-9]+|[0-9]{{1,3}}([.][0-9]{{3}})+),[0-9]+",
    "boolean": r"(?i)(y|n|yes|no|true|false|0|1)",
    "code": r"[A-Za-z0-9]+([-_.:/#][A-Za-z0-9]+)*",
    "several_words": r"\S+(\s+\S+){3,}",
    "uuid": r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}
_DATE_LIKE = (
    r"[0-9]{1,4}[-/. ]([0-9]{1,2}|[A-Za-z]{3,9})[-/. ][0-9]{2,4}.{0,20}|[0-9]{8}|[A-Za-z]{3,9} [0-9]{1,2}, [0-9]{4}"
)


@dataclass(frozen=True)
class ColumnProfile:
    """What one column holds.

    Attributes:
        name: the column.
        rows_count: rows of the table.
        empty_count: rows without a value: null, empty or blanks only.
        distinct_count: different values among the filled ones, exact.
        padded_count: rows whose value has blanks around it.
        min_length: characters of the shortest value; None when all are empty.
        max_length: characters of the longest.
        min_value: the first in the order of text, at most 200 characters; None when hidden.
        max_value: the last.
        patterns: rows by the most frequent shapes, letters as `a` and digits as `9`, at most 40 characters.
        patterns_count: how many shapes there are.
        top_values: rows by the most frequent values; empty when hidden.
        fitting: rows by what their value could be (`email`, `integer`, …).
        date_fitting: rows by exactly the date formats that read them.
    """

    name: str
    rows_count: int
    empty_count: int
    distinct_count: int = 0
    padded_count: int = 0
    min_length: int | None = None
    max_length: int | None = None
    min_value: str | None = None
    max_value: str | None = None
    patterns: Mapping[str, int] = field(default_factory=dict)
    patterns_count: int = 0
    top_values: Mapping[str, int] = field(default_factory=dict)
    fitting: Mapping[str, int] = field(default_factory=dict)
    date_fitting: Mapping[frozenset[str], int] = field(default_factory=dict)

    @property
    def filled_count(self) -> int:
        """Rows with a value."""
        return self.rows_count - self.empty_count

    @property
    def empty_share(self) -> float:
        """Share of rows without a value, 0 to 1; 0 for a table without rows."""
        return self.empty_count / self.rows_count if self.rows_count else 0.0

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.rows_count > 0 and self.distinct_count == self.rows_count

    def share(self, test: str) -> float:
        """Return the share of filled rows whose value could be `test`, 0 to 1."""
        return self.fitting.get(test, 0) / self.filled_count if self.filled_count else 0.0

    def without_values(self) -> "ColumnProfile":
        """Return the profile without any value of the column, for columns with personal data."""
        return replace(self, min_value=None, max_value=None, top_values={})


def profile_columns(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, columns: Sequence[str]
) -> tuple[ColumnProfile, ...]:
    """Return the profile of each of `columns` of a table or view, in their order.

    The table is read once, into a temporary table of one row per column and distinct value that DuckDB may spill; it
    is gone at the end. All counts are exact. Values are compared as they are and judged without blanks around them.

    Args:
        connection: an open DuckDB connection; it may be read-only.
        schema: the table's schema.
        name: the table's name.
        columns: which columns; other types than text are profiled as DuckDB writes them.

    Raises:
        duckdb.CatalogException: there is no such table.
        duckdb.BinderException: there is no such column.
    """
    relation = f"{quote_identifier(schema)}.{quote_identifier(name)}"
    [(rows,)] = connection.execute(f"select count(*) from {relation}").fetchall()
    if not columns or rows == 0:
        return tuple(ColumnProfile(column, rows, rows) for column in columns)
    listed = ", ".join(f"{quote_identifier(c)}::varchar as {quote_identifier(c)}" for c in columns)
    cells = f"unpivot (select {listed} from {relation}) on columns(*) into name column_name value cell"
    return profile_cells(connection, cells, dict.fromkeys(columns, rows))


def profile_cells(
    connection: duckdb.DuckDBPyConnection, cells: str, rows: Mapping[str, int], *, dates_tried: int = _SAMPLED_VALUES
) -> tuple[ColumnProfile, ...]:
    """Return the profile of each column of `rows`, in its order, from its cells: as `profile_columns`, of many tables.

    Args:
        connection: an open DuckDB connection; it may be read-only.
        cells: a query of the text columns `column_name` and `cell`, one row per cell; cells that are null may be left
            out.
        rows: how many rows each column has.
        dates_tried: on how many values of a column all date formats are tried; those that read none are given up.

    Raises:
        duckdb.Error: the query is none, or lacks a column.
    """
    try:
        connection.execute(_values_sql(cells))
        return _profiles(connection, rows, dates_tried)
    finally:
        connection.execute(f"drop table if exists temp.{_VALUES_TABLE}")


def _values_sql(cells: str) -> str:
    """Return the statement that makes one row per column and distinct filled value."""
    pattern = "regexp_replace(regexp_replace(value, '[\\p{L}\\p{M}]', 'a', 'g'), '\\p{N}', '9', 'g')"
    return f"""
        create or replace temp table {_VALUES_TABLE} as
        with cells as (
            {cells}
        ),
        counted as (
            select column_name, cell, count(*) as rows_count
            from cells
            where trim(cell) <> ''
            group by column_name, cell
        ),
        judged as (
            select
                column_name,
                left(trim(cell), {_KEPT_CHARACTERS}) as value,
                length(cell) as cell_length,
                cell <> trim(cell) as is_padded,
                left(ltrim(cell), 1) in ('{{', '[') and json_valid(cell) as is_json,
                rows_count
            from counted
        )
        select *, left({pattern}, {_PATTERN_CHARACTERS}) as pattern
        from judged
    """


def _profiles(
    connection: duckdb.DuckDBPyConnection, rows: Mapping[str, int], dates_tried: int
) -> tuple[ColumnProfile, ...]:
    tests = ", ".join(
        f"coalesce(sum(rows_count) filter (where regexp_full_match(value, {quote_literal(pattern)})), 0)::bigint"
        for pattern in _TESTS.values()
    )
    facts = connection.execute(
        f"""
        select
            column_name, sum(rows_count)::bigint, count(*),
            coalesce(sum(rows_count) filter (where is_padded), 0)::bigint,
            min(cell_length), max(cell_length), min(value), max(value), count(distinct pattern),
            coalesce(sum(rows_count) filter (where is_json), 0)::bigint, {tests}
        from {_VALUES_TABLE}
        group by column_name
        """
    ).fetchall()
    patterns = _most_frequent(connection, "pattern", PATTERNS_SHOWN)
    values = _most_frequent(connection, "value", VALUES_SHOWN)
    dates = _date_fitting(connection, dates_tried)
    known = {}
    for column, filled, distinct, padded, shortest, longest, low, high, shapes, *fitting in facts:
        known[column] = ColumnProfile(
            name=column,
            rows_count=rows[column],
            empty_count=rows[column] - filled,
            distinct_count=distinct,
            padded_count=padded,
            min_length=shortest,
            max_length=longest,
            min_value=low,
            max_value=high,
            patterns=patterns[column],
            patterns_count=shapes,
            top_values=values[column],
            fitting=dict(zip(("json", *_TESTS), fitting, strict=True)),
            date_fitting=dates.get(column, {}),
        )
    return tuple(known.get(column, ColumnProfile(column, count, count)) for column, count in rows.items())


def _most_frequent(connection: duckdb.DuckDBPyConnection, what: str, limit: int) -> dict[str, dict[str, int]]:
    found = connection.execute(
        f"""
        select column_name, {what}, sum(rows_count)::bigint as rows_in_all
        from {_VALUES_TABLE}
        group by column_name, {what}
        qualify row_number() over (partition by column_name order by rows_in_all desc, {what}) <= {limit}
        order by column_name, rows_in_all desc, {what}
        """
    ).fetchall()
    shown: dict[str, dict[str, int]] = {}
    for column, value, count in found:
        shown.setdefault(column, {})[value] = count
    return shown


def _date_fitting(connection: duckdb.DuckDBPyConnection, dates_tried: int) -> dict[str, dict[frozenset[str], int]]:
    """Return, by column, how many rows fit exactly which date formats; columns that hold hardly any are left out.

    Formats that read nothing of a sample are not tried on all values.
    """
    found = connection.execute(
        f"""
        select column_name
        from {_VALUES_TABLE}
        group by column_name
        having 2 * sum(rows_count) filter (where regexp_full_match(value, {quote_literal(_DATE_LIKE)}))
            >= sum(rows_count)
        """
    ).fetchall()
    if not found:
        return {}
    listed = ", ".join(quote_literal(column) for (column,) in found)
    likely = f"select * from {_VALUES_TABLE} where column_name in ({listed})"
    sampled = (
        f"{likely} qualify row_number() over (partition by column_name order by hash(value), value) <= {dates_tried}"
    )
    tried = _fitting_of(connection, sampled, DATE_FORMATS)
    useful = {name for fitting in tried.values() for formats in fitting for name in formats}
    return _fitting_of(connection, likely, [name for name in DATE_FORMATS if name in useful])


def _fitting_of(
    connection: duckdb.DuckDBPyConnection, values: str, formats: Sequence[str]
) -> dict[str, dict[frozenset[str], int]]:
    bits = " + ".join(
        f"case when year(try_strptime(value, {quote_literal(date_format)})) between {EARLIEST_YEAR} and {LATEST_YEAR} "
        f"then {1 << place} else 0 end"
        for place, date_format in enumerate(formats)
    )
    found = connection.execute(
        f"select column_name, {bits or 0} as bits, sum(rows_count)::bigint from ({values}) group by column_name, bits"
    ).fetchall()
    fitting: dict[str, dict[frozenset[str], int]] = {}
    for column, mask, count in found:
        fitted = frozenset(name for place, name in enumerate(formats) if mask >> place & 1)
        fitting.setdefault(column, {})[fitted] = count
    return fitting
