"""Every odd file of the collections of bad inputs: none crashes a landing, none lands with another cell than it has."""

import bz2
import gzip
import json
import os
import shutil
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.foundation.lake_io import Lake
from orchestration.ingest import errors
from orchestration.ingest.landing import LandingReport
from orchestration.ingest.ledger import FileLanding
from tests.support.inboxes import Inbox, contract
from tests.support.record_oracles import (
    CsvReading,
    csv_reading,
    extras,
    json_rows,
    ndjson_rows,
    parquet_rows,
    python_csv,
    says,
    sheet_rows,
)

pytestmark = pytest.mark.real_data

FILES = 2558
SHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
OPENPYXL_READS = (".xlsx", ".xlsm")
UNKNOWN = {"type": "text", "pii": "none", "purpose": "tests", "description": "A column that no file has."}


@dataclass(frozen=True)
class Corpus:
    """All files after one landing of them, by the name under which they were delivered."""

    files: Mapping[str, Path]
    landings: Mapping[str, FileLanding]
    left: tuple[str, ...]
    lake: Lake
    raw: Mapping[str, Path] = field(default_factory=dict)

    def landed(self, *kinds: str) -> Iterator[tuple[str, FileLanding]]:
        for name, landing in self.landings.items():
            if landing.fate == "landed" and kind_of(self.files[name]) in kinds:
                yield name, landing

    def rows(self, landing: FileLanding) -> dict[int, dict[str, Any]]:
        """The landed cells of a file, by number of the record and column."""
        if not landing.landed_count:
            return {}
        table = pq.read_table(self.raw[landing.file_sha256], columns=["_row_number", "_extras"])
        numbers: list[int] = table.column(0).to_pylist()  # type: ignore[assignment]  # never null
        texts: list[str | None] = table.column(1).to_pylist()
        return {number: extras(text) for number, text in zip(numbers, texts, strict=True)}


def plain_bytes(path: Path) -> bytes:
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        return gzip.decompress(content)
    if content.startswith(b"BZh"):
        return bz2.decompress(content)
    if content.startswith(b"\x28\xb5\x2f\xfd"):
        return bytes(pa.CompressedInputStream(pa.BufferReader(content), "zstd").read())
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(path) as archive:
            [name] = [name for name in archive.namelist() if not name.endswith("/") and "__MACOSX" not in name]
            return archive.read(name)
    return content


def kind_of(path: Path) -> str:
    if path.suffix in SHEETS:
        return "xlsx"
    try:
        head = plain_bytes(path)[:4096]
    except (OSError, EOFError, ValueError, zipfile.BadZipFile):
        return "csv"
    if head.startswith(b"PAR1"):
        return "parquet"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if text.startswith(b"{"):
        return "ndjson"
    is_array = text.startswith(b"[") and text[1:].lstrip(b" \t\r\n")[:1] in (b"{", b"]")
    return "json" if is_array else "csv"


@pytest.fixture(scope="module")
def corpus(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    root = tmp_path_factory.mktemp("corpus") / "lake"
    paths = sorted(path for path in (real_data / "bad_inputs").rglob("*") if path.is_file())
    inboxes = {
        stated: Inbox(Lake(root), contract(name=stated, format=stated, file_pattern=f"{stated}*", **_OPEN))
        for stated in ("detect", "xlsx")
    }
    files = {}
    for number, path in enumerate(paths):
        name = f"{'xlsx' if path.suffix in SHEETS else 'detect'}_{number:04}_{path.name}"
        files[name] = path
    folder = inboxes["detect"].folder
    folder.mkdir(parents=True)
    for name, path in files.items():
        shutil.copyfile(path, folder / name)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: None)  # what survives a crash is tried elsewhere
        begun = time.process_time()
        reports: list[LandingReport] = [inbox.land() for inbox in inboxes.values()]
    print(f"{len(files)} files in {time.process_time() - begun:.1f} CPU seconds")  # noqa: T201
    landings = {landing.file_name: landing for report in reports for landing in report.files}
    left = tuple(path.name for path in folder.iterdir())
    raw = {}
    for inbox in inboxes.values():
        for path in inbox.lake.paths(inbox.feed.table):
            table = pq.read_table(path, columns=["_file_sha256"])
            if table.num_rows:
                raw[str(table.column(0)[0])] = path
    return Corpus(files, landings, left, Lake(root), raw)


_OPEN: dict[str, Any] = {"columns": {"no_such_column": UNKNOWN}, "delimiter": "detect", "encoding": "detect"}


def test_every_file_has_one_fate_with_a_reason_and_every_record_is_accounted_for(corpus: Corpus) -> None:
    assert len(corpus.files) == FILES
    assert corpus.left == ()
    assert corpus.landings.keys() == corpus.files.keys()
    codes = {code for kind in errors.FileRefused.__subclasses__() if (code := kind.reason_code)}
    for name, landing in corpus.landings.items():
        if landing.fate == "refused":
            assert landing.reason_code in codes, name
            assert landing.reason_text, name
            assert not landing.landed_count + landing.quarantined_count, name
        elif landing.fate == "landed":
            assert landing.records_count == landing.landed_count + landing.quarantined_count, name
        assert (corpus.lake.root / landing.archive_path).read_bytes() == corpus.files[name].read_bytes(), name
    counts = Counter(f"{x.fate} {x.reason_code}".strip() for x in corpus.landings.values())
    landed = [x for x in corpus.landings.values() if x.fate == "landed"]
    print(dict(counts))  # noqa: T201 - the counts are this test's result
    print(  # noqa: T201
        f"{len(corpus.landings)} files, {sum(x.records_count or 0 for x in landed)} records: "
        f"{sum(x.landed_count for x in landed)} accepted, {sum(x.quarantined_count for x in landed)} quarantined"
    )


