"""An old workbook becomes rows as a new one does; damage that shows refuses it, and none ends the process."""

import io
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import xlwt

from orchestration.ingest import xls_sheets
from orchestration.ingest.errors import FileNotOfFormat, FileRefused, FileUnreadable, SheetUnclear
from orchestration.ingest.workbook_cells import Texts, texts_of
from orchestration.ingest.xls_sheets import ChildLimits, NotAnXls, XlsChildFailed, count_xls_rows, xls_rows
from tests.support.inboxes import Inbox, contract, read_bytes

FEED = contract(format="xls", spreadsheet={"totals_labels": ["Total"]})
NOT_AVAILABLE = 0x2A
DAY = xlwt.easyxf(num_format_str="YYYY-MM-DD")
INSTANT = xlwt.easyxf(num_format_str="YYYY-MM-DD hh:mm:ss")
HOURS = xlwt.easyxf(num_format_str="[h]:mm:ss")


def _saved(workbook: Any) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _members(filler: int = 0) -> bytes:
    """A sheet as a store keeps it: a merged title, blank rows, errors, a totals row, a hidden sheet."""
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Sheet")
    sheet.write_merge(0, 0, 0, 2, "Members of the store")
    for column, header in enumerate(("a", "b", "c")):
        sheet.write(3, column, header)
    sheet.write(4, 0, "0042")
    sheet.write(4, 1, "Ann é 日本")
    sheet.write(4, 2, 12.5)
    sheet.row(5).set_cell_error(1, NOT_AVAILABLE)
    sheet.write(6, 0, "0043")
    sheet.row(6).set_cell_error(1, NOT_AVAILABLE)
    sheet.write(6, 2, date(1961, 5, 3), DAY)
    sheet.write(7, 0, "TOTAL:")
    for number in range(8, 8 + filler):
        sheet.write(number, 0, f"{number:04}")
        sheet.write(number, 2, number / 8)
    hidden = workbook.add_sheet("old")
    hidden.visibility = 1
    hidden.write(0, 0, "a")
    return _saved(workbook)


def test_the_rows_below_the_header_land_under_their_number_in_the_sheet(tmp_path: Path) -> None:
    reading = read_bytes(_members(), FEED, tmp_path)
    assert reading.cells(FEED) == {5: ("0042", "Ann é 日本", "12.5"), 7: ("0043", None, "1961-05-03")}
    assert [(kept["_row_number"], kept["reason_code"]) for kept in reading.quarantine] == [
        (1, "row_above_header"),
        (8, "row_of_totals"),
    ]
    assert reading.account.records == 4


def test_values_become_the_text_that_says_the_same(tmp_path: Path) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Sheet")
    values = [
        ("  0042 ", None, "  0042 "),
        (4007381234567890, None, "4007381234567890"),
        (1e-7, None, "0.0000001"),
        (True, None, "true"),
        (datetime(2026, 6, 30, 8, 26, 1), INSTANT, "2026-06-30T08:26:01"),  # noqa: DTZ001 - a sheet knows no zone
        (-0.5, DAY, "-0.5"),
        (timedelta(days=2, hours=3, minutes=5) / timedelta(days=1), HOURS, "51:05:00"),
    ]
    sheet.write(0, 0, "a")
    for number, (value, style, _) in enumerate(values, start=1):
        sheet.write(number, 0, value, *([style] if style else []))
    assert [cells[0] for cells in read_bytes(_saved(workbook), FEED, tmp_path).cells(FEED).values()] == [
        text for _, _, text in values
    ]


def test_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    with pytest.raises(SheetUnclear, match=r"it has \['Sheet'\]"):
        read_bytes(_members(), contract(format="xls", spreadsheet={"sheet": "old"}), tmp_path)


@pytest.mark.parametrize("content", [b"a,b,c\n1,2,3\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut", _members()[:5000]])
def test_what_is_no_workbook_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(FileNotOfFormat, match="no XLS file") as refused:
        read_bytes(content, FEED, tmp_path)
    assert "a,b" not in str(refused.value)


