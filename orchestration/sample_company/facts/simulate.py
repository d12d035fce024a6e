"""The sample company's life: facts of the whole company first, then people block by block.

Belongs here: the order in which facts depend on each other. A block's facts are written and forgotten before the next
block begins, so that memory does not grow with the number of customers.
"""

from dataclasses import dataclass

import pyarrow as pa

from orchestration.sample_company.calendar import Calendar
from orchestration.sample_company.facts.block import Block, blocks_of
from orchestration.sample_company.facts.causes import Causes
from orchestration.sample_company.facts.company.campaigns import Campaigns, campaign_table, make_campaigns, offer_table
from orchestration.sample_company.facts.company.goods import (
    STORE_IDS,
    Goods,
    catalogue_table,
    make_goods,
    nearest_stores,
    price_table,
    stock_table,
    store_table,
)
from orchestration.sample_company.facts.company.market import ad_spend_table, postcode_table
from orchestration.sample_company.facts.contact.events import event_table
from orchestration.sample_company.facts.contact.journeys import draw_journeys, journey_table
from orchestration.sample_company.facts.contact.messages import (
    Audience,
    draw_audience,
    draw_engagement,
    effect_table,
    message_ids,
    message_table,
)
from orchestration.sample_company.facts.contact.service import review_table, social_table, survey_table, ticket_table
from orchestration.sample_company.facts.contact.sessions import draw_sessions, session_table
from orchestration.sample_company.facts.contact.sightings import sighting_table
from orchestration.sample_company.facts.store import COMPANY_WIDE_BLOCK, FactStore
from orchestration.sample_company.facts.trade.experiences import Experiences, draw_experiences, experience_table
from orchestration.sample_company.facts.trade.offers import (
    Attempts,
    Denials,
    attempt_table,
    draw_denials,
    promise_table,
)
from orchestration.sample_company.facts.trade.orders import Orders, line_table, make_orders, order_table, payment_table
from orchestration.sample_company.facts.trade.purchases import Wishes, draw_wishes
from orchestration.sample_company.facts.trade.traits import (
    LifeEvents,
    Traits,
    draw_life_events,
    draw_traits,
    trait_table,
)
from orchestration.sample_company.facts.trade.uplift import Extras, draw_extras
from orchestration.sample_company.facts.who.consents import Consents, consent_table, draw_consents
from orchestration.sample_company.facts.who.contact_points import ContactPoints, draw_contact_points
from orchestration.sample_company.facts.who.devices import Devices, card_table, draw_devices
from orchestration.sample_company.facts.who.homes import Homes, draw_homes
from orchestration.sample_company.facts.who.households import company_table, household_table
from orchestration.sample_company.facts.who.people import People, draw_people, former_name_table, people_table
from orchestration.sample_company.facts.who.stories import tell_stories
from orchestration.sample_company.facts.who.subject_requests import request_table
from orchestration.sample_company.randomness import Floats, Integers


@dataclass(frozen=True)
class _World:
    """What is the same for all people."""

    goods: Goods
    campaigns: Campaigns


def simulate(
    store: FactStore, *, customers_count: int, seed: int, calendar: Calendar, causes: Causes | None = None
) -> None:
    """Write all fact tables; the same arguments give the same bytes.

    Args:
        store: Where to write.
        customers_count: People who joined until the history's end; newcomers of the later days come on top.
        seed: The company's seed.
        calendar: The simulated days.
        causes: How strong the causes are; by default as the sample company is.
    """
    world = _World(make_goods(seed=seed, calendar=calendar), make_campaigns(seed=seed, calendar=calendar))
    _write_company(store, world, customers_count=customers_count, seed=seed, calendar=calendar)
    for block in blocks_of(customers_count=customers_count, seed=seed, calendar=calendar, causes=causes or Causes()):
        _write_block(store, block, world)


def _write_company(store: FactStore, world: _World, *, customers_count: int, seed: int, calendar: Calendar) -> None:
    tables = {
        "catalogue": catalogue_table(world.goods),
        "product_prices": price_table(world.goods, calendar),
        "stores": store_table(),
        "stock": stock_table(world.goods, seed=seed, calendar=calendar),
        "campaigns": campaign_table(world.campaigns),
        "offers": offer_table(world.campaigns, customers_count=customers_count),
        "ad_spend": ad_spend_table(seed=seed, calendar=calendar, customers_count=customers_count),
        "postcodes": postcode_table(seed=seed),
    }
    for name, table in tables.items():
        store.write(name, COMPANY_WIDE_BLOCK, table)


@dataclass(frozen=True)
class _Lives:
    """What is known of a block's people once they have lived."""

    people: People
    homes: Homes
    contacts: ContactPoints
    devices: Devices
    traits: Traits
    events: LifeEvents
    stores: Integers
    consents: Consents
    audience: Audience
    denials: Denials
    wishes: Wishes
    lifts: Floats
    experiences: Experiences
    extras: Extras


