"""CSV files become raw rows without a cell altered or a record lost, by either of the two readers."""

import csv
import gzip
import io
import json
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.ingest import csv_fast, readers_csv
from tests.support.inboxes import Inbox, contract, read_bytes

CELLS = st.text(st.sampled_from("ab,;\"\n\r\t é€😀'\\0\x00"), max_size=6)
FEED = contract()
Quoting = Literal[0, 1]
QUOTINGS: tuple[Quoting, ...] = (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)


@pytest.fixture(autouse=True, scope="module")
def _even_few_records_are_read_fast() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(csv_fast, "FEW_RECORDS", 1)
        yield


ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=12)


def _csv_text(rows: list[list[str]], *, delimiter: str, line_end: str, quoting: Quoting) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerows([["a", "b", "c"], *rows])
    return out.getvalue()


def _require_accounted(landed: Iterable[int], formless: Iterable[int], records: int | None) -> None:
    """Landed and quarantined ordinals are disjoint and cover every record."""
    assert sorted([*landed, *formless]) == list(range(1, (records or 0) + 1))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    rows=ROWS,
    delimiter=st.sampled_from([",", ";", "\t"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from(QUOTINGS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_every_record_is_accounted_for_and_accepted_cells_are_what_pythons_csv_reads(
    rows: list[list[str]], delimiter: str, line_end: str, quoting: Quoting, encoding: str
) -> None:
    text = _csv_text(rows, delimiter=delimiter, line_end=line_end, quoting=quoting)
    expected = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row][1:]
    feed = contract(delimiter=delimiter, encoding=encoding)
    with tempfile.TemporaryDirectory() as folder:
        reading = read_bytes(text.encode(encoding), feed, Path(folder))
    assert reading.account.records == len(expected)
    assert reading.cells(feed) == {
        number: tuple(row[:3])
        for number, row in enumerate(expected, start=1)
        if len(row) == 3 or (len(row) > 3 and not any(row[3:]))
    }
    _require_accounted(reading.cells(feed), (row["_row_number"] for row in reading.quarantine), len(expected))


@settings(derandomize=True, max_examples=150, deadline=None)
@given(body=st.text(st.sampled_from('ab,"\n\r '), max_size=60), lines=st.integers(0, 3))
def test_any_text_is_accounted_for_and_both_readers_agree(body: str, lines: int) -> None:
    content = ("a,b,c\n" + body + "\n1,2,3" * lines).encode()
    seen = []
    for is_fast_allowed in (True, False):
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
            if not is_fast_allowed:
                patched.setattr(readers_csv, "may_be_read_fast", lambda count: count is None)
            reading = read_bytes(content, FEED, Path(folder))
        kept = [
            (row["_row_number"], row["line_number"], row["byte_offset"], row["record_bytes"], row["reason_code"])
            for row in reading.quarantine
        ]
        for _, _, offset, record, _ in kept:
            assert content[offset : offset + len(record)] == record
        _require_accounted(reading.cells(FEED), (row[0] for row in kept), reading.account.records)
        seen.append((reading.cells(FEED), kept))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("case", "content", "landed", "formless"),
    [
        ("an empty cell is the empty text, quoted or not", b'1,,""\n', {1: ("1", "", "")}, []),
        ("text that looks like null stays", b"NULL,null,\\N\n", {1: ("NULL", "null", "\\N")}, []),
        ("blanks around cells stay", b' 1 , 2 ,"3"\n', {1: (" 1 ", " 2 ", "3")}, []),
        ("a quote after a blank is text", b'1, "2" ,3\n', {1: ("1", ' "2" ', "3")}, []),
        ("a quote inside a cell is text", b'1,5" pipe,3\n', {1: ("1", '5" pipe', "3")}, []),
        ("the last line may lack its end", b"1,2,3\n4,5,6", {1: ("1", "2", "3"), 2: ("4", "5", "6")}, []),
        ("blank lines are no records", b"\n\n1,2,3\n\n4\n\n\n", {1: ("1", "2", "3")}, [(2, 6, "cells_ragged")]),
        (
            "a short and a long record",
            b"1,2\n1,2,3\n1,2,3,4\n",
            {2: ("1", "2", "3")},
            [(1, 2, "cells_ragged"), (3, 4, "cells_ragged")],
        ),
        ("surplus empty cells carry nothing", b'1,2,3,,""\n', {1: ("1", "2", "3")}, []),
        (
            "line numbers count the lines inside quotes",
            b'1,"x\ny\r\nz",3\n4\n5,6,7\n',
            {1: ("1", "x\ny\r\nz", "3"), 3: ("5", "6", "7")},
            [(2, 5, "cells_ragged")],
        ),
        (
            "mixed line ends",
            b"1,2,3\r\n4,5,6\n7,8,9\r1,1,1\n",
            {1: ("1", "2", "3"), 2: ("4", "5", "6"), 3: ("7", "8", "9"), 4: ("1", "1", "1")},
            [],
        ),
        (
            "text behind a closing quote",
            b'1,"ab"c,3\n4,5,6\n',
            {2: ("4", "5", "6")},
            [(1, 2, "quote_misplaced")],
        ),
        (
            "a quote that never closes costs its own line only",
            b'1,"ab,3\n4,5,6\n7,8,9\n',
            {2: ("4", "5", "6"), 3: ("7", "8", "9")},
            [(1, 2, "quote_never_closed")],
        ),
        (
            "bytes that are no text",
            b"1,\xff,3\n4,5,6\n",
            {2: ("4", "5", "6")},
            [(1, 2, "encoding_invalid")],
        ),
        (
            "bytes that are no text in a record of another width",
            b"1,2,3\n4,\xff\n5,6,7\n",
            {1: ("1", "2", "3"), 3: ("5", "6", "7")},
            [(2, 3, "encoding_invalid")],
        ),
        ("NUL is a character", b"1,\x00,3\n", {1: ("1", "\x00", "3")}, []),
        ("no record at all", b"", {}, []),
    ],
)
def test_a_record_is_taken_as_received_or_quarantined_with_its_reason(
    inbox: Inbox,
    case: str,
    content: bytes,
    landed: dict[int, tuple[str, ...]],
    formless: list[tuple[int, int, str]],
) -> None:
    inbox.drop(b"a,b,c\n" + content)
    [landing] = inbox.land().files
    assert (landing.landed_count, landing.quarantined_count) == (len(landed), len(formless)), case
    assert inbox.cells() == landed, case
    found = [(row["_row_number"], row["line_number"], row["reason_code"]) for row in inbox.quarantine()]
    assert found == formless, case


def test_a_record_beyond_the_limit_costs_its_first_line_only(inbox: Inbox) -> None:
    too_long = b"1," + b"x" * 2_000_001 + b",3\n"
    open_quote = b'4,"' + (b"y" * 9_999 + b"\n") * 201 + b'",6\n'
    inbox.drop(b"a,b,c\n" + too_long + b"7,8,9\n" + open_quote)
    [landing] = inbox.land().files
    assert inbox.cells() == {2: ("7", "8", "9")}
    reasons = [row["reason_code"] for row in inbox.quarantine()]
    assert reasons[:2] == ["record_too_long", "quote_never_closed"]
    assert landing.records_count == 1 + len(reasons)


def test_a_quarantined_record_of_a_recoded_file_keeps_its_own_bytes_and_place(
    make_inbox: Callable[..., Inbox],
) -> None:
    inbox = make_inbox(encoding="cp1252")
    content = "a,b,c\n1,Jürgen €,3\n2,Zoë\n3,4,5\n".encode("cp1252")
    inbox.drop(content)
    inbox.land()
    [row] = inbox.quarantine()
    assert row["record_bytes"] == "2,Zoë\n".encode("cp1252")
    assert content[row["byte_offset"] :].startswith(row["record_bytes"])
    assert inbox.cells()[1] == ("1", "Jürgen €", "3")


def test_a_byte_that_the_stated_encoding_lacks_costs_its_record_only(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(encoding="cp1252")
    inbox.drop(b"a,b,c\n1,\x81,3\n4,\xfc,6\n")
    inbox.land()
    assert inbox.cells() == {2: ("4", "ü", "6")}
    assert [row["reason_code"] for row in inbox.quarantine()] == ["encoding_invalid"]


def test_unknown_columns_go_to_extras_and_missing_optional_ones_are_null(inbox: Inbox) -> None:
    inbox.drop(b'x"y,B,A,,x"y\n1,2,3,4,"5,\n""6"\n')
    [landing] = inbox.land().files
    assert landing.unknown_columns == ('x"y', "column_4", 'x"y_5')
    [row] = inbox.raw()
    assert (row["a"], row["b"], row["c"]) == ("3", "2", None)
    assert json.loads(row["_extras"]) == {'x"y': "1", "column_4": "4", 'x"y_5': '5,\n"6'}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_detected_by_the_columns_that_it_explains(
    make_inbox: Callable[..., Inbox], delimiter: str
) -> None:
    inbox = make_inbox(delimiter="detect")
    inbox.drop(f"a{delimiter}b{delimiter}c\n1,5;x{delimiter}2{delimiter}3|4\n".replace(delimiter + "x", "x").encode())
    inbox.land()
    assert len(inbox.cells()) + len(inbox.quarantine()) == 1
    assert inbox.raw() == [] or inbox.raw()[0]["b"] == "2"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32"])
def test_an_encoding_is_detected(make_inbox: Callable[..., Inbox], encoding: str) -> None:
    inbox = make_inbox(encoding="detect", delimiter="detect")
    names = ["Jürgen Müller", "Zoë Ångström", "François Lefèvre", "Señor Muñoz"] * 20
    text = "a,b,c\r\n" + "".join(f"{number},{name},Straße\r\n" for number, name in enumerate(names))
    inbox.drop((b"\xff\xfe" if encoding == "utf-16-le" else b"") + text.encode(encoding))
    [landing] = inbox.land().files
    assert landing.fate == "landed", landing.reason_text
    assert [cells[1] for cells in inbox.cells().values()] == names


def test_a_gzip_file_lands_as_its_content(inbox: Inbox) -> None:
    inbox.drop(gzip.compress(b"a,b,c\n1,2,3\n4\n", mtime=0), "receipts.csv.gz")
    [landing] = inbox.land().files
    assert (landing.records_count, landing.landed_count, landing.quarantined_count) == (2, 1, 1)


@pytest.mark.parametrize("quoting", QUOTINGS)
def test_the_fast_reader_numbers_and_locates_like_the_exact_one_over_many_chunks(
    tmp_path: Path, quoting: Quoting
) -> None:
    chance = random.Random(7)  # noqa: S311 - seeded test data
    rows = [
        [
            str(number),
            "ü x\r\n,y" if quoting == csv.QUOTE_ALL and chance.random() < 0.1 else "plain",
            "z" * chance.randint(0, 40),
        ]
        for number in range(60_000)
    ]
    for row in rows:
        if chance.random() < 0.002:
            row.append("surplus")
        elif chance.random() < 0.002:
            del row[1:]
    text = _csv_text(rows, delimiter=",", line_end="\r\n", quoting=quoting)
    with patch.object(readers_csv, "csv_records", side_effect=AssertionError("not read fast")):
        reading = read_bytes(text.encode(), FEED, tmp_path)
    landed = reading.cells(FEED)
    _require_accounted(landed, (row["_row_number"] for row in reading.quarantine), len(rows))
    assert landed == {number: tuple(row) for number, row in enumerate(rows, start=1) if len(row) == 3}
    for kept in reading.quarantine:
        before = text.encode()[: kept["byte_offset"]]
        assert text.encode()[kept["byte_offset"] :].startswith(kept["record_bytes"])
        assert kept["line_number"] == before.count(b"\n") + 1
        assert kept["record_bytes"].strip(b'\r\n"').startswith(str(kept["_row_number"] - 1).encode())
