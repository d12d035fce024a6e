"""How far a sheet's cells may be spread: a workbook names places in few bytes that its readers fill in memory."""

_DENSE_PLACES = 4_000_000
_PLACES_PER_CELL = 25


class SheetTooSparse(Exception):
    """A sheet whose few cells are spread over more places than any table's."""


def require_dense(*, cells: int, rows: int, columns: int) -> None:
    """Check that the rectangle from the first place to the last filled one is no trap.

    Args:
        cells: how many cells with a value the file writes down.
        rows: the number of the last row that has a value, from 1.
        columns: the number of the last column that has one, from 1.

    Raises:
        SheetTooSparse: there are more than 4 million places, and more than 25 for each cell.
    """
    if rows * columns > max(_DENSE_PLACES, _PLACES_PER_CELL * cells):
        raise SheetTooSparse(f"its sheet spreads {cells} cells over {rows} rows and {columns} columns")
