"""JSON as programs and people write it that read no standard, and as those write it that read it to the letter.

A text is made of objects by a few habits: what stands between them, and what becomes of the text and of its bytes.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_VALUES = (
    *("0", "-0", "-0.0", "0.10", "1e400", "-1E-400", "1E5", "1e+05", "12345678901234567890", "18446744073709551616"),
    *("9007199254740993", "0.30000000000000004", "1234.5678901234567890123456789", "true", "false", "null"),
    *('""', '" "', '"a"', '"0042"', '"a\\u0000b"', '"\\u00e9\\/\\b\\f\\n\\r\\t\\"\\\\"', '"\\ud83d\\ude00"', '"é日😀"'),
    *('"\u2028\x7f\x85\xa0"', '"e\u0301"', '"{\\"a\\": [1, }"', '"null"', '"NaN"', '"a,b]}"', '"\ufeff"'),
    *("[]", "{}", "[null]", "[[],{}]", '[ 1 ,\t"a  b" , null ]', '{"x" : {"y" : [0.10, -0, 1e400, "\\u0041"]}}'),
    *("[" * 90 + "]" * 90, '{"k":' * 60 + "0" + "}" * 60, '"' + "x" * 5000 + '"', "7" * 300),
)
_FAULTS = (
    *("NaN", "Infinity", "-Infinity", "01", "1.", ".5", "+1", "0x1F", "1_000", "1e", "--1", "True", "undefined", "a"),
    *("'a'", '"a', '"\t"', '"\\x41"', '"\\u12"', "[1,]", "[,1]", "[1 2]", '{"a":1,}', "{a:1}", '{"a" 1}', "[1}", ""),
    *("/* none */ 1", "1 // one", '{"x":1,"x":2}', '{"x":[{"y":1,"\\u0079":2}]}', '"\\ud800"', '"\\udc00\\ud800"'),
)
_KEYS = ("a", "b", "c", "A ", "id", "", " ", "a.b", "ключ", "\\u0061a", 'k\\"q', "_extras", "x" * 70)
_BLANKS = ("", " ", "\t")


@dataclass(frozen=True)
class ForeignJson:
    """A file: what was done to it, its bytes, their encoding, and the keys that lead to the array of its records."""

    habits: tuple[str, ...]
    content: bytes
    encoding: str
    records: str | None = None


def _object(chance: random.Random, faults: float) -> str:
    blank = chance.choice(_BLANKS)
    members = [
        f'{blank}"{key}"{blank}:{blank}{chance.choice(_FAULTS if chance.random() < faults else _VALUES)}{blank}'
        for key in chance.sample(_KEYS, chance.randint(0, 6))
    ]
    if members and chance.random() < faults:
        members.append(members[0])
    return "{" + ",".join(members) + "}"


Change = Callable[[random.Random, list[str]], list[str]]


def _somewhere(*added: str) -> Change:
    def change(chance: random.Random, records: list[str]) -> list[str]:
        at = chance.randint(0, len(records))
        return [*records[:at], *added, *records[at:]]

    return change


def _each(change: Callable[[str], str], share: float = 0.3) -> Change:
    return lambda chance, records: [change(record) if chance.random() < share else record for record in records]


LINE_HABITS: Mapping[str, Change] = {
    "as it is": lambda _, records: records,
    "blank lines": _somewhere("", "  ", "\t", ""),
    "blanks that are none of JSON": _somewhere("\x0b", "\xa0", "\u2028"),
    "comments": _somewhere("// one", "# two", "/* three */"),
    "a comma behind each line": _each(lambda record: record + ",", 1),
    "a semicolon behind some lines": _each(lambda record: record + ";"),
    "an array around the lines": lambda _, records: ["[", *records, "]"],
    "values that are no objects": _somewhere("null", "1", '"a"', "[]", "true", '[{"a":1}]'),
    "two objects in a line": _each(lambda record: record + record),
    "objects over several lines": _each(lambda record: record.replace(",", ",\n", 1)),
    "record separators": _each(lambda record: "\x1e" + record, 1),
    "NUL bytes": _each(lambda record: record + "\0"),
    "a quote lost": _each(lambda record: record.replace('"', "", 1)),
    "a bracket lost": _each(lambda record: record[:-1]),
    "deep nesting": _somewhere('{"a":' + "[" * 400 + "]" * 400 + "}", '{"a":' + "[" * 90_000),
    "none": lambda _, __: [],
}
ARRAY_HABITS: Mapping[str, Callable[[random.Random, list[str]], str]] = {
    "as it is": lambda _, records: "[" + ",".join(records) + "]",
    "a record a line": lambda _, records: "[\r\n" + ",\r\n".join(records) + "\r\n]\r\n",
    "commas in front": lambda _, records: "[" + "\n, ".join(records) + "\n]",
    "values that are no objects": lambda chance, records: (
        "[" + ",".join(_somewhere("null", "-0", '"a"', "[ ]", "true", '[{"a":1}]')(chance, records)) + "]"
    ),
    "a comma behind the last": lambda _, records: "[" + ",".join(records) + ",]",
    "a comma missing": lambda _, records: "[" + " ".join(records) + "]",
    "a comment": lambda _, records: "[ // all of them\n" + ",".join(records) + "]",
    "cut off": lambda chance, records: ("[" + ",".join(records) + "]")[: chance.randint(1, 400)],
    "two arrays": lambda _, records: "[" + ",".join(records) + "][]",
    "text behind its end": lambda _, records: "[" + ",".join(records) + "] done",
    "a call around it": lambda _, records: "callback([" + ",".join(records) + "]);",
    "deep nesting": lambda _, records: "[" + ",".join([*records, '{"a":' + "[" * 400 + "]" * 400 + "}"]) + "]",
    "nesting without end": lambda _, records: "[" + ",".join([*records, '{"a":' + "[" * 90_000]),
}


def _spliced(chance: random.Random, content: bytes, added: bytes) -> bytes:
    at = chance.randint(0, len(content))
    return content[:at] + added + content[at:]


BYTE_HABITS: Mapping[str, Callable[[random.Random, str], tuple[bytes, str]]] = {
    "UTF-8": lambda _, text: (text.encode(), "utf-8"),
    "a mark": lambda _, text: (text.encode("utf-8-sig"), "utf-8"),
    "UTF-8 again": lambda _, text: (text.rstrip("\r\n").encode(), "utf-8"),
    "two marks": lambda _, text: (("\ufeff" + text).encode("utf-8-sig"), "utf-8"),
    "UTF-16": lambda _, text: (text.encode("utf-16"), "utf-16"),
    "latin-1": lambda _, text: (text.encode("latin-1", "replace"), "latin-1"),
    "latin-1 in UTF-8": lambda chance, text: (_spliced(chance, text.encode(), "é".encode("latin-1")), "utf-8"),
    "halves of characters": lambda chance, text: (_spliced(chance, text.encode(), b"\xed\xa0\x80"), "utf-8"),
}


def _bytes(chance: random.Random, seed: int, text: str) -> tuple[str, bytes, str]:
    habit = list(BYTE_HABITS)[seed % len(BYTE_HABITS)]
    return habit, *BYTE_HABITS[habit](chance, text)


def foreign_ndjson(seed: int) -> ForeignJson:
    """A file of one object a line; seeds that follow each other go through all habits."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    lines = [_object(chance, faults=0.1) for _ in range(chance.randint(1, 8))]
    names = [list(LINE_HABITS)[seed % len(LINE_HABITS)], *chance.choices(list(LINE_HABITS), k=chance.randint(0, 1))]
    for name in names:
        lines = LINE_HABITS[name](chance, lines)
    end = chance.choice(("\n", "\r\n", "\r", "\n\n", "\r\r\n"))
    habit, content, encoding = _bytes(chance, seed // len(LINE_HABITS), "".join(line + end for line in lines))
    return ForeignJson((*names, habit), content, encoding)


def foreign_array(seed: int) -> ForeignJson:
    """A file of one array; every third inside an object. Most have no fault, since one fault refuses a file."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    faults = 0.1 if seed % 4 == 0 else 0
    name = list(ARRAY_HABITS)[seed % len(ARRAY_HABITS)]
    text = ARRAY_HABITS[name](chance, [_object(chance, faults) for _ in range(chance.randint(1, 8))])
    if seed % 3 == 0:
        text = f'{{"meta":{{"data":[{{}}]}},"data":{{"next":{chance.choice(_VALUES)},"items":{text}}},"ok":"]"}}'
    habit, content, encoding = _bytes(chance, seed // len(ARRAY_HABITS), text)
    return ForeignJson((name, habit), content, encoding, "data.items" if seed % 3 == 0 else None)
