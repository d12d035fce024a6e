"""Which column of the contract each column of a file is, by its header, and which the contract does not know."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.foundation.contracts import FeedContract
from orchestration.ingest.errors import FeedColumnsMissing, HeaderUnusable

COLUMNS_LIMIT = 5_000
"""A file with more columns is no export of rows."""


@dataclass(frozen=True)
class ColumnMap:
    """The columns of one file by position.

    Attributes:
        width: how many columns the file has.
        known: position by canonical column, in the contract's order.
        unknown: position by the name under which the cell goes to `_extras`.
    """

    width: int
    known: dict[str, int]
    unknown: dict[str, int]


def mapped(headers: Sequence[str], feed: FeedContract, display: str) -> ColumnMap:
    """Return which column each header means.

    Unknown headers keep their text; an empty one is called `column_<position>`, a repeated one `<header>_<position>`.

    Args:
        headers: as the file has them, in order.
        feed: the contract.
        display: the file as messages name it.

    Raises:
        HeaderUnusable: there is no header, too many, or several for one column.
        FeedColumnsMissing: a required column is not there.
    """
    if not any(header.strip() for header in headers):
        raise HeaderUnusable.because_empty(display)
    if len(headers) > COLUMNS_LIMIT:
        raise HeaderUnusable.because_too_wide(display, COLUMNS_LIMIT)
    found: dict[str, list[int]] = {}
    unknown: dict[str, int] = {}
    for position, header in enumerate(headers):
        column = feed.column_of_header(header)
        if column is None:
            unknown[_extra_name(header.strip(), position, unknown)] = position
        else:
            found.setdefault(column, []).append(position)
    for column, positions in found.items():
        if len(positions) > 1:
            stated = [headers[position] for position in positions]
            raise HeaderUnusable.because_ambiguous(display, stated, column, feed.source)
    missing = [column for column in feed.required_columns if column not in found]
    if missing and not found:
        raise FeedColumnsMissing.because_none_is_known(display, missing, len(headers))
    if missing:
        raise FeedColumnsMissing.of(display, missing, list(headers), feed.source)
    known = {column: found[column][0] for column in feed.columns if column in found}
    return ColumnMap(len(headers), known, unknown)


def _extra_name(header: str, position: int, taken: dict[str, int]) -> str:
    name = header or f"column_{position + 1}"
    while name in taken:
        name = f"{name}_{position + 1}"
    return name