def _lived(block: Block, world: _World) -> _Lives:
    """Draw who the people are, what they are told, what they want, what they meet, and what messages add."""
    goods, campaigns = world.goods, world.campaigns
    people = draw_people(block)
    tell_stories(block, people)
    homes = draw_homes(block, people)
    contacts = draw_contact_points(block, people)
    traits = draw_traits(block, people, goods)
    events = draw_life_events(block, people, homes)
    stores = nearest_stores(homes.latest_countries, homes.latest_places, rng=block.rng("nearest_stores"))
    consents = draw_consents(block, people, contacts)
    audience = draw_audience(block, people, traits, campaigns, consents)
    denials = draw_denials(block, audience, campaigns)
    wishes, lifts = draw_wishes(block, people, traits, events=events, goods=goods, stores=stores)
    experiences = draw_experiences(
        block, people, traits, homes=homes, goods=goods, wishes=wishes, audience=audience, denials=denials
    )
    extras = draw_extras(
        block,
        people,
        traits,
        campaigns=campaigns,
        audience=audience,
        experiences=experiences,
        wishes=wishes,
        goods=goods,
        stores=stores,
    )
    return _Lives(
        people=people,
        homes=homes,
        contacts=contacts,
        devices=draw_devices(block, people),
        traits=traits,
        events=events,
        stores=stores,
        consents=consents,
        audience=audience,
        denials=denials,
        wishes=wishes,
        lifts=lifts,
        experiences=experiences,
        extras=extras,
    )


def _write_block(store: FactStore, block: Block, world: _World) -> None:
    lives = _lived(block, world)
    orders, attempts = make_orders(
        block,
        lives.traits,
        wishes=lives.wishes,
        experiences=lives.experiences,
        extras=lives.extras,
        audience=lives.audience,
        campaigns=world.campaigns,
        goods=world.goods,
    )
    for tables in (
        _who(block, lives),
        _trade(block, lives, world, orders, attempts),
        _contact(block, lives, world, orders),
    ):
        for name, table in tables.items():
            store.write(name, block.number, table)


def _who(block: Block, lives: _Lives) -> dict[str, pa.Table]:
    people = lives.people
    return {
        "people": people_table(block, people),
        "former_names": former_name_table(people),
        "households": household_table(block, people.households),
        "companies": company_table(block, people.households),
        "homes": lives.homes.table,
        "contact_points": lives.contacts.table,
        "devices": lives.devices.table,
        "loyalty_cards": card_table(block, people, STORE_IDS),
        "consents": consent_table(block, people, lives.consents, lives.contacts, lives.audience.unsubscribed),
        "subject_requests": request_table(block, people, lives.contacts),
    }


def _trade(block: Block, lives: _Lives, world: _World, orders: Orders, attempts: Attempts) -> dict[str, pa.Table]:
    people, traits, campaigns = lives.people, lives.traits, world.campaigns
    order_numbers = orders.numbers_of_visits(len(lives.wishes.persons))
    return {
        "traits": trait_table(
            people,
            traits,
            lifts=lives.lifts,
            dropped_out=lives.experiences.dropped_out,
            reasons=lives.experiences.reasons,
            end_day=block.calendar.end_day,
        ),
        "life_events": lives.events.table,
        "experiences": experience_table(people, lives.experiences, campaigns, order_numbers),
        "orders": order_table(people, orders, campaigns, message_ids(block, lives.audience)),
        "order_lines": line_table(orders),
        "payments": payment_table(block, orders),
        "promises": promise_table(people, lives.audience, campaigns, lives.denials),
        "coupon_attempts": attempt_table(
            block,
            people,
            traits,
            campaigns=campaigns,
            denials=lives.denials,
            attempts=attempts,
            stores=lives.stores,
        ),
    }


def _contact(block: Block, lives: _Lives, world: _World, orders: Orders) -> dict[str, pa.Table]:
    people, audience, experiences = lives.people, lives.audience, lives.experiences
    engagement = draw_engagement(
        block, audience, world.campaigns, dropped_out=experiences.dropped_out, bought=lives.extras.bought
    )
    journeys = draw_journeys(
        block, lives.traits, orders, world.goods, dropped_out=experiences.dropped_out, joined=people.joined
    )
    sessions = draw_sessions(
        block,
        people,
        lives.traits,
        consents=lives.consents,
        orders=orders,
        audience=audience,
        campaigns=world.campaigns,
        engagement=engagement,
        journeys=journeys,
        wishes=lives.wishes,
        experiences=experiences,
        goods=world.goods,
    )
    return {
        "campaign_effects": effect_table(people, world.campaigns, audience, lives.extras.uplift),
        "messages": message_table(block, people, world.campaigns, audience, engagement),
        "journeys": journey_table(people, journeys, orders),
        "sessions": session_table(
            block,
            people,
            lives.devices,
            sessions,
            audience=audience,
            campaigns=world.campaigns,
            message_ids=message_ids(block, audience),
        ),
        "events": event_table(block, sessions, orders, world.goods),
        "tickets": ticket_table(
            block,
            people,
            contacts=lives.contacts,
            experiences=experiences,
            orders=orders,
            order_numbers=orders.numbers_of_visits(len(lives.wishes.persons)),
        ),
        "survey_answers": survey_table(block, people, lives.traits, experiences=experiences, orders=orders),
        "reviews": review_table(block, people, experiences=experiences, orders=orders),
        "social_engagements": social_table(block, people, journeys),
        "sightings": sighting_table(block, people, lives.devices, lives.consents, orders),
    }
