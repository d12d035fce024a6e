"""Five nights' files in any order, late, twice or overlapping, end in the tables of everything at once."""

import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from orchestration.sample_company.company import write_sample_company
from tests.faults.conftest import Small
from tests.support.kills import WHEN_AND_WHO, Nights, landed_differences
from tests.support.nights import published_columns

pytestmark = pytest.mark.faults

CUSTOMERS = 100
DAYS = ("2026-06-30", "2026-07-01", "2026-07-02", "2026-07-03", "2026-07-04")
COMMAND = ("night", "--date", DAYS[-1])
NOT_COMPARED = ("build_id", "delivered_on", "row_ledger_id")
"""What the moment of a delivery decides; the ledger's key is a hash over it."""
OF_WHAT_ARRIVED_LAST = {
    "mart_feed_columns",
    "mart_feed_changes",
    "mart_feed_joins",
    "mart_column_handling",
    "mart_source_coverage",
}
"""Tables that tell of a feed's last arrival: which files these are, the order of deliveries decides."""


@pytest.fixture(scope="session")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of five nights, and one whose bytes another one has."""
    folder = tmp_path_factory.mktemp("delivered")
    write_sample_company(folder, customers_count=CUSTOMERS, nights=len(DAYS), sources=("crm", "shop"))
    shutil.copy(folder / "crm" / f"contacts_{DAYS[1]}.csv", folder / "crm" / f"contacts_{DAYS[3]}_again.csv")
    return folder


@pytest.fixture(scope="session")
def at_once(delivered: Path, first_night: Small, nights: Nights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake after one night over all files."""
    root = tmp_path_factory.mktemp("at-once") / "lake"
    shutil.copytree(first_night.after / ".dbt", root / ".dbt")
    return _nights_over([DAYS], delivered, nights, root)


@pytest.fixture
def root(at_once: Path, tmp_path: Path) -> Path:
    """A lake that holds nothing yet but dbt's parsed project."""
    shutil.copytree(at_once / ".dbt", tmp_path / "lake" / ".dbt")
    return tmp_path / "lake"


@pytest.mark.in_full
@pytest.mark.parametrize(
    "order", [*itertools.permutations(range(len(DAYS)))], ids=lambda order: "".join(map(str, order))
)
def test_nights_in_any_order_end_in_the_tables_of_everything_at_once(
    order: Sequence[int], delivered: Path, at_once: Path, nights: Nights, root: Path
) -> None:
    _nights_over([[DAYS[number]] for number in order], delivered, nights, root)
    assert _differences(at_once, root) == {}


def test_late_and_overlapping_deliveries_end_in_the_tables_of_everything_at_once(
    delivered: Path, at_once: Path, nights: Nights, root: Path
) -> None:
    groups = [[DAYS[3], DAYS[4]], [DAYS[0], DAYS[1], DAYS[2]]]
    _nights_over(groups, delivered, nights, root)
    assert _differences(at_once, root) == {}


@pytest.mark.in_full
def test_files_delivered_twice_change_only_the_count_of_deliveries(
    delivered: Path, at_once: Path, nights: Nights, root: Path
) -> None:
    _nights_over([DAYS[2:], DAYS[:4]], delivered, nights, root)
    assert _differences(at_once, root).keys() <= {"mart_row_ledger"}


def _nights_over(groups: Sequence[Sequence[str]], delivered: Path, nights: Nights, root: Path) -> Path:
    """Run one night a group of days' files, each as of the last day."""
    for days in groups:
        for file in sorted(delivered.rglob("*")):
            if file.is_file() and any(day in file.name for day in days):
                target = root / "inbox" / file.relative_to(delivered)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
        ended = nights.run(root, COMMAND)
        assert ended.code == 0, ended.output
    return root


def _differences(one: Path, other: Path) -> dict[str, int]:
    """Return by published and raw table the count of rows that differ, where any does.

    Which of two files with the same bytes gave the raw rows is the moment's; what is published does not tell it.
    """
    counts = landed_differences(one, other, ignored=(*WHEN_AND_WHO, "_file"))
    counts = {table: count for table, count in counts.items() if table.startswith("raw/")}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}/serving/genome.duckdb' as one (read_only)")
        connection.execute(f"attach '{other}/serving/genome.duckdb' as other (read_only)")
        for table, columns in published_columns(one).items():
            if table in OF_WHAT_ARRIVED_LAST:
                continue
            kept = ", ".join(column for column in columns if column not in NOT_COMPARED)
            for left, right in (("one", "other"), ("other", "one")):
                query = f"select {kept} from {left}.{table} except all select {kept} from {right}.{table}"
                counts[table] = counts.get(table, 0) + len(connection.execute(query).fetchall())
    return {table: count for table, count in counts.items() if count}
