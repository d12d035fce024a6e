"""What is kept of a column's values for finding them in other columns: its smallest hashes, never a value.

A bottom-k sketch (Bar-Yossef et al. 2002; Cohen and Kaplan 2007): of all distinct values that a column ever held, the
2,048 with the smallest hashes. Two sketches are samples of the same hash range, so that below the smaller of their
bounds each holds all values of its column; sketches of two nights are merged by keeping the smallest of both, and
merging the same night twice changes nothing. A column with fewer values is held whole.

The kept hashes are keyed: a sha256 over the installation's secret and a hash of the value, so that without the secret
nobody can tell whether a value that he guesses is among them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import duckdb
import pyarrow as pa

from orchestration.foundation.lake_io import view_name
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.profiles.meanings import Kind
from orchestration.profiles.nightly.arrivals import Arrival, ArrivedColumn

SKETCHES_TABLE = "profiles/sketches"
SKETCH_SIZE = 2_048

_RULES = "2"
_COMPARABLE: Collection[Kind] = ("email", "phone", "name", "address", "country", "id", "category", "text")
_SHORT_NUMBER_DIGITS = 4
_FEW_VALUES = 15
_MANY_ROWS = 500
_MOST = 0.95
_PROBE = "hash('a column of a feed')"
_PHONE = r"[+0(][0-9 ()./-]{8,22}"
_PHONE_DIGITS = 9


def use_key(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Make the connection's sketches those of an installation by its secret, which stands in no statement."""
    connection.execute("set variable sketch_key = $key", {"key": key})


def rules_version(connection: duckdb.DuckDBPyConnection) -> str:
    """Return what tells sketches apart that may not be merged: rules, what DuckDB hashes to, and whose secret it was.

    Args:
        connection: after `use_key`.
    """
    [(probe,)] = connection.execute(f"select {_keyed(_PROBE)}::varchar").fetchall()
    return f"{_RULES}-{SKETCH_SIZE}-{probe}"


def is_comparable(column: ArrivedColumn) -> bool:
    """Return whether finding a column's values in another one says anything.

    Days, amounts, flags, free text and whole numbers of at most four digits are found everywhere by chance, and so are
    the values of a column that has only a few.
    """
    if column.judged.distinct_count <= _FEW_VALUES and column.judged.filled_count >= _MANY_ROWS:
        return False
    is_short_number = column.judged.share("integer") >= _MOST and (column.max_length or 0) <= _SHORT_NUMBER_DIGITS
    return column.kind in _COMPARABLE and not is_short_number


def create_sketches(connection: duckdb.DuckDBPyConnection, paths: Iterable[str]) -> None:
    """Make the table `sketches` from committed files: `feed` (as `source/feed`), `column_name` and `value_hash`."""
    connection.execute("create or replace temp table sketches (feed varchar, column_name varchar, value_hash bigint)")
    listed = ", ".join(map(quote_literal, paths))
    if listed:
        connection.execute(
            "insert into sketches select source || '/' || feed, column_name, value_hash "
            f"from read_parquet([{listed}], hive_partitioning = false)"
        )


def add_to_sketches(connection: duckdb.DuckDBPyConnection, comparable: Mapping[Arrival, Collection[str]]) -> None:
    """Merge the values of what arrived into the sketches of columns.

    Args:
        connection: with the view of each feed's rows and the table `sketches`.
        comparable: by what arrived, columns and leaves by the names of `ArrivedColumn`.
    """
    for arrival, columns in comparable.items():
        for hashes in distinct_hashes(arrival, columns):
            connection.execute(_added(hashes))
    connection.execute(
        f"""
        create or replace temp table sketches as
        select feed, column_name, value_hash
        from (select distinct * from sketches)
        qualify row_number() over (partition by feed, column_name order by value_hash) <= {SKETCH_SIZE}
        """
    )


def _added(hashes: str) -> str:
    """Return the statement that adds the smallest of the hashes that a query gives."""
    return f"""
        insert into sketches
        with hashed_once as ({hashes})
        select feed, column_name, unnest(min({_keyed("value_hash")}, {SKETCH_SIZE}))
        from hashed_once
        group by feed, column_name
    """


