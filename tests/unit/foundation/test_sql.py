"""Whatever a name holds, it stays one name."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.foundation.sql import NameUnquotable, quote_identifier, quote_literal

_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@settings(derandomize=True, deadline=None)
@given(_TEXT)
def test_any_text_comes_back_from_sql_as_it_was(text: str) -> None:
    assert duckdb.sql(f"select {quote_literal(text)}").fetchall() == [(text,)]


@settings(derandomize=True, deadline=None)
@given(_TEXT)
def test_any_text_can_name_a_column(name: str) -> None:
    assert duckdb.sql(f"select 1 as {quote_identifier(name)}").columns == [name]


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_what_sql_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(NameUnquotable):
        quote_identifier(name)


def test_a_literal_with_nul_is_refused() -> None:
    with pytest.raises(NameUnquotable):
        quote_literal("a\0b")
