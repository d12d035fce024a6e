"""JSON of every foreign kind is refused whole, or each record of it lands as it was written, or is kept."""

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from orchestration.ingest.errors import FileRefused
from tests.support.foreign_json import ForeignJson, foreign_array, foreign_ndjson
from tests.support.inboxes import Reading, contract, read_bytes
from tests.support.record_oracles import Record, extras, json_rows, ndjson_rows

SEEDS = range(200)
COLUMN = {"type": "text", "pii": "none", "purpose": "tests", "description": "A column."}
NO_SUCH = {"no_such_column": COLUMN}
KNOWN = {"a": COLUMN, "c": COLUMN}


def _reading(file: ForeignJson, file_format: str, columns: object) -> Reading | str:
    feed = contract(format=file_format, columns=columns, encoding=file.encoding, records=file.records)
    with tempfile.TemporaryDirectory() as work:
        try:
            return read_bytes(file.content, feed, Path(work))
        except FileRefused as refusal:
            return refusal.reason_code


def _as_utf8(file: ForeignJson) -> bytes:
    return file.content if file.encoding == "utf-8" else file.content.decode(file.encoding).encode()


def _array_rows(file: ForeignJson) -> list[Record]:
    """What the standard library reads; no record where it finds no such array."""
    try:
        return json_rows(_as_utf8(file), file.records.split(".") if file.records else ())
    except (ValueError, RecursionError):
        return []


def _line_rows(file: ForeignJson) -> list[Record]:
    return ndjson_rows(_as_utf8(file))


@pytest.mark.parametrize(
    ("made", "file_format", "oracle"),
    [(foreign_ndjson, "ndjson", _line_rows), (foreign_array, "json", _array_rows)],
    ids=["ndjson", "array"],
)
def test_each_record_lands_as_it_is_or_is_kept_or_the_file_is_refused(
    made: Callable[[int], ForeignJson], file_format: str, oracle: Callable[[ForeignJson], list[Record]]
) -> None:
    fates = Counter[str]()
    for seed in SEEDS:
        file = made(seed)
        case = (seed, file.habits)
        rows = dict(enumerate(oracle(file), start=1))
        accepted = {number: row for number, row in rows.items() if row is not None}
        reading = _reading(file, file_format, NO_SUCH)
        if isinstance(reading, str):
            assert not accepted, case
            fates[f"refused: {reading}"] += 1
            continue
        assert reading.account.records == len(rows), case
        assert {row["_row_number"]: extras(row["_extras"]) for row in reading.raw} == accepted, case
        kept = {row["_row_number"]: row for row in reading.quarantine}
        assert kept.keys() == rows.keys() - accepted.keys(), case
        for row in kept.values():
            place, record = row["byte_offset"], row["record_bytes"]
            assert record in file.content if place is None else file.content.startswith(record, place), case
        fates["landed"] += 1
        fates["records accepted"] += len(accepted)
        fates["records quarantined"] += len(kept)
        _compare_known_columns(file, file_format, accepted)
    print(dict(fates))  # noqa: T201 - the counts are this test's result
    assert fates["landed"] > len(SEEDS) / 5


def _compare_known_columns(file: ForeignJson, file_format: str, accepted: Mapping[int, Record]) -> None:
    """What columns of the contract get is the same; two keys that mean one column are kept, not landed."""
    reading = _reading(file, file_format, KNOWN)
    assert isinstance(reading, Reading) or not any(len(_named(row)) == len(row or {}) for row in accepted.values())
    if isinstance(reading, Reading):
        landed = {row["_row_number"]: row for row in reading.raw}
        assert landed.keys() == {number for number, row in accepted.items() if len(_named(row)) == len(row or {})}
        for number, row in landed.items():
            named = _named(accepted[number])
            for column in KNOWN:
                assert _is_said(row[column], named.get(column)), (file.habits, number, column)
            assert extras(row["_extras"]) == {key: value for key, value in named.items() if key not in KNOWN}


def _named(row: Record) -> dict[str, object]:
    return {key.strip().casefold() if key.strip().casefold() in KNOWN else key: v for key, v in (row or {}).items()}


def _is_said(text: str | None, value: object) -> bool:
    if value is None or isinstance(value, str):
        return text == value
    return text is not None and extras(f'{{"v":{text}}}') == {"v": value}
