"""A sheet kept by hand becomes rows of text, and every row of it is accounted for."""

import io
import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

from orchestration.ingest.errors import FeedColumnsMissing, FileNotOfFormat, FileRefused, FileUnreadable, SheetUnclear
from tests.support.inboxes import Inbox, contract, read_bytes

FEED = contract(format="xlsx", spreadsheet={"totals_labels": ["Total"]})
TOTALS = "row_of_totals"
ABOVE = "row_above_header"


def _saved(workbook: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _sheet(*rows: list[Any]) -> tuple[openpyxl.Workbook, Worksheet]:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column, value)
    return workbook, sheet


def _members() -> openpyxl.Workbook:
    """Return a sheet as a store keeps it: a merged title, a heading row, blank rows, a totals row, a hidden sheet."""
    workbook, sheet = _sheet(
        ["Members of the store", None, None],
        [],
        ["Card", "Names", None],
        ["A", "B", "c"],
        ["0042", "Ann", 12.5],
        ["0043", None, "1.234,50"],
        [],
        ["0044", "Total", None],
        [],
        ["TOTAL:", "3 members", 20],
    )
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("B3:C3")
    sheet.merge_cells("C5:C6")
    hidden = workbook.create_sheet("old list")
    hidden.sheet_state = "hidden"
    hidden.append(["A", "B", "c"])
    hidden.append(["0001", "stale", None])
    return workbook


def test_the_rows_below_the_header_land_under_their_number_in_the_sheet(tmp_path: Path) -> None:
    reading = read_bytes(_saved(_members()), FEED, tmp_path)
    assert reading.cells(FEED) == {5: ("0042", "Ann", "12.5"), 6: ("0043", None, None), 8: ("0044", "Total", None)}


def test_title_headings_and_totals_are_kept_in_quarantine_with_their_reason(tmp_path: Path) -> None:
    reading = read_bytes(_saved(_members()), FEED, tmp_path)
    kept = [(row["_row_number"], row["reason_code"], json.loads(row["record_bytes"])) for row in reading.quarantine]
    assert kept == [
        (1, ABOVE, ["Members of the store", None, None]),
        (3, ABOVE, ["Card", "Names", None]),
        (10, TOTALS, ["TOTAL:", "3 members", "20"]),
    ]


def test_the_account_balances_against_a_count_by_another_library(tmp_path: Path) -> None:
    content = _saved(_members())
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["Sheet"]
    filled = sum(any(cell is not None for cell in row) for row in sheet.iter_rows(values_only=True))
    account = read_bytes(content, FEED, tmp_path).account
    assert (account.records, account.landed, account.quarantined) == (filled - 1, 3, 3)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  0042 ", "  0042 "),
        ("4,06112E+15", "4,06112E+15"),
        (4007381234567890, "4007381234567890"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (12.50, "12.5"),
        (-3, "-3"),
        (date(1961, 5, 3), "1961-05-03"),
        (datetime(2026, 6, 30, 8, 26, 1), "2026-06-30T08:26:01"),  # noqa: DTZ001 - a sheet knows no zone
        (time(8, 26), "08:26:00"),
        (timedelta(days=2, hours=3, minutes=5), "51:05:00"),
        (True, "true"),
    ],
    ids=str,
)
def test_a_value_becomes_the_text_that_says_the_same(value: object, text: str, tmp_path: Path) -> None:
    workbook, _ = _sheet(["a", "b"], ["key", value])
    assert read_bytes(_saved(workbook), FEED, tmp_path).cells(FEED) == {2: ("key", text, None)}


def test_what_no_calendar_has_stays_the_number_that_it_is(tmp_path: Path) -> None:
    workbook, sheet = _sheet(["a", "b"], ["k1", -0.5], ["k2", -1], ["k3", 0.5], ["k4", -7])
    for row, form in zip(range(2, 5), ("hh:mm", "yyyy-mm-dd", "hh:mm"), strict=True):
        sheet.cell(row, 2).number_format = form
    texts = [cells[1] for cells in read_bytes(_saved(workbook), FEED, tmp_path).cells(FEED).values()]
    assert texts == ["-0.5", "-1", "12:00:00", "-7"]


@pytest.mark.parametrize("nothing", [None, "", "#N/A", "=1/0"], ids=["empty", "no text", "an error", "not computed"])
def test_a_row_without_any_value_is_no_record(nothing: object, tmp_path: Path) -> None:
    workbook, sheet = _sheet(["a", "b"], [nothing, nothing], ["key", nothing])
    sheet.row_dimensions[9].height = 30
    reading = read_bytes(_saved(workbook), FEED, tmp_path)
    assert reading.cells(FEED) == {3: ("key", None, None)}
    assert reading.account.records == 1


