"""Parquet files to raw rows: every value as text, so that types are staging's matter as for all other files.

Instants become ISO 8601 (`Z` when they have a zone), numbers plain decimals in their shortest form that reads back
equal (`17850`, `0.1`, never an exponent), bytes hex, nested values JSON text; null stays null, NaN becomes `NaN`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.ingest.compressions import is_bomb
from orchestration.ingest.counting import count_parquet
from orchestration.ingest.delivery import Account, Delivery
from orchestration.ingest.errors import FileNotOfFormat, FileUnreadable
from orchestration.ingest.headers import ColumnMap, mapped
from orchestration.ingest.raw_file import extras_text

_BATCH_ROWS = 50_000


def read_parquet(delivery: Delivery) -> Account:
    """Return the account of a Parquet file's rows after writing them all.

    Raises:
        FileRefused: the file is damaged, no Parquet, or lacks required columns.
    """
    display = delivery.received.display
    try:
        records = count_parquet(delivery.plain)
        with pq.ParquetFile(delivery.plain, page_checksum_verification=True) as file:
            _require_room(delivery, file.metadata)
            columns = mapped(file.schema_arrow.names, delivery.feed, display)
            landed = delivery.raw.write(_tables(file, columns))
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, IndexError) as error:
        # pyarrow meets nested dates beyond Python's calendar and groups without fields with the last two.
        raise FileNotOfFormat.of(display, "Parquet", _first_line(error)) from error
    if landed != records:
        raise FileNotOfFormat.of(display, "Parquet", f"its footer states {records} rows, but {landed} can be read")
    with delivery.quarantine.filled_anew():
        return Account(records, landed, 0, tuple(columns.unknown))


def _require_room(delivery: Delivery, footer: pq.FileMetaData) -> None:
    """Check that the file does not grow beyond all measure when it is unpacked."""
    size = sum(footer.row_group(number).total_byte_size for number in range(footer.num_row_groups))
    if is_bomb(delivery.received.size, size):
        raise FileUnreadable.because_bomb(delivery.received.display, delivery.received.size, size)


def _tables(file: pq.ParquetFile, columns: ColumnMap) -> Iterator[pa.Table]:
    begin = 1
    for batch in file.iter_batches(batch_size=_BATCH_ROWS):
        batch.validate(full=True)
        cells = {name: as_text(batch.column(at)) for name, at in columns.known.items()}
        if columns.unknown:
            texts = [as_text(batch.column(at)).to_pylist() for at in columns.unknown.values()]
            rows = zip(*texts, strict=True)
            cells["_extras"] = pa.array([extras_text(list(columns.unknown), row) for row in rows], pa.string())
        ordinals = pa.array(range(begin, begin + batch.num_rows), pa.int64())
        begin += batch.num_rows
        yield pa.table({**cells, "_row_number": ordinals})


def as_text(values: pa.Array[Any]) -> pa.Array[Any]:
    """Return the text of each value; null where there is none.

    Example:
        >>> as_text(pa.array([1e20, 0.1, 17850.0, float("nan"), None])).to_pylist()
        ['100000000000000000000', '0.1', '17850', 'NaN', None]
    """
    kind = values.type
    if pa.types.is_dictionary(kind):
        return as_text(pc.cast(values, kind.value_type))
    if isinstance(kind, pa.UuidType):
        return pa.array([None if value is None else str(value) for value in values.to_pylist()], pa.string())
    if isinstance(values, pa.ExtensionArray):
        # JSON is text already; what other kinds mean beyond their storage is not known here.
        return as_text(values.storage)
    for is_kind, convert in _CONVERSIONS:
        if is_kind(kind):
            return convert(values)
    return pa.array([None if value is None else _nested_text(value) for value in values.to_pylist()], pa.string())


def _cast(values: pa.Array[Any]) -> pa.Array[Any]:
    return pc.cast(values, pa.string())


def _floats(values: pa.Array[Any]) -> pa.Array[Any]:
    texts = _cast(values)
    is_odd = pc.match_substring_regex(texts, "[a-z]")
    if not pc.any(is_odd).as_py():
        return texts
    return pa.array([None if text is None else _plain_float(text) for text in texts.to_pylist()], pa.string())


def _plain_float(text: str) -> str:
    named = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text)
    return named or format(Decimal(text), "f")


def _decimals(values: pa.Array[Any]) -> pa.Array[Any]:
    return pa.array([None if value is None else format(value, "f") for value in values.to_pylist()], pa.string())


def _instants(values: pa.Array[Any]) -> pa.Array[Any]:
    kind = values.type
    has_zone = kind.tz is not None
    if has_zone:
        values = values.cast(pa.int64()).cast(pa.timestamp(kind.unit))
    texts = pc.replace_substring(_clock_times(values), " ", "T", max_replacements=1)
    return pc.replace_substring_regex(texts, "$", "Z") if has_zone else texts


def _clock_times(values: pa.Array[Any]) -> pa.Array[Any]:
    without_zeros = pc.replace_substring_regex(_cast(values), r"(\.\d*[1-9])0+$", r"\1")
    return pc.replace_substring_regex(without_zeros, r"\.0+$", "")


def _bytes(values: pa.Array[Any]) -> pa.Array[Any]:
    return pa.array([None if value is None else value.hex() for value in values.to_pylist()], pa.string())


def _nested_text(value: object) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> object:
    """Return a nested value in what JSON has; floats, decimals and instants become text as in a column of their own."""
    match value:
        case dict():
            plain: object = {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            plain = [_plain(item) for item in value]
        case None | str() | bool() | int():
            plain = value
        case float():
            plain = as_text(pa.array([value])).to_pylist()[0]
        case Decimal():
            plain = format(value, "f")
        case bytes():
            plain = value.hex()
        case datetime() if value.tzinfo is not None:
            plain = value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        case date() | time():
            plain = value.isoformat()
        case _:
            plain = str(value)
    return plain


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


_CONVERSIONS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array[Any]], pa.Array[Any]]], ...] = (
    (pa.types.is_floating, _floats),
    (pa.types.is_decimal, _decimals),
    (pa.types.is_timestamp, _instants),
    (pa.types.is_time, _clock_times),
    (pa.types.is_date, _cast),
    (pa.types.is_integer, _cast),
    (pa.types.is_boolean, _cast),
    (pa.types.is_null, _cast),
    (pa.types.is_string, _cast),
    (pa.types.is_large_string, _cast),
    (pa.types.is_string_view, _cast),
    (pa.types.is_binary, _bytes),
    (pa.types.is_large_binary, _bytes),
    (pa.types.is_fixed_size_binary, _bytes),
)
