"""Where each value of a JSON array begins and ends in a byte stream, in memory bounded by the longest value.

What a value holds is not read here: brackets and texts are told apart, no more, so that each value stays as written.
"""

import json
import re
from collections.abc import Iterator, Sequence

from orchestration.ingest.physical_lines import RECORD_BYTES_LIMIT, ByteReader, PhysicalLine

DEPTH_LIMIT = 500
"""A value nested deeper is no record; readers of JSON that call themselves for each level end far above it."""

_DIGITS_LIMIT = 4000  # Python turns no text of more than 4,300 digits into an integer, which takes quadratic time.
_STEPS_LIMIT = 5
_CHUNK_BYTES = 1 << 20
_SPACE = re.compile(rb"[ \t\r\n]*+")
_TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _TEXT + rb")*+([\[\]{}])", re.DOTALL)
_TEXTS = re.compile(_TEXT, re.DOTALL)
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % (_DIGITS_LIMIT + 1))
_TOKEN = re.compile(_TEXT + rb'|[^\s,:\[\]{}"]++(?=[\s,:\[\]{}"])', re.DOTALL)
_SCALAR = re.compile(rb"(?:" + _TEXT + rb'|[^\s,\[\]{}"]++)(?=[ \t\r\n,\]])', re.DOTALL)


class NotAnArray(Exception):
    """A text that is no array of values that could be records; the text says why, without any of its values."""


def array_values(stream: ByteReader, *, offset: int = 0, steps: Sequence[str] = ()) -> Iterator[PhysicalLine]:
    """Yield the values of one array of a text, in order, each with its bytes and where it begins.

    Args:
        stream: the text's bytes, in an encoding in which the bytes of ASCII characters stand for nothing else.
        offset: of the stream's first byte in the file.
        steps: the keys that lead from the text's object to the array; none where the text is the array.

    Raises:
        NotAnArray: the text has no such array, breaks off, or has a value too long, deep or full of digits.
    """
    text = _Text(stream, offset)
    yield from _values_at(text, tuple(steps), 0)
    if text.next():
        raise NotAnArray(f"something stands behind its end at byte {text.offset}")


def arrays_of_objects(stream: ByteReader) -> dict[str, int]:
    """Return how many objects each array inside a text's object holds, by the keys that lead there, joined by dots.

    Arrays inside arrays are not looked at, nor what lies deeper than five keys or behind a key with a dot.

    Raises:
        NotAnArray: the text is no object, breaks off, or has a value too long, deep or full of digits.
    """
    text = _Text(stream, 0)
    found: dict[str, int] = {}
    _look_for_arrays(text, (), found)
    return found


def _look_for_arrays(text: "_Text", steps: tuple[str, ...], found: dict[str, int]) -> None:
    for key in text.member_keys():
        place = (*steps, key)
        mark = text.next()
        if not key or "." in key or len(place) > _STEPS_LIMIT:
            text.skip_value()
        elif mark == b"[":
            count = sum(value.content.startswith(b"{") for value in _values(text, ".".join(place)))
            if count:
                found[".".join(place)] = count
        elif mark == b"{":
            _look_for_arrays(text, place, found)
        else:
            text.skip_value()


def _values_at(text: "_Text", steps: tuple[str, ...], taken: int) -> Iterator[PhysicalLine]:
    if taken == len(steps):
        yield from _values(text, ".".join(steps))
        return
    place = ".".join(steps[: taken + 1])
    is_found = False
    for key in text.member_keys():
        if key != steps[taken]:
            text.skip_value()
        elif is_found:
            raise NotAnArray(f"it has {place!r} twice")
        else:
            is_found = True
            yield from _values_at(text, steps, taken + 1)
    if not is_found:
        raise NotAnArray(f"it has no {place!r}, though the contract says that its records are at {'.'.join(steps)!r}")


def _values(text: "_Text", place: str) -> Iterator[PhysicalLine]:
    if text.next() != b"[":
        reason = f"no array stands at {place!r}" if place else "it does not begin with '['"
        raise NotAnArray(f"{reason}; a file of one object a line is ndjson")
    text.skip()
    if text.next() == b"]":
        text.skip()
    else:
        mark = b","
        while mark == b",":
            yield text.value()
            mark = text.next()
            if mark not in (b",", b"]"):
                raise NotAnArray(f"neither ',' nor ']' stands at byte {text.offset}")
            text.skip()


