"""The record elements of an XML file become rows; what they hold that no cell can is kept with its bytes."""

import gzip
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.ingest import xml_events
from orchestration.ingest.errors import FeedColumnsMissing, FileNotOfFormat, FileRefused
from orchestration.ingest.xml_records import XmlRecords
from tests.support.inboxes import Inbox, Reading, contract, read_bytes


def stated(record: str = "r", *, lists: tuple[str, ...] = (), **columns: dict[str, object]) -> dict[str, Any]:
    says = {"type": "text", "pii": "none", "purpose": "tests", "description": "A cell."}
    every = {name: {**says, "required": name == "a", **columns.get(name, {})} for name in ("a", "b", "c")}
    return {"format": "xml", "encoding": "detect", "xml": {"record": record, "lists": lists}, "columns": every}


FEED = contract(**stated())
CELL = st.text(st.sampled_from("ab<&>\"' \té日]"), min_size=1, max_size=8)


def read(content: str | bytes, work: Path, **says: Any) -> Reading:
    feed = contract(**stated(**says)) if says else FEED
    return read_bytes(content.encode() if isinstance(content, str) else content, feed, work)


def test_children_and_attributes_arrive_by_their_names(tmp_path: Path) -> None:
    content = """<?xml version="1.0"?>
    <export xmlns:g="urn:g"><made>today</made>
      <r id="7" g:b="x"><a>1 &amp; 2</a><!-- no --><g:c><![CDATA[<b>]]></g:c></r>
      <r xmlns:xsi="urn:i" id="8"><a/><g:c xsi:nil="true"/></r>
    </export>"""
    reading = read(content, tmp_path, b={"aliases": ("@id",)}, c={"aliases": ("g:c",)})
    assert reading.cells(FEED) == {1: ("1 & 2", "7", "<b>"), 2: ("", "8", None)}
    assert [row["_extras"] for row in reading.raw] == ['{"@g:b":"x"}', None]
    assert reading.account.unknown_columns == ("@g:b",)


def test_what_is_nested_or_repeats_is_json(tmp_path: Path) -> None:
    content = """<x><r><a>1</a><b t="u"><n>2</n><n k="v">3</n></b><z>4</z><z>5</z></r>
    <r><a>2</a><b><n>6</n></b><z>7</z></r><r>only text</r></x>"""
    reading = read(content, tmp_path, b={"type": "json"}, lists=("n",))
    assert [row["b"] for row in reading.raw] == [
        '{"@t":"u","n":["2",{"@k":"v","#text":"3"}]}',
        '{"n":["6"]}',
        None,
    ]
    assert [row["_extras"] for row in reading.raw] == ['{"z":["4","5"]}', '{"z":"7"}', '{"#text":"only text"}']


def test_a_path_names_records_at_their_place_only(tmp_path: Path) -> None:
    content = "<x><r><a>no</a></r><y><r><a>yes</a><r><a>inner</a></r></r></y></x>"
    assert [row["a"] for row in read(content, tmp_path, record="x/y/r").raw] == ["yes"]
    by_name = read(content, tmp_path)
    assert [row["a"] for row in by_name.raw] == ["no", "yes"]
    assert by_name.account.records == 2


BROKEN = [
    ("<r>\n<a>1</a> and <b>2</b></r>", "mixed_content"),
    ("<r><a>1</a><b>x <i>y</i> z</b></r >", "mixed_content"),
    ("<r><a>1</a><a>2</a></r>", "element_repeated"),
    ("<r b='1'><a>1</a><b>2</b></r>", "key_repeated"),
]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_record_without_shape_is_kept_with_its_bytes_line_and_reason(codec: str, tmp_path: Path) -> None:
    declared = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16"}.get(codec, codec)
    records = "".join(f"\n<é>{record}</é>" for record, _ in BROKEN)
    content = f"<?xml version='1.0' encoding='{declared}'?><x>{records}<r><a>good é</a></r></x>".encode(codec)
    reading = read(content, tmp_path, b={"aliases": ("@b",)})
    assert [row["a"] for row in reading.raw] == ["good é"]
    plain = codec.removesuffix("-sig") if codec != "utf-16" else "utf-16-le"
    kept = [(row["record_bytes"].decode(plain), row["reason_code"], row["line_number"]) for row in reading.quarantine]
    assert kept == [(*BROKEN[0], 2), (*BROKEN[1], 4), (*BROKEN[2], 5), (*BROKEN[3], 6)]
    for row in reading.quarantine:
        assert content[row["byte_offset"] :].startswith(row["record_bytes"])
    assert reading.account.records == 5


