"""A finished night of a small sample company, made once a session; a test that changes it works on its own copy."""

import os
import shutil
from pathlib import Path

import hypothesis
import pytest

from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.sample_company.company import write_sample_company
from tests.support.nights import CUSTOMERS, run_night, settings_of
from tests.support.turns import in_turns

# A machine at work is slow now and then; what is fast enough is told by the benchmarks.
hypothesis.settings.register_profile("without_a_clock", deadline=None)
hypothesis.settings.load_profile("without_a_clock")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the fault tests run in full."""
    parser.addoption(
        "--all-faults",
        action="store_true",
        help="kill a night at all points and 60 random times, and try all 120 orders of five nights' files; hours",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is tried in full only; let each worker begin with nights, those of one family in one worker."""
    if not config.getoption("--all-faults"):
        left_out = {item for item in items if item.get_closest_marker("in_full")}
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = [item for item in items if item not in left_out]
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    items[:] = in_turns(items, workers=workers)


@pytest.fixture(scope="session")
def finished_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of a small sample company after its night; only to be read."""
    root = tmp_path_factory.mktemp("finished") / "lake"
    write_sample_company(root / "inbox", customers_count=CUSTOMERS, truth_root=root / "sample_truth")
    end = run_night(settings_of(root))
    assert end.is_success, end.reasons
    return root


@pytest.fixture(scope="session")
def parsed_project(finished_night: Path) -> Path:
    """What dbt and Dagster know of the dbt project whatever the lake; a copy in a new lake's `.dbt` spares parsing."""
    return finished_night / ".dbt"


@pytest.fixture
def own_night(finished_night: Path, tmp_path: Path) -> Path:
    """A copy of the finished night's lake, for this test to change."""
    return Path(shutil.copytree(finished_night, tmp_path / "lake"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data sets, or a skip that says what is missing."""
    root = Path(os.environ.get("GENOME_REAL_DATA", PROJECT_ROOT.parent / "shared" / "data"))
    if not root.is_dir():
        pytest.skip(f"needs the real data sets at {root}; set GENOME_REAL_DATA to their folder")
    return root
