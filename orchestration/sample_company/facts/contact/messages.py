"""Who is in a campaign's audience, who is held out, what is sent, and who has had enough.

Audiences are drawn among those who allow the channel on the day, and the holdout is drawn at random inside each
audience, so that treated and held-out people differ by the message only. The chance to unsubscribe rises with each
message of the last seven days over the person's threshold; the first unsubscription ends all marketing to the person.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.company.campaigns import CHANNELS, EMAIL, HOLDOUT_SHARE, SMS, Campaigns
from orchestration.sample_company.facts.trade.purchases import DAY_SECONDS
from orchestration.sample_company.facts.trade.traits import Traits
from orchestration.sample_company.facts.who.consents import Consents
from orchestration.sample_company.facts.who.homes import NEVER
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.randomness import Flags, Floats, Integers
from orchestration.sample_company.tables import ArrowColumn, choices, instants, table_of, text_column

AFFINITY_SPREAD = 0.8
DEAD_ADDRESS_SHARE = 0.05
SOFT_BOUNCE_SHARE = 0.01
COMPLAINED_SHARE = 0.1
PRESSURE_SECONDS = 7 * DAY_SECONDS
OPENED_SHARE = 0.34
CLICKED_SHARE = 0.2
_FAR = 10**11


@dataclass(frozen=True)
class Audience:
    """Everyone meant by a campaign, treated or held out, ordered by campaign and person.

    Attributes:
        campaigns: Places in the campaigns.
        persons: Rows of the block.
        seconds: When the message is sent, or would have been.
        is_holdout: Whether the person is held out.
        excess: Messages of the last seven days, this one included, over the person's threshold; 0 for the held out.
        unsubscribes: Whether the person unsubscribes at this message.
        is_dead: Whether the address no longer exists.
        unsubscribed: For each person the instant of the unsubscription, or `NEVER`.
    """

    campaigns: Integers
    persons: Integers
    seconds: Integers
    is_holdout: Flags
    excess: Integers
    unsubscribes: Flags
    is_dead: Flags
    unsubscribed: Integers

    @property
    def treated(self) -> Integers:
        """Rows that are messages."""
        return np.flatnonzero(~self.is_holdout)


def draw_audience(block: Block, people: People, traits: Traits, campaigns: Campaigns, consents: Consents) -> Audience:
    """Return all audiences until each person's unsubscription."""
    rng = block.rng("audiences")
    campaign, person, seconds = _meant(rng, people, traits, campaigns, consents)
    in_calendar = seconds < block.calendar.end_day * DAY_SECONDS
    campaign, person, seconds = campaign[in_calendar], person[in_calendar], seconds[in_calendar]
    count = len(person)
    is_holdout = rng.random(count) < HOLDOUT_SHARE
    excess = _excess(person, seconds, is_holdout, traits.thresholds)
    hazard = block.causes.unsubscribe_base + block.causes.unsubscribe_per_excess * excess
    wants_out = ~is_holdout & (rng.random(count) < hazard)
    unsubscribed = np.full(people.count, NEVER)
    np.minimum.at(unsubscribed, person[wants_out], seconds[wants_out])
    kept = seconds <= unsubscribed[person]
    last = seconds == unsubscribed[person]
    dies = np.where(
        rng.random(people.count) < DEAD_ADDRESS_SHARE,
        rng.integers(block.calendar.first_day, block.calendar.end_day, people.count) * DAY_SECONDS,
        NEVER,
    )
    is_dead = (campaigns.channels[campaign] == EMAIL) & (seconds >= dies[person]) & ~(last & wants_out)
    minutes = rng.integers(60, 7_200, people.count)
    return Audience(
        campaigns=campaign[kept],
        persons=person[kept],
        seconds=seconds[kept],
        is_holdout=is_holdout[kept],
        excess=excess[kept],
        unsubscribes=(wants_out & last)[kept],
        is_dead=is_dead[kept],
        unsubscribed=np.where(unsubscribed == NEVER, NEVER, unsubscribed + minutes * (unsubscribed != NEVER)),
    )


def _meant(
    rng: np.random.Generator, people: People, traits: Traits, campaigns: Campaigns, consents: Consents
) -> tuple[Integers, Integers, Integers]:
    """Return campaign, person and instant of everyone meant: drawn by taste and by how much is known, and allowed."""
    affinity = np.exp(rng.normal(0, AFFINITY_SPREAD, people.count))
    meant = []
    for campaign in range(campaigns.count):
        fits = np.where(traits.favourites == campaigns.categories[campaign], 1.8, 0.8)
        meant.append(np.flatnonzero(rng.random(people.count) < campaigns.reach[campaign] * affinity * fits))
    campaigns_meant = np.repeat(np.arange(campaigns.count), [len(persons) for persons in meant])
    persons = np.concatenate(meant)
    days = campaigns.starts[campaigns_meant] + rng.integers(0, 2, len(persons))
    hours = np.clip(traits.hours[persons] + rng.normal(0, 1.5, len(persons)), 7, 21)
    seconds = days * DAY_SECONDS + np.floor(hours * 3_600).astype(np.int64)
    allowed = consents.allows_at(campaigns.channels[campaigns_meant], persons, seconds)
    return campaigns_meant[allowed], persons[allowed], seconds[allowed]


