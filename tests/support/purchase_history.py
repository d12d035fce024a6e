"""A small made-up shop for the purchase model's tests: customers with their own order rates, some of whom leave."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

OPENED_ON = date(2025, 1, 1)
TONIGHT = date(2026, 1, 25)
CUSTOMERS = 500

_LABEL_TYPES: dict[str, pa.DataType] = {
    "customer_id": pa.string(),
    "as_of_on": pa.date32(),
    "has_purchased_next_90d": pa.bool_(),
}


@dataclass(frozen=True)
class Shop:
    """Feature and label tables as the warehouse has them, as of `tonight`."""

    tonight: date
    features: pa.Table
    labels: pa.Table

    def features_tonight(self) -> pa.Table:
        """Return tonight's rows."""
        return self.features.filter(pc.equal(self.features["as_of_on"], pa.scalar(self.tonight)))


def make_shop(*, tonight: date = TONIGHT, customers: int = CUSTOMERS, seed: int = 7) -> Shop:
    """Return the tables of a shop whose first customer came on `OPENED_ON`; every purchase day is one order."""
    purchases = _purchase_days(customers=customers, seed=seed)
    last = (tonight - OPENED_ON).days
    features: list[dict[str, object]] = []
    labels: list[dict[str, object]] = []
    for day in range(last, 29, -30):
        as_of_on = OPENED_ON + timedelta(days=day)
        for number, days in enumerate(purchases):
            past = days[days <= day]
            if not len(past):
                continue
            key = {"customer_id": f"c{number:05d}", "as_of_on": as_of_on}
            features.append({**key, **_feature_row(past, day, number)})
            if day + 90 <= last:
                has_purchased = bool(((days > day) & (days <= day + 90)).any())
                labels.append({**key, "has_purchased_next_90d": has_purchased})
    return Shop(tonight, pa.Table.from_pylist(features), pa.Table.from_pylist(labels, schema=pa.schema(_LABEL_TYPES)))


def _purchase_days(*, customers: int, seed: int) -> list[np.ndarray]:
    generator = np.random.default_rng(seed)
    days = []
    for number in range(customers):
        first = generator.integers(0, 200) if number else 0
        gap = 15 + generator.gamma(1.5, 40)
        leaves = first + generator.exponential(250)
        gaps = np.cumsum(generator.exponential(gap, size=60))
        days.append(np.unique(np.concatenate([[first], (first + gaps[first + gaps < leaves]).astype(int)])))
    return days


def _feature_row(past: np.ndarray, day: int, number: int) -> dict[str, object]:
    recent = past[past > day - 365]
    return {
        "recency_days": int(day - past.max()),
        "tenure_days": int(day - past.min()),
        "active_days_count_365d": len(recent),
        "net_revenue_amount_365d": float(len(recent) * (20 + number % 50)),
        "distinct_products_count_365d": int(len(recent) * (1 + number % 3)),
        "return_share_365d": 0.1 * (number % 4),
    }
