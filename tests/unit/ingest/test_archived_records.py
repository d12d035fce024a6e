"""Landed records are told by the bytes in which they were delivered, out of an archive that keeps whole files."""

import gzip
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.foundation.contracts import Contracts, SourceContract
from orchestration.ingest.archived_records import ArchivedRecords, BytesUntold
from tests.support.inboxes import Inbox

ROWS = b'a,b,c\n1,"two\nlines",3\n4,5\n6,7,8\n'


def _records(inbox: Inbox, *ordinals: int) -> list[dict[str, object]]:
    source = SourceContract(source="till", owner="o", description="d", feeds={"receipts": inbox.feed})
    archived = ArchivedRecords(inbox.lake, Contracts({"till": source}))
    [sha256] = {row["file_sha256"] for row in inbox.ledger()}
    found: list[dict[str, object]] = archived.records("till", "receipts", sha256, np.array(ordinals)).to_pylist()
    return found


@pytest.mark.parametrize("name", ["receipts.csv", "receipts.csv.gz"])
def test_a_landed_record_has_its_bytes_however_its_file_was_packed(inbox: Inbox, name: str) -> None:
    inbox.drop(gzip.compress(ROWS) if name.endswith("gz") else ROWS, name)
    inbox.land()
    assert [tuple(record.values()) for record in _records(inbox, 1, 3)] == [
        (1, 2, 6, b'1,"two\nlines",3\n'),
        (3, 5, ROWS.index(b"6,7"), b"6,7,8\n"),
    ]


def test_a_row_of_a_binary_file_has_none(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(format="detect")
    written = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": ["1"]}), written)
    inbox.drop(written.getvalue().to_pybytes(), "receipts.parquet")
    inbox.land()
    with pytest.raises(BytesUntold, match="of a parquet file the cells are what is kept of a row"):
        _records(inbox, 1)
