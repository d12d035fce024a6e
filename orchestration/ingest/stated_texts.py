"""Texts from outside, such as a file's name, in SQL that copies rows: by names of ours, never as part of the statement.

Each text is the one value of an enum type: Parquet's writer takes an enum's values as the column's dictionary, where
it would otherwise look up each row's text.
"""

from collections.abc import Mapping

import duckdb

from orchestration.foundation.sql import quote_identifier


def state_texts(connection: duckdb.DuckDBPyConnection, texts: Mapping[str, str]) -> None:
    """Make the texts known to a connection, for `stated_text`.

    Args:
        connection: in which no text is known yet.
        texts: by a name of ours.
    """
    values = ", ".join(f"${place}::varchar as {quote_identifier(name)}" for place, name in enumerate(texts, start=1))
    connection.execute(f"create temp table stated as select {values}", list(texts.values()))
    for name in texts:
        connection.execute(f"create type {_type(name)} as enum (select {quote_identifier(name)} from stated)")


def stated_text(name: str) -> str:
    """Return the SQL of a text that was stated under a name: a constant, an enum that is read back as text."""
    return f"enum_first(null::{_type(name)})::{_type(name)}"


def _type(name: str) -> str:
    return quote_identifier(f"stated {name}")
