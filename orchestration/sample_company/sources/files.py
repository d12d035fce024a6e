"""Files written from a stream of record batches: lines in any code page and gzip, and Parquet.

Belongs here: bytes on disk, whole or not at all. Which records they hold is `observer.py`.
"""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.foundation.atomic_files import sha256_of, temporary_beside
from orchestration.sample_company.sources.feed import TextFile, Workbook

CAPITAL_SHARP_S = "\N{LATIN CAPITAL LETTER SHARP S}"
_GZIP_LEVEL = 1
_UTF_8 = "utf-8"


@dataclass(frozen=True)
class Written:
    """What is on disk now: records (the header is none), bytes and their sha256."""

    records_count: int
    file_bytes: int
    sha256: str


def write_lines(path: Path, lines: Iterable[pa.RecordBatch], shape: TextFile) -> Written:
    """Write a file of lines; the first column of each batch holds whole lines with their ends."""
    count = 0
    with written_in_place(path) as temporary:
        with temporary.open("wb") as plain, _compressed(plain, is_gzip=shape.is_gzip) as stream:
            stream.write(shape.byte_order_mark)
            if shape.header:
                stream.write((shape.header + shape.newline).encode(shape.encoding))
            for batch in lines:
                count += batch.num_rows
                stream.write(_in_encoding(_text_of(batch.column(0)), shape.encoding))
        return Written(count, temporary.stat().st_size, sha256_of(temporary))


def write_parquet(path: Path, rows: pa.RecordBatchReader) -> Written:
    """Write a typed file."""
    count = 0
    with written_in_place(path) as temporary:
        with pq.ParquetWriter(temporary, rows.schema, compression="zstd") as writer:
            for batch in rows:
                count += batch.num_rows
                writer.write_batch(batch)
        return Written(count, temporary.stat().st_size, sha256_of(temporary))


@contextmanager
def written_in_place(path: Path) -> Iterator[Path]:
    """Yield a temporary path that becomes `path` when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with temporary_beside(path) as temporary:
        yield temporary
        temporary.replace(path)


@contextmanager
def _compressed(plain: BinaryIO, *, is_gzip: bool) -> "Iterator[BinaryIO | gzip.GzipFile]":
    if not is_gzip:
        yield plain
        return
    with gzip.GzipFile(filename="", mode="wb", compresslevel=_GZIP_LEVEL, fileobj=plain, mtime=0) as stream:
        yield stream


def _text_of(column: "pa.Array[Any]") -> memoryview:
    """Return the texts of a column, one after the other, as Arrow holds them."""
    _, ends, characters = column.buffers()
    if ends is None or characters is None:
        return memoryview(b"")
    offsets = np.frombuffer(memoryview(ends), dtype=np.int32)
    return memoryview(characters)[offsets[column.offset] : offsets[column.offset + len(column)]]


def _in_encoding(text: memoryview, encoding: str) -> "memoryview | bytes":
    if encoding == _UTF_8:
        return text
    return bytes(text).decode(_UTF_8).replace(CAPITAL_SHARP_S, "SS").encode(encoding)


def write_workbook(path: Path, rows: pa.Table, shape: Workbook) -> Written:
    """Write a spreadsheet."""
    with written_in_place(path) as temporary:
        shape.write(temporary, rows)
        return Written(rows.num_rows, temporary.stat().st_size, sha256_of(temporary))
