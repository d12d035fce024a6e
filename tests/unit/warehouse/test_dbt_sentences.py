from typing import Any

import pytest

from orchestration.warehouse.dbt_sentences import sentence_of


@pytest.mark.parametrize(
    ("name", "kwargs", "sentence"),
    [
        ("not_null", {"column_name": "a"}, "Every row has a value in `a`."),
        ("is_key", {"column_name": "a"}, "Every row has a value in `a`, and no two rows share one."),
        ("unique_together", {"columns": ["a", "b", "c"]}, "No two rows share the values of `a`, `b` and `c` together."),
        ("accepted_values", {"column_name": "a", "values": ["x"]}, "`a` holds nothing but `x`."),
        (
            "relationships",
            {"column_name": "a", "to": "ref('dim_b')", "field": "b"},
            "Each value of `a` is one of `dim_b.b`.",
        ),
        ("expression_holds", {}, "The test `expression_holds` finds no row."),
    ],
)
def test_each_kind_of_test_says_what_holds(name: str, kwargs: dict[str, Any], sentence: str) -> None:
    assert sentence_of({"test_metadata": {"name": name, "kwargs": kwargs}, "description": ""}) == sentence


def test_a_test_of_its_own_says_its_first_comment() -> None:
    assert sentence_of({"raw_code": "-- No order is lost.\nselect 1"}) == "No order is lost."
    assert sentence_of({"raw_code": "select 1"}) == ""
    assert sentence_of({"raw_code": ""}) == ""


def test_a_description_that_is_stated_is_taken() -> None:
    test = {"description": "Stated.", "test_metadata": {"name": "is_key", "kwargs": {"column_name": "a"}}}
    assert sentence_of(test) == "Stated."
