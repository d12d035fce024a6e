"""Which pairs the blocking rules give within their budget."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from orchestration.identity.linkage.blocking import BlockingBudget, counted_rules, filled_columns, write_pairs
from orchestration.identity.linkage.frame import build_frame

NARROW = BlockingBudget(all_pairs_per_record=0, pairs_at_least=0)
NAMESAKES = (
    {"record_id": "a", "full_name": "Ann Miller", "birth_date": "1950-01-02", "city": "Leeds"},
    {"record_id": "b", "full_name": "Ann Miller", "birth_date": "1972-05-30", "city": "Leeds"},
    {"record_id": "c", "full_name": "Ann Miller", "birth_date": "1999-11-17", "city": "York"},
)


def _pairs_of_name(rows: Sequence[dict[str, str]], budget: BlockingBudget) -> set[tuple[str, str]]:
    """Return the pairs of the rule that two records share their whole name."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("given", pa.Table.from_pylist([{"source": "shop", **row} for row in rows]))
        connection.execute("create table raw_records as from given")
        build_frame(connection, "raw_records")
        rules, _ = counted_rules(connection, filled_columns(connection), budget)
        write_pairs(connection, [rule for rule in rules if rule.name == "name"], "found")
        return set(connection.execute("select join_key_l, join_key_r from found").fetchall())


def test_a_rule_within_its_budget_gives_all_pairs_of_name() -> None:
    assert _pairs_of_name(NAMESAKES, BlockingBudget()) == {("a", "b"), ("a", "c"), ("b", "c")}


def test_a_dear_rule_gives_only_pairs_that_agree_in_one_more_thing() -> None:
    assert _pairs_of_name(NAMESAKES, NARROW) == {("a", "b")}


def test_a_value_that_far_too_many_share_does_not_count_as_agreement() -> None:
    rows = [
        {
            "record_id": f"{name}{number}",
            "full_name": f"{name} Hill",
            "birth_date": f"19{year}-0{number + 1}-1{number}",
            "phone": "0113 496 0000",
        }
        for name, years in (("Ann", (50, 71)), ("Bob", (62, 83)), ("Cat", (45, 94)))
        for number, year in enumerate(years)
    ]
    few = BlockingBudget(all_pairs_per_record=0, pairs_at_least=0, records_per_key=2, records_per_key_at_least=2)
    assert _pairs_of_name(rows, few) == set()
    assert ("Ann0", "Ann1") in _pairs_of_name(rows, NARROW), "few enough share the number"
