"""Workbooks of foreign programs land as openpyxl reads them, each row and each cell, whatever their spelling."""

import tempfile
from pathlib import Path

from tests.support.foreign_xlsx import foreign_xlsx
from tests.support.inboxes import contract, read_bytes
from tests.support.record_oracles import extras, says, sheet_rows

SEEDS = range(150)
COLUMN = {"type": "text", "pii": "none", "purpose": "tests", "description": "A column that no file has."}


def test_every_cell_of_every_spelling_lands_as_it_is() -> None:
    feed = contract(format="xlsx", columns={"no_such_column": COLUMN})
    cells = 0
    for seed in SEEDS:
        content = foreign_xlsx(seed)
        with tempfile.TemporaryDirectory() as work:
            path = Path(work) / "book.xlsx"
            path.write_bytes(content)
            rows = sheet_rows(path)
            reading = read_bytes(content, feed, Path(work))
        assert reading.account.records == len(rows), seed
        found = {row["_row_number"]: extras(row["_extras"]) for row in reading.raw}
        assert found.keys() == rows.keys(), seed
        for number, row in rows.items():
            assert found[number].keys() == row.keys(), (seed, number)
            for column, value in row.items():
                assert says(found[number][column], value), (seed, number, column)
                cells += 1
    print(f"{cells} cells")  # noqa: T201 - the count is this test's result
    assert cells > 10 * len(SEEDS)
