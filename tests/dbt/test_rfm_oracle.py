"""RFM in SQL against RFM in ten lines of Python, customer by customer."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.foundation.settings import PROJECT_ROOT
from orchestration.identity.evidence.effects import effects

Value = date | int | Decimal


def score(value: Value, values: Sequence[Value]) -> int:
    """Return 1 to 5 by the share of the other values that are smaller."""
    others = max(len(values) - 1, 1)
    smaller = sum(other < value for other in values)  # type: ignore[operator]
    return min(5, 1 + (5 * smaller) // others)


@pytest.fixture(scope="module")
def grid() -> Mapping[tuple[int, ...], str]:
    with (PROJECT_ROOT / "dbt_project" / "seeds" / "rfm_grid.csv").open() as file:
        cells = list(csv.DictReader(file))
    scores = ("recency_score", "frequency_score", "monetary_score")
    return {tuple(int(cell[name]) for name in scores): cell["segment_code"] for cell in cells}


@pytest.fixture(scope="module")
def customers(warehouse: Path) -> dict[str, tuple[date, int, Decimal]]:
    """Last sale day, number of sales and net revenue, added up in Python from the order facts."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        orders = connection.execute(
            "select customer_id, order_type, ordered_on, net_revenue_amount from customer.fct_orders "
            "where customer_id is not null"
        ).fetchall()
    found: dict[str, tuple[date, int, Decimal]] = {}
    for customer_id in {row[0] for row in orders if row[1] == "sale"}:
        own = [row for row in orders if row[0] == customer_id]
        sales = [row for row in own if row[1] == "sale"]
        found[customer_id] = (max(row[2] for row in sales), len(sales), sum((row[3] for row in own), Decimal(0)))
    return found


def test_sql_and_python_give_each_customer_the_same_scores_and_segment(
    warehouse: Path, customers: dict[str, tuple[date, int, Decimal]], grid: Mapping[tuple[int, ...], str]
) -> None:
    with duckdb.connect(warehouse, read_only=True) as connection:
        in_sql = connection.execute(
            "select customer_id, recency_score, frequency_score, monetary_score, segment_code "
            "from insight.int_customers_scored_rfm order by 1"
        ).fetchall()
    columns = [[values[place] for values in customers.values()] for place in range(3)]
    in_python = []
    for customer_id, values in sorted(customers.items()):
        scores = tuple(score(values[place], columns[place]) for place in range(3))
        in_python.append((customer_id, *scores, grid[scores]))
    assert len(in_python) > 50
    assert in_sql == in_python


def test_equal_values_score_equally(warehouse: Path) -> None:
    with duckdb.connect(warehouse, read_only=True) as connection:
        for value, scored in (
            ("last_ordered_on", "recency_score"),
            ("orders_count", "frequency_score"),
            ("net_revenue_amount", "monetary_score"),
        ):
            torn = connection.execute(
                f"select {value} from serving.mart_customer_360 group by 1 having count(distinct {scored}) > 1"
            ).fetchall()
            assert torn == [], value


def test_the_grid_names_each_of_the_125_cells_and_all_eleven_segments(grid: Mapping[tuple[int, ...], str]) -> None:
    assert set(grid) == {(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)}
    assert len(set(grid.values())) == 11


@pytest.mark.parametrize(
    ("scores", "segment"),
    [
        ((5, 5, 5), "champions"),
        ((4, 4, 4), "champions"),
        ((3, 4, 3), "loyal"),
        ((5, 2, 2), "potential_loyalists"),
        ((5, 1, 5), "new"),
        ((4, 1, 1), "promising"),
        ((3, 3, 1), "need_attention"),
        ((3, 1, 1), "about_to_sleep"),
        ((2, 3, 1), "at_risk"),
        ((1, 5, 4), "cannot_lose_them"),
        ((2, 2, 2), "hibernating"),
        ((1, 1, 1), "lost"),
    ],
)
def test_the_grid_says_what_its_segments_are_named_for(
    grid: Mapping[tuple[int, ...], str], scores: tuple[int, ...], segment: str
) -> None:
    assert grid[scores] == segment


def test_the_preview_of_a_decision_gives_everybody_the_segment_that_the_night_gave(warehouse: Path) -> None:
    with duckdb.connect(warehouse, read_only=True) as connection:
        records = connection.execute(
            "select record_id, customer_id from identity.int_customer_records_linked"
        ).to_arrow_table()
        previewed = effects(connection, records, regrouped=records.select(["customer_id"]))
        published = connection.execute(
            "select customer_id, coalesce(segments.segment_name, 'No purchase yet') "
            "from customer.dim_customers left join insight.int_customers_scored_rfm using (customer_id) "
            "left join reference.rfm_segments as segments using (segment_code) order by customer_id"
        ).fetchall()
    assert [(each.customer_id, each.segment_name) for each in previewed] == published
    assert len({each.segment_name for each in previewed}) > 1
