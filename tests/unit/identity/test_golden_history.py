"""What we knew on a night, asked by the query of the README: of nights that learn late, of old days, and of merges."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.foundation.lake_io import Lake
from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.identity.golden_history import GOLDEN_HISTORY, forget_records_gone, write_night
from tests.support.rendered_models import rendered

NIGHTS = (date(2026, 6, 28), date(2026, 6, 29), date(2026, 6, 30))
JANUARY, MARCH, JUNE = (datetime(2026, month, 1, tzinfo=UTC).replace(tzinfo=None) for month in (1, 3, 6))
SCHEMA = LAKE_TABLES[GOLDEN_HISTORY].schema
CHOSEN = pa.schema([field for field in SCHEMA if field.name not in ("known_from_on", "is_known")])
MODEL = PROJECT_ROOT / "dbt_project" / "models" / "identity" / "dim_customer_attributes_history.sql"

Value = tuple[str, str, str, datetime]

FIRST = (
    ("c_1", "email", "old@example.org", MARCH),
    ("c_1", "phone", "+441632960001", MARCH),
    ("c_2", "email", "twin@example.org", MARCH),
)
# The mailbox was changed in June and the file came a night late; the number turns out to be known since January.
SECOND = (
    ("c_1", "email", "new@example.org", JUNE),
    ("c_1", "phone", "+441632960001", JANUARY),
    ("c_2", "email", "twin@example.org", MARCH),
)
# c_2 was merged into c_1, whose mailbox was proved in January, as a file of today says.
THIRD = (("c_1", "email", "proved@example.org", JANUARY), ("c_1", "phone", "+441632960001", JANUARY))


def chosen(values: Iterable[Value]) -> pa.Table:
    rows = [
        {
            "customer_id": who,
            "attribute": what,
            "attribute_value": value,
            "value_hash": f"h {value}",
            "valid_from_at": at,
        }
        for who, what, value, at in values
    ]
    return pa.Table.from_pylist(rows, schema=CHOSEN)


def close(lake: Lake, night: date, values: Iterable[Value]) -> int:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    return write_night(lake, chosen(values), as_of_on=night, run_id="run", written_at=at).num_rows


def known(lake: Lake, night: date, customer_id: str = "c_1") -> set[tuple[str, str, datetime]]:
    """Return what the README's query answers of a customer and a night."""
    [query] = re.findall(
        r"```sql\n(.*?dim_customer_attributes_history.*?)```", (PROJECT_ROOT / "README.md").read_text(), re.DOTALL
    )
    asked = query.replace("2026-06-30", night.isoformat()).replace("c_1", customer_id)
    with duckdb.connect() as connection:
        connection.register("identity_golden_history", lake.read_table(GOLDEN_HISTORY, SCHEMA))
        connection.execute("create schema vault")
        model = rendered(MODEL.read_text(), columns={})
        connection.execute(f"create view vault.dim_customer_attributes_history as {model}")
        return {(what, value, since) for what, value, _, since in connection.execute(asked).fetchall()}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    found = Lake(tmp_path)
    counts = [close(found, night, values) for night, values in zip(NIGHTS, (FIRST, SECOND, THIRD), strict=True)]
    assert counts == [3, 2, 2]  # what changed, and no more
    return found


def test_each_night_is_told_what_it_knew_and_not_what_came_later(lake: Lake) -> None:
    assert known(lake, NIGHTS[0]) == {("email", "old@example.org", MARCH), ("phone", "+441632960001", MARCH)}
    assert known(lake, NIGHTS[1]) == {("email", "new@example.org", JUNE), ("phone", "+441632960001", JANUARY)}
    assert known(lake, NIGHTS[2]) == {("email", "proved@example.org", JANUARY), ("phone", "+441632960001", JANUARY)}
    assert known(lake, date(2026, 6, 27)) == set()
    assert known(lake, date(2027, 1, 1)) == known(lake, NIGHTS[2])


def test_a_customer_who_was_merged_away_is_known_until_then_and_again_when_that_is_undone(lake: Lake) -> None:
    assert [known(lake, night, "c_2") != set() for night in NIGHTS] == [True, True, False]
    undone = date(2026, 7, 1)
    assert close(lake, undone, SECOND) == 2
    assert known(lake, undone, "c_2") == known(lake, NIGHTS[0], "c_2")
    assert known(lake, NIGHTS[2], "c_2") == set()


def test_a_night_that_runs_again_changes_nothing(lake: Lake) -> None:
    before = lake.read_table(GOLDEN_HISTORY, SCHEMA)
    assert close(lake, NIGHTS[2], THIRD) == 2
    assert lake.read_table(GOLDEN_HISTORY, SCHEMA).equals(before)
    assert close(lake, date(2026, 7, 1), THIRD) == 0


def test_a_night_that_is_run_again_later_takes_the_place_of_those_after_it(lake: Lake) -> None:
    close(lake, NIGHTS[1], FIRST)
    assert known(lake, NIGHTS[2]) == known(lake, NIGHTS[0])
    assert close(lake, NIGHTS[2], THIRD) == 3


def test_what_an_erased_record_had_said_is_in_no_night_and_no_file_any_more(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    at = datetime(2026, 7, 1, tzinfo=UTC)
    for night, values in zip(NIGHTS[:2], (FIRST, SECOND), strict=True):
        said = chosen(values)
        sources = [f"crm:{what}" for what in said["attribute"].to_pylist()]
        said = said.set_column(said.schema.get_field_index("record_id"), "record_id", pa.array(sources))
        write_night(lake, said, as_of_on=night, run_id="run", written_at=at)
    phone = known(lake, NIGHTS[1]) - {("email", "new@example.org", JUNE)}
    left = pa.table({"record_id": ["crm:phone"]})
    assert forget_records_gone(lake, left, as_of_on=NIGHTS[2], run_id="run", written_at=at) == list(NIGHTS[:2])
    assert known(lake, NIGHTS[1]) == phone
    assert known(lake, NIGHTS[0], "c_2") == set()
    files = [pq.read_table(path).to_pandas().to_csv() for path in tmp_path.rglob("*.parquet")]
    assert len(files) == len(NIGHTS[:2])
    assert not any("@example.org" in content or "crm:email" in content for content in files)
    assert forget_records_gone(lake, left, as_of_on=NIGHTS[2], run_id="run", written_at=at) == []
    other = (("c_2", "email", "again@example.org", JUNE),)
    assert close(lake, NIGHTS[2], other) == 2
    assert known(lake, NIGHTS[2], "c_2") == {("email", "again@example.org", JUNE)}
