"""Campaigns and offers: what the company says to its customers, when, and how well it works.

Belongs here: the plan of all campaigns, one for the whole company. Who is in an audience, who is held out and what a
message did to a person is `messages.py` and `uplift.py`.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from orchestration.sample_company.calendar import Calendar
from orchestration.sample_company.catalogue import CATEGORIES
from orchestration.sample_company.facts.who.names import Texts
from orchestration.sample_company.randomness import Flags, Floats, Integers, stream, weighted_indexes
from orchestration.sample_company.tables import choices, days, table_of, text_column

CHANNELS = ("email", "sms", "push")
EMAIL, SMS, PUSH = range(3)
STAGES = ("need", "research", "decision", "adoption", "use", "recommend")
TOPICS = ("new_season", "ideas", "sale", "service", "care_tips", "bring_a_friend")
HOLDOUT_SHARE = 0.2
OFFER_SHARE = 0.35
ONLINE_ONLY_SHARE = 0.4
QUIET_WEEK, BUSY_WEEK = 1.1, 3.0
BUSY_MONTHS = (11, 12)
OFFER_DAYS = 21
_QUOTA_PER_CUSTOMER = 0.02


@dataclass(frozen=True)
class Campaigns:
    """All campaigns in the order of their numbers, and the offers in them.

    Attributes:
        ids: `c_0001`, …
        starts: Days since 1970-01-01.
        channels: Places in `CHANNELS`.
        stages: Places in `STAGES`.
        topics: Places in `TOPICS`.
        categories: Places in `CATEGORIES`.
        offers: Each campaign's offer as a place in the offers, or -1.
        reach: Share of those who may be written to that a campaign is meant for.
        effects: Mean true uplift on those it works best on.
        offer_ids: `o_0001`, …
        offer_categories: Places in `CATEGORIES`.
        offer_starts: Days since 1970-01-01.
        offer_ends: Last day of the offer.
        discounts: Shares of the price.
        min_baskets: In pence.
        is_online_only: Whether the stores refuse it.
    """

    ids: Texts
    starts: Integers
    channels: Integers
    stages: Integers
    topics: Integers
    categories: Integers
    offers: Integers
    reach: Floats
    effects: Floats
    offer_ids: Texts
    offer_categories: Integers
    offer_starts: Integers
    offer_ends: Integers
    discounts: Floats
    min_baskets: Integers
    is_online_only: Flags

    @property
    def count(self) -> int:
        """How many campaigns there are."""
        return len(self.ids)


def make_campaigns(*, seed: int, calendar: Calendar) -> Campaigns:
    """Return the plan: a campaign or two a week, more before Christmas, a third of them with an offer."""
    rng = stream(seed, "campaigns")
    weeks = np.arange(calendar.first_day + 3, calendar.end_day, 7)
    months = np.array([(date(1970, 1, 1) + timedelta(days=int(day))).month for day in weeks])
    counts = 1 + rng.poisson(np.where(np.isin(months, BUSY_MONTHS), BUSY_WEEK, QUIET_WEEK) - 1)
    starts = np.repeat(weeks, counts) + rng.integers(0, 5, int(counts.sum()))
    starts = np.sort(starts[starts < calendar.end_day])
    count = len(starts)
    has_offer = rng.random(count) < OFFER_SHARE
    offering = np.flatnonzero(has_offer)
    offers = np.full(count, -1, dtype=np.int64)
    offers[offering] = np.arange(len(offering))
    categories = weighted_indexes(rng.random(count), [c.share for c in CATEGORIES])
    return Campaigns(
        ids=np.array([f"c_{number + 1:04d}" for number in range(count)], dtype=object),
        starts=starts,
        channels=weighted_indexes(rng.random(count), [0.76, 0.14, 0.1]),
        stages=weighted_indexes(rng.random(count), [0.25, 0.25, 0.2, 0.1, 0.12, 0.08]),
        topics=np.where(has_offer, TOPICS.index("sale"), rng.integers(0, len(TOPICS), count)),
        categories=categories,
        offers=offers,
        reach=rng.uniform(0.08, 0.26, count),
        effects=rng.uniform(0.01, 0.06, count) * np.where(has_offer, 1.5, 1.0),
        offer_ids=np.array([f"o_{number + 1:04d}" for number in range(len(offering))], dtype=object),
        offer_categories=categories[offering],
        offer_starts=starts[offering],
        offer_ends=starts[offering] + OFFER_DAYS,
        discounts=rng.choice([0.1, 0.15, 0.2, 0.25, 0.3], len(offering)),
        min_baskets=rng.choice([0, 0, 1500, 2500, 4000], len(offering)).astype(np.int64),
        is_online_only=rng.random(len(offering)) < ONLINE_ONLY_SHARE,
    )


def campaign_table(campaigns: Campaigns) -> pa.Table:
    """Return the table `campaigns`."""
    names = [
        f"{TOPICS[topic].replace('_', ' ').capitalize()}: {CATEGORIES[category].name} {campaign_id[2:]}"
        for topic, category, campaign_id in zip(campaigns.topics, campaigns.categories, campaigns.ids, strict=True)
    ]
    has_offer = campaigns.offers >= 0
    return table_of(
        {
            "campaign_id": text_column(campaigns.ids),
            "campaign_name": text_column(names),
            "channel": choices(CHANNELS, campaigns.channels),
            "stage_target": choices(STAGES, campaigns.stages),
            "topic": choices(TOPICS, campaigns.topics),
            "category": choices([c.name for c in CATEGORIES], campaigns.categories),
            "offer_id": text_column(campaigns.offer_ids[campaigns.offers], is_known=has_offer),
            "holdout_share": np.full(campaigns.count, HOLDOUT_SHARE),
            "starts_on": days(campaigns.starts),
        }
    )


def offer_table(campaigns: Campaigns, *, customers_count: int) -> pa.Table:
    """Return the table `offers`."""
    names, conditions = [], []
    for place, category in enumerate(campaigns.offer_categories):
        share = round(campaigns.discounts[place] * 100)
        names.append(f"{share} % off {CATEGORIES[category].name}")
        least = campaigns.min_baskets[place]
        parts = [f"{share} % off everything in {CATEGORIES[category].name}"]
        parts += [f"from a basket of {least // 100} pounds"] if least else []
        parts += ["online only"] if campaigns.is_online_only[place] else []
        conditions.append(", ".join(parts) + ", once per customer, while stocks last.")
    count = len(names)
    return table_of(
        {
            "offer_id": text_column(campaigns.offer_ids),
            "offer_name": text_column(names),
            "category": choices([c.name for c in CATEGORIES], campaigns.offer_categories),
            "discount_share": campaigns.discounts,
            "starts_on": days(campaigns.offer_starts),
            "ends_on": days(campaigns.offer_ends),
            "quota": np.full(count, max(round(customers_count * _QUOTA_PER_CUSTOMER), 1), dtype=np.int64),
            "min_basket_pence": campaigns.min_baskets,
            "conditions_text": text_column(conditions),
            "is_online_only": campaigns.is_online_only,
        }
    )
