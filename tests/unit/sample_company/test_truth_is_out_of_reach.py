"""No stage, model, contract or policy can reach the truth: only the command line, evaluation and tests name it."""

import re
from pathlib import Path

from orchestration.foundation.settings import PROJECT_ROOT

MAY_NAME_IT = ("orchestration/cli/", "orchestration/sample_company/")
NAMES = re.compile(r"sample_truth|sample_company|truth_root")
TEXTS = {".py", ".sql", ".yml", ".yaml", ".csv", ".toml"}


def _files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (PROJECT_ROOT / folder).rglob("*") if path.suffix in TEXTS]
    return [path for path in found if not {"target", "logs"} & set(path.relative_to(PROJECT_ROOT).parts)]


def test_nothing_that_runs_a_night_names_the_truth() -> None:
    searched = _files("orchestration", "dbt_project", "lake/contracts", "lake/policies")
    names = {path.relative_to(PROJECT_ROOT).as_posix(): path.read_text(encoding="utf-8") for path in searched}
    assert len(names) > 200
    assert [name for name, text in names.items() if NAMES.search(text) and not name.startswith(MAY_NAME_IT)] == []


def test_a_file_that_names_the_truth_would_be_seen() -> None:
    assert NAMES.search('lake.root / "sample_truth" / "people.parquet"')
    assert NAMES.search("from orchestration.sample_company import company")
