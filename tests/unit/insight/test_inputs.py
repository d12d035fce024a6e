"""The model's inputs by their formulas, and their independence of who else is in the table."""

import math

import pyarrow as pa
import pytest

from orchestration.insight.inputs import INPUT_NAMES, model_inputs

CUSTOMER = {
    "recency_days": 30,
    "tenure_days": 119,
    "active_days_count_365d": 4,
    "net_revenue_amount_365d": 99.0,
    "distinct_products_count_365d": 9,
    "return_share_365d": 0.25,
}


def test_inputs_follow_their_formulas() -> None:
    row = model_inputs(pa.Table.from_pylist([CUSTOMER])).iloc[0]
    assert tuple(row.index) == INPUT_NAMES
    assert row["order_rate"] == pytest.approx(math.log(math.expm1(90 * 3.5 / 240)))
    assert row["order_rate_while_active"] == pytest.approx(math.log(math.expm1(90 * 3.5 / 150)))
    assert row["orders_missed"] == pytest.approx(math.log1p(30 * 3.5 / 210))
    assert row["net_revenue"] == pytest.approx(math.log(100))
    assert row["distinct_products"] == pytest.approx(math.log(10))
    assert row["return_share"] == 0.25


def test_a_customers_inputs_do_not_depend_on_the_others() -> None:
    others = [{**CUSTOMER, "recency_days": days, "tenure_days": 365 + days} for days in range(50)]
    among = model_inputs(pa.Table.from_pylist([*others, CUSTOMER])).iloc[-1]
    alone = model_inputs(pa.Table.from_pylist([CUSTOMER])).iloc[0]
    assert among.to_dict() == alone.to_dict()
