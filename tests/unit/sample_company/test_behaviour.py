from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from orchestration.sample_company.behaviour import Behaviour, simulate
from orchestration.sample_company.catalogue import make_catalogue
from orchestration.sample_company.people import Calendar, make_people

CALENDAR = Calendar(starts_on=date(2024, 7, 1), ends_on=date(2026, 6, 30), last_on=date(2026, 8, 29))


@pytest.fixture(scope="module")
def people() -> pa.Table:
    return make_people(customers_count=1_500, seed=3, calendar=CALENDAR)


@pytest.fixture(scope="module")
def behaviour(people: pa.Table) -> Behaviour:
    return simulate(people, make_catalogue(seed=3), seed=3, calendar=CALENDAR)


def _sales_per_person(behaviour: Behaviour, people: pa.Table, start: date, end: date) -> np.ndarray:
    types = np.array(behaviour.orders["order_type"].to_pylist())
    instants = behaviour.orders["happened_at"].to_numpy()
    persons = behaviour.orders["person_number"].to_numpy() - 1
    low, high = (int(np.datetime64(day, "s").astype(np.int64)) for day in (start, end))
    rows = (types == "sale") & (instants >= low) & (instants < high)
    return np.bincount(persons[rows], minlength=people.num_rows)


def test_the_past_says_who_buys_in_the_next_90_days(behaviour: Behaviour, people: pa.Table) -> None:
    before = _sales_per_person(behaviour, people, date(2025, 4, 1), date(2026, 4, 1))
    after = _sales_per_person(behaviour, people, date(2026, 4, 1), date(2026, 6, 30)) > 0
    ever = before > 0
    buyers, others = before[ever & after], before[ever & ~after]
    wins = (buyers[:, None] > others[None, :]).mean() + 0.5 * (buyers[:, None] == others[None, :]).mean()
    assert wins > 0.7


def test_the_latent_rate_orders_people_by_their_purchases(behaviour: Behaviour, people: pa.Table) -> None:
    counts = _sales_per_person(behaviour, people, date(2024, 7, 1), date(2026, 7, 1))
    rates = behaviour.traits["purchase_rate_per_day"].to_numpy()
    top, bottom = counts[rates > np.quantile(rates, 0.8)], counts[rates < np.quantile(rates, 0.2)]
    assert top.mean() > 4 * bottom.mean()


def test_nobody_buys_after_dropping_out_or_before_joining(behaviour: Behaviour, people: pa.Table) -> None:
    is_sale = np.array(behaviour.orders["order_type"].to_pylist()) == "sale"
    persons = behaviour.orders["person_number"].to_numpy()[is_sale] - 1
    days = behaviour.orders["happened_at"].to_numpy()[is_sale] // 86_400
    joined = people["joined_on"].cast(pa.int32()).to_numpy()[persons]
    left = joined + behaviour.traits["lifetime_days"].to_numpy()[persons]
    assert (days >= joined).all()
    assert (days <= np.floor(left) + 1).all()


def test_order_numbers_follow_time(behaviour: Behaviour) -> None:
    assert (np.diff(behaviour.orders["order_number"].to_numpy()) == 1).all()
    assert (np.diff(behaviour.orders["happened_at"].to_numpy()) >= 0).all()


def test_every_order_has_lines_and_every_line_has_an_order(behaviour: Behaviour) -> None:
    with_lines = np.unique(behaviour.lines["order_number"].to_numpy())
    assert with_lines.tolist() == behaviour.orders["order_number"].to_pylist()


def test_people_who_are_only_in_the_crm_order_nothing(behaviour: Behaviour, people: pa.Table) -> None:
    in_shop = people["is_in_shop"].to_numpy()[behaviour.orders["person_number"].to_numpy() - 1]
    assert in_shop.all()
