"""A column is taken for what its values are, and its name decides only what values leave open."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa
import pytest

from orchestration.profiles.columns import profile_columns
from orchestration.profiles.date_formats import chosen_formats
from orchestration.profiles.meanings import Meaning, meaning_of


def meaning(name: str, cells: Sequence[str | None]) -> Meaning:
    with duckdb.connect() as connection:
        connection.register("given", pa.table({name: pa.array(cells, pa.string())}))
        connection.execute("create table received as select * from given")
        [profile] = profile_columns(connection, "main", "received", [name])
    return meaning_of(profile)


DAYS = [f"{day:02}.03.2026" for day in range(1, 29)]
AMOUNTS = [f"1.{number},5{number % 10}" for number in range(100, 130)]


@pytest.mark.parametrize(
    ("name", "cells", "kind", "type_", "pii"),
    [
        ("contact", ["jo@example.org", "mo@example.co.uk", None], "email", "text", "direct"),
        ("email", ["jo@example.org"] * 9 + ["jo at example"], "email", "text", "direct"),
        ("Mobile", ["+44 20 7946 0018", "020 7946 0019"], "phone", "text", "direct"),
        ("since", DAYS, "date", "date", "none"),
        ("birthday", DAYS, "date", "date", "indirect"),
        ("seen", ["2026-03-01T10:00:00Z", "2026-03-02T11:00:00Z"], "timestamp", "timestamp", "none"),
        ("order_total", AMOUNTS, "amount", "decimal", "none"),
        ("weight", ["1.5", "2.125"], "number", "decimal", "none"),
        ("visits", ["1", "2", "31"], "integer", "integer", "none"),
        ("till", ["0012", "0013", "1400"], "id", "text", "none"),
        ("customer_id", ["1", "2", "3"], "id", "text", "indirect"),
        ("opted_in", ["Yes", "no", "Yes"], "boolean", "boolean", "none"),
        ("channel", ["web", "shop"] * 10, "category", "text", "none"),
        ("surname", ["Ng", "Brown"] * 10, "name", "text", "direct"),
        ("note", [f"please call me back about {n} soon" for n in range(60)], "free_text", "text", "direct"),
        ("payload", ['{"a": 1}', "[2]"], "json", "json", "direct"),
        ("religion", ["none", "none", "other", "other"], "category", "text", "sensitive"),
        ("whatever", [None, ""], "empty", "text", "indirect"),
    ],
)
def test_each_kind_is_known_by_its_values(
    name: str, cells: Sequence[str | None], kind: str, type_: str, pii: str
) -> None:
    found = meaning(name, cells)
    assert (found.kind, found.type, found.pii) == (kind, type_, pii)


def test_the_decimal_mark_is_the_one_that_reads_the_numbers() -> None:
    assert meaning("price", AMOUNTS).decimal_mark == ","
    assert meaning("price", ["1,234.50", "7.25"]).decimal_mark == "."


def test_what_does_not_fit_is_counted() -> None:
    found = meaning("since", [*DAYS, "30.02.2026"])
    assert (found.formats, found.unread_count) == (("%d.%m.%Y",), 1)


def test_days_that_could_be_months_are_taken_for_days_and_doubted() -> None:
    found = meaning("since", ["01/02/2026", "03/04/2026"])
    assert found.formats == ("%d/%m/%Y",)
    assert "swapped" in found.doubt
    assert meaning("since", ["01/02/2026", "01/31/2026"]).doubt == ""


def test_day_and_month_are_never_read_both_ways_in_one_column() -> None:
    rows = {frozenset({"%d/%m/%Y"}): 60, frozenset({"%m/%d/%Y"}): 40, frozenset({"%Y-%m-%d"}): 5}
    assert chosen_formats(rows) == ("%d/%m/%Y", "%Y-%m-%d")


def test_a_mixture_of_amounts_and_words_stays_text() -> None:
    assert meaning("price", ["12.50", "free", "n/a", "7.00"]).type == "text"
