"""What campaigns truly add: a known chance per person that the message brings an order within 14 days.

For a treated person an order is added with exactly that chance, whatever else the person buys; for a held-out person
none is. So in any audience the orders per person within 14 days of `starts_at`, treated minus held out, equal the mean
true uplift but for chance. A discount may only bring forward what would have been bought later: then a later order,
after the 14 days, is missing.
"""

from dataclasses import dataclass

import numpy as np

from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.company.campaigns import Campaigns
from orchestration.sample_company.facts.company.goods import WAREHOUSE, Goods
from orchestration.sample_company.facts.contact.messages import Audience
from orchestration.sample_company.facts.trade.experiences import Experiences
from orchestration.sample_company.facts.trade.purchases import (
    DAY_SECONDS,
    Lines,
    Wishes,
    draw_channels,
    draw_lines,
    in_opening_hours,
    instants_of,
)
from orchestration.sample_company.facts.trade.traits import STORE, Traits
from orchestration.sample_company.facts.who.homes import NEVER
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.randomness import Flags, Floats, Integers

WINDOW_DAYS = 14
HIGHEST_UPLIFT = 0.4
PULLED_FROM_DAYS = 90
PERSONAL_SPREAD = 0.5
_FAR = 10**11


@dataclass(frozen=True)
class Extras:
    """Orders that a message caused, ordered by row of the audience.

    Attributes:
        uplift: For each row of the audience the true chance.
        bought: For each row of the audience the instant of the order it caused, or `NEVER`.
        rows: Rows of the audience, one per order.
        channels: Places in the purchase channels.
        stores: Where the goods come from.
        lines: What was bought; visits are places in `rows`.
        is_pulled_forward: Whether a later order is missing for it.
        missing: Visits of the wishes that no longer happen.
    """

    uplift: Floats
    bought: Integers
    rows: Integers
    channels: Integers
    stores: Integers
    lines: Lines
    is_pulled_forward: Flags
    missing: Integers


def draw_extras(  # noqa: PLR0913 - what a message meets
    block: Block,
    people: People,
    traits: Traits,
    *,
    campaigns: Campaigns,
    audience: Audience,
    experiences: Experiences,
    wishes: Wishes,
    goods: Goods,
    stores: Integers,
) -> Extras:
    """Return the true uplift of every row of the audience, and the orders that messages caused."""
    rng = block.rng("uplift")
    uplift = _true_uplift(rng, block, people, traits, campaigns, audience, experiences.dropped_out)
    count = len(uplift)
    after = 1 + np.floor(rng.beta(1.0, 2.2, count) * (WINDOW_DAYS - 1)).astype(np.int64)
    bought = instants_of(rng, traits.hours[audience.persons], audience.seconds // DAY_SECONDS + after)
    happens = ~audience.is_holdout & (rng.random(count) < uplift)
    rows = np.flatnonzero(happens)
    persons = audience.persons[rows]
    lines = draw_lines(rng, persons, campaigns.categories[audience.campaigns[rows]], traits, goods)
    channels = draw_channels(rng, people, traits, persons)
    bought[rows] = in_opening_hours(bought[rows], channels == STORE)
    offers = campaigns.offers[audience.campaigns[rows]]
    wants_early = (offers >= 0) & (
        rng.random(len(rows)) < block.causes.pulled_forward * traits.discount_sensitivity[persons]
    )
    is_pulled, missing = _pulled_forward(persons, audience.seconds[rows], wants_early, wishes, experiences)
    return Extras(
        uplift=uplift,
        bought=np.where(happens, bought, NEVER),
        rows=rows,
        channels=channels,
        stores=np.where(channels == STORE, stores[persons], WAREHOUSE),
        lines=lines,
        is_pulled_forward=is_pulled,
        missing=missing,
    )


def _true_uplift(  # noqa: PLR0913, PLR0917 - one formula
    rng: np.random.Generator,
    block: Block,
    people: People,
    traits: Traits,
    campaigns: Campaigns,
    audience: Audience,
    dropped_out: Integers,
) -> Floats:
    """Return the chance that each message adds an order: more for those it suits, none for those who cannot buy."""
    campaign, person = audience.campaigns, audience.persons
    suits = np.where(traits.favourites[person] == campaigns.categories[campaign], 1.6, 0.7)
    reaches = np.where(traits.message_channels[person] == campaigns.channels[campaign], 1.25, 0.8)
    discounts = np.where(campaigns.offers[campaign] >= 0, 0.3 + 1.6 * traits.discount_sensitivity[person], 1.0)
    personal = np.exp(rng.normal(0, PERSONAL_SPREAD, len(person)))
    uplift = block.causes.uplift * campaigns.effects[campaign] * suits * reaches * discounts * personal
    closes = audience.seconds + WINDOW_DAYS * DAY_SECONDS
    can_buy = (people.in_shop | people.in_pos)[person] & ~audience.is_dead & ~people.is_tester[person]
    can_buy &= closes < np.minimum(dropped_out[person], block.calendar.end_day) * DAY_SECONDS
    chance: Floats = np.where(can_buy, np.minimum(uplift, HIGHEST_UPLIFT), 0.0)
    return chance


def _pulled_forward(
    persons: Integers, sent: Integers, wants_early: Flags, wishes: Wishes, experiences: Experiences
) -> tuple[Flags, Integers]:
    """Return which orders replace a later one, and the visits that are missing for it.

    A visit that was a person's first or that something went wrong at is never missing.
    """
    keys = wishes.persons * _FAR + wishes.seconds
    opens = persons * _FAR + sent + WINDOW_DAYS * DAY_SECONDS
    closes = persons * _FAR + sent + PULLED_FROM_DAYS * DAY_SECONDS
    following = np.minimum(np.searchsorted(keys, opens), max(len(keys) - 1, 0))
    if not len(keys):
        return np.zeros(len(persons), dtype=np.bool_), following
    is_plain = experiences.happens & ~wishes.is_first
    is_plain[experiences.visits[experiences.visits >= 0]] = False
    found = wants_early & (keys[following] >= opens) & (keys[following] < closes) & is_plain[following]
    _, firsts = np.unique(following[found], return_index=True)
    rows = np.flatnonzero(found)[firsts]
    is_pulled = np.zeros(len(persons), dtype=np.bool_)
    is_pulled[rows] = True
    return is_pulled, following[rows]
