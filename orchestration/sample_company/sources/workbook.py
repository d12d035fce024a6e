"""A store's list of members as its people keep it in a spreadsheet: a title, merged headings, totals, and flawed cells.

Belongs here: the sheet's look and what goes wrong with a row by hand; how often is `noise.py`. It is the one place that
goes through rows one by one, at most `loyalty.MEMBERS_PER_WORKBOOK` of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Cell: TypeAlias = str | float | date | None
Cells: TypeAlias = dict[str, Cell]

# Header of the sheet by column of the rows, in the sheet's order.
HEADERS: Mapping[str, str] = {
    "card_number": "Card no.",
    "last_name": "Surname",
    "first_name": "First name",
    "street": "Street",
    "city": "Town",
    "postcode": "Postcode",
    "phone": "Phone",
    "email": "E-mail",
    "birth_on": "Born",
    "points": "Points",
    "joined_on": "Joined",
}
HEADER_ROW = 4  # counted from 0, as all rows here
SHEET, OLD_SHEET = "Members", "old list"
_COLUMNS = tuple(HEADERS)
_OLD_ROWS = 5
_GROUPS = ((1, 2, "Member"), (3, 5, "Address"), (6, 7, "Contact"), (8, 10, "Account"))
_CREATED_AT = datetime(2020, 1, 1)  # noqa: DTZ001 - a workbook's property has no zone
_EXCEL_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True)
class _Formats:
    title: Format
    heading: Format
    day: Format
    points: Format


def write_members(path: Path, rows: pa.Table) -> None:
    """Write a store's workbook.

    Args:
        path: Where.
        rows: Columns of `HEADERS`, `store_name`, `as_of_on`, `nickname`, `flaw` (a kind of noise, or null), `place`
            (a draw in [0, 1) that chooses among the forms of a flaw); at least one row.
    """
    members = rows.to_pylist()
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": "Loyalty members", "created": _CREATED_AT})
        formats = _Formats(
            title=book.add_format({"bold": True, "font_size": 14}),
            heading=book.add_format({"bold": True, "bottom": 1}),
            day=book.add_format({"num_format": "dd/mm/yyyy"}),
            points=book.add_format({"num_format": "#,##0.00"}),
        )
        sheet = book.add_worksheet(SHEET)
        _write_head(sheet, members[0], formats)
        last_row = _write_rows(sheet, members, formats)
        _write_totals(sheet, members, last_row + 2, formats)
        old = book.add_worksheet(OLD_SHEET)
        old.write_row(0, 0, list(HEADERS.values()))
        for number, member in enumerate(members[:_OLD_ROWS]):
            _write_cells(old, number + 1, _clean(member), formats)
        old.hide()


def _write_head(sheet: Worksheet, member: dict[str, Any], formats: _Formats) -> None:
    title = f"Larkfield Home - loyalty members - {member['store_name']}"
    sheet.merge_range(0, 0, 0, len(HEADERS) - 1, title, formats.title)
    sheet.write_string(1, 0, f"As of {member['as_of_on']:%d/%m/%Y}, kept by the till")
    for first, last, heading in _GROUPS:
        sheet.merge_range(HEADER_ROW - 1, first, HEADER_ROW - 1, last, heading, formats.heading)
    sheet.write_row(HEADER_ROW, 0, list(HEADERS.values()), formats.heading)


def _write_rows(sheet: Worksheet, members: list[dict[str, Any]], formats: _Formats) -> int:
    """Write the rows and return the last one's number; a merged card shows the number of the row above."""
    row = HEADER_ROW
    is_above_merged = True
    above: Cell = None
    for row, member in enumerate(members, start=HEADER_ROW + 1):
        flaw = member["flaw"]
        cells = _clean(member)
        if flaw in _FLAWS:
            cells |= _FLAWS[flaw](cells, member["nickname"], member["place"])
        _write_cells(sheet, row, cells, formats)
        is_merged = flaw == "card_merged_with_above" and not is_above_merged and isinstance(above, str)
        if is_merged:
            sheet.merge_range(row - 1, 0, row, 0, above)
        is_above_merged, above = is_merged, cells["card_number"]
    return row


def _write_totals(sheet: Worksheet, members: list[dict[str, Any]], row: int, formats: _Formats) -> None:
    sheet.write_string(row, 0, "TOTAL", formats.heading)
    sheet.write_string(row, 1, f"{len(members)} members", formats.heading)
    sheet.write_number(row, _COLUMNS.index("points"), sum(member["points"] for member in members), formats.points)


