"""CSV as programs and people write it that read no standard, of the kinds that surveys of CSV parsers collect.

A text is made from a table by a few habits, each a change of cells, of lines, of the text, or of its bytes.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_CELLS = (
    *(
        "",
        " ",
        "a",
        "ab c",
        "0",
        "007",
        "-1,5",
        "1.234,56",
        "1e400",
        "4.00738E+15",
        "=1+1",
        '="001"',
        "@x",
        "#N/A",
        "NULL",
    ),
    *("\\N", "\\", "'", "''", '"', '""', "x,y", "x;y", "x\ty", "x|y", "two\nlines", "two\r\nlines", "two\rlines"),
    *(
        "a\u2028b",
        "a\x85b",
        "a\x0bb",
        "a\x0cb",
        "a\x1cb",
        "a\xa0b",
        "\u200b",
        "é",
        "e\u0301",
        "日本",
        "😀",
        "\x00",
        "\x1a",
        "\ufeff",
    ),
    *("{'a': \"b\"}", '[1, "2"]', "2026-06-30", "30/06/26", "true", "x" * 300),
)
_LINE_ENDS = ("\n", "\r\n", "\r")

Lines = list[str]
Change = Callable[[random.Random, Lines], Lines]


@dataclass(frozen=True)
class ForeignCsv:
    """A text of such a file, and the encoding that its contract states."""

    habits: tuple[str, ...]
    content: bytes
    encoding: str


def _quoted(chance: random.Random, cell: str) -> str:
    is_needed = any(mark in cell for mark in ',"\r\n')
    return '"' + cell.replace('"', '""') + '"' if is_needed or chance.random() < 0.2 else cell


def _table(chance: random.Random) -> Lines:
    width = chance.randint(1, 6)
    rows = [[f"c{number}" for number in range(width)]]
    rows += [[chance.choice(_CELLS) for _ in range(width)] for _ in range(chance.randint(0, 12))]
    return [",".join(_quoted(chance, cell) for cell in row) for row in rows]


def _each(change: Callable[[str], str], share: float = 0.4) -> Change:
    return lambda chance, lines: [change(line) if chance.random() < share else line for line in lines]


def _in_front(*front: str) -> Change:
    return lambda _, lines: [*front, *lines]


def _behind(*end: str) -> Change:
    return lambda _, lines: [*lines, *end]


def _somewhere(*added: str) -> Change:
    def change(chance: random.Random, lines: Lines) -> Lines:
        at = chance.randint(0, len(lines))
        return [*lines[:at], *added, *lines[at:]]

    return change


LINE_HABITS: Mapping[str, Change] = {
    "as it is": lambda _, lines: lines,
    "delimiters of two characters": _each(lambda line: line.replace(",", "||"), 1),
    "a blank behind each delimiter": _each(lambda line: line.replace(",", ", "), 1),
    "quotes escaped by backslashes": _each(lambda line: line.replace('""', '\\"')),
    "quotes in the middle": _each(lambda line: line[: len(line) // 2] + '"' + line[len(line) // 2 :]),
    "text behind a quote": _each(lambda line: line.replace('",', '" x,')),
    "blanks around quotes": _each(lambda line: line.replace(',"', ', "').replace('",', '" ,')),
    "a quote never closed": _each(lambda line: line + ',"', 0.1),
    "quotes alone": _somewhere('"', '""', '"""', '""""'),
    "single quotes": _each(lambda line: line.replace('"', "'"), 1),
    "typographic quotes": _each(lambda line: line.replace('"', "\u201c")),
    "tabs and blanks among the commas": _each(lambda line: line.replace(",", "\t, ")),
    "semicolons in some lines": _each(lambda line: line.replace(",", ";")),
    "a delimiter at each end": _each(lambda line: line + ",", 1),
    "surplus cells": _each(lambda line: line + ",surplus"),
    "missing cells": _each(lambda line: line.rpartition(",")[0]),
    "comments": _somewhere("# a comment, with a comma", '# one with a "quote'),
    "a preamble": _in_front("Report of June", "made by, a program", ""),
    "a line that names the delimiter": _in_front("sep=,"),
    "a footer": _behind("", "Total,3", "(2 rows)"),
    "a second table": _behind("", "x,y,z,w", "1,2,3,4", "5,6,7,8"),
    "the header again": lambda _, lines: [*lines, lines[0], *lines[1:]],
    "headers without names": _each(lambda line: line.replace("c1", "").replace("c2", "c0"), 1),
    "empty lines": _somewhere("", "", ""),
    "lines of blanks": _somewhere("  ", "\t"),
    "empty cells only": _somewhere(",,,", '"",""'),
    "a rule below the header": lambda _, lines: [lines[0], "---,---", *lines[1:]],
}


def _ends(chance: random.Random, lines: Lines) -> str:
    kind = chance.choice((*_LINE_ENDS, "mixed", "doubled"))
    if kind == "mixed":
        return "".join(line + chance.choice(_LINE_ENDS) for line in lines)
    return "".join(line + ("\r\r\n" if kind == "doubled" else kind) for line in lines)


def _spliced(chance: random.Random, content: bytes, added: bytes) -> bytes:
    at = chance.randint(0, len(content))
    return content[:at] + added + content[at:]


BYTE_HABITS: Mapping[str, Callable[[random.Random, str], tuple[bytes, str]]] = {
    "UTF-8": lambda _, text: (text.encode(), "utf-8"),
    "no end of the last line": lambda _, text: (text.rstrip("\r\n").encode(), "utf-8"),
    "a mark": lambda _, text: (text.encode("utf-8-sig"), "utf-8"),
    "two marks": lambda _, text: (("\ufeff" + text).encode("utf-8-sig"), "utf-8"),
    "a mark in the middle": lambda chance, text: (_spliced(chance, text.encode(), b"\xef\xbb\xbf"), "utf-8"),
    "NUL bytes": lambda chance, text: (_spliced(chance, text.encode(), b"\0\0\0"), "utf-8"),
    "NUL bytes at the end": lambda _, text: (text.encode() + bytes(64), "utf-8"),
    "the end mark of old systems": lambda _, text: (text.encode() + b"\x1a", "utf-8"),
    "UTF-16 with a mark": lambda _, text: (text.encode("utf-16"), "utf-16"),
    "UTF-16 without one": lambda _, text: (text.encode("utf-16-be"), "utf-16-be"),
    "UTF-32": lambda _, text: (text.encode("utf-32"), "utf-32"),
    "UTF-16 cut off": lambda _, text: (text.encode("utf-16")[:-1], "utf-16"),
    "latin-1": lambda _, text: (text.encode("latin-1", "replace"), "latin-1"),
    "cp1252 with bytes that it lacks": lambda chance, text: (
        _spliced(chance, text.encode("cp1252", "replace"), b"\x81\x8d"),
        "cp1252",
    ),
    "latin-1 in UTF-8": lambda chance, text: (_spliced(chance, text.encode(), "é".encode("latin-1")), "utf-8"),
    "cp1252 quotes in UTF-8": lambda chance, text: (_spliced(chance, text.encode(), b"\x93a\x94"), "utf-8"),
    "UTF-8 in latin-1": lambda chance, text: (
        _spliced(chance, text.encode("latin-1", "replace"), "日".encode()),
        "latin-1",
    ),
    "UTF-16 in UTF-8": lambda chance, text: (_spliced(chance, text.encode(), "é,\n".encode("utf-16-le")), "utf-8"),
    "halves of characters": lambda chance, text: (_spliced(chance, text.encode(), b"\xed\xa0\x80"), "utf-8"),
    "shift_jis": lambda _, text: (text.encode("shift_jis", "replace"), "shift_jis"),
    "gb18030": lambda _, text: (text.encode("gb18030"), "gb18030"),
    "EBCDIC": lambda _, text: (text.encode("cp500", "replace"), "cp500"),
}


def foreign_csv(seed: int) -> ForeignCsv:
    """One file; seeds that follow each other go through all habits of lines and of bytes."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    lines = _table(chance)
    names = [list(LINE_HABITS)[seed % len(LINE_HABITS)], *chance.choices(list(LINE_HABITS), k=chance.randint(0, 2))]
    for name in names:
        lines = LINE_HABITS[name](chance, lines) or [""]
    habit = list(BYTE_HABITS)[seed % len(BYTE_HABITS)]
    content, encoding = BYTE_HABITS[habit](chance, _ends(chance, lines))
    return ForeignCsv((*names, habit), content, encoding)
