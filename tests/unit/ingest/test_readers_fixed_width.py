"""Lines of fixed width become raw rows by the places that the contract states, and lines of another width are kept."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.foundation.contract_faults import feed_faults
from orchestration.foundation.feed_contract import FeedContract
from orchestration.ingest import counting
from orchestration.ingest.counting import count_filled_lines
from orchestration.ingest.errors import FileNotOfFormat, HeaderUnusable
from orchestration.ingest.physical_lines import physical_lines
from tests.support.inboxes import Inbox, contract, read_bytes

POSITIONS = {"a": [1, 4], "b": [5, 9], "c": [12, 14]}


def layout(**stated: object) -> FeedContract:
    return contract(format="fixed_width", fixed_width={"positions": POSITIONS, **stated})


FEED = layout()


def test_cells_stand_where_the_contract_says_without_the_blanks_that_pad_them(tmp_path: Path) -> None:
    reading = read_bytes(b"0012  Jo   x y\n    Doe         \n", FEED, tmp_path)
    assert reading.cells(FEED) == {1: ("0012", "Jo", "x y"), 2: ("", "Doe", "")}
    assert reading.account.unknown_columns == ()


def test_what_stands_between_the_cells_is_not_lost(tmp_path: Path) -> None:
    reading = read_bytes(b"1111222223 ccc\n1111222223 ccc\n", FEED, tmp_path)
    assert [row["_extras"] for row in reading.raw] == ['{"characters_10_11":"3"}'] * 2
    assert reading.account.unknown_columns == ("characters_10_11",)


def test_lines_of_another_width_are_kept_with_their_place(tmp_path: Path) -> None:
    content = b"111122222  ccc\r\n\r\nshort\r\n111122222  ccc more\r\n111122222  ccc  \r\n" + b"x" * 3_000_000
    reading = read_bytes(content, FEED, tmp_path)
    assert list(reading.cells(FEED)) == [1, 4]
    found = [(r["_row_number"], r["line_number"], r["byte_offset"], r["reason_code"]) for r in reading.quarantine]
    assert found == [(2, 3, 18, "cells_ragged"), (3, 4, 25, "cells_ragged"), (5, 6, 64, "record_too_long")]
    assert reading.quarantine[0]["record_bytes"] == b"short\r\n"


def test_blanks_at_the_end_may_be_missing_where_the_contract_says_so(tmp_path: Path) -> None:
    feed = layout(may_end_early=True)
    assert read_bytes(b"11112\n1111\n", feed, tmp_path).cells(feed) == {1: ("1111", "2", ""), 2: ("1111", "", "")}


def test_lines_of_the_header_are_no_records(tmp_path: Path) -> None:
    feed = layout(header_lines=2)
    reading = read_bytes(b"a report\n\n--------\n111122222  ccc\n", feed, tmp_path)
    assert (reading.account.records, reading.cells(feed)) == (1, {1: ("1111", "22222", "ccc")})
    with pytest.raises(HeaderUnusable):
        read_bytes(b"a report\n", feed, tmp_path)


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252"])
def test_places_are_counted_in_characters(tmp_path: Path, codec: str) -> None:
    feed = layout().model_copy(update={"encoding": codec})
    reading = read_bytes("1111Zoëöé  ccc\nshört\n".encode(codec), feed, tmp_path)
    assert reading.cells(feed) == {1: ("1111", "Zoëöé", "ccc")}
    [kept] = reading.quarantine
    assert kept["record_bytes"].decode("utf-16-le" if codec == "utf-16" else codec) == "shört\n"


def test_bytes_that_are_no_text_cost_one_line(tmp_path: Path) -> None:
    reading = read_bytes(b"1111\xff2222  ccc\n111122222  ccc\n", FEED, tmp_path)
    assert [row["reason_code"] for row in reading.quarantine] == ["encoding_invalid"]
    assert list(reading.cells(FEED)) == [2]


def test_a_file_without_any_line_of_its_width_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotOfFormat, match="none of its 2 lines has the 14 characters"):
        read_bytes(b"a,b\n1,2\n", FEED, tmp_path)


def test_a_fixed_width_file_lands_through_the_inbox(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(format="fixed_width", fixed_width={"positions": POSITIONS})
    inbox.drop(b"111122222  ccc\nx\n")
    [landing] = inbox.land().files
    assert (landing.records_count, landing.landed_count, landing.quarantined_count) == (2, 1, 1)


@settings(derandomize=True, max_examples=300)
@given(
    content=st.binary(max_size=30).map(lambda raw: bytes(b"ab \n\r"[byte % 5] for byte in raw)), size=st.integers(1, 9)
)
def test_the_count_of_lines_is_that_of_the_lines_themselves(content: bytes, size: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(counting, "_LINES_CHUNK_BYTES", size)
        counted = count_filled_lines(lambda: io.BytesIO(content))
    assert counted == sum(not line.is_blank for line in physical_lines(io.BytesIO(content)))


@pytest.mark.parametrize(
    ("stated", "fault"),
    [
        ({"positions": {"a": [1, 4], "d": [5, 6]}}, "places 'd', which is no column"),
        ({"positions": {"b": [1, 4]}}, "places the required column 'a' nowhere"),
        ({"positions": {"a": [1, 4], "b": [4, 6]}}, "places 'b' where 'a' stands"),
        ({"positions": {"a": [0, 4]}}, "places 'a' at characters 0 to 4"),
        ({"positions": {"a": [4, 3]}}, "places 'a' at characters 4 to 3"),
        ({"positions": {"a": [1, 4]}, "record_width": 3}, "but 'a' ends at character 4"),
    ],
)
def test_a_layout_that_cannot_be_is_a_fault(stated: dict[str, object], fault: str) -> None:
    [(place, found)] = feed_faults(contract(format="fixed_width", fixed_width=stated))
    assert (place, fault in found) == ("fixed_width", True), found


def test_a_layout_belongs_to_fixed_width_and_to_no_other_format() -> None:
    for feed in (contract(format="fixed_width"), contract(format="csv", fixed_width={"positions": POSITIONS})):
        assert [place for place, _ in feed_faults(feed)] == ["fixed_width"]
    assert list(feed_faults(FEED)) == []
