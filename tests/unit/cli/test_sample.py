"""`genome sample` writes the sample company's files, and never beside real people's data."""

from pathlib import Path

import pyarrow as pa
import pytest
from rich.console import Console

from orchestration.cli.sample import SampleLakeTaken, require_own_lake, run_sample, truth_root_of
from orchestration.foundation.clock import utc_now
from orchestration.foundation.lake_io import Lake
from tests.support.nights import settings_of


def _landed(root: Path, table: str) -> None:
    rows = pa.table({"number": [1]})
    Lake(root).write_table(table, "first", rows, run_id="run", written_at=utc_now())


def _run(root: Path, *, into: Path | None, truth: Path | None = None) -> str:
    console = Console(
        record=True, width=120, quiet=False, file=(root.parent / "printed.txt").open("w", encoding="utf-8")
    )
    with console.file:
        run_sample(settings_of(root), console=console, customers_count=5, nights=1, seed=7, into=into, truth=truth)
    return console.export_text()


def test_files_go_to_the_named_folder_and_are_listed_with_their_noise(tmp_path: Path) -> None:
    printed = _run(tmp_path / "lake", into=tmp_path / "files", truth=tmp_path / "truth")
    assert (tmp_path / "files" / "crm" / "contacts_2026-06-30.csv").is_file()
    assert (tmp_path / "truth" / "people.parquet").is_file()
    assert not (tmp_path / "lake" / "inbox").exists()
    assert "contact_centre" in printed
    assert "line_repeated" in printed
    assert "5 people" in printed


def test_without_a_folder_they_go_to_the_lake_s_inbox_with_the_truth_beside_it(tmp_path: Path) -> None:
    _run(tmp_path / "lake", into=None)
    assert (tmp_path / "lake" / "inbox" / "shop").is_dir()
    assert (truth_root_of(settings_of(tmp_path / "lake")) / "people.parquet").is_file()


def test_invented_people_are_not_mixed_with_real_ones(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    _landed(root, "raw/crm/contacts")
    with pytest.raises(SampleLakeTaken, match="raw/crm/contacts"):
        _run(root, into=None)
    assert not (root / "inbox").exists()


def test_a_lake_of_the_sample_company_takes_its_next_files(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "lake")
    _landed(settings.lake_root, "raw/web/events")
    truth_root_of(settings).mkdir()
    require_own_lake(settings)
    _landed(settings.lake_root, "raw/online_retail/lines")
    with pytest.raises(SampleLakeTaken, match="online_retail"):
        require_own_lake(settings)
