"""The text of a delivered file: in which encoding it is, and the same text as UTF-8.

Which cells the text has belongs to the readers.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer

from orchestration.ingest.errors import FileUndecodable
from orchestration.ingest.physical_lines import ByteReader

_CHUNK_BYTES = 1 << 20
_SAMPLE_BYTES = 256 << 10
_MANY_GOOD = 10
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGN_AT_LETTER = re.compile(r"(?<=[^\W\d_])[^\w\s\x00-\x7f]|[^\w\s\x00-\x7f](?=[^\W\d_])")
_INNER_LETTER = re.compile(r"(?<=[^\W\d_])[^\W\d_\x00-\x7f](?=[a-z])|(?<=[a-z])[^\W\d_\x00-\x7f]")
# In the order in which equally plausible readings are preferred.
_CANDIDATES = (
    "cp1252",
    "iso8859-15",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "koi8-r",
    "mac-roman",
    "utf-16-le",
    "utf-16-be",
    "shift_jis",
    "euc_jp",
    "gb18030",
    "big5",
    "euc_kr",
)


@dataclass(frozen=True)
class Encoding:
    """How a file's bytes are text.

    Attributes:
        codec: Python's name.
        bom_bytes: how many bytes at the front say so.
        is_line_safe: whether the bytes of ASCII characters stand for them and nothing else, so that records can be
            told apart without decoding.
    """

    codec: str
    bom_bytes: int
    is_line_safe: bool


def encoding_of(path: Path, *, stated: str, display: str, source: str) -> Encoding:
    """Return the encoding of the text at `path`.

    Args:
        path: the unpacked file.
        stated: what the contract says, a codec or `detect`.
        display: the file as messages name it.
        source: whose contract it is.

    A UTF-8 byte-order mark says more than the contract: no other text begins so.

    Raises:
        FileUndecodable: the file is in another encoding than the stated one, or in none that can be detected.
    """
    with path.open("rb") as stream:
        head = stream.read(4)
    marks = [(bom, codec) for bom, codec in _BOMS if head.startswith(bom)]
    if stated == "detect":
        bom, marked = next(iter(marks), (b"", ""))
        codec = marked or ("utf-8" if _is_utf8(path) else _guessed(path, display))
    else:
        codec = codecs.lookup(stated).name.removesuffix("-sig")
        # The mark of UTF-16 and a NUL begin as the mark of UTF-32 does.
        bom, marked = next((mark for mark in marks if mark[1][:6] in {"utf-8", codec[:6]}), (b"", ""))
        codec = marked or codec
    encoding = Encoding(codec, len(bom) if codec == marked else 0, codec == "utf-8" or _is_single_byte(codec))
    fault = -1 if encoding.is_line_safe else _first_fault(path, codec)
    if fault >= 0:
        if stated == "detect":
            raise FileUndecodable.by_detection(display)
        raise FileUndecodable.as_stated(display, stated, fault, source)
    return encoding


@contextmanager
def behind_bom(opened: Callable[[], AbstractContextManager[ByteReader]], encoding: Encoding) -> Iterator[ByteReader]:
    """Yield line-safe bytes of a text without its byte-order mark: as they are, or as UTF-8 when they are not."""
    with opened() as stream:
        if encoding.bom_bytes:
            stream.read(encoding.bom_bytes)
        yield stream if encoding.is_line_safe else _Recoder(stream, encoding.codec)


@contextmanager
def with_marks(opened: Callable[[], AbstractContextManager[ByteReader]], encoding: Encoding) -> Iterator[ByteReader]:
    """Yield a text as UTF-8 without its byte-order mark, with U+FFFD for bytes that are no text."""
    with opened() as stream:
        if encoding.bom_bytes:
            stream.read(encoding.bom_bytes)
        yield _Recoder(stream, encoding.codec, "replace")


def written_as_utf8(path: Path, encoding: Encoding, target: Path) -> bool:
    """Write the text at `path` as UTF-8 without a mark to `target`; False when some bytes of it are no text."""
    try:
        with path.open("rb") as stream, target.open("wb") as copy:
            stream.read(encoding.bom_bytes)
            recoder = _Recoder(stream, encoding.codec)
            while piece := recoder.read(_CHUNK_BYTES):
                copy.write(piece)
    except UnicodeDecodeError:
        return False
    return True


class _Recoder:
    """Reads text in one encoding as bytes of UTF-8."""

    def __init__(self, stream: ByteReader, codec: str, errors: str = "strict") -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(codec)(errors)

    def read(self, size: int, /) -> bytes:
        while True:
            piece = self._stream.read(size)
            recoded_piece = self._decoder.decode(piece, final=not piece).encode()
            if recoded_piece or not piece:
                return recoded_piece


def _is_utf8(path: Path) -> bool:
    """Return whether the text is UTF-8, or almost: far more of its letters are well formed than not."""
    fault = _first_fault(path, "utf-8")
    if fault < 0:
        return True
    text = _sample(path, fault).decode("utf-8", errors="surrogateescape")
    damaged = sum(1 for letter in text if "\udc80" <= letter <= "\udcff")
    good = sum(1 for letter in text if letter > "\x7f") - damaged
    return good >= _MANY_GOOD * damaged


def _guessed(path: Path, display: str) -> str:
    sample = _sample(path, max(_first_fault(path, "utf-8"), 0))
    matches = charset_normalizer.from_bytes(sample, cp_isolation=list(_CANDIDATES))
    readings = {}
    for match in matches:
        rank = (_implausible_letters(str(match)), round(match.chaos, 2), -round(match.coherence, 1))
        for codec in {match.encoding, *match.could_be_from_charset}:
            readings[_codec_name(codec)] = rank
    known = [name for name in map(_codec_name, _CANDIDATES) if name in readings]
    if not known:
        raise FileUndecodable.by_detection(display)
    return min(known, key=lambda name: readings[name])


def _codec_name(codec: str) -> str:
    return codecs.lookup(codec).name


def _implausible_letters(text: str) -> int:
    """Return how many signs touch a letter and how many capitals stand inside words, ASCII aside."""
    signs = sum(1 for _ in _SIGN_AT_LETTER.finditer(text))
    return signs + sum(1 for found in _INNER_LETTER.finditer(text) if found.group().isupper())


def _sample(path: Path, around: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(max(around - _SAMPLE_BYTES // 2, 0) // 4 * 4)
        return stream.read(_SAMPLE_BYTES)


def _first_fault(path: Path, codec: str) -> int:
    """Return an offset at or before the first bytes that are no text in `codec`, or -1 when all are."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    offset = 0
    with path.open("rb") as stream:
        while True:
            piece = stream.read(_CHUNK_BYTES)
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                return offset + error.start
            except UnicodeError:  # UTF-16 and UTF-32 want a mark that says which of the two orders it is
                return 0
            offset += len(piece)
            if not piece:
                return -1


def _is_single_byte(codec: str) -> bool:
    """Return whether every byte is a character of its own, or none, and ASCII bytes are ASCII."""
    low = bytes(range(128))
    if low.decode(codec, errors="replace") != low.decode("ascii"):
        return False
    decoder = codecs.getincrementaldecoder(codec)
    return all(len(decoder("replace").decode(bytes([byte]))) == 1 for byte in range(128, 256))