def test_a_table_may_begin_anywhere_in_its_sheet(tmp_path: Path) -> None:
    workbook, sheet = _sheet()
    for column, (name, value) in enumerate({"a": "key", "c": "x"}.items(), start=4):
        sheet.cell(7, column, name)
        sheet.cell(8, column, value)
    assert read_bytes(_saved(workbook), FEED, tmp_path).cells(FEED) == {8: ("key", None, "x")}


def test_unknown_columns_and_notes_beside_the_table_go_to_extras(tmp_path: Path) -> None:
    workbook, _ = _sheet(["a", "Colour", None, None], ["k1", "red", None, "ask"], ["k2", None, None, None])
    reading = read_bytes(_saved(workbook), FEED, tmp_path)
    assert [json.loads(row["_extras"]) for row in reading.raw] == [
        {"Colour": "red", "column_4": "ask"},
        {"Colour": None, "column_4": None},
    ]
    assert reading.account.unknown_columns == ("Colour", "column_4")


def test_the_sheet_is_chosen_by_its_name_and_hidden_ones_never(tmp_path: Path) -> None:
    workbook = _members()
    workbook.create_sheet("Notes").append(["anything"])
    with pytest.raises(SheetUnclear, match=r"exactly one visible sheet named '\*'; it has \['Sheet', 'Notes'\]"):
        read_bytes(_saved(workbook), FEED, tmp_path)
    named = contract(format="xlsx", spreadsheet={"sheet": "She*", "totals_labels": ["Total"]})
    assert len(read_bytes(_saved(workbook), named, tmp_path).raw) == 3
    with pytest.raises(SheetUnclear, match="old list"):
        read_bytes(_saved(workbook), contract(format="xlsx", spreadsheet={"sheet": "old list"}), tmp_path)


def test_a_header_below_the_first_rows_is_not_searched_for(tmp_path: Path) -> None:
    workbook, sheet = _sheet(["nothing known"])
    sheet.cell(6, 1, "a")
    near = contract(format="xlsx", spreadsheet={"header_within_rows": 5})
    with pytest.raises(FeedColumnsMissing, match="names a column"):
        read_bytes(_saved(workbook), near, tmp_path)
    assert read_bytes(_saved(workbook), FEED, tmp_path).account.quarantined == 1


@pytest.mark.parametrize(
    "damaged",
    [
        b"a,b,c\n1,2,3\n",
        b"PK\x03\x04 and no archive",
        _saved(_members())[:3000],
    ],
    ids=["text", "no archive", "cut off"],
)
def test_what_is_no_workbook_is_refused(damaged: bytes, tmp_path: Path) -> None:
    with pytest.raises(FileNotOfFormat, match="no XLSX file"):
        read_bytes(damaged, FEED, tmp_path)


def test_a_sheet_of_few_cells_far_apart_is_refused(tmp_path: Path) -> None:
    workbook, sheet = _sheet(["a"])
    sheet.cell(1_048_576, 16_384, "far")
    with pytest.raises(FileUnreadable, match="2 cells over 1048576 rows and 16384 columns, which no table does"):
        read_bytes(_saved(workbook), FEED, tmp_path)


def test_a_text_that_is_named_again_and_again_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_column(0, 0, ["a", *["x" * 30_000] * 3_000])
    with pytest.raises(FileUnreadable, match=r"makes 90000001 characters of [0-9]+ bytes, which no table does"):
        read_bytes(path.read_bytes(), FEED, tmp_path)


def test_a_flipped_byte_refuses_the_workbook_or_changes_nothing(tmp_path: Path) -> None:
    content = _saved(_members())
    expected = read_bytes(content, FEED, tmp_path).cells(FEED)
    for offset in range(30, len(content), 97):
        damaged = bytearray(content)
        damaged[offset] ^= 0xFF
        try:
            found = read_bytes(bytes(damaged), FEED, tmp_path).cells(FEED)
        except FileRefused:
            continue
        assert found == expected, offset


def test_a_workbook_lands_with_its_balance_in_the_ledger(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(format="xlsx", spreadsheet={"totals_labels": ["Total"]})
    inbox.drop(_saved(_members()), "receipts_store.xlsx")
    inbox.land()
    (row,) = inbox.ledger()
    assert (row["file_fate"], row["records_count"], row["landed_count"], row["quarantined_count"]) == (
        "landed",
        6,
        3,
        3,
    )
