"""What people tell the company: the tables `tickets`, `survey_answers`, `reviews` and `social_engagements`.

A failure of service mostly ends in a ticket; scores fall with bad experiences. Some texts hold the writer's own address
or number, as real ones do.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from orchestration.sample_company.catalogue import CATEGORIES
from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.contact.journeys import RECOMMEND, Journeys
from orchestration.sample_company.facts.contact.phrases import (
    BODIES,
    CONTACT_WAYS,
    LANGUAGES,
    NPS_TEXTS,
    OPENINGS,
    REVIEWS,
    SOCIAL_TEXTS,
    TOPICS,
)
from orchestration.sample_company.facts.trade.experiences import Experiences
from orchestration.sample_company.facts.trade.orders import Orders
from orchestration.sample_company.facts.trade.purchases import DAY_SECONDS
from orchestration.sample_company.facts.trade.traits import BROKEN_PROMISE, PURCHASE_CHANNELS, SERVICE_FAILURE, Traits
from orchestration.sample_company.facts.who.contact_points import ContactPoints
from orchestration.sample_company.facts.who.names import Texts
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.populations import POPULATIONS
from orchestration.sample_company.randomness import Flags, Floats, Integers, weighted_indexes
from orchestration.sample_company.tables import ArrowColumn, choices, instants, numbers, table_of, text_column

TICKET_AFTER_FAILURE_SHARE = 0.85
TICKET_AFTER_DENIAL_SHARE = 0.3
TICKET_AFTER_RETURN_SHARE = 0.12
TICKETS_PER_YEAR = 0.06
CONTACT_IN_TEXT_SHARE = 0.07
EMAIL_IN_TEXT_SHARE = 0.5
COMMENTED_SHARE = 0.4
NPS_SHARE = 0.06
CSAT_SHARE = 0.3
PREFERENCES_SHARE = 0.04
HONEST_SHARE = 0.8
REVIEWED_SHARE = 0.05
SHARED_SHARE = 0.5
STRANGERS_SHARE = 0.5
_CHANNELS = ("phone", "chat", "email")
_NETWORKS = ("pictogram", "facepage", "chirper")
_ENGAGEMENTS = ("like", "comment", "share", "follow", "mention")
_SURVEYS = ("nps", "csat", "preferences")
_NPS, _CSAT, _PREFERENCES = range(3)
_FREQUENCIES = ("every week", "every month", "a few times a year", "rarely")
_FAILURE_TOPICS = (0.5, 0.3, 0.0, 0.0, 0.2, 0.0, 0.0)
_OTHER_TOPICS = (0.0, 0.0, 0.0, 0.5, 0.05, 0.25, 0.2)
_COMPLAINT, _REFUND = TOPICS.index("complaint"), TOPICS.index("refund")
_POSTS_COUNT = 120
_UNHAPPY_DAYS = 60


class _Phrases:
    """Phrases of several lists in one, so that a text is taken by its place."""

    def __init__(self, lists: Sequence[Sequence[str]]) -> None:
        self._words = np.array([word for words in lists for word in words], dtype=object)
        self._sizes = np.array([len(words) for words in lists])
        self._starts = np.cumsum(self._sizes) - self._sizes

    def drawn(self, rng: np.random.Generator, lists: Integers) -> Texts:
        """Return one phrase of each given list."""
        drawn: Texts = self._words[self._starts[lists] + rng.integers(0, self._sizes[lists])]
        return drawn


def ticket_table(  # noqa: PLR0913 - all that makes people call
    block: Block,
    people: People,
    *,
    contacts: ContactPoints,
    experiences: Experiences,
    orders: Orders,
    order_numbers: Integers,
) -> pa.Table:
    """Return the table `tickets`."""
    rng = block.rng("tickets")
    source, persons, begun, causes, topics = _reasons_to_call(rng, block, people, experiences, orders, order_numbers)
    opened = begun + rng.integers(1_800, 4 * DAY_SECONDS, len(begun))
    kept = np.flatnonzero(opened < block.calendar.end_day * DAY_SECONDS)
    kept = kept[np.lexsort((source[kept], persons[kept], opened[kept]))]
    count = len(kept)
    return table_of(
        {
            "ticket_id": block.rows(count),
            "person_number": people.numbers[persons[kept]],
            "opened_at": instants(opened[kept]),
            "closed_at": instants(opened[kept] + rng.integers(300, 5 * DAY_SECONDS, count)),
            "channel": choices(_CHANNELS, weighted_indexes(rng.random(count), [0.4, 0.35, 0.25])),
            "topic": choices(TOPICS, topics[kept]),
            "cause_order_number": numbers(causes[kept], is_known=causes[kept] >= 0),
            "is_service_failure": source[kept] == 0,
            "text": _texts(rng, people, contacts, persons[kept], topics[kept]),
        }
    )


def _reasons_to_call(  # noqa: PLR0913, PLR0917 - all that makes people call
    rng: np.random.Generator,
    block: Block,
    people: People,
    experiences: Experiences,
    orders: Orders,
    order_numbers: Integers,
) -> tuple[Integers, Integers, Integers, Integers, Integers]:
    """Return source (0 a failure, 1 a denial, 2 a return, 3 anything else), person, instant, order and topic."""
    failed = np.flatnonzero(experiences.kinds == SERVICE_FAILURE)
    failed = failed[rng.random(len(failed)) < TICKET_AFTER_FAILURE_SHARE]
    refused = np.flatnonzero(experiences.kinds == BROKEN_PROMISE)
    refused = refused[rng.random(len(refused)) < TICKET_AFTER_DENIAL_SHARE]
    returns = np.flatnonzero(orders.originals >= 0)
    returns = returns[rng.random(len(returns)) < TICKET_AFTER_RETURN_SHARE]
    others, days = _at_random(rng, block, people, TICKETS_PER_YEAR)
    sizes = [len(failed), len(refused), len(returns), len(others)]
    source = np.repeat(np.arange(4), sizes)
    persons = np.concatenate(
        [experiences.persons[failed], experiences.persons[refused], orders.persons[returns], others]
    )
    begun = np.concatenate(
        [experiences.seconds[failed], experiences.seconds[refused], orders.seconds[returns], days * DAY_SECONDS]
    ).astype(np.int64)
    nothing = np.full(len(refused), -1)
    of_visit = order_numbers[experiences.visits[failed]]
    causes = np.concatenate([of_visit, nothing, orders.numbers[orders.originals[returns]], np.full(len(others), -1)])
    topics = np.concatenate(
        [
            weighted_indexes(rng.random(len(failed)), _FAILURE_TOPICS),
            np.full(len(refused), _COMPLAINT),
            np.full(len(returns), _REFUND),
            weighted_indexes(rng.random(len(others)), _OTHER_TOPICS),
        ]
    )
    return source, persons, begun, causes, topics


def _at_random(rng: np.random.Generator, block: Block, people: People, per_year: float) -> tuple[Integers, Floats]:
    """Return persons and days of something that happens to everybody at the same rate."""
    starts = np.maximum(people.joined, block.calendar.first_day)
    lengths = block.calendar.end_day - starts
    persons = np.repeat(np.arange(people.count), rng.poisson(per_year / 365 * lengths))
    return persons, starts[persons] + rng.random(len(persons)) * lengths[persons]


def _languages(people: People, persons: Integers) -> Integers:
    """Return the language each person writes in, as a place in the phrases' languages."""
    spoken = [population.language.split("-")[0] for population in POPULATIONS]
    places = np.array([LANGUAGES.index(language) if language in LANGUAGES else 0 for language in spoken])
    return places[people.origins[persons]]


