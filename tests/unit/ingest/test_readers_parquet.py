"""Parquet values become text that says the same."""

import io
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.ingest.errors import FeedColumnsMissing, FileNotOfFormat, FileUnreadable
from orchestration.ingest.readers_parquet import as_text
from tests.support.inboxes import contract, read_bytes

FEED = contract(format="parquet")


def _parquet(columns: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, row_group_size=2)
    return out.getvalue()


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([1, -2, None]), ["1", "-2", None]),
        (pa.array([2**63 + 1], pa.uint64()), ["9223372036854775809"]),
        (pa.array([0.1, 2.5, 17850.0, 1e20, 1e-7, -0.0]), ["0.1", "2.5", "17850", "1" + "0" * 20, "0.0000001", "-0"]),
        (pa.array([float("nan"), float("inf"), -float("inf"), None]), ["NaN", "Infinity", "-Infinity", None]),
        (pa.array([0.1], pa.float32()), ["0.1"]),
        (pa.array([Decimal("1.50"), Decimal("-0.01")]), ["1.50", "-0.01"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array([date(2026, 6, 30), None]), ["2026-06-30", None]),
        (pa.array([datetime(2026, 6, 30, 8, 26)]), ["2026-06-30T08:26:00"]),  # noqa: DTZ001 - has no zone on purpose
        (pa.array([datetime(2026, 6, 30, 8, 26, 1, 120000)]), ["2026-06-30T08:26:01.12"]),  # noqa: DTZ001 - same
        (pa.array([1], pa.timestamp("ns")), ["1970-01-01T00:00:00.000000001"]),
        (pa.array([datetime(2026, 6, 30, 8, 26, tzinfo=UTC)]), ["2026-06-30T08:26:00Z"]),
        (pa.array([0, None], pa.timestamp("s", tz="America/New_York")), ["1970-01-01T00:00:00Z", None]),
        (pa.array([time(8, 26)]), ["08:26:00"]),
        (pa.array(["", "null", "é", None]), ["", "null", "é", None]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([b"\x00\xff"]), ["00ff"]),
        (pa.array(['"x"', None], pa.json_()), ['"x"', None]),
        (pa.array([UUID(int=1).bytes, None], pa.uuid()), ["00000000-0000-0000-0000-000000000001", None]),
        (pa.array([1, None], pa.bool8()), ["1", None]),
        (pa.array([None, None]), [None, None]),
        (pa.array([[1, 2], [], None]), ["[1,2]", "[]", None]),
        (
            pa.array([{"x": 0.1, "y": [date(2026, 6, 30), None], "z": "é"}]),
            ['{"x":"0.1","y":["2026-06-30",null],"z":"é"}'],
        ),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_a_value_becomes_plain_text(values: Any, texts: list[str | None]) -> None:
    assert as_text(values).to_pylist() == texts


def test_a_file_lands_row_by_row_in_its_order(tmp_path: Path) -> None:
    content = _parquet({"A": ["x", "y", "z"], "extra": [1.5, None, 3.0], "c": [None, 2, 3]})
    reading = read_bytes(content, FEED, tmp_path)
    assert reading.cells(FEED) == {1: ("x", None, None), 2: ("y", None, "2"), 3: ("z", None, "3")}
    assert [row["_extras"] for row in reading.raw] == ['{"extra":"1.5"}', '{"extra":null}', '{"extra":"3"}']
    assert reading.account.unknown_columns == ("extra",)


@pytest.mark.parametrize("damage", ["cut", "flipped page", "no parquet"])
def test_a_damaged_file_is_refused_whole(tmp_path: Path, damage: str) -> None:
    out = io.BytesIO()
    table = pa.table({"a": [str(number) for number in range(5000)]})
    pq.write_table(table, out, write_page_checksum=True, compression="none")
    content = bytearray(out.getvalue())
    if damage == "cut":
        del content[-20:]
    elif damage == "flipped page":
        content[200] ^= 1
    else:
        content = bytearray(b"a,b,c\n1,2,3\n")
    with pytest.raises(FileNotOfFormat, match="is no Parquet file"):
        read_bytes(bytes(content), FEED, tmp_path)


def test_a_file_without_a_required_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedColumnsMissing):
        read_bytes(_parquet({"b": [1]}), FEED, tmp_path)


def test_a_file_that_states_to_unpack_without_measure_is_refused_before_it_is_read(tmp_path: Path) -> None:
    packed = io.BytesIO()
    texts = pa.array(["0" * (1 << 20)]).take(pa.array([0] * 80))
    pq.write_table(pa.table({"a": texts}), packed, compression="zstd", use_dictionary=False)
    with pytest.raises(FileUnreadable, match="no table packs so well"):
        read_bytes(packed.getvalue(), FEED, tmp_path)