class _Text:
    """A text that is taken from the front, value by value."""

    def __init__(self, stream: ByteReader, offset: int) -> None:
        self.offset = offset
        self._stream = stream
        self._held = b""
        self._at = 0
        self._line = 1
        self._is_behind_cr = False

    def next(self) -> bytes:
        """Move behind white space and return the next byte, or none at the end."""
        while True:
            space = _SPACE.match(self._held, self._at)
            self._take(space.end() if space else self._at)
            if self._at < len(self._held):
                return self._held[self._at : self._at + 1]
            if not self._more():
                return b""

    def skip(self) -> None:
        """Move behind the next byte."""
        self._take(self._at + 1)

    def value(self) -> PhysicalLine:
        """Move behind the next value and return it."""
        is_nested = self.next() in (b"{", b"[")
        line, offset = self._line, self.offset
        length = self._nested() if is_nested else self._scalar()
        content = self._held[self._at : self._at + length]
        if length > _DIGITS_LIMIT and _LONG_NUMBER.search(_TEXTS.sub(b"", content)):
            raise NotAnArray(f"the value at byte {offset} has a number of more than {_DIGITS_LIMIT} digits")
        self._take(self._at + length)
        return PhysicalLine(content, offset, line, length)

    def member_keys(self) -> Iterator[str]:
        """Yield the keys of the object that begins here; whoever takes one moves behind its value before the next."""
        if self.next() != b"{":
            raise NotAnArray(f"no object stands at byte {self.offset}")
        self.skip()
        mark = self.next()
        while mark != b"}":
            yield self._key()
            mark = self.next()
            if mark not in (b",", b"}"):
                raise NotAnArray(f"neither ',' nor '}}' stands at byte {self.offset}")
            if mark == b",":
                self.skip()
        self.skip()

    def skip_value(self) -> None:
        """Move behind the next value, however long it is."""
        depth = 0
        while True:
            mark = self.next()
            if mark in (b"{", b"["):
                depth += 1
            elif mark in (b"}", b"]"):
                depth -= 1
            if depth > DEPTH_LIMIT:
                raise NotAnArray(f"the value at byte {self.offset} is nested deeper than {DEPTH_LIMIT} levels")
            if mark in (b"{", b"[", b"}", b"]", b",", b":"):
                self.skip()
            else:
                self._token()
            if depth <= 0:
                return

    def _key(self) -> str:
        if self.next() != b'"':
            raise NotAnArray(f"no key stands at byte {self.offset}")
        offset, token = self.offset, self._token()
        try:
            key = str(json.loads(token.decode("utf-8", "replace")))
        except ValueError as error:
            raise NotAnArray(f"the key at byte {offset} is no JSON") from error
        if self.next() != b":":
            raise NotAnArray(f"no ':' stands at byte {self.offset}")
        self.skip()
        return key

    def _token(self) -> bytes:
        """Move behind the next text, number or word and return it."""
        while (found := _TOKEN.match(self._held, self._at)) is None:
            self._need_more()
        token = found[0]
        if len(token) > _DIGITS_LIMIT and not token.startswith(b'"'):
            raise NotAnArray(f"the value at byte {self.offset} has more than {_DIGITS_LIMIT} digits")
        self._take(found.end())
        return token

    def _nested(self) -> int:
        """Return how long the object or array is that begins here."""
        depth = length = 0
        while True:
            found = _TO_BRACKET.match(self._held, self._at + length)
            if found is None:
                self._need_more()
                continue
            length = found.end() - self._at
            depth += 1 if found[1] in b"{[" else -1
            if depth > DEPTH_LIMIT:
                raise NotAnArray(f"the value at byte {self.offset} is nested deeper than {DEPTH_LIMIT} levels")
            if depth == 0:
                return length

    def _scalar(self) -> int:
        while (found := _SCALAR.match(self._held, self._at)) is None:
            if self._held[self._at : self._at + 1] in (b",", b"]", b"}"):
                raise NotAnArray(f"no value stands at byte {self.offset}")
            self._need_more()
        return found.end() - self._at

    def _need_more(self) -> None:
        if len(self._held) - self._at > RECORD_BYTES_LIMIT:
            raise NotAnArray(f"the value at byte {self.offset} has more than {RECORD_BYTES_LIMIT} bytes")
        if not self._more():
            raise NotAnArray(f"it ends inside the value that begins at byte {self.offset}")

    def _more(self) -> bool:
        piece = self._stream.read(_CHUNK_BYTES)
        self._held, self._at = self._held[self._at :] + piece, 0
        return bool(piece)

    def _take(self, end: int) -> None:
        piece = self._held[self._at : end]
        self._line += piece.count(b"\n") + piece.count(b"\r") - piece.count(b"\r\n")
        self._line -= self._is_behind_cr and piece.startswith(b"\n")
        self._is_behind_cr = piece.endswith(b"\r") if piece else self._is_behind_cr
        self.offset += len(piece)
        self._at = end