def _texts(
    rng: np.random.Generator, people: People, contacts: ContactPoints, persons: Integers, topics: Integers
) -> ArrowColumn:
    """Return what was said: an opening, a body, and for some a way to reach the writer."""
    languages = _languages(people, persons)
    openings = _Phrases([OPENINGS[language] for language in LANGUAGES])
    bodies = _Phrases([BODIES[language][topic] for language in LANGUAGES for topic in TOPICS])
    gives_contact = rng.random(len(persons)) < CONTACT_IN_TEXT_SHARE
    own = np.where(rng.random(len(persons)) < EMAIL_IN_TEXT_SHARE, contacts.emails[persons], contacts.phones[persons])
    known = gives_contact & (own != np.array(None))
    ways = np.array([CONTACT_WAYS[language].partition("{contact}")[::2] for language in LANGUAGES], dtype=object)
    reached = ways[languages, 0] + np.where(known, own, "") + ways[languages, 1]
    spoken = openings.drawn(rng, languages) + " " + bodies.drawn(rng, languages * len(TOPICS) + topics)
    return text_column(np.char.strip((spoken + np.where(known, reached, "")).astype("U")))


def _is_unhappy(experiences: Experiences, persons: Integers, seconds: Integers) -> Flags:
    """Whether each person had a failure of service or a broken promise within the 60 days before."""
    far = 10**11
    bad = np.flatnonzero(np.isin(experiences.kinds, (SERVICE_FAILURE, BROKEN_PROMISE)))
    keys = np.sort(experiences.persons[bad] * far + experiences.seconds[bad])
    at = persons * far + seconds
    first = np.searchsorted(keys, at - _UNHAPPY_DAYS * DAY_SECONDS)
    unhappy: Flags = np.searchsorted(keys, at, side="right") > first
    return unhappy


