"""A night's few records against the stored state: what a whole run gives with the same model."""

from collections.abc import Sequence
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

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
    return StoredLinkage(linked.pairs, members, linked.model)


@pytest.fixture(scope="module")
def nights() -> tuple[LinkedRecords, LinkedRecords, LinkedRecords]:
    """The first night, the second as an increment, and the second as a whole run with the first one's model.

    The second night brings new records, among them equal ones with smaller ids than those they equal; one record
    changes and one is gone.
    """
    written = [(f"r{number:04d}", one) for number, one in enumerate(people(110, copies=2, seed=5))]
    before, after = written[:-12], [*written[1:], ("a0001", written[40][1]), ("a0002", written[41][1])]
    after[20] = (after[20][0], written[60][1])
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set enable_progress_bar = false")
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
    compared = ["record_id_left", "record_id_right", "match_weight", "evidence_json", "model_id"]

    assert whole.trained_because is None
    assert increment.pairs.num_rows > 50
    assert increment.pairs.select(compared) == whole.pairs.select(compared)


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