def _keyed(value_hash: str) -> str:
    """Return the expression of what is kept of a hash, 63 bits."""
    digest = f"sha256(getvariable('sketch_key') || ({value_hash})::varchar)"
    return f"(('0x' || left({digest}, 16))::ubigint >> 1)::bigint"


def distinct_hashes(arrival: Arrival, columns: Collection[str]) -> Iterator[str]:
    """Yield queries that together give `feed`, `column_name` and `value_hash`, once for each value of a column.

    Args:
        arrival: whose view is read.
        columns: columns and leaves by the names of `ArrivedColumn`.
    """
    single = [column for column in columns if "[*]" not in column]
    for together in (single, *([column] for column in columns if "[*]" in column)):
        if together:
            yield _hashed_once(arrival, together)


def _hashed_once(arrival: Arrival, columns: Sequence[str]) -> str:
    """Return the query of the hashes of columns with one cell a row, or of one leaf of arrays."""
    relation = ".".join(map(quote_identifier, view_name(arrival.feed.table)))
    documents, cells = _cells(arrival, columns)
    hashes = ", ".join(f"{_hashed(quote_identifier(column))} as {quote_identifier(column)}" for column in columns)
    return f"""
        with documents as (
            select {", ".join(documents)} from {relation}
        ),
        cells as (
            select {", ".join(cells)} from documents
        ),
        hashed as (
            unpivot (select {hashes} from cells) on columns(*) into name column_name value value_hash
        )
        select distinct
            {quote_literal(f"{arrival.feed.source}/{arrival.feed.name}")} as feed,
            column_name,
            value_hash
        from hashed
    """


def _cells(arrival: Arrival, columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what is read of a row, a JSON document parsed once for all of its leaves, and the cell of each column."""
    leaves: dict[str, list[str]] = {}
    for column in columns:
        if column not in arrival.feed.columns:
            whole = min(column.find(mark) % (len(column) + 1) for mark in ".[")
            leaves.setdefault(column[:whole], []).append(column)
    cells = [quote_identifier(column) for column in columns if column in arrival.feed.columns]
    documents = list(cells)
    for document, names in leaves.items():
        quoted = quote_identifier(document)
        paths = [quote_literal("$" + name.removeprefix(document)) for name in names]
        sought = paths[0] if "[*]" in names[0] else f"[{', '.join(paths)}]"
        valid = f"case when json_valid({quoted}) then {quoted} end"
        documents.append(f"json_extract_string({valid}, {sought}) as {quoted}")
        cells += [
            f"{f'unnest({quoted})' if '[*]' in name else f'{quoted}[{place}]'} as {quote_identifier(name)}"
            for place, name in enumerate(names, start=1)
        ]
    return documents, cells


def sketch_of(connection: duckdb.DuckDBPyConnection, arrival: Arrival) -> pa.Table:
    """Return the sketches of one feed as rows of `profiles/sketches`, by column and hash."""
    feed = arrival.feed
    found = connection.execute(
        "select ? as source, ? as feed, column_name, value_hash from sketches where feed = ? "
        "order by column_name, value_hash",
        [feed.source, feed.name, f"{feed.source}/{feed.name}"],
    ).to_arrow_table()
    return found.cast(LAKE_TABLES[SKETCHES_TABLE].schema)


def _hashed(cell: str) -> str:
    """Return the expression of a cell's hash, 63 bits; null when the cell is blank."""
    trimmed = f"trim({cell})"
    return f"case when {trimmed} <> '' then (hash({_canonical(trimmed)}) >> 1)::bigint end"


def _canonical(cell: str) -> str:
    """Return the expression by which values that are written differently are one: case, and how phones are written."""
    digits = f"right(regexp_replace({cell}, '[^0-9]', '', 'g'), {_PHONE_DIGITS})"
    return (
        f"case when left({cell}, 1) in ('+', '0', '(') and regexp_full_match({cell}, {quote_literal(_PHONE)}) "
        f"then {digits} else lower({cell}) end"
    )
