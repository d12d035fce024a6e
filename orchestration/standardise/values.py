"""Which raw values still have to be standardised, and with what: one statement a kind over all feeds that hold it.

Belongs here: finding the distinct new values. What a value becomes is each kind's module; writing the result and
joining it to rows belongs to others.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from orchestration.foundation.feed_contract import FeedContract, StandardiseRule
from orchestration.foundation.lake_io import view_name
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.standardise.countries import standardise_countries
from orchestration.standardise.emails import standardise_emails
from orchestration.standardise.names import standardise_names
from orchestration.standardise.phones import standardise_phones


@dataclass(frozen=True)
class Kind:
    """One kind of value that is standardised.

    Attributes:
        name: as feed contracts say it (`as: email`).
        table: the lake table that holds the result.
        raw_columns: the columns of that table which are the raw value.
        standardise: makes the table's rows out of the raw columns.
    """

    name: str
    table: str
    raw_columns: tuple[str, ...]
    standardise: Callable[[pa.Table], pa.Table]


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("email", "standardised/emails", ("email_raw",), standardise_emails),
        Kind("phone", "standardised/phones", ("phone_raw", "country_raw"), standardise_phones),
        Kind("name", "standardised/names", ("name_raw",), standardise_names),
        Kind("country", "standardised/countries", ("country_raw",), standardise_countries),
    )
}


def new_values(connection: duckdb.DuckDBPyConnection, feeds: Iterable[FeedContract], kind: Kind) -> pa.Table:
    """Return the distinct raw values of one kind that its lake table does not hold yet.

    Args:
        connection: sees the feeds' raw tables and the kind's lake table as views (`lake_io.create_views`).
        feeds: the feed contracts; their `standardise` rules say where the values are.
        kind: one of `KINDS`.

    Returns:
        The kind's raw columns, exactly as received, each value (phones: each pair with the country, '' where there is
        none) once, ordered by them. Nulls and texts of blanks only are no values.
    """
    places = [_select(feed, rule, kind) for feed in feeds for rule in feed.standardise if rule.kind == kind.name]
    if not places:
        fields = [LAKE_TABLES[kind.table].schema.field(name) for name in kind.raw_columns]
        return pa.schema(fields).empty_table()
    known = ".".join(quote_identifier(part) for part in view_name(kind.table))
    columns = ", ".join(kind.raw_columns)
    statement = f"""
        with received as (
            {" union all ".join(places)}
        )
        select distinct {columns}
        from received
        anti join {known} as known using ({columns})
        where regexp_matches({kind.raw_columns[0]}, '[^\\s]')
        order by {columns}
    """
    return connection.sql(statement).to_arrow_table()


def _select(feed: FeedContract, rule: StandardiseRule, kind: Kind) -> str:
    """Return the statement that reads the raw columns of `kind` from one place of one feed."""
    value = _expression(rule.column, rule.json_path)
    texts = [f"{value} as {kind.raw_columns[0]}"]
    if rule.kind == "phone":
        texts.append(f"{_country(rule)} as country_raw")
    table = ".".join(quote_identifier(part) for part in view_name(feed.table))
    return f"select {', '.join(texts)} from {table} where {value} is not null"


def _country(rule: StandardiseRule) -> str:
    """Return the SQL for the country in which a phone number without dialling code is read; '' where none is told."""
    if rule.country_column:
        return f"coalesce({_expression(rule.country_column, rule.country_json_path)}, '')"
    return quote_literal(rule.country or "")


def _expression(column: str, json_path: str | None) -> str:
    """Return the SQL for the text in a column, or at a path of its JSON; null where that is no JSON."""
    quoted = quote_identifier(column)
    if json_path is None:
        return quoted
    return f"case when json_valid({quoted}) then json_extract_string({quoted}, {quote_literal(json_path)}) end"
