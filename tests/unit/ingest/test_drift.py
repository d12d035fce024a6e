"""Columns that a contract does not know are kept, quarantined or refused, as the contract says."""

import json
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.inboxes import Inbox

NEW = b'a,b,c,mood\n1,2,"x, ""y""",glad\n4,5\n6,7,8,\n'


def test_unknown_columns_are_kept_beside_the_known_ones_unless_the_contract_says_otherwise(inbox: Inbox) -> None:
    inbox.drop(NEW)
    assert inbox.land().landed_count == 2
    assert [row["_extras"] for row in inbox.raw()] == ['{"mood":"glad"}', '{"mood":""}']


def test_a_frozen_contract_refuses_the_file_and_names_its_new_columns(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(on_drift={"columns": "freeze"})
    inbox.drop(NEW)
    [refused] = inbox.land().files
    assert refused.reason_code == "columns_unknown"
    assert "has the columns ['mood'], which its contract does not know" in refused.reason_text
    assert inbox.lake.tables() == ("ledger/files",)
    inbox.drop(b"a,b,c\n1,2,3\n")
    assert inbox.land().landed_count == 1


def test_a_contract_may_quarantine_the_rows_beside_records_without_shape(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(on_drift={"columns": "quarantine"})
    inbox.drop(NEW)
    inbox.land()
    [row] = inbox.ledger()
    assert (row["records_count"], row["landed_count"], row["quarantined_count"]) == (3, 0, 3)
    assert inbox.raw() == []
    first, ragged, last = inbox.quarantine()
    assert (first["record_bytes"], first["line_number"]) == (b'1,2,"x, ""y""",glad\n', 2)
    assert (last["record_bytes"], last["line_number"], last["byte_offset"]) == (b"6,7,8,\n", 4, NEW.index(b"6,7"))
    assert (ragged["record_bytes"], ragged["reason_code"], ragged["line_number"]) == (b"4,5\n", "cells_ragged", 3)
    assert (first["reason_code"], first["reason_text"]) == (
        "columns_unknown",
        "has cells in columns that the contract does not know",
    )
    assert [record["_row_number"] for record in (first, ragged, last)] == [1, 2, 3]
    assert {key: first[key] for key in ("_file", "_file_sha256", "_run_id", "_ingested_at")} == {
        key: ragged[key] for key in ("_file", "_file_sha256", "_run_id", "_ingested_at")
    }


@pytest.mark.parametrize("rule", ["evolve", "quarantine", "freeze"])
def test_a_file_as_agreed_lands_by_every_rule(make_inbox: Callable[..., Inbox], rule: str) -> None:
    inbox = make_inbox(on_drift={"columns": rule})
    inbox.drop(b"a,b,c\n1,2,3\n")
    assert inbox.land().landed_count == 1


def test_of_a_file_of_objects_only_those_with_new_members_are_quarantined(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(format="ndjson", on_drift={"columns": "quarantine"})
    inbox.drop(b'{"a":"1"}\n{"a":"2","mood":[1, 2]}\n{"a":"3"}\n', "receipts.ndjson")
    inbox.land()
    assert [(row["a"], row["_row_number"], row["_extras"]) for row in inbox.raw()] == [("1", 1, None), ("3", 3, None)]
    [record] = inbox.quarantine()
    assert (record["record_bytes"], record["line_number"]) == (b'{"a":"2","mood":[1, 2]}\n', 2)


def test_of_a_parquet_file_the_cells_are_kept_for_its_rows_have_no_bytes(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(format="parquet", on_drift={"columns": "quarantine"})
    written = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": ["1"], "b": [2], "mood": ["glad"]}), written)
    inbox.drop(written.getvalue().to_pybytes(), "receipts.parquet")
    inbox.land()
    [record] = inbox.quarantine()
    assert json.loads(record["record_bytes"]) == {"a": "1", "b": "2", "c": None, "_extras": '{"mood":"glad"}'}
    assert record["line_number"] is None
