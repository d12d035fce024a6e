import pyarrow as pa
import pytest

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.identity.shown import shown

OF_IDENTITY = sorted(name for name, table in LAKE_TABLES.items() if table.writer == "identity")


@pytest.mark.parametrize("name", OF_IDENTITY)
def test_what_is_shown_of_a_table_names_no_record_and_no_customer(name: str) -> None:
    schema = LAKE_TABLES[name].schema
    ids = {"record_id", "record_id_left", "record_id_right", "customer_id", "other_customer_id", "attribute_value"}
    row = {field.name: "pos:cards:0063888543819856" if field.name in ids else None for field in schema}
    assert "0063888543819856" not in shown(name, pa.Table.from_pylist([row], schema=schema))


def test_edges_are_shown_by_kind_and_rule_the_most_frequent_first() -> None:
    schema = LAKE_TABLES["identity/edges"].schema
    rows = [("deterministic", "phone"), ("deterministic", "email"), ("deterministic", "email")]
    edges = pa.Table.from_pylist([{"edge_kind": kind, "rule": rule} for kind, rule in rows], schema=schema)
    assert shown("identity/edges", edges).splitlines()[2:] == [
        "| deterministic | email | 2 |",
        "| deterministic | phone | 1 |",
    ]