def _texts(content: bytes) -> Iterator[str]:
    """A file's text as it says itself, or is; else in each encoding in which a text of its kind may be."""
    for mark, codec in _MARKS.items():
        if content.startswith(mark):
            yield content[len(mark) :].decode(codec)
            return
    yield content.decode("utf-8", errors="surrogateescape")
    # No oracle can tell in which encoding a text is that does not say so: only that it lost nothing in one of them.
    for codec in _CODECS:
        try:
            yield content.decode(codec, errors="surrogateescape")
        except (UnicodeDecodeError, UnicodeEncodeError):
            continue


_MARKS = {
    b"\xef\xbb\xbf": "utf-8",
    b"\xff\xfe\x00\x00": "utf-32-le",
    b"\x00\x00\xfe\xff": "utf-32-be",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
}
_CODECS = ("cp1252", "cp1250", "cp1251", "iso8859-15", "mac-roman", "shift_jis", "gb18030", "utf-16-le", "utf-16-be")


def _readings(content: bytes) -> Iterator[tuple[CsvReading, str, str]]:
    for text in _texts(content):
        for delimiter in (",", ";", "\t", "|"):
            yield csv_reading(text, delimiter), text, delimiter


def test_every_accepted_csv_cell_is_what_the_file_says(corpus: Corpus) -> None:
    counts, unlike = Counter[str](), []
    for name, landing in corpus.landed("csv"):
        found = corpus.rows(landing)
        for reading, text, delimiter in _readings(plain_bytes(corpus.files[name])):
            rows = dict(enumerate(reading.rows(), start=1))
            accepted = {number: row for number, row in rows.items() if row is not None}
            if sorted(reading.names) != sorted(landing.unknown_columns) or accepted != found:
                continue
            assert landing.records_count == len(rows), name
            counts["files"] += 1
            counts["records"] += len(rows)
            counts["accepted cells"] += sum(map(len, accepted.values()))
            whole = python_csv(text, delimiter)
            if whole is not None and len(accepted) == len(rows):
                counts["files read whole by Python's csv module too"] += 1
                width = len(reading.names)
                assert [row[:width] for row in whole[1:]] == [list(row.values()) for row in accepted.values()], name
            break
        else:
            unlike.append(name)
    print(dict(counts))  # noqa: T201
    assert not unlike


def test_every_accepted_json_value_is_what_the_file_says(corpus: Corpus) -> None:
    counts = Counter[str]()
    for name, landing in corpus.landed("json", "ndjson"):
        content = plain_bytes(corpus.files[name])
        rows = (json_rows if kind_of(corpus.files[name]) == "json" else ndjson_rows)(content)
        accepted = {number: row for number, row in enumerate(rows, start=1) if row is not None}
        assert landing.records_count == len(rows), name
        assert corpus.rows(landing) == accepted, name
        counts["files"] += 1
        counts["records"] += len(rows)
        counts["accepted values"] += sum(map(len, accepted.values()))
    print(dict(counts))  # noqa: T201


def test_every_accepted_parquet_value_is_what_the_file_says(corpus: Corpus) -> None:
    counts = Counter[str]()
    for name, landing in corpus.landed("parquet"):
        names, values = parquet_rows(corpus.files[name])
        rows, found = list(values), corpus.rows(landing)
        assert landing.records_count == len(rows), name
        assert sorted(found) == list(range(1, len(rows) + 1)), name
        for number, row in enumerate(rows, start=1):
            for column, cell, value in zip(names, found[number].values(), row, strict=True):
                assert says(cell, value), (name, number, column)
        counts["files"] += 1
        counts["records"] += len(rows)
        counts["accepted values"] += len(rows) * len(names)
    print(dict(counts))  # noqa: T201


def test_every_accepted_sheet_value_is_what_the_file_says(corpus: Corpus) -> None:
    counts = Counter[str]()
    for name, landing in corpus.landed("xlsx"):
        if corpus.files[name].suffix not in OPENPYXL_READS:
            continue
        rows, found = sheet_rows(corpus.files[name]), corpus.rows(landing)
        assert found.keys() == rows.keys(), name
        for number, row in rows.items():
            assert found[number].keys() == row.keys(), (name, number)
            for column, value in row.items():
                assert says(found[number][column], value), (name, number, column)
                counts["accepted values"] += 1
        counts["files"] += 1
        counts["records"] += len(rows)
    print(dict(counts))  # noqa: T201


def test_csv_spectrum_lands_as_its_json(real_data: Path, corpus: Corpus) -> None:
    suite = real_data / "bad_inputs" / "csv" / "csv-spectrum"
    names = {path: name for name, path in corpus.files.items()}
    expected = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (suite / "json").iterdir()}
    found = {}
    for path in (suite / "csvs").iterdir():
        landing = corpus.landings[names[path]]
        found[path.stem] = list(corpus.rows(landing).values())
    assert found == expected
