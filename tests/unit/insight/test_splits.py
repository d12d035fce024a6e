"""No label window of a training date may reach past the test date."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.insight.splits import closed_dates, time_split

TONIGHT = date(2026, 6, 30)


def steps_back(*days: int) -> list[date]:
    return [TONIGHT - timedelta(days=back) for back in days]


def test_the_test_date_is_the_latest_whose_label_window_has_closed() -> None:
    split = time_split(steps_back(0, 30, 60, 90, 120, 180), as_of_on=TONIGHT, label_window_days=90)
    assert split is not None
    assert split.test_on == TONIGHT - timedelta(days=90)


def test_without_a_date_exactly_one_window_back_the_nearest_before_it_is_tested() -> None:
    split = time_split(steps_back(0, 89, 95, 200), as_of_on=TONIGHT, label_window_days=90)
    assert split is not None
    assert split.test_on == TONIGHT - timedelta(days=95)


def test_dates_whose_label_window_overlaps_the_tested_one_do_not_train() -> None:
    split = time_split(steps_back(90, 120, 150, 179, 180, 210), as_of_on=TONIGHT, label_window_days=90)
    assert split is not None
    assert split.backtest_dates == tuple(sorted(steps_back(180, 210)))


def test_the_champion_is_fitted_on_every_closed_date_and_no_other() -> None:
    split = time_split(steps_back(0, 60, 89, 90, 120, 180), as_of_on=TONIGHT, label_window_days=90)
    assert split is not None
    assert split.champion_dates == tuple(sorted(steps_back(90, 120, 180)))


def test_without_a_closed_date_there_is_no_split() -> None:
    assert time_split(steps_back(0, 30, 89), as_of_on=TONIGHT, label_window_days=90) is None


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.sets(st.integers(-60, 700), min_size=1, max_size=20), st.integers(1, 120))
def test_no_training_window_ever_reaches_past_the_test_date_nor_a_tested_one_past_tonight(
    backs: set[int], window: int
) -> None:
    split = time_split(steps_back(*backs), as_of_on=TONIGHT, label_window_days=window)
    if split is None:
        assert closed_dates(steps_back(*backs), as_of_on=TONIGHT, label_window_days=window) == ()
        return
    assert split.test_on + timedelta(days=window) <= TONIGHT
    assert all(day + timedelta(days=window) <= split.test_on for day in split.backtest_dates)
    assert all(day + timedelta(days=window) <= TONIGHT for day in split.champion_dates)
