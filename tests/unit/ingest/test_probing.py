"""A file of no feed yet says itself what it is, where its records are and what their columns are called."""

from pathlib import Path

import openpyxl
import pytest

from orchestration.ingest.errors import FileNotOfFormat, FileUnreadable
from orchestration.ingest.probing import FileFacts, probe
from tests.support.inboxes import contract
from tests.support.ods_files import number, ods, row, text

ANY = contract(delimiter="detect", encoding="detect")


def facts(content: bytes, tmp_path: Path) -> FileFacts:
    path = tmp_path / "file"
    path.write_bytes(content)
    return probe(path, ANY, tmp_path / "lake")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"a":1}\n\n{"a":2}', FileFacts("ndjson", "utf-8")),
        (b'{"a":1}\n{"a":[{}]', FileFacts("ndjson", "utf-8")),
        (b'{"a":1}', FileFacts("ndjson", "utf-8")),
        (b'{"a":1} x', FileFacts("ndjson", "utf-8")),
        (b'\xef\xbb\xbf[{"a":1}]', FileFacts("json", "utf-8")),
        (b'{"x":[{}],"y":{"z":[{},{},1],"w":[[{}]]}}', FileFacts("json", "utf-8", records="y.z")),
        (b'{"a.b":[{}],"":[{}],"c":{"d":{"e":{"f":{"g":{"h":[{}]}}}}}}', FileFacts("ndjson", "utf-8")),
        (b"<x><r k='1'/></x>", FileFacts("xml", record="x/r")),
        (b"<x><l k='1'/><l k='2'/><l k='3'/><r><v/></r><r><v/></r></x>", FileFacts("xml", record="x/r")),
        (b"\n<x><m><n/></m><r><v/></r><r><v/><v/></r></x>", FileFacts("xml", record="x/r", lists=("v",))),
        ("<x><r k='1'/></x>".encode("utf-16"), FileFacts("xml", record="x/r")),
    ],
)
def test_a_text_tells_where_its_records_are(content: bytes, expected: FileFacts, tmp_path: Path) -> None:
    assert facts(content, tmp_path) == expected


def test_the_header_of_a_workbook_is_the_row_of_the_most_names(tmp_path: Path) -> None:
    content = ods(
        row(text("2026-11-21"), text("1"), text("2"), text("3")),
        row(text("id"), text("name"), text("")),
        row(number(1), text("Ann"), number(7)),
        hidden={"old": row(text("x")) * 9},
    )
    assert facts(content, tmp_path) == FileFacts("ods", headers=("id", "name", "", ""), sheet="Sheet")


def test_the_sheet_of_a_workbook_is_the_one_with_the_most_cells_in_named_columns(tmp_path: Path) -> None:
    notes = row(text("Terms of this list")) + row(text("each in its words")) * 5
    content = ods(
        row(text("id"), text("name"), text("paid")),
        row(number(1), text("Ann"), number(7)),
        row(text("Sub-total:"), text(""), number(7)),
        row(number(2), text("Total"), number(9)),
        row(text("Grand Total"), text(""), number(16)),
        Notes=notes,
    )
    assert facts(content, tmp_path) == FileFacts(
        "ods", headers=("id", "name", "paid"), sheet="Sheet", totals=("grand total", "sub-total")
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!DOCTYPE html><html><body/></html>", "no XML file: it has a document type"),
        (b"<x><y>1</y></x>", "none is a record"),
        (b"<x>" * 200, "nested deeper than"),
        (b"<x><r k='1'>", "no XML file: no element found"),
        (ods(), "no visible sheet has a row"),
        (b"\xd0\xcf\x11\xe0 cut", "no XLS file"),
    ],
)
def test_what_tells_nothing_is_refused_with_its_reason(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotOfFormat, match=reason):
        facts(content, tmp_path)


def test_a_sheet_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].append(["a"])
    workbook.worksheets[0].cell(1_048_576, 16_384, "far")
    workbook.save(tmp_path / "book.xlsx")
    with pytest.raises(FileUnreadable, match="which no table does"):
        facts((tmp_path / "book.xlsx").read_bytes(), tmp_path)
