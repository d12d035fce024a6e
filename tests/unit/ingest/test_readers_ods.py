"""An OpenDocument sheet becomes rows of the text that its cells state, and every row of it is accounted for."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from orchestration.ingest.errors import FileNotOfFormat, FileRefused, FileUnreadable, SheetUnclear
from orchestration.ingest.workbook_cells import texts_of
from tests.support.inboxes import Inbox, contract, read_bytes
from tests.support.ods_files import cell, number, ods, row, text

FEED = contract(format="ods", spreadsheet={"totals_labels": ["Total"]})
HEADER = row(text("a"), text("b"), text("c"))
STRING = 'office:value-type="string"'
FORMULA = 'table:formula="of:=A1"'


def _members() -> bytes:
    """A sheet as a store keeps it: a merged title, blank rows, repeated ones, a totals row, a hidden sheet."""
    return ods(
        row(text("Members of the store", 'table:number-columns-spanned="3"'), *3 * [cell(name="covered-table-cell")]),
        row(cell('table:number-columns-repeated="3"'), attributes='table:number-rows-repeated="2"'),
        HEADER,
        row(text("0042"), text("Ann"), number("12.50")),
        row(text("0043"), cell(), text("1.234,50"), attributes='table:number-rows-repeated="2"'),
        row(text("TOTAL:"), text("3 members")),
        row(cell('table:number-columns-repeated="16384"'), attributes='table:number-rows-repeated="1048568"'),
        hidden={"old": HEADER + row(text("0001"))},
    )


def test_the_rows_below_the_header_land_under_their_number_in_the_sheet(tmp_path: Path) -> None:
    reading = read_bytes(_members(), FEED, tmp_path)
    again = ("0043", None, "1.234,50")
    assert reading.cells(FEED) == {5: ("0042", "Ann", "12.5"), 6: again, 7: again}
    assert [(kept["_row_number"], kept["reason_code"]) for kept in reading.quarantine] == [
        (1, "row_above_header"),
        (8, "row_of_totals"),
    ]
    assert reading.account.records == 5


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (text("  0042 "), "  0042 "),
        (text("12\n34\t5"), "12\n34\t5"),
        (cell(STRING, "<text:p>12</text:p><text:p>34</text:p>"), "12\n34"),
        (cell(STRING, "<text:p>\n a  <text:span>b </text:span> c<text:s text:c='3'/>d </text:p>"), "a b c   d"),
        (cell(f'{STRING} office:string-value="stated"', "<text:p>shown</text:p>"), "stated"),
        (cell(STRING, "<office:annotation><text:p>note</text:p></office:annotation><text:p>v</text:p>"), "v"),
        (cell(STRING, "<text:p>v</text:p><draw:frame><text:p>box</text:p></draw:frame>"), "v"),
        (cell("", "<text:p>of no kind</text:p>"), "of no kind"),
        (number("4007381234567890"), "4007381234567890"),
        (number("12345678901234567890.10"), "12345678901234567890.1"),
        (number("1E-7"), "0.0000001"),
        (cell('office:value-type="percentage" office:value="0.125"'), "0.125"),
        (cell('office:value-type="currency" office:currency="EUR" office:value="12.5"'), "12.5"),
        (cell('office:value-type="date" office:date-value="1961-05-03"'), "1961-05-03"),
        (cell('office:value-type="date" office:date-value="2026-06-30T08:26:01"'), "2026-06-30T08:26:01"),
        (cell('office:value-type="time" office:time-value="PT08H26M00S"'), "08:26:00"),
        (cell('office:value-type="time" office:time-value="PT51H05M00.5S"'), "51:05:00.5"),
        (cell('office:value-type="boolean" office:boolean-value="true"'), "true"),
        (number("2", FORMULA), "2"),
        (text("#N/A"), "#N/A"),
        (cell(f'{STRING} office:string-value="" calcext:value-type="error" {FORMULA}', "<text:p>#N/A</text:p>"), None),
        (cell(f'office:value-type="float" office:value="0" {FORMULA}', "<text:p>#DIV/0!</text:p>"), None),
    ],
)
def test_a_value_becomes_the_text_that_says_the_same(written: str, expected: str | None, tmp_path: Path) -> None:
    content = ods(HEADER, row(text("key"), written), row(cell(), written))
    reading = read_bytes(content, FEED, tmp_path)
    rows = {2: ("key", expected, None), 3: (None, expected, None)}
    assert reading.cells(FEED) == {number: cells for number, cells in rows.items() if any(cells)}
    assert reading.account.records == len(reading.raw)


CELLS = st.sampled_from(
    [
        text("x"),
        text(" "),
        text("\n"),
        text("x", 'table:number-columns-repeated="3"'),
        text(""),
        cell(),
        cell('table:number-columns-repeated="2"'),
        cell(STRING, "<text:p> \n </text:p><text:p/>"),
        cell(STRING, "<text:p>x</text:p>", name="covered-table-cell"),
        number("0"),
        cell(f'{STRING} office:string-value=""', "<text:p>shown</text:p>"),
        cell(f'office:value-type="float" office:value="0" {FORMULA}', "<text:p>Err:502</text:p>"),
        cell(STRING, "<office:annotation><text:p>note</text:p></office:annotation>"),
        cell(STRING, f"<text:p>x</text:p><table:table>{row(text('in'))}</table:table>"),
    ]
)
ROWS = st.tuples(st.lists(CELLS, max_size=5), st.integers(1, 3))


@settings(derandomize=True, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, max_size=6))
def test_every_sheet_balances_against_its_independent_count(rows: list[tuple[list[str], int]], tmp_path: Path) -> None:
    written = [row(*cells, attributes=f'table:number-rows-repeated="{often}"') for cells, often in rows]
    account = read_bytes(ods(HEADER, *written), FEED, tmp_path).account
    assert account.records == account.landed + account.quarantined


@settings(derandomize=True, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.text(st.sampled_from("a é<&\"'\n\t0.,"), max_size=6), min_size=1, max_size=8))
def test_texts_that_were_written_are_read(values: list[str], tmp_path: Path) -> None:
    content = ods(HEADER, *(row(text("key"), text(value)) for value in values))
    assert [cells[1] or "" for cells in read_bytes(content, FEED, tmp_path).cells(FEED).values()] == values


def test_hidden_sheets_are_not_read_and_several_shown_ones_want_a_name(tmp_path: Path) -> None:
    with pytest.raises(SheetUnclear, match=r"it has \['Sheet', 'Notes'\]"):
        read_bytes(ods(HEADER, Notes=HEADER, hidden={"old": HEADER}), FEED, tmp_path)
    named = contract(format="ods", spreadsheet={"sheet": "No*"})
    content = ods(HEADER, Notes=HEADER + row(text("k")), hidden={"Not this": HEADER})
    assert read_bytes(content, named, tmp_path).cells(named) == {2: ("k", None, None)}


def test_unknown_columns_go_to_extras(tmp_path: Path) -> None:
    reading = read_bytes(ods(row(text("a"), text("Colour")), row(text("k"), text("red"))), FEED, tmp_path)
    assert [json.loads(found["_extras"]) for found in reading.raw] == [{"Colour": "red"}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a,b,c\n1,2,3\n", "no zip archive"),
        (_members()[:900], "no zip archive"),
        (ods(HEADER, before='<!DOCTYPE x [<!ENTITY a "aa">]>'), "document type"),
        (ods(HEADER, row(number("twelve"))), "states a number holds none"),
        (ods(HEADER, row(text("x"), attributes='table:number-rows-repeated="-1"')), "repeated less than once"),
        (ods(HEADER, row(number("1e999999999"))), "no sheet can hold"),
        (
            ods(HEADER, row(cell(STRING, "<text:p>" + "<text:span>" * 300 + "</text:span>" * 300 + "</text:p>"))),
            "depth",
        ),
    ],
    ids=["text", "cut off", "entities", "no number", "no row", "endless number", "deep"],
)
def test_what_is_no_spreadsheet_is_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotOfFormat, match=f"no ODS file: .*{reason}"):
        read_bytes(content, FEED, tmp_path)


def test_few_bytes_that_would_fill_the_memory_are_refused(tmp_path: Path) -> None:
    wide = text("x", 'table:number-columns-repeated="16384"')
    bomb = ods(HEADER, row(wide, attributes='table:number-rows-repeated="1048575"'))
    with pytest.raises(FileUnreadable, match="4 cells over 1048576 rows and 16384 columns, which no table does"):
        read_bytes(bomb, FEED, tmp_path)
    again = row(text("x" * 100_000), attributes='table:number-rows-repeated="1000"')
    with pytest.raises(FileUnreadable, match=r"makes [0-9]+ characters of [0-9]+ bytes"):
        read_bytes(ods(HEADER, again), FEED, tmp_path)


def test_a_flipped_byte_refuses_the_workbook_or_changes_nothing(tmp_path: Path) -> None:
    content = _members()
    expected = read_bytes(content, FEED, tmp_path).cells(FEED)
    refused = 0
    for offset in range(0, len(content), 9):
        damaged = bytearray(content)
        damaged[offset] ^= 0xFF
        try:
            assert read_bytes(bytes(damaged), FEED, tmp_path).cells(FEED) == expected, offset
        except FileRefused:
            refused += 1
    assert refused > 50


def test_a_spreadsheet_lands_with_its_balance_in_the_ledger(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(format="ods", spreadsheet={"totals_labels": ["Total"]})
    inbox.drop(_members(), "receipts_store.ods")
    inbox.land()
    (entry,) = inbox.ledger()
    counts = (entry["records_count"], entry["landed_count"], entry["quarantined_count"])
    assert (entry["file_fate"], *counts) == ("landed", 5, 3, 2)


@pytest.mark.real_data
def test_real_spreadsheets_give_what_another_library_reads(real_data: Path, tmp_path: Path) -> None:
    files = sorted((real_data / "bad_inputs").rglob("*.ods"))
    landed = 0
    for file in files:
        sheet = CalamineWorkbook.from_path(file).get_sheet_by_index(0)
        header, *rows = sheet.to_python(skip_empty_area=False)
        columns = {f"c{at}": {**FEED.columns["b"].model_dump(), "aliases": (str(n),)} for at, n in enumerate(header)}
        columns["c0"]["required"] = True
        feed = contract(format="ods", columns=columns, spreadsheet={"sheet": sheet.name})
        reading = read_bytes(file.read_bytes(), feed, tmp_path)
        found = [cell for cells in reading.cells(feed).values() for cell in cells]
        other = [cell for cells in texts_of(rows) if any(cells) for cell in cells]
        # The other library leaves durations as they are written, such as PT27H17M54S.
        assert found == [
            mine if (theirs or "").startswith("PT") else theirs for mine, theirs in zip(found, other, strict=True)
        ]
        landed += len(found)
    assert landed > len(files)
