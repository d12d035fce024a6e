"""Records are counted from bytes alone, at any chunk size, and the fast count is the careful one."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.ingest import regular_records
from orchestration.ingest.counting import count_csv, count_ndjson
from orchestration.ingest.csv_exact import CsvDialect, csv_records
from orchestration.ingest.physical_lines import physical_lines

BYTES = st.binary(max_size=40).map(lambda content: bytes(b'ab,"\n\r\r\n'[byte % 8] for byte in content))


class _InPieces:
    """A stream that gives few bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        self._stream = io.BytesIO(content)
        self._size = size

    def read(self, size: int, /) -> bytes:
        return self._stream.read(min(size, self._size))


@settings(derandomize=True, max_examples=500)
@given(content=BYTES, size=st.integers(1, 9))
def test_lines_are_the_same_in_pieces_of_any_size(content: bytes, size: int) -> None:
    lines = list(physical_lines(_InPieces(content, size)))
    assert [line.content for line in lines] == content.splitlines(keepends=True)
    assert b"".join(line.content for line in lines) == content
    for line in lines:
        assert content[line.offset :].startswith(line.content)


@settings(derandomize=True, max_examples=1500)
@given(content=BYTES, size=st.integers(1, 9), quote=st.sampled_from(['"', ""]))
def test_the_count_is_that_of_the_exact_reader_in_pieces_of_any_size(content: bytes, size: int, quote: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(regular_records, "_CHUNK_BYTES", size)
        counted = count_csv(lambda: io.BytesIO(content), delimiter=",", quote=quote, width=2)
    exact = list(csv_records(io.BytesIO(content), CsvDialect(",", quote, "latin-1")))
    assert counted.records == len(exact)
    if counted.regular is not None:
        cells = [record.cells for record in exact]
        certain = {at for at, row in enumerate(cells) if len(row) < 2 or (len(row) > 2 and any(row[2:]))}
        possible = {at for at, row in enumerate(cells) if len(row) != 2}
        assert certain & set(counted.ragged.ordinals.tolist()) == (certain if len(counted.ragged) else set())
        assert set(counted.ragged.ordinals.tolist()) <= possible


@settings(derandomize=True, max_examples=300)
@given(content=BYTES)
def test_a_record_is_found_with_its_bytes(content: bytes) -> None:
    found = list(csv_records(io.BytesIO(content), CsvDialect(",", '"', "latin-1")))
    joined = b"".join(record.content for record in found)
    assert joined.replace(b"\n", b"").replace(b"\r", b"") == content.replace(b"\n", b"").replace(b"\r", b"")
    for record in found:
        assert content[record.byte_offset :].startswith(record.content)
        before = content[: record.byte_offset]
        assert record.line_number == len(before.splitlines()) + 1


def test_an_overlong_line_is_one_line_and_what_follows_is_found() -> None:
    content = b"a\n" + b"x" * 5_000_000 + b"\r\nb\n"
    lines = list(physical_lines(io.BytesIO(content)))
    assert [(line.size, line.offset, line.is_overlong) for line in lines] == [
        (2, 0, False),
        (5_000_002, 2, True),
        (2, 5_000_004, False),
    ]
    assert count_csv(lambda: io.BytesIO(content), delimiter=",", quote='"', width=1).records == 3


def test_lines_of_white_space_are_no_json_records() -> None:
    assert count_ndjson(lambda: io.BytesIO(b"{}\n \t\r\n\n[1]\r\nx")) == 3
