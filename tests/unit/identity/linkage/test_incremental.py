"""A night's few records against the stored state: what a whole run gives with the same model."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from orchestration.identity.linkage.blocking import BlockingBudget, limited_rules
from orchestration.identity.linkage.frame import MEMBERS, build_frame
from orchestration.identity.linkage.pairs import (
    LinkagePolicy,
    LinkedRecords,
    StoredLinkage,
    linked_new_records,
    linked_records,
)
from orchestration.identity.linkage.training import TrainingLimits
from tests.support.linked_people import Written, people

FIRST, SECOND = date(2026, 11, 20), date(2026, 11, 21)
POLICY = LinkagePolicy(training=TrainingLimits(random_pairs=20_000))
_KINDS = ("given_name", "family_name", "birth_date", "email", "phone", "street", "city")


def _load(connection: duckdb.DuckDBPyConnection, records: Sequence[tuple[str, Written]]) -> None:
    rows = [
        (one.given, one.family, one.born.isoformat(), one.email, one.phone, one.street, one.town) for _, one in records
    ]
    columns = {kind: [row[index] or None for row in rows] for index, kind in enumerate(_KINDS)}
    table = pa.table({"record_id": [name for name, _ in records], "source": ["shop"] * len(records), **columns})
    connection.register("given_records", table)
    connection.execute("create or replace table raw_records as select * from given_records")
    connection.unregister("given_records")
    build_frame(connection, "raw_records")


def _state(connection: duckdb.DuckDBPyConnection, linked: LinkedRecords) -> StoredLinkage:
    members = connection.execute(f"select * from {MEMBERS}").to_arrow_table()
    return StoredLinkage(linked.pairs, members, linked.model, limited_rules(linked.counts), linked.keys_left_out)


def _opened() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set enable_progress_bar = false")
    return connection


def _written() -> list[tuple[str, Written]]:
    return [(f"r{number:04d}", one) for number, one in enumerate(people(110, copies=2, seed=5))]


@pytest.fixture(scope="module")
def nights() -> tuple[LinkedRecords, LinkedRecords, LinkedRecords]:
    """Two nights, of which the second brings new records, among them equal ones with smaller ids than those they equal.

    One record changes and one is gone.
    """
    written = _written()
    before, after = written[:-12], [*written[1:], ("a0001", written[40][1]), ("a0002", written[41][1])]
    after[20] = (after[20][0], written[60][1])
    with _opened() as connection:
        _load(connection, before)
        first = linked_records(connection, model=None, as_of_on=FIRST, policy=POLICY)
        stored = _state(connection, first)
        _load(connection, after)
        increment = linked_new_records(connection, stored, as_of_on=SECOND, policy=POLICY)
        whole = linked_records(connection, model=first.model, as_of_on=SECOND, policy=POLICY)
    return first, increment, whole


def test_an_incremental_night_gives_the_pairs_of_a_whole_run(
    nights: tuple[LinkedRecords, LinkedRecords, LinkedRecords],
) -> None:
    _, increment, whole = nights

    assert whole.trained_because is None
    assert not increment.is_whole
    assert increment.pairs.num_rows > 50
    assert increment.pairs.drop_columns("observed_on") == whole.pairs.drop_columns("observed_on")


def test_only_pairs_of_new_and_changed_records_are_weighed_again(
    nights: tuple[LinkedRecords, LinkedRecords, LinkedRecords],
) -> None:
    _, increment, _ = nights
    nights_of = increment.pairs.filter(pc.field("rule") != "all_values_equal")["observed_on"]

    again = sum(day == SECOND for day in nights_of.to_pylist())
    assert 0 < again < 0.4 * len(nights_of)


def test_a_stored_model_serves_until_a_rule_says_otherwise(
    nights: tuple[LinkedRecords, LinkedRecords, LinkedRecords],
) -> None:
    first, increment, whole = nights

    assert first.trained_because == "there is no model yet"
    assert first.model.model_id == increment.model.model_id == whole.model.model_id


def test_pairs_go_and_come_when_a_value_begins_and_ceases_to_be_too_common(
    nights: tuple[LinkedRecords, LinkedRecords, LinkedRecords],
) -> None:
    policy = replace(POLICY, budget=BlockingBudget(records_per_key=6, records_per_key_at_least=6))
    model, many = nights[0].model, _written()
    few = many[:-25]
    with _opened() as connection:
        _load(connection, few)
        first = linked_records(connection, model=model, as_of_on=FIRST, policy=policy)
        stored = _state(connection, first)
        _load(connection, many)
        grown = linked_new_records(connection, stored, as_of_on=SECOND, policy=policy)
        whole = linked_records(connection, model=model, as_of_on=SECOND, policy=policy)
        stored = _state(connection, grown)
        _load(connection, few)
        shrunk = linked_new_records(connection, stored, as_of_on=SECOND, policy=policy)

    assert first.keys_left_out.num_rows < grown.keys_left_out.num_rows
    assert not grown.is_whole
    assert not shrunk.is_whole
    assert grown.pairs.drop_columns("observed_on") == whole.pairs.drop_columns("observed_on")
    assert shrunk.pairs.drop_columns("observed_on") == first.pairs.drop_columns("observed_on")
    known = {name for name, _ in few}
    of_known = {pair for pair in _ends_and_rule(grown) if known.issuperset(pair[:2])}
    assert of_known != _ends_and_rule(first)


def test_all_pairs_are_weighed_when_a_rule_begins_to_be_refused(
    nights: tuple[LinkedRecords, LinkedRecords, LinkedRecords],
) -> None:
    first, increment, _ = nights
    most = max(count.pairs_count for count in increment.counts)
    policy = replace(POLICY, budget=BlockingBudget(pairs_per_record=0, pairs_at_least=most - 1))
    with _opened() as connection:
        _load(connection, _written())
        stored = _state(connection, first)
        found = linked_new_records(connection, stored, as_of_on=SECOND, policy=policy)

    assert not limited_rules(first.counts)
    assert limited_rules(found.counts)
    assert found.is_whole
    assert found.trained_because is None


def test_an_incremental_night_gives_the_pairs_of_a_whole_run_where_all_rules_are_narrowed(
    nights: tuple[LinkedRecords, LinkedRecords, LinkedRecords],
) -> None:
    policy = replace(POLICY, budget=BlockingBudget(all_pairs_per_record=0, pairs_at_least=0))
    model, written = nights[0].model, _written()
    with _opened() as connection:
        _load(connection, written[:-12])
        first = linked_records(connection, model=model, as_of_on=FIRST, policy=policy)
        stored = _state(connection, first)
        _load(connection, written)
        increment = linked_new_records(connection, stored, as_of_on=SECOND, policy=policy)
        whole = linked_records(connection, model=model, as_of_on=SECOND, policy=policy)

    assert limited_rules(first.counts)
    assert not increment.is_whole
    assert increment.pairs.drop_columns("observed_on") == whole.pairs.drop_columns("observed_on")


def _ends_and_rule(linked: LinkedRecords) -> set[tuple[str, str, str]]:
    rows = linked.pairs.to_pylist()
    return {(row["record_id_left"], row["record_id_right"], row["rule"]) for row in rows}