def survey_table(block: Block, people: People, traits: Traits, *, experiences: Experiences, orders: Orders) -> pa.Table:
    """Return the table `survey_answers`: scores after orders and after contacts, and what people say they prefer."""
    rng = block.rng("surveys")
    sales = orders.sales
    asked = sales[rng.random(len(sales)) < NPS_SHARE]
    failed = np.flatnonzero(experiences.kinds == SERVICE_FAILURE)
    rated = failed[rng.random(len(failed)) < CSAT_SHARE]
    stating = np.flatnonzero(rng.random(people.count) < PREFERENCES_SHARE)
    persons = np.concatenate([orders.persons[asked], experiences.persons[rated], stating])
    kinds = np.repeat([_NPS, _CSAT, _PREFERENCES], [len(asked), len(rated), len(stating)])
    later = rng.integers(20 * DAY_SECONDS, 200 * DAY_SECONDS, len(stating))
    starts = np.maximum(people.joined[stating], block.calendar.first_day) * DAY_SECONDS
    begun = np.concatenate([orders.seconds[asked], experiences.seconds[rated], starts + later])
    asked_at = begun + rng.integers(DAY_SECONDS, 9 * DAY_SECONDS, len(begun))
    answered = asked_at + np.minimum(rng.exponential(DAY_SECONDS, len(begun)), 20 * DAY_SECONDS).astype(np.int64) + 60
    kept = np.flatnonzero(answered < block.calendar.end_day * DAY_SECONDS)
    kept = kept[np.lexsort((kinds[kept], persons[kept], answered[kept]))]
    persons, kinds, count = persons[kept], kinds[kept], len(kept)
    unhappy = _is_unhappy(experiences, persons, answered[kept])
    nps = np.clip(np.round(rng.normal(np.where(unhappy, 3.5, 8.4), 1.9)), 0, 10).astype(np.int64)
    csat = rng.integers(1, 4, count)
    is_preference = kinds == _PREFERENCES
    mood = np.where(nps <= 6, 0, np.where(nps <= 8, 1, 2))  # noqa: PLR2004 - detractors, passives, promoters
    comments = _Phrases([NPS_TEXTS[place] for place in range(len(NPS_TEXTS))]).drawn(rng, mood)
    says = (kinds == _NPS) & (rng.random(count) < COMMENTED_SHARE)
    return table_of(
        {
            "answer_id": block.rows(count),
            "person_number": people.numbers[persons],
            "asked_at": instants(asked_at[kept]),
            "answered_at": instants(answered[kept]),
            "survey": choices(_SURVEYS, kinds),
            "score": numbers(np.where(kinds == _NPS, nps, csat), is_known=~is_preference),
            **_stated(rng, traits, persons, is_preference),
            "text": text_column(comments, is_known=says),
        }
    )


def _stated(
    rng: np.random.Generator, traits: Traits, persons: Integers, is_preference: Flags
) -> Mapping[str, ArrowColumn]:
    """Return what people say they prefer: mostly what they do."""
    count = len(persons)
    honest = rng.random((2, count)) < HONEST_SHARE
    categories = np.where(honest[0], traits.favourites[persons], rng.integers(0, len(CATEGORIES), count))
    channels = np.where(honest[1], traits.channels[persons], rng.integers(0, len(PURCHASE_CHANNELS), count))
    per_year = traits.rate[persons] * 365 * np.exp(rng.normal(0.2, 0.4, count))
    frequency = np.searchsorted([1.5, 8.0, 30.0], per_year)
    return {
        "stated_category": choices([c.name for c in CATEGORIES], categories, is_known=is_preference),
        "stated_channel": choices(PURCHASE_CHANNELS, channels, is_known=is_preference),
        "stated_frequency": choices(_FREQUENCIES[::-1], frequency, is_known=is_preference),
    }