def test_a_sheet_of_few_cells_far_apart_is_refused(tmp_path: Path) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Sheet")
    sheet.write(0, 0, "a")
    sheet.write(65_535, 255, "far")
    with pytest.raises(FileUnreadable, match="2 cells over 65536 rows and 256 columns"):
        read_bytes(_saved(workbook), FEED, tmp_path)


def test_a_child_that_takes_too_much_or_ends_refuses_the_file_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "book.xls"
    path.write_bytes(_members(filler=3000))
    plenty = ChildLimits.of_size(path.stat().st_size)
    with pytest.raises(NotAnXls, match="more than 1 MiB of memory"):
        count_xls_rows(path, replace(plenty, memory_bytes=1 << 20))
    with pytest.raises(NotAnXls, match="more than 0 seconds of processor time"):
        count_xls_rows(path, replace(plenty, cpu_seconds=0))
    for refused_within in (count_xls_rows, partial(xls_rows, sheet="Sheet")):
        with pytest.raises(NotAnXls, match="not read within"):
            refused_within(path, limits=replace(plenty, wall_seconds=0.001))
    with pytest.raises(NotAnXls, match="cannot be read: "):
        xls_rows(path, "no such sheet")
    monkeypatch.setattr(xls_sheets, "_CHILD", ("-c", "import os; os.abort()"))
    with pytest.raises(FileNotOfFormat, match="ended by SIGABRT"):
        read_bytes(_members(), FEED, tmp_path)


def test_a_fault_that_is_not_the_files_refuses_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xls_sheets, "_CHILD", ("-c", "import a_library_that_is_not_there"))
    with pytest.raises(XlsChildFailed, match="a_library_that_is_not_there"):
        read_bytes(_members(), FEED, tmp_path)


def test_two_readers_that_disagree_refuse_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def one_row(*_: object) -> list[Texts]:
        return texts_of([["a"]])

    monkeypatch.setattr("orchestration.ingest.readers_workbooks.xls_rows", one_row)
    with pytest.raises(FileNotOfFormat, match="two readers disagree about its sheet: 5 rows and 1"):
        read_bytes(_members(), FEED, tmp_path)


def test_damaged_bytes_are_refused_or_read_within_the_limits(tmp_path: Path) -> None:
    chance = random.Random(20261122)  # noqa: S311 - the same damage in every run
    content = _members(filler=20)
    fates: Counter[str] = Counter()
    for _ in range(40):
        damaged = bytearray(content)
        if chance.random() < 0.2:
            del damaged[chance.randrange(len(damaged)) :]
        for _ in range(chance.choice((1, 4, 30))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            read_bytes(bytes(damaged), FEED, tmp_path)
            fates["read"] += 1
        except FileRefused:
            fates["refused"] += 1
    assert min(fates["refused"], fates["read"]) > 5, fates
    allowed = ChildLimits.of_size(len(content))
    assert allowed.memory_bytes < 500_000_000
    assert allowed.cpu_seconds < 5


def test_a_workbook_lands_with_its_balance_in_the_ledger(make_inbox: Callable[..., Inbox]) -> None:
    inbox = make_inbox(format="xls", spreadsheet={"totals_labels": ["Total"]})
    inbox.drop(_members(), "receipts_store.xls")
    inbox.land()
    (entry,) = inbox.ledger()
    counts = (entry["records_count"], entry["landed_count"], entry["quarantined_count"])
    assert (entry["file_fate"], *counts) == ("landed", 4, 2, 2)


@pytest.mark.real_data
def test_real_workbooks_are_counted_alike_or_refused(real_data: Path) -> None:
    files = sorted((real_data / "bad_inputs").rglob("*.xls"))
    fates: Counter[str] = Counter()
    for file in files:
        try:
            sheets = count_xls_rows(file)
        except NotAnXls:
            fates["refused"] += 1
            continue
        for sheet in sheets:
            rows = xls_rows(file, sheet.name)
            assert sum(any(cell is not None for cell in row) for row in rows) == sheet.filled, file.name
            fates["sheets"] += 1
    assert fates["sheets"] >= len(files) - fates["refused"] > 0
