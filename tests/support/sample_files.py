"""Reading the sample company's files back, for tests that recount what is in them."""

import csv
import gzip
import io
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from orchestration.sample_company.company import SampleFile, SampleReport

Row = dict[str, Any]


@dataclass(frozen=True)
class Company:
    """What was written, and how to read it back."""

    report: SampleReport

    def files(self, feed: str) -> list[SampleFile]:
        return [file for file in self.report.files if f"{file.source}/{file.feed}" == feed]

    def history(self, feed: str) -> Path:
        return self.files(feed)[0].path

    def text(self, feed: str, encoding: str = "utf-8") -> str:
        return read_text(self.history(feed), encoding)

    def cells(self, feed: str, delimiter: str, encoding: str = "utf-8") -> list[list[str]]:
        """The records of a CSV file as lists, whatever their length."""
        text = self.text(feed, encoding).removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1:]

    def rows(self, feed: str, delimiter: str, encoding: str = "utf-8") -> list[Row]:
        """The records of a CSV file that have its shape."""
        text = self.text(feed, encoding).removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        header, *cells = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [dict(zip(header, row, strict=True)) for row in cells if len(row) == len(header)]

    def objects(self, feed: str) -> list[Row]:
        """The records of an NDJSON file that have a shape."""
        return [found for line in self.text(feed).splitlines() if (found := object_of(line)) is not None]

    def table(self, feed: str) -> list[Row]:
        return pq.read_table(self.history(feed)).to_pylist()

    def truth(self, name: str) -> list[Row]:
        assert self.report.truth_root is not None
        return pq.read_table(self.report.truth_root / f"{name}.parquet").to_pylist()

    def injected(self, path: Path, field: str = "record") -> Counter[str]:
        """Kinds of noise in one file, as the truth has them."""
        noise = (row for row in self.truth("noise") if row["file_name"] == path.name and row["field"] == field)
        return Counter(row["noise_type"] for row in noise if row["source"] == path.parent.name)


def read_text(path: Path, encoding: str = "utf-8") -> str:
    payload = path.read_bytes()
    return (gzip.decompress(payload) if path.suffix == ".gz" else payload).decode(encoding)


def object_of(line: str) -> Row | None:
    try:
        return dict(json.loads(line))
    except ValueError:
        return None


def repetitions(records: list[Any]) -> int:
    """How many records are exact repetitions of another one."""
    return sum(count - 1 for count in Counter(map(repr, records)).values())
