"""Records are found again in the bytes of their file by their ordinals, whatever the format and the encoding."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.foundation.feed_contract import FeedContract
from orchestration.ingest import regular_records
from orchestration.ingest.originals import OriginalRecord, original_records
from tests.support.inboxes import contract, read_bytes


def _found(path: Path, feed: FeedContract, ordinals: list[int], file_format: str = "csv") -> list[OriginalRecord]:
    return list(original_records(path, feed, file_format, np.array(ordinals, dtype=np.int64), display="a file"))


@pytest.mark.parametrize(
    ("content", "stated", "file_format", "wanted"),
    [
        (b'a,b,c\n1,2,3\n\n4,"5\n5",6\n7,8,9', {}, "csv", [(2, 4, 13, b'4,"5\n5",6\n'), (3, 6, 23, b"7,8,9")]),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n3,4\r\n", {}, "csv", [(2, 3, 13, b"3,4\r\n")]),
        (b'a,b\n1,x"y\n2,"z"!\n3,4\n', {}, "csv", [(1, 2, 4, b'1,x"y\n'), (3, 4, 17, b"3,4\n")]),
        (b"a;b\n1;\xe9\n2;3\n", {"delimiter": ";", "encoding": "latin-1"}, "csv", [(1, 2, 4, b"1;\xe9\n")]),
        (
            "a,b\n1,é\n2,3\n".encode("utf-16"),
            {"encoding": "utf-16"},
            "csv",
            [(1, 2, None, "1,é\n".encode("utf-16-le"))],
        ),
        (b'{"a":1}\n \n{"a":2}', {}, "ndjson", [(2, 3, 10, b'{"a":2}')]),
        (b'[{"a":1},\n {"a":2}]', {}, "json", [(1, 1, 1, b'{"a":1}'), (2, 2, 11, b'{"a":2}')]),
        (
            b"<x>\n<r><a>1</a></r><m/>\n<r a='2'/><r><a>\xc3\xa9</a></r ></x>",
            {"format": "xml", "xml": {"record": "x/r"}},
            "xml",
            [(1, 2, 4, b"<r><a>1</a></r>"), (2, 3, 24, b"<r a='2'/>"), (3, 3, 34, b"<r><a>\xc3\xa9</a></r >")],
        ),
        (
            "<x><r><a>é</a></r></x>".encode("utf-16"),
            {"format": "xml", "xml": {"record": "x/r"}},
            "xml",
            [(1, 1, 8, "<r><a>é</a></r>".encode("utf-16-le"))],
        ),
        (
            b"head\n1  2\n\n3  4\n",
            {"format": "fixed_width", "fixed_width": {"positions": {"a": (1, 1), "b": (4, 4)}, "header_lines": 1}},
            "fixed_width",
            [(1, 2, 5, b"1  2\n"), (2, 4, 11, b"3  4\n")],
        ),
    ],
)
def test_a_record_has_its_bytes_line_and_place(
    tmp_path: Path, content: bytes, stated: dict[str, object], file_format: str, wanted: list[tuple[object, ...]]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    feed = contract(**{"format": file_format, **stated})
    found = _found(path, feed, [int(str(row[0])) for row in wanted], file_format)
    assert [(r.row_number, r.line_number, r.byte_offset, r.content) for r in found] == wanted
    assert _found(path, feed, [99], file_format) == _found(path, feed, [], file_format) == []


CELL = st.text(st.sampled_from('ab,"\n\r ;é'), max_size=4)


@settings(max_examples=60)
@given(lines=st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=12), is_quoted=st.booleans(), data=st.data())
def test_every_landed_row_of_any_text_is_found_where_it_stands(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[str]], data: st.DataObject, *, is_quoted: bool
) -> None:
    def written(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if is_quoted else cell

    content = ("a,b\n" + "".join(",".join(map(written, cells)) + "\n" for cells in lines)).encode()
    work = tmp_path_factory.mktemp("texts")
    feed = contract()
    reading = read_bytes(content, feed, work)
    rows = [row["_row_number"] for row in (*reading.raw, *reading.quarantine)]
    wanted = sorted(data.draw(st.sets(st.sampled_from(rows)))) if rows else []
    path = work / "file"
    path.write_bytes(content)
    places = {row["_row_number"]: row for row in reading.quarantine}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(regular_records, "_CHUNK_BYTES", 7)
        found = _found(path, feed, wanted)
    assert [record.row_number for record in found] == wanted
    for record in found:
        offset = record.byte_offset
        assert offset is not None
        assert content[offset:].startswith(record.content)
        before = content[:offset].decode()
        assert record.line_number == before.count("\n") + before.count("\r") - before.count("\r\n") + 1
        if (place := places.get(record.row_number)) is not None:
            assert (record.content, offset) == (place["record_bytes"], place["byte_offset"])
        else:
            [row] = [row for row in reading.raw if row["_row_number"] == record.row_number]
            alone = read_bytes(b"a,b\n" + record.content, feed, work)
            assert [(row["a"], row["b"])] == [(only["a"], only["b"]) for only in alone.raw]
