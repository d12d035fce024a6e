import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from orchestration.sample_company.noise import NOISE, RECORD
from orchestration.sample_company.sources.workbook import HEADER_ROW, HEADERS, OLD_SHEET, SHEET
from tests.support.sample_files import Company

Cells = tuple[Any, ...]


def _sheet(path: Path) -> list[Cells]:
    return list(openpyxl.load_workbook(path)[SHEET].iter_rows(values_only=True))


def _members(path: Path) -> list[Cells]:
    """The rows between the header and the empty row before the totals."""
    return _sheet(path)[HEADER_ROW + 1 : -2]


def _all_members(company: Company) -> list[Cells]:
    return [row for file in company.files("loyalty/members") for row in _members(file.path)]


def _kind(row: Cells) -> str:  # noqa: C901, PLR0911 - one line a kind
    card, surname, first_name, street, _, _, phone, email, born, points, joined = row
    if street is None:
        return "cells_shifted"
    if card is None:
        return "no_card"
    if isinstance(card, str) and re.fullmatch(r"\d(,\d+)?E\+\d+", card):
        return "card_scientific"
    if not re.fullmatch(r"\d{16}", str(card)):
        return "card_reformatted"
    if isinstance(born, str) and re.fullmatch(r"(\w+ )?\d{4}", born):
        return "date_without_day"
    if isinstance(born, str) or isinstance(joined, str):
        return "date_as_text"
    if not isinstance(born, datetime):
        return "date_as_serial"
    if isinstance(points, str):
        return "points_decimal_comma" if re.fullmatch(r"[\d.]+,\d\d", points) else "points_as_words"
    if not isinstance(phone, str):
        return "phone_as_number"
    if first_name is None:
        return "names_in_one_cell" if ", " in surname else "?"
    return "clean" if "@" in email else "email_typo"


def test_the_flaws_found_in_all_workbooks_are_those_that_the_truth_names(company: Company) -> None:
    found = Counter(_kind(row) for row in _all_members(company))
    injected: Counter[str] = Counter()
    for file in company.files("loyalty/members"):
        injected += company.injected(file.path)
    no_card = injected.pop("card_missing") + injected.pop("card_merged_with_above")
    # A short or swapped name and a repeated row look like any other.
    for kind in ("short_first_name", "names_swapped", "row_repeated"):
        del injected[kind]
    assert found.pop("clean") > 0
    assert found == injected | Counter({"no_card": no_card})


def test_about_a_quarter_of_the_rows_is_flawed(company: Company) -> None:
    assert sum(NOISE["loyalty/members"][RECORD].values()) == pytest.approx(0.25)
    files = company.files("loyalty/members")
    flawed = sum(company.injected(file.path).total() for file in files)
    rows = sum(file.records_count for file in files)
    assert abs(flawed / rows - 0.25) < 4 * (0.25 * 0.75 / rows) ** 0.5


def test_a_workbook_has_a_title_merged_headings_and_a_totals_row(company: Company) -> None:
    file = company.files("loyalty/members")[0]
    rows = _sheet(file.path)
    merged = {str(cells) for cells in openpyxl.load_workbook(file.path)[SHEET].merged_cells.ranges}
    assert rows[0][0].startswith("Larkfield Home - loyalty members - ")
    assert {"A1:K1", "B4:C4", "D4:F4", "G4:H4", "I4:K4"} <= merged
    assert rows[HEADER_ROW] == tuple(HEADERS.values())
    assert rows[-2] == (None,) * len(HEADERS)
    assert rows[-1][:2] == ("TOTAL", f"{file.records_count} members")


def test_the_sheet_that_is_hidden_is_not_the_members(company: Company) -> None:
    book = openpyxl.load_workbook(company.history("loyalty/members"))
    assert {sheet.title: sheet.sheet_state for sheet in book} == {SHEET: "visible", OLD_SHEET: "hidden"}


def test_a_merged_card_shows_the_number_of_the_row_above_only(company: Company) -> None:
    merges_count = 0
    for file in company.files("loyalty/members"):
        sheet = openpyxl.load_workbook(file.path)[SHEET]
        for cells in sheet.merged_cells.ranges:
            if cells.min_col == cells.max_col == 1:
                merges_count += 1
                assert cells.max_row == cells.min_row + 1
                assert isinstance(sheet.cell(cells.min_row, 1).value, str)
    assert merges_count > 0


def test_every_store_sends_its_list_on_the_first_night_and_then_once_a_week(company: Company) -> None:
    stores: dict[str, list[str]] = {}
    for file in company.files("loyalty/members"):
        store = file.path.name.split("_")[1]
        stores.setdefault(store, []).append(file.delivered_on.isoformat())
    assert len(stores) > 3
    assert all(days[0] == "2026-06-30" and len(days) <= 2 for days in stores.values())


def test_cards_keep_their_leading_zeros_where_nobody_touched_them(company: Company) -> None:
    cards = {row["card_number"] for row in company.truth("loyalty_cards")}
    written = {row[0] for row in _all_members(company) if isinstance(row[0], str) and re.fullmatch(r"\d{16}", row[0])}
    assert written <= cards
    assert any(card.startswith("0") for card in written)
