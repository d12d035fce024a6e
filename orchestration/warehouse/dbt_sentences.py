"""What dbt's data tests say to people: one sentence a test, made from its kind and arguments; pure functions."""

from collections.abc import Mapping
from typing import Any


def sentence_of(test: Mapping[str, Any]) -> str:
    """Return what holds when a data test passes, as one sentence; that of a singular test is its first comment.

    Example:
        >>> sentence_of({"test_metadata": {"name": "not_null", "kwargs": {"column_name": "order_id"}}})
        'Every row has a value in `order_id`.'

    Args:
        test: the test's node in dbt's manifest.
    """
    stated = str(test.get("description") or "")
    kind = test.get("test_metadata")
    if stated or kind is None:
        return stated or _first_comment(str(test.get("raw_code", "")))
    return _of_kind(str(kind["name"]), kind["kwargs"])


def _of_kind(kind: str, given: Mapping[str, Any]) -> str:
    match kind:
        case "not_null":
            return f"Every row has a value in `{given['column_name']}`."
        case "is_key":
            return f"Every row has a value in `{given['column_name']}`, and no two rows share one."
        case "unique_together":
            return f"No two rows share the values of {_listed(given['columns'])} together."
        case "accepted_values":
            return f"`{given['column_name']}` holds nothing but {_listed(given['values'])}."
        case "relationships":
            table = str(given["to"]).split("'")[-2]
            return f"Each value of `{given['column_name']}` is one of `{table}.{given['field']}`."
        case other:
            return f"The test `{other}` finds no row."


def _first_comment(sql: str) -> str:
    first = sql.lstrip().splitlines()[:1]
    return first[0].removeprefix("--").strip() if first and first[0].startswith("--") else ""


def _listed(values: list[Any]) -> str:
    *most, last = (f"`{value}`" for value in values)
    return f"{', '.join(most)} and {last}" if most else last
