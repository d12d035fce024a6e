"""XML texts to expat's events, in memory bounded by the longest markup; what an XML text may not have is refused here.

A document type is refused with all that it can do: entities that expand, entities from elsewhere, defaults that appear
in no record. Markup longer than any record is refused, since a parser holds it whole.
"""

from collections.abc import Callable, Iterator
from xml.parsers import expat

from orchestration.ingest.physical_lines import RECORD_BYTES_LIMIT, ByteReader

Attributes = dict[str, str]

_CHUNK_BYTES = 1 << 18
_UNKNOWN_ENCODING = expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]


class NotSafeXml(Exception):
    """A text that is no XML, or has what no delivery needs; the text says what, without any of its values."""


def parse_events(
    stream: ByteReader,
    *,
    started: Callable[[str, Attributes], None],
    ended: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Read an XML text from end to end and call the given functions at what it has.

    Args:
        stream: the text's bytes.
        started: called with each element's name, as written, and its attributes.
        ended: called with each element's name at its end.
        text: called with pieces of character data.

    Raises:
        NotSafeXml: the text is no XML, has a document type, or markup of more than 2 MB.
    """
    parser = expat.ParserCreate()
    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = text
    for _ in fed(parser, stream):
        pass


def fed(parser: expat.XMLParserType, stream: ByteReader) -> Iterator[None]:
    """Let a parser read a text from end to end; a step is a piece of it.

    Raises:
        NotSafeXml: the text is no XML, has a document type, or markup of more than 2 MB.
    """
    parser.StartDoctypeDeclHandler = _refuse_document_type
    size = 0
    try:
        while piece := stream.read(_CHUNK_BYTES):
            parser.Parse(piece, False)  # noqa: FBT003 - the C function takes no keywords
            size += len(piece)
            if size - parser.CurrentByteIndex > RECORD_BYTES_LIMIT:
                line = parser.CurrentLineNumber
                raise NotSafeXml(f"the markup at line {line} has more than {RECORD_BYTES_LIMIT} bytes")
            yield
        parser.Parse(b"", True)  # noqa: FBT003 - the C function takes no keywords
        yield
    except expat.ExpatError as error:
        raise NotSafeXml(f"{expat.ErrorString(error.code)} at line {error.lineno}") from error
    except (LookupError, ValueError) as error:
        if parser.ErrorCode != _UNKNOWN_ENCODING:
            raise
        raise NotSafeXml("it states an encoding that is not known here") from error


def local_name(name: str) -> str:
    """Return an element's or attribute's name without its prefix."""
    return name.rpartition(":")[2]


def _refuse_document_type(*_: object) -> None:
    raise NotSafeXml("it has a document type (DOCTYPE), by which entities could expand or lead elsewhere")