def test_a_record_too_long_is_kept_apart_and_the_next_is_read(tmp_path: Path) -> None:
    long = f"<r><a>{'x' * 3_000_000}</a></r>"
    many = f"<r>{'<b>12345678</b>' * 150_000}</r>"
    reading = read(f"<x>{long}<r><a>1</a></r>{many}<r/></x>", tmp_path)
    assert [(row["_row_number"], row["a"]) for row in reading.raw] == [(2, "1"), (4, None)]
    assert [(row["_row_number"], row["reason_code"]) for row in reading.quarantine] == [
        (1, "record_too_long"),
        (3, "record_too_long"),
    ]


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x><r><a>&b;</a></r></x>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x><r><a>&a;</a></r></x>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (LAUGHS, "document type"),
        (OUTSIDE, "document type"),
        ('<!DOCTYPE x SYSTEM "http://localhost/x.dtd"><x><r><a>1</a></r></x>', "document type"),
        ("<x><r><a>&unknown;</a></r></x>", "undefined entity at line 1"),
        ("<x><r><a>1</a></r>", "no element found"),
        ("<x><r><a>1</a></r></x><x/>", "junk after document element"),
        ("<x><r><a>1</b></r></x>", "mismatched tag"),
        ("<x><r a='1' a='2'/></x>", "duplicate attribute"),
        ("", "no element found"),
        ("a,b,c\n1,2,3\n", "syntax error at line 1"),
        ("<?xml version='1.0' encoding='klingon'?><x/>", "encoding that is not known"),
        (b"<?xml version='1.0' encoding='shift_jis'?><x/>", "encoding that is not known"),
        (b"<x><r><a>\xff</a></r></x>", "not well-formed"),
        ("<x>" * 150 + "</x>" * 150, "nested deeper than 100 levels"),
        (f"<x><r {'y' * 3_000_000}='1'/></x>", "markup at line 1 has more than"),
        (f"<x><!--{'y' * 3_000_000}--></x>", "markup at line 1 has more than"),
        ("<x><r>1<b/></r><r>2<b/></r></x>", "none of its 2 records has a shape"),
    ],
)
def test_what_is_no_xml_or_dangerous_is_refused(content: str | bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotOfFormat, match=f"is no XML file: .*{reason}"):
        read(content, tmp_path)


def test_a_file_without_the_record_element_is_refused_unless_it_is_empty(tmp_path: Path) -> None:
    with pytest.raises(FileNotOfFormat, match="has no element 'r', though it has others"):
        read("<x><row><a>1</a></row></x>", tmp_path)
    for record, content in (("r", "<x>\n</x>"), ("x/y/r", "<x><made/><y/></x>")):
        assert read(content, tmp_path, record=record).account.records == 0


def test_required_columns_that_no_record_has_refuse_the_file(tmp_path: Path) -> None:
    with pytest.raises(FeedColumnsMissing, match="lacks \\['a'\\]"):
        read("<x><r><b>1</b></r></x>", tmp_path)


@settings(derandomize=True, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=6), size=st.integers(1, 40))
def test_what_was_written_is_what_is_read(rows: list[tuple[str, str, str]], size: int, tmp_path: Path) -> None:
    written = [
        f"<r b={quoteattr(b)}><a>{escape(a)}</a><c><d>{escape(c)}</d></c></r>"
        if at % 2
        else f"<r b={quoteattr(b)}><c><d>{escape(c)}</d></c><a>{escape(a)}</a></r >"
        for at, (a, b, c) in enumerate(rows)
    ]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(xml_events, "_CHUNK_BYTES", size)
        reading = read(f"<x>{''.join(written)}</x>", tmp_path, b={"aliases": ("@b",)})
    assert [(row["a"], row["b"], json.loads(row["c"])["d"]) for row in reading.raw] == rows


@settings(derandomize=True, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(
        st.sampled_from(["<r>", "</r>", "<a>", "</a>", "<a/>", "<r/>", "1", " ", "&", "<!--c-->"]), max_size=9
    )
)
def test_every_text_is_refused_or_balances(pieces: list[str], tmp_path: Path) -> None:
    text = f"<x>{''.join(pieces)}</x>"
    try:
        account = read(text, tmp_path).account
    except FileRefused:
        return
    assert account.records == account.landed + account.quarantined
    ET.fromstring(text)  # noqa: S314 - the texts are the test's own


def test_the_place_of_a_record_is_told_in_pieces_of_any_size() -> None:
    content = b"<x>\n<r/>\n <r><a/></r\n></x>"
    for size in range(1, len(content)):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(xml_events, "_CHUNK_BYTES", size)
            places = [(record.begin, record.end, record.line) for record in XmlRecords(io.BytesIO(content), ["r"])]
        assert places == [(4, 8, 2), (10, 17, 3)]


def test_a_packed_file_lands_with_its_balance_in_the_ledger(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(**stated())
    inbox.drop(gzip.compress(b"<x><r><a>1</a></r><r>2<b/></r></x>"), "receipts.xml.gz")
    inbox.land()
    (row,) = inbox.ledger()
    counts = (row["records_count"], row["landed_count"], row["quarantined_count"])
    assert (row["file_fate"], *counts) == ("landed", 2, 1, 1)
