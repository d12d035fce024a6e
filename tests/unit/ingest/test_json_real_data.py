"""JSONTestSuite: what must parse is taken, what must not is refused or kept, and every value is accounted for."""

import json
from pathlib import Path

import pytest

from orchestration.ingest.errors import FileRefused
from tests.support.inboxes import contract, read_bytes

pytestmark = pytest.mark.real_data

FEED = contract(format="json")
# Of the suite's files: 95 that must parse, 188 that must not, 35 that may do either.
FILES = {"y": 95, "n": 188, "i": 35}


@pytest.fixture
def documents(real_data: Path) -> dict[str, bytes]:
    folder = real_data / "bad_inputs" / "json" / "test_parsing"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))}


def test_the_suite_has_the_files_that_are_counted(documents: dict[str, bytes]) -> None:
    assert {kind: sum(name.startswith(kind) for name in documents) for kind in FILES} == FILES


def _as_cell(document: bytes, work: Path) -> str:
    """What becomes of a document as the one value of the one object of an array."""
    try:
        reading = read_bytes(b'[{"a":' + document + b"}]", FEED, work)
    except FileRefused:
        return "refused"
    assert reading.account.records == 1
    assert reading.account.landed + reading.account.quarantined == 1
    return "landed" if reading.raw else f"quarantined: {reading.quarantine[0]['reason_code']}"


def test_what_must_parse_lands_as_a_cell_and_what_must_not_never_does(
    documents: dict[str, bytes], tmp_path: Path
) -> None:
    fates = {name: _as_cell(document, tmp_path) for name, document in documents.items()}
    counts: dict[str, int] = {}
    for name, fate in fates.items():
        counts[f"{name[0]} {fate}"] = counts.get(f"{name[0]} {fate}", 0) + 1
    print(counts)  # noqa: T201 - the counts are this test's result
    assert not [name for name, fate in fates.items() if name.startswith("n") and fate == "landed"]
    # A key twice in one object parses, but which of the two is meant is nowhere said: the object is kept, not landed.
    refused = {name for name, fate in fates.items() if name.startswith("y") and fate != "landed"}
    assert refused == {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}
    for name, document in documents.items():
        if name.startswith("y") and name not in refused:
            [row] = read_bytes(b'[{"a":' + document + b"}]", FEED, tmp_path).raw
            written = json.loads(document)
            assert row["a"] == written if isinstance(written, str | None) else json.loads(row["a"]) == written


def test_every_document_as_a_file_of_its_own_is_refused_or_balances(
    documents: dict[str, bytes], tmp_path: Path
) -> None:
    for name, document in documents.items():
        try:
            account = read_bytes(document, FEED, tmp_path).account
        except FileRefused:
            continue
        assert account.records == account.landed + account.quarantined, name
        assert not name.startswith("n"), name
