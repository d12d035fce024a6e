"""A column's profile says exactly what stands in the column, whatever it is."""

from collections import Counter
from collections.abc import Sequence

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.profiles.columns import ColumnProfile, profile_columns

CELLS = st.one_of(st.none(), st.sampled_from(["", " ", "a", "A ", "1", "07", "x" * 300]), st.text(max_size=8))


def profiles_of(**columns: Sequence[str | None]) -> dict[str, ColumnProfile]:
    table = pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    with duckdb.connect() as connection:
        connection.register("table_given", table)
        connection.execute("create table received as select * from table_given")
        found = profile_columns(connection, "main", "received", list(columns))
        assert connection.execute("select count(*) from duckdb_tables() where temporary").fetchall() == [(0,)]
    return {profile.name: profile for profile in found}


def test_rows_nulls_distinct_and_lengths_are_counted_exactly() -> None:
    profile = profiles_of(city=["Leeds", None, "", "  ", "Leeds", " York"])["city"]
    assert (profile.rows_count, profile.empty_count, profile.filled_count) == (6, 3, 3)
    assert (profile.distinct_count, profile.padded_count) == (2, 1)
    assert (profile.min_length, profile.max_length) == (5, 5)
    assert (profile.min_value, profile.max_value) == ("Leeds", "York")
    assert profile.top_values == {"Leeds": 2, "York": 1}
    assert profile.empty_share == pytest.approx(0.5)


def test_patterns_show_letters_of_any_script_as_a_and_digits_as_9() -> None:
    profile = profiles_of(code=["AB-12", "Çé-34", "x", "٣"])["code"]
    assert profile.patterns == {"aa-99": 2, "9": 1, "a": 1}
    assert profile.patterns_count == 3


def test_a_value_counts_for_everything_that_it_could_be() -> None:
    fitting = profiles_of(cell=["a@b.co", "a@b@c.co", "0012", "1,234.50", "1.234,50", '{"a": 1}', "{no json"])[
        "cell"
    ].fitting
    expected = {"email": 1, "integer": 1, "leading_zero": 1, "json": 1, "decimals_after_point": 1}
    assert {test: fitting[test] for test in expected} == expected
    assert fitting["decimals_after_comma"] == 1


def test_dates_are_counted_by_the_formats_that_read_them() -> None:
    profile = profiles_of(day=["31/12/2025", "01/02/2025", "01/02/2025", "99/99/2025"])["day"]
    both = frozenset({"%d/%m/%Y", "%m/%d/%Y"})
    assert profile.date_fitting == {frozenset({"%d/%m/%Y"}): 1, both: 2, frozenset(): 1}


def test_a_profile_without_values_holds_none_of_them() -> None:
    hidden = profiles_of(email=["jo@example.org", "mo@example.org"])["email"].without_values()
    assert "example.org" not in str(hidden)
    assert hidden.distinct_count == 2


def test_names_from_outside_are_quoted() -> None:
    name = 'a"; drop table received; --'
    assert profiles_of(**{name: ["1"]})[name].distinct_count == 1


def test_an_empty_table_and_a_column_without_values_have_profiles() -> None:
    assert profiles_of(a=[])["a"] == ColumnProfile("a", 0, 0)
    assert profiles_of(a=[None, ""], b=["x", "y"])["a"] == ColumnProfile("a", 2, 2)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30))
def test_counts_are_those_that_a_count_by_hand_gives(rows: list[tuple[str | None, str | None]]) -> None:
    profiles = profiles_of(a=[row[0] for row in rows], b=[row[1] for row in rows])
    for place, name in enumerate("ab"):
        filled = [cell for row in rows if (cell := row[place]) is not None and cell.strip(" ")]
        profile = profiles[name]
        assert profile.filled_count == len(filled)
        assert profile.distinct_count == len(set(filled))
        assert profile.padded_count == sum(cell != cell.strip(" ") for cell in filled)
        most = max(Counter(cell.strip(" ")[:200] for cell in filled).values(), default=0)
        assert max(profile.top_values.values(), default=0) == most
