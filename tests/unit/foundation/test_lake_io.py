"""Only what a manifest names counts, and only while it is what was written."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration.foundation import lake_io
from orchestration.foundation.lake_io import (
    Lake,
    LakeFileDamaged,
    LakeNameInvalid,
    ManifestRecord,
    create_views,
    sha256_of,
    view_name,
    write_bytes_atomically,
)

AT = datetime(2026, 6, 30, 1, 0, tzinfo=UTC)
COLUMNS: dict[str, pa.DataType] = {"email_raw": pa.string(), "is_valid": pa.bool_()}
SCHEMA = pa.schema(COLUMNS)
TWO_ROWS = pa.table({"email_raw": ["a@b.example", None], "is_valid": [True, False]}, schema=SCHEMA)


def _write(lake: Lake, key: str, data: pa.Table = TWO_ROWS) -> ManifestRecord:
    return lake.write_table("standardised/emails", key, data, run_id="run", written_at=AT, facts={"new": 2})


def test_what_was_written_is_read_again_with_its_record(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    written = _write(lake, "first")
    assert lake.read_table("standardised/emails", SCHEMA) == TWO_ROWS
    assert lake.record("standardised/emails", "first") == written
    assert (written.rows, written.files[0].rows, written.facts) == (2, 2, {"new": 2})
    assert lake.tables() == ("standardised/emails",)


def test_writing_a_key_again_replaces_what_it_held(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _write(lake, "first")
    _write(lake, "first", TWO_ROWS.slice(0, 1))
    assert lake.read_table("standardised/emails", SCHEMA).num_rows == 1


def test_a_file_that_no_record_names_does_not_count(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    record = _write(lake, "first")
    path = tmp_path / record.files[0].path
    (path.parent / "half-written.parquet").write_bytes(path.read_bytes()[:50])
    assert lake.paths("standardised/emails") == [path]


def test_a_table_never_written_is_empty_and_typed(tmp_path: Path) -> None:
    assert Lake(tmp_path).read_table("standardised/emails", SCHEMA) == SCHEMA.empty_table()


@pytest.mark.parametrize("damage", ["flipped bit", "truncated", "missing"])
def test_a_damaged_file_is_named_before_it_is_used(tmp_path: Path, damage: str) -> None:
    lake = Lake(tmp_path)
    record = _write(lake, "first")
    path = tmp_path / record.files[0].path
    content = bytearray(path.read_bytes())
    if damage == "flipped bit":
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))
    elif damage == "truncated":
        path.write_bytes(bytes(content[:-1]))
    else:
        path.unlink()
    with pytest.raises(LakeFileDamaged, match=path.name):
        lake.verify(record)
    with pytest.raises(LakeFileDamaged, match=path.name):
        lake.read_table("standardised/emails", SCHEMA)


def test_a_manifest_that_is_no_record_is_refused(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _write(lake, "first")
    record = next(tmp_path.glob("**/_manifest/first.json"))
    record.write_text("{")
    with pytest.raises(LakeFileDamaged, match=r"first\.json"):
        lake.records("standardised/emails")


@pytest.mark.parametrize("name", ["../up", "/etc", "a/../b", "", "a b", ".hidden", "a//b"])
def test_a_name_that_leaves_the_lake_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LakeNameInvalid):
        Lake(tmp_path).write_table(name, "key", TWO_ROWS, run_id="run", written_at=AT)
    with pytest.raises(LakeNameInvalid):
        Lake(tmp_path).write_table("standardised/emails", f"{name}/x", TWO_ROWS, run_id="run", written_at=AT)


def test_a_writer_that_fails_leaves_neither_record_nor_temporary_file(tmp_path: Path) -> None:
    def fail(path: Path) -> int:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    lake = Lake(tmp_path)
    with pytest.raises(OSError, match="No space left"):
        lake.write_with("raw/crm/contacts", "key", fail, run_id="run", written_at=AT)
    assert lake.records("raw/crm/contacts") == ()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_views_show_the_committed_files_and_a_typed_empty_table_else(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _write(lake, "first")
    _write(lake, "second")
    connection = duckdb.connect()
    create_views(connection, lake, {"standardised/emails": SCHEMA, "raw/crm/contacts": SCHEMA})
    assert connection.execute("select count(*) from lake_standardised.emails").fetchall() == [(4,)]
    empty = connection.execute("describe lake_raw_crm.contacts").fetchall()
    assert [(column[0], column[1]) for column in empty] == [("email_raw", "VARCHAR"), ("is_valid", "BOOLEAN")]


def test_a_column_that_the_schema_gained_since_is_null_in_rows_from_before(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write_table("raw/crm/contacts", "first", pa.table({"id": ["1"]}), run_id="run", written_at=AT)
    columns: dict[str, pa.DataType] = {"id": pa.string(), "loyal_since": pa.string(), "_row_number": pa.int64()}
    gained = pa.schema(columns)
    with duckdb.connect() as connection:
        create_views(connection, lake, {"raw/crm/contacts": gained})
        assert connection.execute("select * from lake_raw_crm.contacts").fetchall() == [("1", None, None)]


def test_views_of_a_pin_show_only_its_keys(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _write(lake, "first")
    _write(lake, "later")
    connection = duckdb.connect()
    create_views(connection, lake, {"standardised/emails": SCHEMA}, keys={"standardised/emails": ("first",)})
    assert connection.execute("select count(*) from lake_standardised.emails").fetchall() == [(2,)]


def test_a_view_is_named_after_its_folders() -> None:
    assert view_name("raw/online_retail/lines") == ("lake_raw_online_retail", "lines")


def test_an_atomic_write_replaces_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "record.json"
    write_bytes_atomically(path, b"longer first")
    write_bytes_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


def test_files_are_hashed_when_they_are_new_or_touched_and_not_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def counted(path: Path) -> str:
        hashed.append(path.name)
        return sha256_of(path)

    lake = Lake(tmp_path)
    first = tmp_path / _write(lake, "first").files[0].path
    monkeypatch.setattr(lake_io, "sha256_of", counted)
    assert lake.checked_paths("standardised/emails") == [first]
    assert lake.checked_paths("standardised/emails") == [first]
    assert hashed == [first.name]
    first.write_bytes(first.read_bytes())
    lake.checked_paths("standardised/emails")
    lake.forget_checks("standardised/emails")
    lake.checked_paths("standardised/emails")
    assert hashed == [first.name] * 3


def test_a_damaged_memory_of_checks_only_costs_another_check(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _write(lake, "first")
    paths = lake.checked_paths("standardised/emails")
    (tmp_path / "standardised" / "emails" / "_checked.json").write_text("[")
    assert lake.checked_paths("standardised/emails") == paths


def test_a_manifest_record_that_was_changed_is_refused(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    _write(lake, "first")
    record = tmp_path / "standardised" / "emails" / "_manifest" / "first.json"
    record.write_text(record.read_text().replace('"rows": ', '"rows": 1'))
    with pytest.raises(LakeFileDamaged, match="has other content than was written"):
        lake.records("standardised/emails")
