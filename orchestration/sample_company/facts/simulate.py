"""The sample company's life: facts of the whole company first, then people block by block.

Belongs here: the order in which facts depend on each other. A block's facts are written and forgotten before the next
block begins, so that memory does not grow with the number of customers.
"""

from dataclasses import dataclass

from orchestration.sample_company.calendar import Calendar
from orchestration.sample_company.facts.block import Block, blocks_of
from orchestration.sample_company.facts.campaigns import Campaigns, campaign_table, make_campaigns, offer_table
from orchestration.sample_company.facts.causes import Causes
from orchestration.sample_company.facts.consents import consent_table, draw_consents
from orchestration.sample_company.facts.contact_points import draw_contact_points
from orchestration.sample_company.facts.devices import card_table, draw_devices
from orchestration.sample_company.facts.events import event_table
from orchestration.sample_company.facts.experiences import draw_experiences, experience_table
from orchestration.sample_company.facts.goods import (
    STORE_IDS,
    Goods,
    catalogue_table,
    make_goods,
    nearest_stores,
    price_table,
    stock_table,
    store_table,
)
from orchestration.sample_company.facts.homes import draw_homes
from orchestration.sample_company.facts.households import company_table, household_table
from orchestration.sample_company.facts.journeys import draw_journeys, journey_table
from orchestration.sample_company.facts.market import ad_spend_table, postcode_table
from orchestration.sample_company.facts.messages import (
    draw_audience,
    draw_engagement,
    effect_table,
    message_ids,
    message_table,
)
from orchestration.sample_company.facts.offers import attempt_table, draw_denials, promise_table
from orchestration.sample_company.facts.orders import line_table, make_orders, order_table, payment_table
from orchestration.sample_company.facts.people import draw_people, former_name_table, people_table
from orchestration.sample_company.facts.purchases import draw_wishes
from orchestration.sample_company.facts.service import review_table, social_table, survey_table, ticket_table
from orchestration.sample_company.facts.sessions import draw_sessions, session_table
from orchestration.sample_company.facts.sightings import sighting_table
from orchestration.sample_company.facts.store import COMPANY_WIDE_BLOCK, FactStore
from orchestration.sample_company.facts.stories import tell_stories
from orchestration.sample_company.facts.subject_requests import request_table
from orchestration.sample_company.facts.traits import draw_life_events, draw_traits, trait_table
from orchestration.sample_company.facts.uplift import draw_extras


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


def _write_block(store: FactStore, block: Block, world: _World) -> None:
    goods, campaigns = world.goods, world.campaigns
    people = draw_people(block)
    tell_stories(block, people)
    homes = draw_homes(block, people)
    contacts = draw_contact_points(block, people)
    devices = draw_devices(block, people)
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
    orders, attempts = make_orders(
        block,
        traits,
        wishes=wishes,
        experiences=experiences,
        extras=extras,
        audience=audience,
        campaigns=campaigns,
        goods=goods,
    )
    engagement = draw_engagement(block, audience, campaigns, dropped_out=experiences.dropped_out, bought=extras.bought)
    ids = message_ids(block, audience)
    order_numbers = orders.numbers_of_visits(len(wishes.persons))
    journeys = draw_journeys(block, traits, orders, goods, dropped_out=experiences.dropped_out, joined=people.joined)
    sessions = draw_sessions(
        block,
        people,
        traits,
        consents=consents,
        orders=orders,
        audience=audience,
        campaigns=campaigns,
        engagement=engagement,
        journeys=journeys,
        wishes=wishes,
        experiences=experiences,
        goods=goods,
    )
    tables = {
        "people": people_table(block, people),
        "former_names": former_name_table(people),
        "households": household_table(block, people.households),
        "companies": company_table(block, people.households),
        "homes": homes.table,
        "contact_points": contacts.table,
        "devices": devices.table,
        "loyalty_cards": card_table(block, people, STORE_IDS),
        "traits": trait_table(
            people,
            traits,
            lifts=lifts,
            dropped_out=experiences.dropped_out,
            reasons=experiences.reasons,
            end_day=block.calendar.end_day,
        ),
        "life_events": events.table,
        "experiences": experience_table(people, experiences, campaigns, order_numbers),
        "consents": consent_table(block, people, consents, contacts, audience.unsubscribed),
        "campaign_effects": effect_table(people, campaigns, audience, extras.uplift),
        "messages": message_table(block, people, campaigns, audience, engagement),
        "promises": promise_table(people, audience, campaigns, denials),
        "coupon_attempts": attempt_table(
            block, people, traits, campaigns=campaigns, denials=denials, attempts=attempts, stores=stores
        ),
        "orders": order_table(people, orders, campaigns, ids),
        "order_lines": line_table(orders),
        "payments": payment_table(block, orders),
        "journeys": journey_table(people, journeys, orders),
        "sessions": session_table(
            block, people, devices, sessions, audience=audience, campaigns=campaigns, message_ids=ids
        ),
        "events": event_table(block, sessions, orders, goods),
        "tickets": ticket_table(
            block, people, contacts=contacts, experiences=experiences, orders=orders, order_numbers=order_numbers
        ),
        "survey_answers": survey_table(block, people, traits, experiences=experiences, orders=orders),
        "reviews": review_table(block, people, experiences=experiences, orders=orders),
        "social_engagements": social_table(block, people, journeys),
        "sightings": sighting_table(block, people, devices, consents, orders),
        "subject_requests": request_table(block, people, contacts),
    }
    for name, table in tables.items():
        store.write(name, block.number, table)
