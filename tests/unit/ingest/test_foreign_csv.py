"""CSV of every foreign kind is refused whole, or each record of it lands as it is or is kept: by both readers alike."""

import tempfile
from collections import Counter
from pathlib import Path

import pytest

from orchestration.ingest import csv_fast
from orchestration.ingest.errors import FileRefused
from tests.support.foreign_csv import ForeignCsv, foreign_csv
from tests.support.inboxes import contract, read_bytes
from tests.support.record_oracles import csv_reading, extras

SEEDS = range(300)
MARKS = {"utf-8": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe", "utf-32": b"\xff\xfe\x00\x00"}
COLUMN = {"type": "text", "pii": "none", "purpose": "tests", "description": "A column that no file has."}


def _oracle_text(file: ForeignCsv) -> str:
    mark = MARKS.get(file.encoding, b"")
    codec = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(file.encoding, file.encoding)
    return file.content.removeprefix(mark).decode(codec, errors="surrogateescape")


@pytest.mark.parametrize("few_records", [1, csv_fast.FEW_RECORDS], ids=["DuckDB", "exact"])
def test_each_record_lands_as_it_is_or_is_kept_or_the_file_is_refused(
    few_records: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_fast, "FEW_RECORDS", few_records)
    fates = Counter[str]()
    for seed in SEEDS:
        file = foreign_csv(seed)
        feed = contract(columns={"no_such_column": COLUMN}, encoding=file.encoding)
        with tempfile.TemporaryDirectory() as work:
            try:
                reading = read_bytes(file.content, feed, Path(work))
            except FileRefused as refusal:
                fates[f"refused: {refusal.reason_code}"] += 1
                continue
        rows = dict(enumerate(csv_reading(_oracle_text(file), ",").rows(), start=1))
        case = (seed, file.habits)
        assert reading.account.records == len(rows), case
        accepted = {number: row for number, row in rows.items() if row is not None}
        assert {row["_row_number"]: extras(row["_extras"]) for row in reading.raw} == accepted, case
        kept = {row["_row_number"]: row["record_bytes"] for row in reading.quarantine}
        assert kept.keys() == rows.keys() - accepted.keys(), case
        assert all(record in file.content for record in kept.values()), case
        fates["landed"] += 1
        fates["records accepted"] += len(accepted)
        fates["records quarantined"] += len(kept)
    print(dict(fates))  # noqa: T201 - the counts are this test's result
    assert fates["landed"] > len(SEEDS) / 2


def test_an_encoding_that_a_file_says_itself_need_not_be_stated() -> None:
    for seed in SEEDS[::3]:
        file = foreign_csv(seed)
        if not any(file.content.startswith(mark) for mark in MARKS.values()):
            continue
        seen = []
        for encoding in (file.encoding, "detect"):
            feed = contract(columns={"no_such_column": COLUMN}, encoding=encoding)
            with tempfile.TemporaryDirectory() as work:
                try:
                    reading = read_bytes(file.content, feed, Path(work))
                except FileRefused as refusal:
                    seen.append(refusal.reason_code)
                else:
                    seen.append(repr([(row["_row_number"], row["_extras"]) for row in reading.raw]))
        assert seen[0] == seen[1], (seed, file.habits)
