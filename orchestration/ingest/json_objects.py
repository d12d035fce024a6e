"""The members of one JSON object, each value as decoded text and as the JSON text that was written.

Strict RFC 8259: no NaN, no trailing comma, no repeated key, no lone surrogate that would become text. Numbers are
never converted, so `0.10`, `1e400` and `12345678901234567890` stay what they are.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # missing in the stubs only
from typing import NoReturn

import orjson

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING_OR_SPACE = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\n\r]+')


class NotAnObject(Exception):
    """A text that is no JSON object with keys of its own; `code` and `text` say why."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True)
class Member:
    """One key of an object: its value as text (None for null) and as compact JSON text."""

    key: str
    text: str | None
    json_text: str


def members(text: str) -> Iterator[Member]:
    """Yield the members of the one object that `text` holds, in order.

    Raises:
        NotAnObject: the text is anything else.

    Example:
        >>> [(m.key, m.text) for m in members('{"a": 0.10, "b": [1, {"c": "x y"}], "d": null}')]
        [('a', '0.10'), ('b', '[1,{"c":"x y"}]'), ('d', None)]
    """
    at = _behind_space(text, 0)
    if not text.startswith("{", at):
        raise NotAnObject("not_an_object", "the line is no JSON object")
    keys: set[str] = set()
    at = _behind_space(text, at + 1)
    is_open = not text.startswith("}", at)
    while is_open:
        key, at = _key(text, at)
        if key in keys:
            raise NotAnObject("key_repeated", "the object has a key twice")
        keys.add(key)
        member, at = _member(text, key, at)
        yield member
        at = _behind_space(text, at)
        is_open = text.startswith(",", at)
        at = _behind_space(text, at + 1) if is_open else at
    if not text.startswith("}", at) or _behind_space(text, at + 1) != len(text):
        raise _malformed(at)


def canonical_object(line: bytes) -> Mapping[str, object] | None:
    """Return the object that a line holds when it is written exactly as orjson would write it, else None.

    Such a line repeats no key and spells each number and text in the one way that reading and writing again gives, so
    that `canonical_text` of its values is what was written: an order of magnitude faster than `members`, and the same.

    Example:
        >>> canonical_object(b'{"a":0.1,"b":[1,{"c":"x y"}]}')
        {'a': 0.1, 'b': [1, {'c': 'x y'}]}
        >>> [canonical_object(line) for line in (b'{"a":0.10}', b'{"a":1,"a":1}', b'{"a": 1}', b"[]")]
        [None, None, None, None]
    """
    try:
        found = orjson.loads(line)
        return found if isinstance(found, dict) and orjson.dumps(found) == line else None
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):  # the latter of what is read, and nested too deep to write
        return None


def canonical_text(value: object) -> str | None:
    """Return a value of a canonical object as text: a text itself, None for null, else its JSON text."""
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()


def canonical_json(value: object) -> str:
    """Return a value of a canonical object as JSON text."""
    return orjson.dumps(value).decode()


def compact_object(json_texts: Mapping[str, str]) -> str:
    """Return the JSON object text of the given values, each being JSON text already.

    Example:
        >>> compact_object({"a": "0.10", "b": '"x"'})
        '{"a":0.10,"b":"x"}'
    """
    return "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{value}" for key, value in json_texts.items()) + "}"


def _key(text: str, at: int) -> tuple[str, int]:
    if not text.startswith('"', at):
        raise _malformed(at)
    try:
        key, at = scanstring(text, at + 1, True)  # noqa: FBT003 - the C function takes no keywords
    except ValueError as error:
        raise _malformed(at) from error
    at = _behind_space(text, at)
    if not text.startswith(":", at):
        raise _malformed(at)
    _require_text(key)
    return key, _behind_space(text, at + 1)


def _member(text: str, key: str, at: int) -> tuple[Member, int]:
    try:
        value, end = _DECODER.scan_once(text, at)  # type: ignore[attr-defined]  # missing in the stubs only
    except (ValueError, StopIteration) as error:
        raise _malformed(at) from error
    except RecursionError as error:
        raise NotAnObject("nested_too_deep", "its values are nested too deep") from error
    written = text[at:end]
    if isinstance(value, str) and written[0] == '"':
        _require_text(value)
        return Member(key, value, written), end
    if written[0] in "[{":
        written = _STRING_OR_SPACE.sub(r"\1", written)
    return Member(key, None if written == "null" else written, written), end


def _require_text(value: str) -> None:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise NotAnObject("encoding_invalid", "an escape in it stands for half a character") from error


def _behind_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _malformed(at: int) -> NotAnObject:
    return NotAnObject("json_malformed", f"the line is no JSON at character {at + 1}")


def _unique_keys(pairs: list[tuple[str, object]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise NotAnObject("key_repeated", "an object inside it has a key twice")


def _no_constant(name: str) -> NoReturn:
    message = f"{name} is no JSON"
    raise ValueError(message)


_DECODER = json.JSONDecoder(object_pairs_hook=_unique_keys, parse_float=str, parse_int=str, parse_constant=_no_constant)
