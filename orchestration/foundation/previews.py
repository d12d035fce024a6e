"""What a run page may show of a table: its row count and a few rows without personal data."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import duckdb

from orchestration.foundation.sql import quote_identifier

PREVIEW_ROWS = 5


@dataclass(frozen=True)
class TablePreview:
    """What may be shown of a table.

    Attributes:
        rows: its row count.
        markdown: its first rows as a Markdown table of the columns that hold no personal data.
        types: all of its columns in order, with DuckDB's types.
    """

    rows: int
    markdown: str
    types: Mapping[str, str]


def preview(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, *, hidden: Collection[str] = ()
) -> TablePreview:
    """Return the row count and the first rows of a table or view, `hidden` columns left out.

    Args:
        connection: an open DuckDB connection.
        schema: the table's schema.
        name: the table's name.
        hidden: columns with personal data; `*` hides all rows.

    Raises:
        duckdb.CatalogException: there is no such table.
    """
    relation = f"{quote_identifier(schema)}.{quote_identifier(name)}"
    counted = connection.execute(f"select count(*) from {relation}").fetchall()
    rows = int(counted[0][0])
    types = {column[0]: column[1] for column in connection.execute(f"describe {relation}").fetchall()}
    shown = [column for column in types if column not in hidden and "*" not in hidden]
    if not shown:
        return TablePreview(rows, "_Rows hold personal data and are not shown._", types)
    listed = ", ".join(f"left({quote_identifier(column)}::varchar, 60)" for column in shown)
    found = connection.execute(f"select {listed} from {relation} limit {PREVIEW_ROWS}").fetchall()
    return TablePreview(rows, as_markdown(shown, found), types)


def as_markdown(columns: Collection[str], rows: Collection[Collection[object]]) -> str:
    """Return rows as a Markdown table; null is shown as an empty cell.

    Example:
        >>> print(as_markdown(["a"], [[1], [None]]))
        | a |
        | --- |
        | 1 |
        |  |
    """
    lines = [_line(columns), _line(["---"] * len(columns))]
    lines += [_line(["" if value is None else value for value in row]) for row in rows]
    return "\n".join(lines)


def _line(cells: Collection[object]) -> str:
    escaped = (str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells)
    return "| " + " | ".join(escaped) + " |"