def review_table(block: Block, people: People, *, experiences: Experiences, orders: Orders) -> pa.Table:
    """Return the table `reviews`: some bought products, fewer stars after a bad experience."""
    rng = block.rng("reviews")
    lines = np.flatnonzero((orders.quantities > 0) & (rng.random(len(orders.quantities)) < REVIEWED_SHARE))
    placed = orders.line_orders[lines]
    seconds = orders.seconds[placed] + rng.integers(4 * DAY_SECONDS, 30 * DAY_SECONDS, len(lines))
    kept = seconds < block.calendar.end_day * DAY_SECONDS
    lines, placed, seconds = lines[kept], placed[kept], seconds[kept]
    order = np.lexsort((lines, orders.persons[placed], seconds))
    lines, placed, seconds = lines[order], placed[order], seconds[order]
    persons = orders.persons[placed]
    unhappy = _is_unhappy(experiences, persons, seconds)
    content = weighted_indexes(rng.random(len(lines)), [0.04, 0.06, 0.13, 0.32, 0.45])
    sour = weighted_indexes(rng.random(len(lines)), [0.35, 0.3, 0.2, 0.1, 0.05])
    stars = np.where(unhappy, sour, content)
    return table_of(
        {
            "review_id": block.rows(len(lines)),
            "person_number": people.numbers[persons],
            "product_number": orders.products[lines],
            "reviewed_at": instants(seconds),
            "stars": stars + 1,
            "text": text_column(_Phrases([REVIEWS[star] for star in sorted(REVIEWS)]).drawn(rng, stars)),
        }
    )


def social_table(block: Block, people: People, journeys: Journeys) -> pa.Table:
    """Return the table `social_engagements`: of people who recommend, and of strangers."""
    rng = block.rng("social")
    recommends = np.flatnonzero(journeys.stages == RECOMMEND)
    own = recommends[rng.random(len(recommends)) < SHARED_SHARE]
    strangers = int(len(own) * STRANGERS_SHARE)
    opening, end = block.calendar.first_day * DAY_SECONDS, block.calendar.end_day * DAY_SECONDS
    seconds = np.concatenate([journeys.entered[own] + 600, rng.integers(opening, end, strangers)])
    persons = np.concatenate([journeys.persons[own], np.full(strangers, -1)])
    kept = np.flatnonzero(seconds < end)
    order = kept[np.lexsort((kept, seconds[kept]))]
    seconds, persons = seconds[order], persons[order]
    count = len(order)
    is_known = persons >= 0
    kinds = weighted_indexes(rng.random(count), [0.45, 0.2, 0.15, 0.12, 0.08])
    return table_of(
        {
            "engagement_id": block.rows(count),
            "person_number": numbers(people.numbers[persons], is_known=is_known),
            "network": choices(_NETWORKS, rng.integers(0, len(_NETWORKS), count)),
            "handle": text_column(_handles(rng, block, people, persons)),
            "engaged_at": instants(seconds),
            "engagement_type": choices(_ENGAGEMENTS, kinds),
            "post_id": choices(
                [f"post_{number:04d}" for number in range(_POSTS_COUNT)], rng.integers(0, _POSTS_COUNT, count)
            ),
            "text": choices(
                SOCIAL_TEXTS,
                rng.integers(0, len(SOCIAL_TEXTS), count),
                is_known=np.isin(kinds, (_ENGAGEMENTS.index("comment"), _ENGAGEMENTS.index("mention"))),
            ),
        }
    )


def _handles(rng: np.random.Generator, block: Block, people: People, persons: Integers) -> Texts:
    """Return a handle for each: of people the given name and a number of their own, of strangers an invented one."""
    invented = np.char.add("guest", (block.first_row + rng.integers(1, 10**6, len(persons))).astype("U"))
    names = people.first_names.latin[persons].astype("U")
    own = np.char.add(np.char.add(np.char.lower(names), "_"), people.numbers[persons].astype("U"))
    handles: Texts = np.where(persons >= 0, own, invented)
    return handles
