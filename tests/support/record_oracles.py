"""What a delivered file holds, read again by means that the landing does not use, to compare every landed cell with.

Each oracle returns the file's records in order, the header aside; None stands for a record that has no shape.
"""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

Record: TypeAlias = dict[str, Any] | None

_LONGEST_RECORD = 2_000_000
_HALVES = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile(r"\r\n|\n|\r|\Z")
_NUMBER = object()
_TWICE = object()


@dataclass(frozen=True)
class CsvReading:
    """The records of a CSV text by one delimiter: cells, or None for what is no record; the header first."""

    records: tuple[list[str] | None, ...]

    @property
    def header(self) -> list[str] | None:
        return self.records[0] if self.records else None

    @property
    def names(self) -> list[str]:
        """Under which the cells are kept."""
        return kept_names(self.header or ())

    def rows(self) -> list[Record]:
        """The records below the header as cells by name; surplus cells may only be empty."""
        names = self.names
        width = len(names)
        return [
            dict(zip(names, cells, strict=False))
            if cells is not None and len(cells) >= width and not any(cells[width:])
            else None
            for cells in self.records[1:]
        ]


def kept_names(headers: Sequence[str]) -> list[str]:
    """Under which cells of unknown columns are kept: a header without blanks; an empty or repeated one by its place."""
    names: list[str] = []
    for place, header in enumerate(headers, start=1):
        name = header.strip() or f"column_{place}"
        while name in names:
            name = f"{name}_{place}"
        names.append(name)
    return names


def csv_reading(text: str, delimiter: str) -> CsvReading:
    """What RFC 4180 makes of a text, by regular expressions alone.

    A record with text behind a closing quote ends with the line on which that stands; one whose quote never closes is
    its first line. Neither has cells, nor has one with bytes that were no text (decoded as surrogates).
    """
    mark = re.escape(delimiter)
    cell = re.compile(rf'"((?:[^"]|"")*+)"(?={mark}|\r|\n|\Z)|([^"{mark}\r\n][^{mark}\r\n]*+)|(?={mark}|\r|\n|\Z)')
    records: list[list[str] | None] = []
    at = 0
    while at < len(text):
        if text[at] in "\r\n":
            at += 1
            continue
        cells, end = _csv_record(text, at, cell, delimiter)
        if cells is not None and any(map(_HALVES.search, cells)):
            cells = None
        records.append(cells)
        at = end
    return CsvReading(tuple(records))


def _csv_record(text: str, begin: int, cell: re.Pattern[str], delimiter: str) -> tuple[list[str] | None, int]:
    """The cells of the record at `begin`, or None, and where the next one begins."""
    cells: list[str] = []
    at = begin
    while True:
        found = cell.match(text, at)
        if found is None:  # a quote that is followed by the wrong thing, or by none
            return None, _behind_fault(text, begin, at)
        cells.append(found[1].replace('""', '"') if found[1] is not None else found[2] or "")
        at = found.end()
        if not text.startswith(delimiter, at):
            break
        at += 1
    end = _line_end(text, at)
    if end - begin > _LONGEST_RECORD // 4 and len(text[begin:end].encode(errors="replace")) > _LONGEST_RECORD:
        return None, _line_end(text, begin)
    return cells, end


def _behind_fault(text: str, begin: int, opening: int) -> int:
    closing = re.compile(r'"(?:[^"]|"")*+"').match(text, opening)
    if closing is None or closing.end() - begin > _LONGEST_RECORD:
        return _line_end(text, begin)
    return _line_end(text, closing.end())


def _line_end(text: str, at: int) -> int:
    found = _LINE_END.search(text, at)
    assert found is not None
    return found.end()


def python_csv(text: str, delimiter: str) -> list[list[str]] | None:
    """What Python's csv module makes of a whole text; None when it is not strictly CSV."""
    csv.field_size_limit(_LONGEST_RECORD)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return [row for row in rows if row]


def ndjson_rows(content: bytes) -> list[Record]:
    """The objects of the lines that hold more than white space, with numbers as written."""
    lines = re.split(rb"\r\n|\n|\r", content.removeprefix(b"\xef\xbb\xbf"))
    return [_object(line) for line in lines if line.strip(b" \t")]


def json_rows(content: bytes, steps: Sequence[str] = ()) -> list[Record]:
    """The objects of the one array that a text holds behind some keys, with numbers as written.

    None stands for what is no object, and for one that has a key twice somewhere or bytes that are no text.

    Raises:
        ValueError: the text is no JSON, or has no array there.
        RecursionError: it is nested without end.
    """
    text = content.removeprefix(b"\xef\xbb\xbf").decode(errors="surrogateescape")
    values = json.loads(text, **{**_AS_WRITTEN, "object_pairs_hook": _twice_is_seen})
    for step in steps:
        values = values.get(step) if isinstance(values, dict) else None
    if isinstance(values, list):
        return [value if isinstance(value, dict) and not _is_faulty(value) else None for value in values]
    message = "no array stands there"
    raise ValueError(message)