def _excess(persons: Integers, seconds: Integers, is_holdout: Flags, thresholds: Integers) -> Integers:
    """Return for each message how many of the last seven days, itself included, are over the person's threshold."""
    sent = np.flatnonzero(~is_holdout)
    keys = persons[sent] * _FAR + seconds[sent]
    order = np.argsort(keys, kind="stable")
    sorted_keys = keys[order]
    since = np.searchsorted(sorted_keys, sorted_keys - PRESSURE_SECONDS, side="right")
    counts = np.arange(len(order)) - since + 1
    excess = np.zeros(len(persons), dtype=np.int64)
    excess[sent[order]] = np.maximum(counts - thresholds[persons[sent[order]]], 0)
    return excess


@dataclass(frozen=True)
class Engagement:
    """What became of the messages, in the order of `Audience.treated`; `NEVER` where it did not happen.

    Attributes:
        rows: Rows of the audience.
        delivered: Instants; `NEVER` where the message bounced.
        opened: Instants.
        clicked: Instants.
    """

    rows: Integers
    delivered: Integers
    opened: Integers
    clicked: Integers


def draw_engagement(
    block: Block, audience: Audience, campaigns: Campaigns, *, dropped_out: Integers, bought: Integers
) -> Engagement:
    """Return deliveries, opens and clicks; a message that caused an order was delivered, opened and clicked before it.

    Args:
        block: The block.
        audience: All audiences.
        campaigns: The plan.
        dropped_out: Each person's last day of buying, days since 1970-01-01.
        bought: For each row of the audience the instant of the order that it caused, or `NEVER`.
    """
    rng = block.rng("engagement")
    rows = audience.treated
    count = len(rows)
    sent, person = audience.seconds[rows], audience.persons[rows]
    has_left = dropped_out[person] * DAY_SECONDS <= sent
    has_bought = bought[rows] != NEVER
    acts = has_bought | audience.unsubscribes[rows]
    is_bounced = (audience.is_dead[rows] | (rng.random(count) < SOFT_BOUNCE_SHARE)) & ~acts
    delivered = sent + rng.integers(2, 120, count)
    interest = np.where(has_left, 0.3, 1.0) / (1 + audience.excess[rows])
    opens = ~is_bounced & (acts | (rng.random(count) < OPENED_SHARE * interest))
    opened = delivered + np.minimum(rng.exponential(5 * 3_600, count), 3 * DAY_SECONDS).astype(np.int64) + 20
    opened = np.where(has_bought, np.minimum(opened, (delivered + bought[rows]) // 2), opened)
    opened = np.where(audience.unsubscribes[rows], delivered + 30, opened)
    clicks = opens & (has_bought | (rng.random(count) < CLICKED_SHARE))
    clicks &= campaigns.channels[audience.campaigns[rows]] != SMS
    return Engagement(
        rows=rows,
        delivered=np.where(is_bounced, NEVER, delivered),
        opened=np.where(opens, opened, NEVER),
        clicked=np.where(clicks, opened + rng.integers(3, 25, count), NEVER),
    )


def message_ids(block: Block, audience: Audience) -> Integers:
    """Return the message's id for each row of the audience; -1 for the held out."""
    ids = np.full(len(audience.persons), -1, dtype=np.int64)
    ids[audience.treated] = block.rows(len(audience.treated))
    return ids


def effect_table(people: People, campaigns: Campaigns, audience: Audience, uplift: Floats) -> pa.Table:
    """Return the table `campaign_effects`."""
    return table_of(
        {
            "campaign_id": text_column(campaigns.ids, audience.campaigns),
            "person_number": people.numbers[audience.persons],
            "is_holdout": audience.is_holdout,
            "starts_at": instants(audience.seconds),
            "true_uplift_probability": uplift,
        }
    )


def message_table(
    block: Block, people: People, campaigns: Campaigns, audience: Audience, engagement: Engagement
) -> pa.Table:
    """Return the table `messages`."""
    rows = engagement.rows
    rng = block.rng("complaints")
    is_bounced = engagement.delivered == NEVER
    unsubscribes = audience.unsubscribes[rows]
    complains = unsubscribes & (rng.random(len(rows)) < COMPLAINED_SHARE)
    unsubscribed = audience.unsubscribed[audience.persons[rows]]

    def known(seconds: Integers) -> ArrowColumn:
        return instants(np.where(seconds == NEVER, 0, seconds), is_known=seconds != NEVER)

    return table_of(
        {
            "message_id": block.rows(len(rows)),
            "campaign_id": text_column(campaigns.ids, audience.campaigns[rows]),
            "person_number": people.numbers[audience.persons[rows]],
            "channel": choices(CHANNELS, campaigns.channels[audience.campaigns[rows]]),
            "sent_at": instants(audience.seconds[rows]),
            "delivered_at": known(engagement.delivered),
            "bounce_type": choices(("soft", "hard"), audience.is_dead[rows].astype(np.int64), is_known=is_bounced),
            "opened_at": known(engagement.opened),
            "clicked_at": known(engagement.clicked),
            "unsubscribed_at": known(np.where(unsubscribes, unsubscribed, NEVER)),
            "complained_at": known(np.where(complains, unsubscribed + 60, NEVER)),
        }
    )
