"""A proposed contract loads as it is, whatever the headers and the name of the file."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.foundation.contract_faults import is_name
from orchestration.foundation.contracts import FeedContract, load_contracts
from orchestration.profiles.columns import ColumnProfile, profile_columns
from orchestration.profiles.keys import found_key
from orchestration.profiles.meanings import meaning_of
from orchestration.profiles.proposal import (
    FileLooks,
    ProposedColumn,
    columns_of_headers,
    contract_document,
    contract_yaml,
    file_pattern,
    key_candidates,
)

LOOKS = FileLooks("orders_2026-11-21.csv", {"format": "csv", "delimiter": ";", "encoding": "cp1252"}, "Europe/London")


def found(cells: Mapping[str, Sequence[str | None]]) -> tuple[list[ProposedColumn], tuple[str, ...]]:
    with duckdb.connect() as connection:
        connection.register("given", pa.table({name: pa.array(column, pa.string()) for name, column in cells.items()}))
        connection.execute("create table received as select * from given")
        profiles = profile_columns(connection, "main", "received", list(cells))
        columns = [ProposedColumn(p.name, p.name.upper(), p, meaning_of(p)) for p in profiles]
        return columns, found_key(connection, "main", "received", key_candidates(columns))


def loaded(columns: Sequence[ProposedColumn], key: Sequence[str]) -> FeedContract:
    with TemporaryDirectory() as folder:
        text = contract_yaml(contract_document("till", "orders", LOOKS, columns, key))
        (Path(folder) / "till.yml").write_text(text, encoding="utf-8")
        return load_contracts(Path(folder))["till"].feeds["orders"]


ORDERS: Mapping[str, Sequence[str | None]] = {
    "order_id": ["A1", "A1", "A2", "A3"],
    "line_number": ["1", "2", "1", "1"],
    "ordered": ["21.11.2026", "21.11.2026", "22.11.2026", "22.11.2026"],
    "price": ["1.234,50", "7,25", "8,00", "9,10"],
    "email": ["jo@example.org", "jo@example.org", "mo@example.org", None],
    "channel": ["web", "web", "shop", "shop"],
}


def test_the_contract_states_types_formats_marks_keys_and_personal_data() -> None:
    columns, key = found(ORDERS)
    feed = loaded(columns, key)
    assert feed.key == ("order_id", "line_number")
    assert feed.required_columns == ("order_id", "line_number")
    assert (feed.delimiter, feed.encoding, feed.timezone) == (";", "cp1252", "Europe/London")
    assert (feed.delivery, feed.duplicate_rule) == ("delta", "latest_version")
    assert feed.columns["ordered"].formats == ("%d.%m.%Y",)
    assert (feed.columns["price"].type, feed.columns["price"].decimal_mark) == ("decimal", ",")
    assert (feed.columns["email"].pii, feed.columns["channel"].pii) == ("direct", "none")
    assert [(rule.kind, rule.column) for rule in feed.standardise] == [("email", "email")]
    assert fnmatchcase("orders_2026-12-01.csv.gz", feed.file_pattern)


def test_values_are_named_for_categories_without_personal_data_alone() -> None:
    columns, key = found(ORDERS)
    text = contract_yaml(contract_document("till", "orders", LOOKS, columns, key))
    assert "such as shop, web" in text
    assert "example.org" not in text


def test_rows_that_nothing_tells_apart_have_no_key() -> None:
    columns, key = found({"visit_id": ["1", "1"], "seen": ["2026-11-21", "2026-11-21"]})
    assert key == ()
    feed = loaded(columns, key)
    assert (feed.delivery, feed.duplicate_rule, feed.required_columns) == ("events", "exact_row", ("visit_id",))


def test_an_amount_or_a_day_that_happens_to_be_unique_is_no_key() -> None:
    _, key = found({"amount": ["1.50", "2.50"], "ordered_on": ["2026-11-21", "2026-11-22"]})
    assert key == ()


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (["Customer ID", "E-Mail"], {"customer_id": "Customer ID", "e_mail": "E-Mail"}),
        (["a", "", "b"], {"a": "a", "b": "b"}),
        (["a", "A", "b"], {"b": "b"}),
        (["a b", "a_b"], {"a_b_column": "a b", "a_b_2": "a_b"}),
        (["1st", "#"], {"column_1st": "1st", "column_2": "#"}),
    ],
)
def test_headers_become_names_and_those_that_tell_nothing_apart_do_not(
    headers: list[str], columns: dict[str, str]
) -> None:
    assert columns_of_headers(headers) == columns


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.text(max_size=12), max_size=8), st.text(st.characters(exclude_characters="/\0\\"), min_size=1))
def test_any_headers_and_any_file_name_give_a_contract_that_loads(headers: list[str], file_name: str) -> None:
    columns = columns_of_headers(headers)
    assert all(is_name(name) for name in columns)
    assert fnmatchcase(file_name, file_pattern(file_name))
    if columns:
        profiles = [ColumnProfile(name, 2, 2) for name in columns]
        proposed = [ProposedColumn(p.name, columns[p.name], p, meaning_of(p)) for p in profiles]
        assert list(loaded(proposed, ()).columns) == list(columns)
        for name, header in columns.items():
            assert loaded(proposed, ()).column_of_header(header) == name
