"""The profile of every column of the feeds of which rows arrived: exact counts of all rows, shapes of a sample.

Columns of JSON are profiled leaf by leaf, named by their path (`customer.email`, `lines[*].sku`), unknown columns as
leaves of `_extras`. No value leaves this module: shares, lengths, masked patterns, and hashes of categories that the
contract calls free of personal data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb

from orchestration.foundation.feed_contract import FeedContract
from orchestration.foundation.lake_io import view_name
from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.profiles.columns import ColumnProfile, profile_cells
from orchestration.profiles.meanings import Kind, meaning_of

EXTRAS = "_extras"
CATEGORIES_AT_MOST = 50

_SAMPLED_ROWS = 1_000
_DATES_TRIED = 50
_LEAVES_AT_MOST = 100
_LEAF_SHARE_AT_LEAST = 0.01
_ROWS_A_CATEGORY = 5
_LEAF_PATH = r"\$(\.[A-Za-z_][A-Za-z0-9_]*|\[\*\])+"


@dataclass(frozen=True, eq=False)
class Arrival:
    """What arrived of one feed: how many files, and how many rows they have in all."""

    feed: FeedContract
    files_count: int
    rows_count: int

    @property
    def is_sampled(self) -> bool:
        """Whether shapes are judged by a sample of the rows."""
        return self.rows_count > _SAMPLED_ROWS


@dataclass(frozen=True)
class ArrivedColumn:
    """One column of what arrived.

    Attributes:
        arrival: the feed's rows that it is of.
        name: the column, or the path of a leaf.
        pii: class of personal data by the contract; `direct` for columns that it does not know.
        kind: what the values are, judged by their shapes and the column's name.
        judged: the profile of the judged rows: all of them, or about a thousand.
        filled_count: rows with a value; of a leaf, judged rows.
        distinct_count: different values; estimated when rows were sampled; None where it was not counted.
        min_length: characters of the shortest value; None when all are empty.
        max_length: characters of the longest.
        categories: judged rows by hash of the value, for columns of few values without personal data.
    """

    arrival: Arrival
    name: str
    pii: str
    kind: Kind
    judged: ColumnProfile
    filled_count: int
    distinct_count: int | None
    min_length: int | None
    max_length: int | None
    categories: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows_count(self) -> int:
        """Rows that `filled_count` is of."""
        is_leaf = self.name not in self.arrival.feed.columns
        return self.judged.rows_count if is_leaf else self.arrival.rows_count

    @property
    def is_distinct_exact(self) -> bool:
        """Whether the different values were counted and not estimated."""
        return not self.arrival.is_sampled


@dataclass(frozen=True)
class _Counted:
    filled: int
    shortest: int | None
    longest: int | None
    distinct: int | None


def profile_arrivals(connection: duckdb.DuckDBPyConnection, arrivals: Sequence[Arrival]) -> tuple[ArrivedColumn, ...]:
    """Return the profile of each column, and of each leaf of JSON, in the order of feeds and columns.

    Rows are sampled by a hash of their file and number, so that the same rows are judged each time. A leaf is left out
    when fewer than one in a hundred judged rows has it, or when its names are not plain words: keys that are values
    are no columns.

    Args:
        connection: a writable DuckDB connection with the view of each feed's rows.
        arrivals: the feeds; each has rows.

    Raises:
        duckdb.CatalogException: a feed has no view.
    """
    connection.execute("create or replace temp table sampled_cells (column_name varchar, cell varchar)")
    rows: dict[str, int] = {}
    counted: dict[str, _Counted] = {}
    for arrival in arrivals:
        _sample(connection, arrival)
        rows |= _cells_of(connection, arrival)
        if arrival.is_sampled:
            counted |= _counts(connection, arrival)
    profiles = {p.name: p for p in _judged(connection, rows)}
    found = [
        _column(arrival, profiles[name], counted.get(name))
        for arrival in arrivals
        for name in rows
        if name.startswith(_prefix(arrival.feed))
    ]
    categories = _categories(connection, [column for column in found if _has_categories(column)])
    connection.execute("drop table sampled_cells")
    return tuple(_with_categories(column, categories) for column in found)


def _judged(connection: duckdb.DuckDBPyConnection, rows: Mapping[str, int]) -> tuple[ColumnProfile, ...]:
    cells = "select column_name, cell from sampled_cells"
    return profile_cells(connection, cells, rows, dates_tried=_DATES_TRIED)


def plain_columns(feed: FeedContract) -> tuple[str, ...]:
    """Return the columns of a feed that are profiled as they are, in order."""
    return tuple(name for name, column in feed.columns.items() if column.type != "json")


def _prefix(feed: FeedContract) -> str:
    return f"{feed.source}/{feed.name}:"


def _sample(connection: duckdb.DuckDBPyConnection, arrival: Arrival) -> None:
    relation = ".".join(map(quote_identifier, view_name(arrival.feed.table)))
    chosen = ""
    if arrival.is_sampled:
        chosen = f"where hash(_file_sha256, _row_number) < {2**64 * _SAMPLED_ROWS // arrival.rows_count}"
    listed = ", ".join(map(quote_identifier, (*arrival.feed.columns, EXTRAS)))
    connection.execute(f"create or replace temp table sampled_rows as select {listed} from {relation} {chosen}")


def _cells_of(connection: duckdb.DuckDBPyConnection, arrival: Arrival) -> dict[str, int]:
    """Return the judged rows of each column, after adding its cells to the sampled ones."""
    prefix, plain = _prefix(arrival.feed), plain_columns(arrival.feed)
    nested = (*(name for name in arrival.feed.columns if name not in plain), EXTRAS)
    counts = ", ".join(f"count({quote_identifier(column)})" for column in nested)
    [(sampled, *filled)] = connection.execute(f"select count(*), {counts} from sampled_rows").fetchall()
    if plain:
        listed = ", ".join(f"{quote_identifier(c)} as {quote_identifier(prefix + c)}" for c in plain)
        connection.execute(
            f"insert into sampled_cells unpivot (select {listed} from sampled_rows) on columns(*) "
            "into name column_name value cell"
        )
    rows = {prefix + column: int(sampled) for column in plain}
    for column, count in zip(nested, filled, strict=True):
        if count:
            rows |= _leaves_of(connection, column, prefix, sampled=int(sampled))
    return rows


def _leaves_of(connection: duckdb.DuckDBPyConnection, column: str, prefix: str, *, sampled: int) -> dict[str, int]:
    """Return the judged rows of each leaf of a JSON column; of a leaf inside an array, its elements."""
    quoted = quote_identifier(column)
    connection.execute(
        f"""
        create or replace temp table leaves as
        with documents as (
            select {quoted} as document from sampled_rows where json_valid({quoted})
        )
        select
            regexp_replace(tree.fullkey, '\\[[0-9]+\\]', '[*]', 'g') as path,
            json_extract_string(tree.atom, '$') as cell
        from documents, json_tree(documents.document) as tree
        where tree.type not in ('OBJECT', 'ARRAY')
        """
    )
    found = connection.execute(
        f"""
        select path, count(*) from leaves
        where regexp_full_match(path, {quote_literal(_LEAF_PATH)})
        group by path
        having count(*) >= {_LEAF_SHARE_AT_LEAST} * {sampled}
        order by count(*) desc, path
        limit {_LEAVES_AT_MOST}
        """
    ).fetchall()
    named = {path: f"{prefix}{column}{path[1:]}" for path, _ in found}
    connection.execute(
        f"insert into sampled_cells select {quote_literal(prefix + column)} || substr(path, 2), cell from leaves "
        "where list_contains(?::varchar[], path)",
        [list(named)],
    )
    return {named[path]: int(count) if "[*]" in path else sampled for path, count in sorted(found)}


def _counts(connection: duckdb.DuckDBPyConnection, arrival: Arrival) -> dict[str, _Counted]:
    """Return what is counted of all rows of a feed, by column; distinct values are estimated by HyperLogLog."""
    relation = ".".join(map(quote_identifier, view_name(arrival.feed.table)))
    plain = plain_columns(arrival.feed)
    filled = ", ".join(f"{_filled(c)} as {c}" for c in map(quote_identifier, plain))
    measures = ", ".join(
        f"count({c}), min(length({c})), max(length({c})), least(approx_count_distinct({c}), count({c}))"
        for c in map(quote_identifier, plain)
    )
    if not plain:
        return {}
    [facts] = connection.execute(f"select {measures} from (select {filled} from {relation})").fetchall()
    return {
        _prefix(arrival.feed) + column: _Counted(*facts[4 * place : 4 * place + 4])
        for place, column in enumerate(plain)
    }


def _filled(cell: str) -> str:
    """Return the expression of a cell, null when it is blank; few need the slow test, which knows all blanks."""
    return f"case when ({cell} >= '!' and {cell} < chr(127)) or trim({cell}) <> '' then {cell} end"


def _column(arrival: Arrival, profile: ColumnProfile, counted: _Counted | None) -> ArrivedColumn:
    name = profile.name.removeprefix(_prefix(arrival.feed))
    known = arrival.feed.columns.get(name.split(".")[0].split("[")[0])
    exact = None if arrival.is_sampled else profile.distinct_count
    whole = counted or _Counted(profile.filled_count, profile.min_length, profile.max_length, exact)
    return ArrivedColumn(
        arrival=arrival,
        name=name,
        pii=known.pii if known else "direct",
        kind=meaning_of(_named(profile, name)).kind,
        judged=profile.without_values(),
        filled_count=whole.filled,
        distinct_count=whole.distinct,
        min_length=whole.shortest,
        max_length=whole.longest,
    )


def _named(profile: ColumnProfile, name: str) -> ColumnProfile:
    """Return a profile under the last part of a column's name, by whose words it is understood."""
    return replace(profile, name=name.replace("[*]", "").rsplit(".", maxsplit=1)[-1])


def _has_categories(column: ArrivedColumn) -> bool:
    distinct = column.judged.distinct_count
    return (
        column.pii == "none"
        and column.kind not in {"date", "timestamp"}
        and 0 < distinct <= CATEGORIES_AT_MOST
        and column.judged.filled_count >= _ROWS_A_CATEGORY * distinct
    )


def _categories(connection: duckdb.DuckDBPyConnection, columns: Iterable[ArrivedColumn]) -> dict[str, dict[str, int]]:
    names = [_prefix(column.arrival.feed) + column.name for column in columns]
    found = connection.execute(
        """
        select column_name, hash(cell)::varchar as category, count(*)
        from sampled_cells
        where list_contains(?::varchar[], column_name) and trim(cell) <> ''
        group by column_name, category
        order by column_name, category
        """,
        [names],
    ).fetchall()
    categories: dict[str, dict[str, int]] = {}
    for name, category, count in found:
        categories.setdefault(name, {})[category] = count
    return categories


def _with_categories(column: ArrivedColumn, categories: Mapping[str, Mapping[str, int]]) -> ArrivedColumn:
    return replace(column, categories=categories.get(_prefix(column.arrival.feed) + column.name, {}))