def extras(text: str | None) -> dict[str, Any]:
    """The cells of a landed row that its contract does not know, with numbers as written."""
    return dict(json.loads(text, **_AS_WRITTEN)) if text else {}


def _object(line: bytes) -> Record:
    try:
        found = json.loads(line.decode(), **_AS_WRITTEN)
        json.dumps(found, ensure_ascii=False, default=str).encode()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        message = "a key stands there twice"
        raise ValueError(message)
    return dict(pairs)


def _twice_is_seen(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(pairs) if len(dict(pairs)) == len(pairs) else {"twice": _TWICE}


def _is_faulty(value: object) -> bool:
    match value:
        case dict():
            return any(_is_faulty(part) for member in value.items() for part in member)
        case list():
            return any(map(_is_faulty, value))
        case str():
            return _HALVES.search(value) is not None
        case _:
            return value is _TWICE


def _number(written: str) -> tuple[object, str]:
    return _NUMBER, written


def _no_constant(name: str) -> None:
    raise ValueError(name)


_AS_WRITTEN: dict[str, Any] = {
    "parse_int": _number,
    "parse_float": _number,
    "parse_constant": _no_constant,
    "object_pairs_hook": _once,
}


def parquet_rows(path: Path) -> tuple[list[str], Iterator[list[Any]]]:
    """The columns of a Parquet file and its rows as Python values."""
    table = pq.ParquetFile(path).read(use_threads=False)
    columns = [_values(column) for column in table.columns]
    return table.column_names, (list(row) for row in zip(*columns, strict=True))


def _values(column: pa.ChunkedArray[Any]) -> list[Any]:
    # Python's clock ends at microseconds: finer ones stay the count that they are.
    kind = column.type
    if (pa.types.is_timestamp(kind) or pa.types.is_time(kind)) and kind.unit == "ns":
        return [None if count is None else _nanoseconds(count, kind) for count in column.cast(pa.int64()).to_pylist()]
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        narrow = np.dtype(kind.to_pandas_dtype()).type
        return [None if value is None else narrow(value) for value in column.to_pylist()]
    return column.to_pylist()


def _nanoseconds(count: int, kind: pa.DataType) -> str:
    whole, rest = divmod(count, 10**9)
    moment = datetime(1970, 1, 1) + timedelta(seconds=whole)  # noqa: DTZ001 - a wall clock without a zone
    text = (moment.time() if pa.types.is_time(kind) else moment).isoformat()
    fraction = f"{rest:09}".rstrip("0")
    zone = "Z" if pa.types.is_timestamp(kind) and kind.tz else ""
    return f"{text}{'.' * bool(fraction)}{fraction}{zone}"


def says(text: str | None, value: object) -> bool:  # noqa: PLR0911 - one kind of value after another
    """Whether a cell's text says exactly what a typed value is."""
    if text is None or value is None:
        return text is None and value is None
    match value:
        case bool():
            return text == str(value).lower()
        case str() | int() | UUID():
            return text == str(value)
        case float() | np.floating():
            return "e" not in text and (type(value)(text) == value or (bool(np.isnan(value)) and text == "NaN"))
        case Decimal():
            return "E" not in text and Decimal(text) == value
        case bytes():
            return bytes.fromhex(text) == value
        case datetime():
            # One that knows nanoseconds writes them; Python's own reads none.
            exact = value.replace(tzinfo=None).isoformat() + "Z" * (value.tzinfo is not None)
            return text == exact or (not getattr(value, "nanosecond", 0) and datetime.fromisoformat(text) == value)
        case date() | time():
            return type(value).fromisoformat(text) == value
        case _:
            return _nested_says(json.loads(text), value)


def _nested_says(found: object, value: object) -> bool:
    if isinstance(value, dict):
        return isinstance(found, dict) and _nested_says(list(found.items()), list(value.items()))
    if isinstance(value, list | tuple):
        return (
            isinstance(found, list | tuple)
            and len(found) == len(value)
            and all(_nested_says(one, other) for one, other in zip(found, value, strict=True))
        )
    if isinstance(value, None | str | bool | int):
        return found == value
    return isinstance(found, str) and says(found, value)


def sheet_rows(path: Path) -> dict[int, dict[str, Any]]:
    """The rows below the first one of a workbook's only visible sheet that hold any value, by number and column.

    Errors such as `#N/A` are no values; a column without a name is none when no row has a value there.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Unknown extension is not supported", UserWarning)
        book = openpyxl.load_workbook(path, data_only=True)
    [sheet] = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    cells = [[None if c.data_type == "e" or c.value == "" else c.value for c in row] for row in sheet.iter_rows()]
    headers = ["" if header is None else str(header) for header in cells[0]]
    names = kept_names(headers)
    used = [at for at, header in enumerate(headers) if header.strip() or any(row[at] is not None for row in cells[1:])]
    return {
        number: {names[at]: row[at] for at in used}
        for number, row in enumerate(cells[1:], start=2)
        if any(cell is not None for cell in row)
    }
