"""How much each size generates, and how often what is measured is repeated."""

from dataclasses import dataclass
from datetime import date

SEED = 20_260_630
AS_OF_ON = date(2026, 6, 30)
HISTORY_DAYS = 365
BAD_EVERY = 1_000
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Size:
    """One size.

    Attributes:
        name: as the command line takes it.
        customers: half of them numbers on invoices, half of them people in the CRM with one shop order each.
        people: of whom identity links about three records each.
        events: invoice lines, in one CSV or over the history's files.
        pairs: A-B pairs of the cheap rows.
        night_pairs: A-B pairs of whole nights.
        publishes: swaps under readers.
        memory_limit: DuckDB's, when it is not what is measured.
        is_smoke: whether only the harness is tried: warm processes, and nights without Dagster and dbt but for one.
        time_note: how long it may take, for those who start it unattended.
    """

    name: str
    customers: int
    people: int
    events: int
    pairs: int
    night_pairs: int
    publishes: int
    memory_limit: str
    is_smoke: bool
    time_note: str


SIZES = {
    size.name: size
    for size in (
        Size("tiny", 300, 150, 3_000, 1, 1, 4, "1GB", is_smoke=True, time_note="about a minute"),
        Size(
            "S", 100_000, 20_000, 2_000_000, 5, 3, 200, "8GB", is_smoke=False, time_note="an hour or two; 10 GB of disk"
        ),
        Size("M", 1_000_000, 200_000, 20_000_000, 3, 2, 1_000, "8GB", is_smoke=False, time_note="a day; 80 GB of disk"),
    )
}
