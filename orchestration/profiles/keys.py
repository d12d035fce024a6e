"""Which columns tell the rows of a table apart: checked exactly, the fewest columns first."""

from collections.abc import Sequence
from itertools import combinations
from math import prod

import duckdb

from orchestration.foundation.sql import quote_identifier
from orchestration.profiles.proposal import ProposedColumn

_COLUMNS_AT_MOST = 3
_CANDIDATES_AT_MOST = 6


def found_key(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, candidates: Sequence[ProposedColumn]
) -> tuple[str, ...]:
    """Return the names of the first columns of which no two rows have the same values; empty when there are none.

    Days and instants alone are no key: that no two rows share one is chance.

    Args:
        connection: an open DuckDB connection.
        schema: the table's schema.
        name: the table's name.
        candidates: full columns, likely ones first; the first six are tried, up to three together.
    """
    relation = f"{quote_identifier(schema)}.{quote_identifier(name)}"
    for width in range(1, _COLUMNS_AT_MOST + 1):
        for columns in combinations(candidates[:_CANDIDATES_AT_MOST], width):
            rows = columns[0].profile.rows_count
            if all(column.meaning.kind in {"date", "timestamp"} for column in columns):
                continue
            if prod(column.profile.distinct_count for column in columns) < rows:
                continue
            listed = ", ".join(quote_identifier(column.name) for column in columns)
            counted = f"select count(*) from (select {listed} from {relation} group by {listed})"
            if connection.execute(counted).fetchall() == [(rows,)]:
                chosen = {column.name for column in columns}
                return tuple(column.name for column in candidates if column.name in chosen)
    return ()
