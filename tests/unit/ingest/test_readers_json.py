"""NDJSON lines become raw rows whose values are the text that was written."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.ingest.errors import FeedColumnsMissing, FileNotOfFormat
from orchestration.ingest.json_objects import (
    NotAnObject,
    canonical_json,
    canonical_object,
    canonical_text,
    members,
)
from tests.support.inboxes import Inbox, contract, read_bytes

FEED = contract(format="ndjson")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("1e400", "1e400"),
        ("12345678901234567890", "12345678901234567890"),
        ("0.10", "0.10"),
        ("-0", "-0"),
        ('"0.10"', "0.10"),
        ('"a\\u00e9\\n\\ud83d\\ude00"', "aé\n😀"),
        ("true", "true"),
        ("null", None),
        ('{ "x" : [ 1 , 2.50 ] , "y" : " a  b " }', '{"x":[1,2.50],"y":" a  b "}'),
        ("[]", "[]"),
        ('["\\\\", "\\"" , " "]', '["\\\\","\\""," "]'),
    ],
)
def test_a_value_is_taken_as_written(tmp_path: Path, written: str, text: str | None) -> None:
    reading = read_bytes(f'{{"a": {written}, "z": {written}}}\n'.encode(), FEED, tmp_path)
    [row] = reading.raw
    assert row["a"] == text
    assert json.loads(row["_extras"], parse_float=str) == json.loads(f'{{"z":{written}}}', parse_float=str)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[1]", "not_an_object"),
        (b'"x"', "not_an_object"),
        (b"nonsense", "not_an_object"),
        (b'{"a":1', "json_malformed"),
        (b'{"a":1}}', "json_malformed"),
        (b'{"a":1} {"a":2}', "json_malformed"),
        (b'{"a":1,}', "json_malformed"),
        (b"{'a':1}", "json_malformed"),
        (b'{"a":NaN}', "json_malformed"),
        (b'{"a":-Infinity}', "json_malformed"),
        (b'{"a":01}', "json_malformed"),
        (b'{"a":"\t"}', "json_malformed"),
        (b'{"a":1,"a":2}', "key_repeated"),
        (b'{"a":1,"A":2}', "key_repeated"),
        (b'{"a":{"x":1,"x":2}}', "key_repeated"),
        (b'{"a":"\\ud800"}', "encoding_invalid"),
        (b'{"a":"\xff"}', "encoding_invalid"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested_too_deep"),
        (b'{"a":' + b"[" * 1010 + b"]" * 1010 + b"}", "nested_too_deep"),
        (b'{"a":"' + b"x" * 2_000_001 + b'"}', "record_too_long"),
    ],
)
def test_a_line_that_is_no_object_of_its_own_is_quarantined(tmp_path: Path, line: bytes, reason: str) -> None:
    reading = read_bytes(b'{"a":0}\n\n' + line + b'\r\n{"a":9}', FEED, tmp_path)
    [kept] = reading.quarantine
    assert (kept["_row_number"], kept["line_number"], kept["reason_code"]) == (2, 3, reason)
    assert kept["byte_offset"] == 9
    assert (line + b"\r\n").startswith(kept["record_bytes"])
    assert reading.cells(FEED) == {1: ("0", None, None), 3: ("9", None, None)}
    assert (reading.account.records, reading.account.landed, reading.account.quarantined) == (3, 2, 1)


@settings(derandomize=True, max_examples=200)
@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4), st.sampled_from([None, 2]), st.booleans())
def test_every_object_keeps_its_members(value: dict[str, object], indent: int | None, is_ascii: bool) -> None:  # noqa: FBT001
    text = json.dumps(value, indent=indent, ensure_ascii=is_ascii)
    found = list(members(text))
    assert {member.key: json.loads(member.json_text) for member in found} == value
    for member in found:
        if isinstance(value[member.key], str | None):
            assert member.text == value[member.key]
        else:
            assert member.text == member.json_text


@settings(derandomize=True, max_examples=300)
@given(st.text(st.sampled_from('{}[]":,1e-.\\ntu \t'), max_size=14))
def test_only_what_is_json_is_an_object(text: str) -> None:
    try:
        pairs = json.loads(text, object_pairs_hook=list, parse_constant=pytest.fail)
    except ValueError:
        pairs = None
    is_object = isinstance(pairs, list) and text.strip(" \t\r\n").startswith("{")
    try:
        assert [member.key for member in members(text)] == [key for key, _ in pairs or []]
    except NotAnObject as reason:
        assert not is_object or reason.code == "key_repeated"  # noqa: PT017 - either outcome is right for some text
    else:
        assert is_object


def test_a_file_without_any_object_is_no_ndjson(tmp_path: Path) -> None:
    with pytest.raises(FileNotOfFormat, match="none of its 2 records"):
        read_bytes(b"[1]\n[2]\n", FEED, tmp_path)


def test_a_required_key_that_no_object_has_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(FeedColumnsMissing, match=r"lacks \['a'\].*has \['b', 'z'\]"):
        read_bytes(b'{"b":1}\n{"z":2}\n', FEED, tmp_path)


def test_a_day_without_orders_is_an_empty_file_that_lands(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(format="ndjson")
    inbox.drop(b"")
    [landing] = inbox.land().files
    assert (landing.fate, landing.records_count, inbox.raw()) == ("landed", 0, [])


@settings(max_examples=300, derandomize=True)
@given(found=st.dictionaries(st.text(max_size=3), JSON, max_size=4), is_compact=st.booleans())
def test_a_canonical_line_is_read_as_it_is_step_by_step(found: dict[str, object], *, is_compact: bool) -> None:
    separators = (",", ":") if is_compact else None
    line = json.dumps(found, ensure_ascii=False, separators=separators)
    canonical = canonical_object(line.encode())
    if canonical is not None:
        stepwise = [(member.key, member.text, member.json_text) for member in members(line)]
        assert [(key, canonical_text(v), canonical_json(v)) for key, v in canonical.items()] == stepwise


@pytest.mark.parametrize(
    "line",
    [
        '{"a":1,"a":1}',
        '{"a":{"b":1,"b":1}}',
        '{"a":0.10}',
        '{"a":1E5}',
        '{"a":12345678901234567890123}',
        '{"a":-0}',
        '{"a":NaN}',
        '{"a":"\\u0041"}',
        '{"a":"\\ud800"}',
        '{"a": 1}',
        '{"a":1,}',
        "[1]",
        '"a"',
        "",
    ],
)
def test_a_line_that_could_be_written_otherwise_is_not_canonical(line: str) -> None:
    assert canonical_object(line.encode()) is None


def test_a_compact_line_is_canonical() -> None:
    line = '{"a":"é\\n\U0001f600","b":[1,-2.5,true,null,{"c":{}}],"d":18446744073709551615}'
    assert canonical_object(line.encode()) == json.loads(line)