def _write_cells(sheet: Worksheet, row: int, cells: Cells, formats: _Formats) -> None:
    for column, name in enumerate(_COLUMNS):
        value = cells[name]
        if isinstance(value, date):
            sheet.write_datetime(row, column, value, formats.day)
        elif isinstance(value, str):
            sheet.write_string(row, column, value)
        elif value is not None:
            sheet.write_number(row, column, value, formats.points if name == "points" else None)


def _clean(member: dict[str, Any]) -> Cells:
    return {name: member[name] for name in _COLUMNS}


def _scientific(cells: Cells, _nickname: str | None, _place: float) -> Cells:
    return {"card_number": f"{int(str(cells['card_number'])):.5E}".replace(".", ",").replace("E+0", "E+")}


def _card_reformatted(cells: Cells, _nickname: str | None, _place: float) -> Cells:
    card = str(cells["card_number"])
    if card.startswith("0"):
        return {"card_number": float(card)}
    return {"card_number": " ".join(card[start : start + 4] for start in range(0, len(card), 4))}


def _no_card(_cells: Cells, _nickname: str | None, _place: float) -> Cells:
    return {"card_number": None}


def _date_as_text(cells: Cells, _nickname: str | None, place: float) -> Cells:
    name = "birth_on" if place < 0.5 else "joined_on"  # noqa: PLR2004 - either, as often
    day = cells[name]
    forms = (f"{day:%d.%m.%Y}", f"{day:%d/%m/%Y}", f"{day:%d %B %Y}".lstrip("0"))
    return {name: forms[int(place * 6) % 3]}


def _date_without_day(cells: Cells, _nickname: str | None, place: float) -> Cells:
    forms = (f"{cells['birth_on']:%Y}", f"{cells['birth_on']:%B %Y}")
    return {"birth_on": forms[int(place * 2)]}


def _date_as_serial(cells: Cells, _nickname: str | None, _place: float) -> Cells:
    day = cells["birth_on"]
    return {"birth_on": float((day - _EXCEL_EPOCH).days) if isinstance(day, date) else None}


def _points_decimal_comma(cells: Cells, _nickname: str | None, _place: float) -> Cells:
    return {"points": f"{cells['points']:,.2f}".translate(str.maketrans(",.", ".,"))}


def _points_as_words(_cells: Cells, _nickname: str | None, place: float) -> Cells:
    forms = ("see till", "?", "ask Jo", "none yet")
    return {"points": forms[int(place * len(forms))]}


def _phone_as_number(cells: Cells, _nickname: str | None, _place: float) -> Cells:
    return {"phone": float(str(cells["phone"]))}


def _names_in_one_cell(cells: Cells, _nickname: str | None, _place: float) -> Cells:
    return {"last_name": f"{str(cells['last_name']).upper()}, {cells['first_name']}", "first_name": None}


def _names_swapped(cells: Cells, _nickname: str | None, _place: float) -> Cells:
    return {"last_name": cells["first_name"], "first_name": cells["last_name"]}


def _short_first_name(cells: Cells, nickname: str | None, _place: float) -> Cells:
    return {"first_name": nickname or str(cells["first_name"])[:1] + "."}


def _cells_shifted(cells: Cells, _nickname: str | None, _place: float) -> Cells:
    first = _COLUMNS.index("street")
    moved = {after: cells[before] for before, after in zip(_COLUMNS[first:-1], _COLUMNS[first + 1 :], strict=True)}
    return {**moved, "street": None}


def _email_typo(cells: Cells, _nickname: str | None, place: float) -> Cells:
    mark = " at " if place < 0.5 else ","  # noqa: PLR2004 - either, as often
    return {"email": str(cells["email"]).replace("@", mark)}


_FLAWS: Mapping[str, Callable[[Cells, str | None, float], Cells]] = {
    "card_scientific": _scientific,
    "card_reformatted": _card_reformatted,
    "card_missing": _no_card,
    "card_merged_with_above": _no_card,
    "date_as_text": _date_as_text,
    "date_without_day": _date_without_day,
    "date_as_serial": _date_as_serial,
    "points_decimal_comma": _points_decimal_comma,
    "points_as_words": _points_as_words,
    "phone_as_number": _phone_as_number,
    "names_in_one_cell": _names_in_one_cell,
    "names_swapped": _names_swapped,
    "short_first_name": _short_first_name,
    "cells_shifted": _cells_shifted,
    "email_typo": _email_typo,
}
