import json
from collections.abc import Iterator

import duckdb
import pytest

from orchestration.foundation.contracts import FeedContract
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.standardise.values import KINDS, new_values
from tests.support.inboxes import contract


def _feed(source: str, name: str, rules: list[dict[str, str]]) -> FeedContract:
    text = {"type": "text", "pii": "none", "purpose": "test", "description": "Test."}
    columns = {"email": text, "phone": text, "country": text, "customer": {**text, "type": "json"}}
    return contract(source=source, name=name, columns=columns, standardise=rules)


CONTACTS = _feed(
    "crm",
    "contacts",
    [
        {"as": "email", "column": "email"},
        {"as": "phone", "column": "phone", "country_column": "country"},
        {"as": "country", "column": "country"},
    ],
)
ORDERS = _feed(
    "shop",
    "orders",
    [
        {"as": "email", "column": "customer", "json_path": "$.email"},
        {"as": "phone", "column": "customer", "json_path": "$.phone"},
    ],
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        for schema in ("lake_raw_crm", "lake_raw_shop", "lake_standardised"):
            opened.execute(f"create schema {schema}")
        for table in ("lake_raw_crm.contacts", "lake_raw_shop.orders"):
            opened.execute(f"create table {table} (email text, phone text, country text, customer text)")
        for kind in KINDS.values():
            columns = ", ".join(f"{column} text" for column in kind.raw_columns)
            opened.execute(f"create table lake_standardised.{kind.table.split('/')[1]} ({columns})")
        yield opened


def _contact(connection: duckdb.DuckDBPyConnection, **values: str | None) -> None:
    row = [values.get(name) for name in ("email", "phone", "country")]
    connection.execute("insert into lake_raw_crm.contacts values (?, ?, ?, null)", row)


def _order(connection: duckdb.DuckDBPyConnection, customer: str) -> None:
    connection.execute("insert into lake_raw_shop.orders values (null, null, 'GB', ?)", [customer])


def _found(connection: duckdb.DuckDBPyConnection, kind: str) -> list[tuple[str, ...]]:
    table = new_values(connection, [CONTACTS, ORDERS], KINDS[kind])
    return [tuple(row.values()) for row in table.to_pylist()]


def test_a_value_of_two_feeds_is_found_once_exactly_as_received(connection: duckdb.DuckDBPyConnection) -> None:
    for email in (" Ann@x.com ", "ann@x.com", "ann@x.com"):
        _contact(connection, email=email)
    _order(connection, json.dumps({"email": "ann@x.com"}))
    _order(connection, json.dumps({"email": "bob@x.com"}))
    assert _found(connection, "email") == [(" Ann@x.com ",), ("ann@x.com",), ("bob@x.com",)]


def test_a_value_that_only_one_feed_holds_is_found_once(connection: duckdb.DuckDBPyConnection) -> None:
    for _ in range(3):
        _contact(connection, country="GB")
    assert _found(connection, "country") == [("GB",)]


def test_blanks_and_nulls_are_no_values(connection: duckdb.DuckDBPyConnection) -> None:
    for email in ("", "  ", "\t", None):
        _contact(connection, email=email)
    _order(connection, json.dumps({"email": None}))
    _order(connection, json.dumps({}))
    assert _found(connection, "email") == []


def test_known_values_are_not_found_again(connection: duckdb.DuckDBPyConnection) -> None:
    _contact(connection, email="ann@x.com", phone="1", country="UK")
    _contact(connection, email="bob@x.com", phone="1", country="IE")
    connection.execute("insert into lake_standardised.emails values ('ann@x.com')")
    connection.execute("insert into lake_standardised.phones values ('1', 'UK')")
    assert _found(connection, "email") == [("bob@x.com",)]
    assert _found(connection, "phone") == [("1", "IE")]


def test_a_phone_comes_with_its_country_or_without_one(connection: duckdb.DuckDBPyConnection) -> None:
    _contact(connection, phone="1", country="UK")
    _contact(connection, phone="1")
    _order(connection, json.dumps({"phone": "2"}))
    assert _found(connection, "phone") == [("1", ""), ("1", "UK"), ("2", "")]


def test_a_phone_without_a_country_beside_it_is_read_in_that_of_its_rule(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    _contact(connection, phone="01632 960001", country="FR")
    rule = {"as": "phone", "column": "phone", "country": "GB"}
    table = new_values(connection, [_feed("crm", "contacts", [rule])], KINDS["phone"])
    assert table.to_pylist() == [{"phone_raw": "01632 960001", "country_raw": "GB"}]


def test_text_that_is_no_json_holds_no_value(connection: duckdb.DuckDBPyConnection) -> None:
    _order(connection, '{"email": "cut@x')
    _order(connection, json.dumps({"email": "ann@x.com"}))
    assert _found(connection, "email") == [("ann@x.com",)]


def test_a_kind_that_no_contract_names_has_no_values(connection: duckdb.DuckDBPyConnection) -> None:
    table = new_values(connection, [CONTACTS, ORDERS], KINDS["name"])
    assert table.num_rows == 0
    assert table.schema.names == ["name_raw"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_is_found_can_be_standardised_into_the_lake_table(
    connection: duckdb.DuckDBPyConnection, kind: object
) -> None:
    _contact(connection, email="ann@x.com", phone="07312 345678", country="UK")
    for one in KINDS.values():
        if one is kind:
            result = one.standardise(new_values(connection, [CONTACTS, ORDERS], one))
            assert result.schema == LAKE_TABLES[one.table].schema
