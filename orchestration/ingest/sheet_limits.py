"""How much a sheet may grow when it is read: a workbook names places, and texts again, in few bytes.

What a sheet names, its readers fill in memory; so it is measured before any of them reads it.
"""

from dataclasses import dataclass

_DENSE_PLACES = 4_000_000
_PLACES_PER_CELL = 25
_FEW_CHARACTERS = 64 << 20
_CHARACTERS_PER_CELL = 255
_CHARACTERS_PER_BYTE = 4


class SheetTooSparse(Exception):
    """A sheet whose cells are spread over more places, or repeat more text, than any table's."""


@dataclass
class SheetSize:
    """What a sheet's cells come to, as they are counted.

    Attributes:
        cells: how many cells with a value the file writes down.
        characters: of their texts, as often as they stand in the sheet.
        last_row: the number of the last row that has a value, from 1.
        last_column: the number of the last column that has one, from 1.
    """

    cells: int = 0
    characters: int = 0
    last_row: int = 0
    last_column: int = 0

    def add(self, *, row: int, column: int, characters: int) -> None:
        """Count one cell that has a value."""
        self.cells += 1
        self.characters += characters
        self.last_row = max(self.last_row, row)
        self.last_column = max(self.last_column, column)

    def require_room(self, written_bytes: int) -> None:
        """Check that the sheet is no trap.

        Args:
            written_bytes: the file's size, unpacked.

        Raises:
            SheetTooSparse: there are more than 4 million places from the first to the last, and more than 25 for each
                cell, or more than 64 Mi characters that are far from having been written.
        """
        if self.last_row * self.last_column > max(_DENSE_PLACES, _PLACES_PER_CELL * self.cells):
            raise SheetTooSparse(
                f"its sheet spreads {self.cells} cells over {self.last_row} rows and {self.last_column} columns"
            )
        honest = _CHARACTERS_PER_CELL * self.cells + _CHARACTERS_PER_BYTE * written_bytes
        if self.characters > max(_FEW_CHARACTERS, honest):
            raise SheetTooSparse(f"its sheet makes {self.characters} characters of {written_bytes} bytes")
