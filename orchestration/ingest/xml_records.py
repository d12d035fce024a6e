"""The records of an XML text, each with its members and its place, in memory bounded by the longest record.

What a record's members mean is not known here. Names stay as they are written, prefix included.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from xml.parsers import expat

from orchestration.ingest.counting_xml import is_record
from orchestration.ingest.physical_lines import RECORD_BYTES_LIMIT, ByteReader
from orchestration.ingest.quarantine import KEPT_BYTES_LIMIT
from orchestration.ingest.xml_events import Attributes, NotSafeXml, fed

_TAG_BYTES = 4096
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}

DEPTH_LIMIT = 100
"""A text nested deeper is refused; what turns its elements into JSON calls itself for each level."""

XmlValue: TypeAlias = "str | dict[str, XmlValue] | list[XmlValue] | None"
_BLANKS = " \t\r\n"
_NIL = "xsi:nil"


class NotARecord(Exception):
    """An element whose content has no shape that cells can hold; `code` and `text` say why."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True)
class XmlRecord:
    """One record element.

    Attributes:
        element: what it holds; None for one of more than 2 MB.
        begin: offset of its first byte.
        end: offset at which its end tag begins, or behind it where it has none of its own.
        line: on which it begins, from 1.
    """

    element: "XmlElement | None"
    begin: int
    end: int
    line: int

    def members(self, lists: frozenset[str]) -> dict[str, XmlValue]:
        """Return the values of its attributes (`@name`), its child elements, and its own text (`#text`) by name.

        Args:
            lists: names of elements whose value is a list even where they stand once.

        Raises:
            NotARecord: it is too long, or text stands between its elements.
        """
        if self.element is None:
            raise NotARecord("record_too_long", f"the element has more than {RECORD_BYTES_LIMIT} bytes")
        value = self.element.value(lists)
        return value if isinstance(value, dict) else {"#text": value}


@dataclass(slots=True)
class XmlElement:
    """One element in the making."""

    name: str
    attributes: Attributes
    children: list["XmlElement"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def value(self, lists: frozenset[str]) -> XmlValue:
        """Return its text, or what it has by name; None where it says that it is nil.

        Raises:
            NotARecord: text stands between its elements.
        """
        text = "".join(self.texts)
        held: dict[str, XmlValue] = {f"@{name}": value for name, value in self.attributes.items() if _is_data(name)}
        for child in self.children:
            _put(held, child.name, child.value(lists), is_list=child.name in lists)
        if self.children:
            if text.strip(_BLANKS):
                raise NotARecord("mixed_content", f"text stands between the elements inside {self.name!r}")
            return held
        if self.attributes.get(_NIL) in ("true", "1"):
            return held or None
        if not held:
            return text
        return {**held, "#text": text} if text else held


class XmlRecords:
    """Iterates over the record elements of an XML text and notes what surrounds them.

    Attributes:
        elements: how many elements the text has outside of records, its root included.
        has_parent: whether some element stands where a path says that records stand.
    """

    def __init__(self, stream: ByteReader, steps: Sequence[str]) -> None:
        self.elements = 0
        self.has_parent = False
        self._stream = stream
        self._steps = steps
        self._names: list[str] = []
        self._open: list[XmlElement] = []
        self._depth = 0
        self._begin = self._line = 0
        self._is_overlong = False
        self._found: list[XmlRecord] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._started
        self._parser.EndElementHandler = self._ended
        self._parser.CharacterDataHandler = self._text

    def __iter__(self) -> Iterator[XmlRecord]:
        """Yield the records in order.

        Raises:
            NotSafeXml: the text is no XML, or has what no delivery needs.
        """
        for _ in fed(self._parser, self._stream):
            self._note_length()
            yield from self._found
            self._found.clear()

    def _started(self, name: str, attributes: Attributes) -> None:
        self._names.append(name)
        if len(self._names) > DEPTH_LIMIT:
            line = self._parser.CurrentLineNumber
            raise NotSafeXml(f"the element at line {line} is nested deeper than {DEPTH_LIMIT} levels")
        if not self._depth:
            if not is_record(self._names, self._steps):
                self.elements += 1
                self.has_parent |= self._names == list(self._steps[:-1])
                return
            self._depth = len(self._names)
            self._begin, self._line = self._parser.CurrentByteIndex, self._parser.CurrentLineNumber
            self._is_overlong = False
        if not self._is_overlong:
            element = XmlElement(name, attributes)
            if self._open:
                self._open[-1].children.append(element)
            self._open.append(element)

    def _ended(self, _: str) -> None:
        if len(self._names) == self._depth:
            self._note_length()
            element = None if self._is_overlong else self._open[0]
            self._found.append(XmlRecord(element, self._begin, self._parser.CurrentByteIndex, self._line))
            self._depth = 0
        self._names.pop()
        if self._open:
            self._open.pop()

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].texts.append(text)

    def _note_length(self) -> None:
        """Let go of a record that has become longer than any; looked at once a piece of the text, and at its end."""
        if self._depth and self._parser.CurrentByteIndex - self._begin > RECORD_BYTES_LIMIT:
            self._is_overlong = True
            self._open.clear()


def record_bytes(path: Path, record: XmlRecord) -> bytes:
    """Return a record's bytes with its end tag, which may hold blanks; of a long one the first bytes."""
    with path.open("rb") as stream:
        codec = _UTF_16.get(stream.read(2), "ascii")
        stream.seek(record.begin)
        content = stream.read(min(record.end - record.begin, KEPT_BYTES_LIMIT))
        if len(content) < KEPT_BYTES_LIMIT:
            closing = re.match(
                re.escape("</".encode(codec)) + b".*?" + re.escape(">".encode(codec)),
                stream.read(_TAG_BYTES),
                re.DOTALL,
            )
            content += closing[0] if closing else b""
    return content


def _is_data(attribute: str) -> bool:
    """Return whether an attribute says something of its record; what declares namespaces does not."""
    return attribute != "xmlns" and not attribute.startswith("xmlns:") and attribute != _NIL


def _put(held: dict[str, XmlValue], name: str, value: XmlValue, *, is_list: bool) -> None:
    if name not in held:
        held[name] = [value] if is_list else value
        return
    earlier = held[name]
    if isinstance(earlier, list):
        earlier.append(value)
    else:
        held[name] = [earlier, value]
