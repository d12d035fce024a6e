"""Which cells are not as a contract agrees: of another type, or none of the accepted values; as SQL over landed rows.

A cell is of its type when it can be read as the contract says: dates in its formats, numbers with its decimal mark. A
cell that holds nothing has no type; whether it may be empty is for staging. What becomes of the cells is `drift`'s.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from orchestration.foundation.contracts import FeedContract
from orchestration.foundation.feed_contract import ColumnContract
from orchestration.foundation.sql import quote_identifier, quote_literal

Kind = Literal["types", "values"]
WrittenAs = Literal["text", "values", "sheet"]
"""How a file's format holds dates and numbers: as text, as values of their own, or as cells of a sheet."""

_WORDS_FOR_BOOLEANS = ("y", "yes", "true", "1", "n", "no", "false", "0")
_FIRST_INSTANT = "timestamp '1000-01-01'"  # strptime takes the 25 of 05.01.25 for a year of four digits
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True)
class CellRule:
    """One thing that the contract says of the cells of one column.

    Attributes:
        kind: whether it is about their type or about their values.
        column: the column.
        is_broken: SQL over raw rows: true where the cell breaks it, false or null elsewhere.
        agreed: what such a cell is not, in words.
    """

    kind: Kind
    column: str
    is_broken: str
    agreed: str

    @property
    def shape(self) -> str:
        """SQL of the cell with `9` for each digit and `a` for each letter: how it is written, not what it says."""
        cell = quote_identifier(self.column)
        cut = f"if(length({cell}) > {_SHOWN_CHARACTERS}, left({cell}, {_SHOWN_CHARACTERS}) || '...', {cell})"
        for what, shown in ((r"[\p{L}\p{M}]", "a"), (r"\p{N}", "9"), (r"[^\x20-\x7e]", "?")):
            cut = f"regexp_replace({cut}, {quote_literal(what)}, {quote_literal(shown)}, 'g')"
        return cut


def cell_rules(
    feed: FeedContract, written_as: WrittenAs, likeliest_first: Callable[[str, Sequence[str]], Sequence[str]]
) -> Iterator[CellRule]:
    """Yield the rules that the contract of a feed has for its cells and wants to be told of, types first.

    Args:
        feed: the contract; rules are yielded of the kinds for which `on_drift` states what to do.
        written_as: how the file holds dates and numbers.
        likeliest_first: orders a column's formats; trying one in vain takes far longer than reading by it.
    """
    if feed.on_drift.types is not None:
        for name, column in feed.columns.items():
            if column.type != "text":
                formats = likeliest_first(name, column.formats) if len(column.formats) > 1 else column.formats
                cell = quote_identifier(name)
                yield CellRule("types", name, _is_other_type(cell, column, formats, written_as), _type_in_words(column))
    if feed.on_drift.values is not None:
        for name, column in feed.columns.items():
            if column.accepted_values:
                yield CellRule("values", name, _is_other_value(name, column), "none of its accepted values")


def _is_other_value(name: str, column: ColumnContract) -> str:
    accepted = ", ".join(map(quote_literal, column.accepted_values))
    return _unless(lambda text: f"{text} in ({accepted})", quote_identifier(name))


def _is_other_type(cell: str, column: ColumnContract, formats: Sequence[str], written_as: WrittenAs) -> str:
    match column.type:
        case "integer" | "decimal":
            marks = {column.decimal_mark} | (set() if written_as == "text" else {"."})
            numbers = "|".join(_number(mark, is_whole=column.type == "integer") for mark in sorted(marks))
            return f"not regexp_full_match({cell}, {quote_literal(f' *({numbers})? *')})"
        case "date" | "timestamp":
            return _unless(lambda text: _reads_as_instant(text, formats, written_as), cell)
        case "boolean":
            words = ", ".join(map(quote_literal, _WORDS_FOR_BOOLEANS))
            return _unless(lambda text: f"lower({text}) in ({words})", cell)
        case _:
            return _unless(lambda text: f"json_valid({text})", cell)


def _number(mark: str, *, is_whole: bool) -> str:
    """Return the pattern of a number: its thousands in groups of three by the other mark, or not at all."""
    other = "," if mark == "." else "."
    units, decimals = f"([0-9]+|[0-9]{{1,3}}([{other}][0-9]{{3}})+)", "0*" if is_whole else "[0-9]*"
    fraction = "" if is_whole else f"|[{mark}][0-9]+"
    return f"[£€$ ]*[+-]?({units}([{mark}]{decimals})?{fraction})"


def _reads_as_instant(text: str, formats: Sequence[str], written_as: WrittenAs) -> str:
    ways = []
    if formats:
        listed = ", ".join(map(quote_literal, formats))
        ways.append(f"coalesce(try_strptime({text}, [{listed}]) >= {_FIRST_INSTANT}, false)")
    if not formats or written_as != "text":
        ways.append(f"({text} >= '0' and {text} < ':' and try_cast({text} as timestamp) is not null)")
    if written_as == "sheet":
        ways.append(f"regexp_full_match({text}, '[1-9][0-9]{{4}}([.][0-9]+)?')")
    return "(" + " or ".join(ways) + ")"


def _unless(is_as_agreed: Callable[[str], str], cell: str) -> str:
    """Return whether a cell breaks a rule, blanks around it and empty cells aside; only what breaks it is trimmed."""
    trimmed = f"trim({cell})"
    return f"case when {is_as_agreed(cell)} then false else {trimmed} <> '' and not {is_as_agreed(trimmed)} end"


def _type_in_words(column: ColumnContract) -> str:
    match column.type:
        case "date" | "timestamp" if column.formats:
            return f"no {column.type} written as {' or '.join(column.formats)}"
        case "date" | "timestamp":
            return f"no {column.type} written as in ISO 8601"
        case "integer":
            return "no whole number"
        case "decimal":
            return f"no number with {column.decimal_mark!r} before its decimals"
        case "boolean":
            return "no word for yes or no"
        case _:
            return "no JSON"
