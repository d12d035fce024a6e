"""Promises and coupons: what was promised to whom, who tried to use it, and who was refused.

A promise is broken when the coupon is refused although its owner did nothing wrong: the quota was used up, or the goods
were out of stock. A coupon tried too late, or on a basket that does not meet its conditions, breaks no promise.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.company.campaigns import Campaigns
from orchestration.sample_company.facts.company.goods import STORE_IDS
from orchestration.sample_company.facts.contact.messages import Audience
from orchestration.sample_company.facts.trade.purchases import DAY_SECONDS
from orchestration.sample_company.facts.trade.traits import PURCHASE_CHANNELS, STORE, Traits
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.randomness import Flags, Integers, weighted_indexes
from orchestration.sample_company.tables import choices, instants, numbers, table_of, text_column

PROMISED_SHARE = 0.6
DENIED_SHARE = 0.05

DENIAL_REASONS = ("exhausted", "expired", "condition_not_met", "out_of_stock", "unknown_code")
EXHAUSTED, EXPIRED, CONDITION_NOT_MET, OUT_OF_STOCK, UNKNOWN_CODE = range(5)
_DENIAL_WEIGHTS = (0.5, 0.18, 0.0, 0.22, 0.1)


@dataclass(frozen=True)
class Denials:
    """Promises, and the attempts that were refused at once.

    Attributes:
        promised: Rows of the audience that promise an offer.
        persons: Of each refused attempt: row of the block.
        seconds: When it was tried.
        campaigns: Place in the campaigns.
        offers: Place in the offers.
        reasons: Place in `DENIAL_REASONS`.
        is_broken: Whether the refusal breaks the promise.
    """

    promised: Integers
    persons: Integers
    seconds: Integers
    campaigns: Integers
    offers: Integers
    reasons: Integers
    is_broken: Flags


@dataclass(frozen=True)
class Attempts:
    """Attempts that a basket decided: redeemed by an order, or refused because it did not meet the conditions."""

    persons: Integers
    seconds: Integers
    offers: Integers
    channels: Integers
    stores: Integers
    order_numbers: Integers
    is_redeemed: Flags


def draw_denials(block: Block, audience: Audience, campaigns: Campaigns) -> Denials:
    """Return who was promised an offer, and which of these tried in vain."""
    rng = block.rng("denials")
    treated = audience.treated
    offers = campaigns.offers[audience.campaigns[treated]]
    promised = treated[(offers >= 0) & (rng.random(len(treated)) < PROMISED_SHARE) & ~audience.is_dead[treated]]
    tried = promised[rng.random(len(promised)) < DENIED_SHARE]
    count = len(tried)
    reasons = weighted_indexes(rng.random(count), _DENIAL_WEIGHTS)
    place = campaigns.offers[audience.campaigns[tried]]
    ends = campaigns.offer_ends[place] * DAY_SECONDS
    in_time = audience.seconds[tried] + rng.integers(6 * 3_600, 10 * DAY_SECONDS, count)
    too_late = ends + rng.integers(DAY_SECONDS, 8 * DAY_SECONDS, count)
    seconds = np.where(reasons == EXPIRED, too_late, in_time)
    happens = seconds < block.calendar.end_day * DAY_SECONDS
    return Denials(
        promised=promised,
        persons=audience.persons[tried][happens],
        seconds=seconds[happens],
        campaigns=audience.campaigns[tried][happens],
        offers=place[happens],
        reasons=reasons[happens],
        is_broken=np.isin(reasons, (EXHAUSTED, OUT_OF_STOCK))[happens],
    )


def promise_table(people: People, audience: Audience, campaigns: Campaigns, denials: Denials) -> pa.Table:
    """Return the table `promises`."""
    offers = campaigns.offers[audience.campaigns[denials.promised]]
    persons = audience.persons[denials.promised]
    broken = denials.persons[denials.is_broken] * len(campaigns.offer_ids) + denials.offers[denials.is_broken]
    order = np.lexsort((offers, persons))
    offers, persons = offers[order], persons[order]
    return table_of(
        {
            "offer_id": text_column(campaigns.offer_ids, offers),
            "person_number": people.numbers[persons],
            "promised_at": instants(audience.seconds[denials.promised][order]),
            "is_kept": ~np.isin(persons * len(campaigns.offer_ids) + offers, broken),
        }
    )


def attempt_table(  # noqa: PLR0913 - two kinds of attempts make one table
    block: Block,
    people: People,
    traits: Traits,
    *,
    campaigns: Campaigns,
    denials: Denials,
    attempts: Attempts,
    stores: Integers,
) -> pa.Table:
    """Return the table `coupon_attempts`; those refused at once were tried in each person's usual channel."""
    usual = traits.channels[denials.persons]
    refused = np.full(len(denials.persons), -1)
    persons = np.concatenate([attempts.persons, denials.persons])
    seconds = np.concatenate([attempts.seconds, denials.seconds])
    channels = np.concatenate([attempts.channels, usual])
    order_numbers = np.concatenate([attempts.order_numbers, refused])
    offers = np.concatenate([attempts.offers, denials.offers])
    reasons = np.concatenate([np.full(len(attempts.persons), CONDITION_NOT_MET), denials.reasons])
    is_redeemed = np.concatenate([attempts.is_redeemed, np.zeros(len(denials.persons), dtype=np.bool_)])
    places = np.concatenate([attempts.stores, stores[denials.persons]])
    order = np.lexsort((offers, persons, seconds))
    in_store = channels[order] == STORE
    return table_of(
        {
            "attempt_id": block.rows(len(order)),
            "person_number": people.numbers[persons[order]],
            "offer_id": text_column(campaigns.offer_ids, offers[order]),
            "attempted_at": instants(seconds[order]),
            "channel": choices(PURCHASE_CHANNELS, channels[order]),
            "store_id": choices(STORE_IDS, places[order], is_known=in_store),
            "outcome": choices(("denied", "redeemed"), is_redeemed[order].astype(np.int64)),
            "denial_reason": choices(DENIAL_REASONS, reasons[order], is_known=~is_redeemed[order]),
            "order_number": numbers(order_numbers[order], is_known=is_redeemed[order]),
        }
    )
