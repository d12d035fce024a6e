"""The objects of a JSON array become raw rows of the text that was written; what is no JSON is refused."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.ingest import json_arrays
from orchestration.ingest.counting import _WithoutHalves, count_json_array
from orchestration.ingest.errors import FeedColumnsMissing, FileNotOfFormat
from orchestration.ingest.json_arrays import NotAnArray, array_values
from tests.support.inboxes import Inbox, contract, read_bytes

FEED = contract(format="json")
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('a"\\[]{},\n é'), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def values(content: bytes) -> list[tuple[bytes, int, int]]:
    return [(value.content, value.number, value.offset) for value in array_values(io.BytesIO(content))]


def test_each_value_is_found_with_its_line_and_place() -> None:
    content = b'\r\n[ {"a":\r\n"]"},\r2 ,\n"x\\"}"\n, [[]]]\n'
    assert values(content) == [(b'{"a":\r\n"]"}', 2, 4), (b"2", 4, 17), (b'"x\\"}"', 5, 21), (b"[[]]", 6, 30)]


@settings(derandomize=True, max_examples=200)
@given(found=st.lists(VALUE, max_size=5), indent=st.sampled_from([None, 1]), size=st.integers(1, 40))
def test_every_array_gives_its_values_in_pieces_of_any_size(found: list[object], indent: int | None, size: int) -> None:
    content = json.dumps(found, indent=indent, ensure_ascii=False).encode()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(json_arrays, "_CHUNK_BYTES", size)
        met = values(content)
    assert [json.loads(value) for value, _, _ in met] == found
    assert count_json_array(lambda: io.BytesIO(content)) == len(found)
    for value, line, offset in met:
        assert content[offset:].startswith(value)
        assert line == content[:offset].count(b"\n") + 1


@settings(derandomize=True, max_examples=500)
@given(st.text(st.sampled_from('{}[]":,1e-.\\ntu \t'), max_size=14))
def test_what_is_found_and_counted_is_what_json_reads(text: str) -> None:
    content = text.encode()
    try:
        expected = json.loads(text, parse_constant=pytest.fail)
    except ValueError:
        expected = None
    try:
        found = len(values(content))
        counted = count_json_array(lambda: io.BytesIO(content))
    except NotAnArray:
        assert not isinstance(expected, list)
    else:
        assert found == counted == len(expected)


def test_values_land_as_written_and_what_is_no_object_is_kept(tmp_path: Path) -> None:
    content = b'[{"a": 0.10, "b": {"x" : [1e400]}},\n 7, {"a":"1","a":"2"}, {"a":null,"z":[ "q" ]},\n{"a":"\\ud800"}]'
    reading = read_bytes(content, FEED, tmp_path)
    assert (reading.account.records, reading.account.landed, reading.account.quarantined) == (5, 2, 3)
    assert reading.cells(FEED) == {1: ("0.10", '{"x":[1e400]}', None), 4: (None, None, None)}
    assert reading.raw[1]["_extras"] == '{"z":["q"]}'
    assert [(r["_row_number"], r["line_number"], r["reason_code"], r["record_bytes"]) for r in reading.quarantine] == [
        (2, 2, "not_an_object", b"7"),
        (3, 2, "key_repeated", b'{"a":"1","a":"2"}'),
        (5, 3, "encoding_invalid", b'{"a":"\\ud800"}'),
    ]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp1252"])
def test_an_array_in_another_encoding_lands_as_its_text(tmp_path: Path, codec: str) -> None:
    feed = contract(format="json", encoding="utf-8" if codec == "utf-8-sig" else codec)
    reading = read_bytes('[{"a":"Zoë"}, "ö"]'.encode(codec), feed, tmp_path)
    assert reading.cells(feed) == {1: ("Zoë", None, None)}
    [kept] = reading.quarantine
    assert kept["record_bytes"].decode(codec.replace("-sig", "").replace("16", "16-le")) == '"ö"'


@pytest.mark.parametrize("half", ["\\ud800", "\\udc00", "\\uDFFF\\uD800", "x" * 300_000 + "\\udc00"])
def test_a_half_of_a_character_costs_one_object_alone(tmp_path: Path, half: str) -> None:
    reading = read_bytes(f'[{{"a":"{half}"}},{{"a":"\\ud83d\\ude00"}}]'.encode(), FEED, tmp_path)
    assert reading.cells(FEED) == {2: ("😀", None, None)}
    assert [row["reason_code"] for row in reading.quarantine] == ["encoding_invalid"]


def test_bytes_that_are_no_text_cost_one_object_alone(tmp_path: Path) -> None:
    reading = read_bytes(b'[{"a":"\xff"},{"a":"1"}]', FEED, tmp_path)
    assert [row["a"] for row in reading.raw] == ["1"]
    assert [row["reason_code"] for row in reading.quarantine] == ["encoding_invalid"]


@pytest.mark.parametrize(
    ("content", "evidence"),
    [
        (b"", "does not begin with"),
        (b'{"a":1}', "does not begin with"),
        (b'[{"a":1}', "neither ',' nor ']'"),
        (b'[{"a":1', "ends inside the value that begins at byte 1"),
        (b'[{"a":"x', "ends inside"),
        (b'[{"a":1},]', "no value stands at byte 9"),
        (b'[{"a":1} {"a":2}]', "at byte 9"),
        (b'[{"a":1}] x', "behind its end"),
        (b'[{"a":1}][]', "behind its end"),
        (b'[{"a":01}]', "parse error"),
        (b'[{"a":NaN}]', "lexical error"),
        (b'[{"a":1]}]', "neither ',' nor ']'"),
        (b'[{"a":[1}}]', "parse error"),
        (b'[{"a":' + b"1" * 5000 + b"}]", "more than 4000 digits"),
        (b"[1,2]", "none of its 2 records"),
        (b"[" * 200_000, "deeper than 500"),
        (b'[{"a":' * 100_000, "deeper than 500"),
        (b'[{"a":"' + b"x" * 5_000_000 + b'"}]', "more than 2000000 bytes"),
        (b"[" + b"1" * 5_000_000 + b"]", "more than 2000000 bytes"),
    ],
)
def test_what_is_no_array_of_bounded_objects_is_refused_as_a_whole(
    tmp_path: Path, content: bytes, evidence: str
) -> None:
    with pytest.raises(FileNotOfFormat) as refused:
        read_bytes(content, FEED, tmp_path)
    assert evidence in str(refused.value)


@settings(derandomize=True, max_examples=200)
@given(st.text(st.sampled_from("\\ud9DcC0"), max_size=20), st.integers(1, 8))
def test_second_halves_are_found_in_pieces_of_any_size(text: str, size: int) -> None:
    whole, pieces = _WithoutHalves(io.BytesIO(text.encode())), _WithoutHalves(io.BytesIO(text.encode()))
    assert b"".join(iter(lambda: pieces.read(size), b"")) == whole.read(100) + whole.read(100)


def test_a_text_of_many_digits_is_no_number(tmp_path: Path) -> None:
    digits = "1" * 5000
    assert read_bytes(f'[{{"a":"{digits}"}}]'.encode(), FEED, tmp_path).raw[0]["a"] == digits


def test_a_fault_is_told_without_the_text_around_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotOfFormat) as refused:
        read_bytes(b'[{"a":"Jo Doe", "b": tru}]', FEED, tmp_path)
    assert "Jo" not in str(refused.value)


def test_a_required_key_that_no_object_has_refuses_the_array(tmp_path: Path) -> None:
    with pytest.raises(FeedColumnsMissing, match=r"lacks \['a'\]"):
        read_bytes(b'[{"b":1}]', FEED, tmp_path)


@pytest.mark.parametrize("content", [b"[]", b" [\n] "])
def test_an_empty_array_lands_without_rows(make_inbox: Callable[..., Inbox], content: bytes) -> None:
    inbox = make_inbox(format="json")
    inbox.drop(content)
    [landing] = inbox.land().files
    assert (landing.fate, landing.records_count) == ("landed", 0)


def test_a_packed_array_of_a_feed_that_detects_its_format_lands(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(format="detect")
    inbox.drop(gzip.compress(b'\n[\n {"a":"1"}]', mtime=0))
    [landing] = inbox.land().files
    assert (landing.fate, landing.records_count, inbox.cells()) == ("landed", 1, {1: ("1", None, None)})


ENVELOPE = contract(format="json", records="data.items")


def test_the_records_of_an_envelope_land_with_their_place(tmp_path: Path) -> None:
    content = b'{"meta": {"items": [1], "n": [[{}]]},\n "data": {"items": [{"a": 1},\n 2], "next": null}, "ok": true}'
    reading = read_bytes(content, ENVELOPE, tmp_path)
    assert reading.cells(ENVELOPE) == {1: ("1", None, None)}
    [kept] = reading.quarantine
    assert (kept["line_number"], kept["record_bytes"]) == (3, b"2")
    assert content[kept["byte_offset"] :].startswith(b"2]")
    assert read_bytes(b'{"data":{"items":[]}}', ENVELOPE, tmp_path).account.records == 0


@pytest.mark.parametrize(
    ("content", "evidence"),
    [
        (b'[{"a":1}]', "no object stands at byte 0"),
        (b'{"data":{"rows":[{"a":1}]}}', "has no 'data.items', though the contract says"),
        (b'{"items":[{"a":1}]}', "has no 'data', though"),
        (b'{"data":[{"items":[{"a":1}]}]}', "no object stands at byte 8"),
        (b'{"data":{"items":{"a":1}}}', "no array stands at 'data.items'"),
        (b'{"data":{"items":[{"a":1}]},"data":{"items":[]}}', "has 'data' twice"),
        (b'{"data":{"items":[{"a":1}]}', "neither ',' nor '}' stands"),
        (b'{"data":{"items":[{"a":1}]},}', "no key stands at byte 28"),
        (b'{"data":{"items":[{"a":1}]}} x', "behind its end"),
        (b'{"x":[01],"data":{"items":[{"a":1}]}}', "parse error"),
        (b'{"x":' + b"[" * 100_000, "deeper than 500"),
        (b'{"x":' + b"1" * 5000 + b"}", "more than 4000 digits"),
        (b'{"x":"' + b"y" * 5_000_000 + b'"}', "more than 2000000 bytes"),
        (b'{"x":[1,2', "it ends inside"),
    ],
)
def test_an_envelope_without_its_array_is_refused(tmp_path: Path, content: bytes, evidence: str) -> None:
    with pytest.raises(FileNotOfFormat) as refused:
        read_bytes(content, ENVELOPE, tmp_path)
    assert evidence in str(refused.value)


KEYS = st.sampled_from(["data", "items", "d\\t", "é"])
DOCUMENT = st.recursive(
    VALUE, lambda inner: st.dictionaries(KEYS, inner, max_size=4) | st.lists(inner, max_size=3), max_leaves=20
)


@settings(derandomize=True, max_examples=200)
@given(document=DOCUMENT, rows=st.lists(VALUE, max_size=4), around=DOCUMENT, size=st.integers(1, 40))
def test_every_envelope_gives_the_values_of_its_array(
    document: object, rows: list[object], around: object, size: int
) -> None:
    content = json.dumps({"é": document, "data": {"x": around, "items": rows}, "items": around}).encode()
    steps = ["data", "items"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(json_arrays, "_CHUNK_BYTES", size)
        found = [json.loads(value.content) for value in array_values(io.BytesIO(content), steps=steps)]
    assert found == rows
    assert count_json_array(lambda: io.BytesIO(content), steps) == len(rows)
