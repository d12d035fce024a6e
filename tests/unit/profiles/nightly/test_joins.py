"""Containment is that of the values: exact where sketches are whole or all is counted, else inside its interval."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from orchestration.foundation.lake_io import Lake
from orchestration.foundation.profiles_policy import JoinLimits, ProfilesPolicy
from orchestration.profiles.nightly import counted, sketches
from orchestration.profiles.nightly.arrivals import Arrival
from tests.support.profiled_feeds import ProfiledFeeds, feed_of

DAY = date(2026, 6, 30)
ONE = feed_of("crm", "contacts", email="direct", phone="direct", opened_on="date", floor="text")
OTHER = feed_of("shop", "orders", buyer_email="direct", buyer_phone="direct", ordered_on="date", till="text")


@pytest.fixture
def feeds(tmp_path: Path) -> ProfiledFeeds:
    private = tmp_path / ".private"
    private.mkdir()
    (private / "profiles_key").write_text("0" * 64)  # which values are sampled is then the same each time
    return ProfiledFeeds(Lake(tmp_path), (ONE, OTHER))


def _emails(numbers: range) -> list[str]:
    return [f"p{number}@example.org" for number in numbers]


def _joins(feeds: ProfiledFeeds) -> dict[tuple[str, str], dict[str, object]]:
    found = feeds.night(DAY).joins.to_pylist()
    return {(join["column_name"], join["found_in_column_name"]): join for join in found}


def test_of_few_values_containment_is_exact(feeds: ProfiledFeeds) -> None:
    feeds.land(ONE, "one", email=_emails(range(100)))
    feeds.land(OTHER, "two", buyer_email=_emails(range(60, 400)) * 2)
    joins = _joins(feeds)
    join = joins["email", "buyer_email"]
    assert (join["containment_share"], join["is_exact"], join["join_type"]) == (0.4, True, "overlap")
    assert (join["distinct_count"], join["found_in_distinct_count"], join["shared_count"]) == (100, 340, 40)
    assert ("buyer_email", "email") not in joins  # 40 of 340 are too few


def _without_counting(feeds: ProfiledFeeds) -> ProfiledFeeds:
    return replace(feeds, policy=ProfilesPolicy(joins=JoinLimits(verified_cells_at_most=0)))


@pytest.mark.parametrize(
    ("shared", "count", "other"), [(7_000, 7_000, 20_000), (4_000, 8_000, 9_000), (0, 5_000, 5_000)]
)
def test_of_many_values_containment_is_inside_its_interval(
    feeds: ProfiledFeeds, shared: int, count: int, other: int
) -> None:
    feeds.land(ONE, "one", email=_emails(range(count)))
    feeds.land(OTHER, "two", buyer_email=_emails(range(count - shared, count - shared + other)))
    join = _joins(_without_counting(feeds)).get(("email", "buyer_email"))
    if shared == 0:
        assert join is None
        return
    assert join is not None
    assert join["is_exact"] is False
    low, high = join["containment_low_share"], join["containment_high_share"]
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert low <= shared / count <= high
    assert high - low < 0.1
    assert join["distinct_count"] == pytest.approx(count, rel=0.08)
    assert join["found_in_distinct_count"] == pytest.approx(other, rel=0.08)


def test_case_and_the_way_a_phone_is_written_do_not_matter(feeds: ProfiledFeeds) -> None:
    numbers = [f"7700 900 {number:03}" for number in range(100, 160)]
    feeds.land(ONE, "one", email=[e.upper() for e in _emails(range(60))], phone=[f"+44 {n}" for n in numbers])
    feeds.land(OTHER, "two", buyer_email=_emails(range(60)), buyer_phone=[f"0{n}".replace(" ", "") for n in numbers])
    joins = _joins(feeds)
    assert joins["email", "buyer_email"]["containment_share"] == 1
    assert joins["phone", "buyer_phone"]["containment_share"] == 1


def test_days_short_numbers_and_few_values_are_no_joins(feeds: ProfiledFeeds) -> None:
    days = [f"2026-0{month}-{day:02}" for month in range(1, 7) for day in range(1, 29)]
    floors = [str(number) for number in range(len(days))]
    feeds.land(ONE, "one", opened_on=days, floor=floors)
    feeds.land(OTHER, "two", ordered_on=days, till=floors, buyer_email=_emails(range(19)) * 8 + [None] * 16)
    assert _joins(feeds) == {}


def test_a_sketch_does_not_grow_with_the_nights(feeds: ProfiledFeeds) -> None:
    for place in range(3):
        feeds.land(ONE, f"night{place}", email=_emails(range(place * 2_000, place * 2_000 + 2_500)))
        assert feeds.night(date(2026, 6, 28 + place)).hashes_count == sketches.SKETCH_SIZE


def test_a_column_that_once_had_values_outside_a_sketch_gets_none_later(feeds: ProfiledFeeds) -> None:
    feeds.land(ONE, "one", floor=[str(number) for number in range(50)])
    feeds.profile(date(2026, 6, 29))
    feeds.land(ONE, "two", floor=_emails(range(50)))
    feeds.land(OTHER, "three", buyer_email=_emails(range(50)))
    assert _joins(feeds) == {}
    record = feeds.lake.record(sketches.SKETCHES_TABLE, "crm.contacts")
    assert record is not None
    assert record.facts["left_out"] == ["floor"]


def test_what_is_estimated_is_counted_exactly_when_that_is_affordable(feeds: ProfiledFeeds) -> None:
    feeds.land(ONE, "one", email=_emails(range(8_000)))
    feeds.land(OTHER, "two", buyer_email=_emails(range(4_000, 13_000)))
    joins = _joins(feeds)
    join, back = joins["email", "buyer_email"], joins["buyer_email", "email"]
    assert (join["is_exact"], join["containment_share"], join["containment_low_share"]) == (True, 0.5, 0.5)
    assert (join["distinct_count"], join["found_in_distinct_count"]) == (8_000, 9_000)
    assert (join["compared_count"], join["shared_count"]) == (8_000, 4_000)
    assert (back["compared_count"], back["shared_count"], back["containment_high_share"]) == (9_000, 4_000, 4 / 9)


def test_a_night_reads_no_more_cells_than_it_may_and_the_surest_join_comes_first(feeds: ProfiledFeeds) -> None:
    numbers = [f"+44 7700 {number:06}" for number in range(6_000)]
    feeds.land(ONE, "one", email=_emails(range(6_000)), phone=numbers)
    feeds.land(OTHER, "two", buyer_email=_emails(range(3_000, 9_000)), buyer_phone=numbers)
    limited = ProfilesPolicy(joins=JoinLimits(verified_cells_at_most=12_000))
    joins = _joins(replace(feeds, policy=limited))
    exact = {pair for pair, join in joins.items() if join["is_exact"]}
    assert exact == {("phone", "buyer_phone"), ("buyer_phone", "phone")}
    assert ("email", "buyer_email") in joins


def test_what_was_counted_stays_until_one_of_the_feeds_arrives_again(
    feeds: ProfiledFeeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = feed_of("desk", "tickets", note="text")
    feeds = replace(feeds, feeds=(*feeds.feeds, third))
    feeds.land(ONE, "one", email=_emails(range(5_000)))
    feeds.land(OTHER, "two", buyer_email=_emails(range(5_000)))
    feeds.night(date(2026, 6, 28))
    feeds.land(third, "three", note=["fine"] * 10)
    read: list[str] = []

    def noted(arrival: Arrival, columns: Collection[str]) -> Iterator[str]:
        read.append(arrival.feed.name)
        return sketches.distinct_hashes(arrival, columns)

    monkeypatch.setattr(counted, "distinct_hashes", noted)
    join = {(j["column_name"], j["is_exact"]) for j in feeds.night(date(2026, 6, 29)).joins.to_pylist()}
    assert (join, read) == ({("email", True), ("buyer_email", True)}, [])
    feeds.land(ONE, "four", email=_emails(range(5_000, 10_000)))
    joins = _joins(feeds)
    assert read == ["contacts", "orders"]
    assert joins["email", "buyer_email"]["containment_share"] == 0.5
