"""One sample company for all tests of its sources: the history and two nights, with its truth; only to be read."""

import pytest

from orchestration.sample_company.company import write_sample_company
from tests.support.sample_files import Company

CUSTOMERS_COUNT = 700
NIGHTS = 3


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    root = tmp_path_factory.mktemp("company")
    report = write_sample_company(
        root / "inbox", customers_count=CUSTOMERS_COUNT, nights=NIGHTS, truth_root=root / "truth"
    )
    return Company(report)
