"""Who the people are: names, birthdays, families, when they joined and which sources know them.

Belongs here: the table `people` and `former_names`, and the same as columns for the other facts. Where people live is
`homes.py`, how to reach them `contact_points.py`, what they do the other modules.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.sample_company.edge_cases import EDGE_PEOPLE_COUNT
from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.who.households import (
    BUSINESS,
    COUPLE,
    FAMILY,
    Households,
    company_ids,
    draw_households,
    household_ids,
)
from orchestration.sample_company.facts.who.names import (
    Names,
    Texts,
    draw_families,
    draw_given_names,
    draw_nicknames,
    family_names,
)
from orchestration.sample_company.populations import POPULATIONS
from orchestration.sample_company.randomness import Flags, Integers, weighted_indexes
from orchestration.sample_company.tables import Column, choices, days, numbered, table_of, text_column

FEMALE_SHARE = 0.58
OTHER_GENDER_SHARE = 0.008
SAME_SURNAME_COUPLE_SHARE = 0.7
OPPOSITE_PARTNER_SHARE = 0.93
TWINS_SHARE = 0.12
NAMESAKE_SHARE = 0.06
MARRIED_SHARE = 0.015
CRM_ONLY_SHARE = 0.06
SHOP_ONLY_SHARE = 0.16
GUEST_SHARE = 0.12
POS_SHARE = 0.55
LOYALTY_SHARE = 0.35
APP_SHARE = 0.3

GENDERS = ("female", "male", "other")
FEMALE, MALE, OTHER = range(3)
_TITLES = ("Ms", "Mrs", "Miss", "Mr", "Dr", "Mx")
_DAYS_PER_YEAR = 365.25
_PARENT_AND_CHILD = 2
_SECOND_CHILD = 3


@dataclass
class People:
    """A block's people as columns, in the order of their numbers.

    Attributes:
        numbers: Person numbers.
        origins: Populations that names come from, as places in `POPULATIONS`.
        countries: Countries lived in when joining, as places in `POPULATIONS`.
        genders: Places in `GENDERS`.
        first_names: Given names.
        last_names: Today's family names.
        former: Family names before a marriage; equal to today's for the others.
        married: Days of the change of name since 1970-01-01; -1 for the others.
        nicknames: What people go by, or None.
        titles: Places in a list of titles.
        born: Birthdays, days since 1970-01-01.
        joined: Days since 1970-01-01.
        households: Who lives with whom.
        edge_cases: Names of the edge cases, or None.
        is_tester: Whether the person is no customer but the company's own tester.
        in_crm: Whether the CRM knows the person; the other flags likewise.
        stories_count: How many of the people, the first, are edge-case people.
    """

    numbers: Integers
    origins: Integers
    countries: Integers
    genders: Integers
    first_names: Names
    last_names: Names
    former: Names
    married: Integers
    nicknames: Texts
    titles: Texts
    born: Integers
    joined: Integers
    households: Households
    edge_cases: Texts
    is_tester: Flags
    in_crm: Flags
    in_shop: Flags
    in_pos: Flags
    in_loyalty: Flags
    is_guest: Flags
    is_app_user: Flags
    stories_count: int

    @property
    def count(self) -> int:
        """How many people there are."""
        return len(self.numbers)

    @property
    def is_story(self) -> Flags:
        """Whether each person is an edge-case person."""
        return np.arange(self.count) < self.stories_count


def draw_people(block: Block) -> People:
    """Return the block's people, drawn; the edge-case people's own values are put in by `stories.py`."""
    stories_count = EDGE_PEOPLE_COUNT if block.number == 0 and block.history_count >= EDGE_PEOPLE_COUNT else 0
    households = draw_households(block, stories_count=stories_count)
    rng = block.rng("people")
    count = block.count
    heads = np.arange(count) - households.roles
    origins = weighted_indexes(rng.random(count), [p.share for p in POPULATIONS])[heads]
    in_britain = (rng.random(count) < np.array([p.in_britain_share for p in POPULATIONS])[origins])[heads]
    genders = _genders(rng, households)
    is_female = (genders == FEMALE) | ((genders == OTHER) & (np.arange(count) % 2 == 0))
    first_names = draw_given_names(rng, origins, is_female)
    last_names = _surnames(rng, households, origins, is_female, heads)
    first_names = _namesakes(rng, households, genders, first_names, heads)
    former, married = _marriages(rng, block, last_names, origins, is_female)
    titles = _titles(rng, genders)
    born = _birthdays(rng, block, households, heads)
    memberships = _memberships(rng, count)
    return People(
        numbers=block.persons(),
        origins=origins,
        countries=np.where(in_britain, 0, origins),
        genders=genders,
        first_names=first_names,
        last_names=last_names,
        former=former,
        married=married,
        nicknames=draw_nicknames(rng, first_names.own),
        titles=titles,
        born=born,
        joined=_joining_days(rng, block),
        households=households,
        edge_cases=np.full(count, None, dtype=object),
        is_tester=np.zeros(count, dtype=np.bool_),
        stories_count=stories_count,
        **memberships,
    )


def _genders(rng: np.random.Generator, households: Households) -> Integers:
    """Return a gender for each person; the second of a couple or of two parents is mostly the other one."""
    count = len(households.roles)
    genders = np.where(rng.random(count) < FEMALE_SHARE, FEMALE, MALE)
    types = households.type_of_person()
    is_partner = (households.roles == 1) & (
        (types == COUPLE) | ((types == FAMILY) & (households.sizes > _PARENT_AND_CHILD))
    )
    is_opposite = is_partner & (rng.random(count) < OPPOSITE_PARTNER_SHARE)
    partners = np.flatnonzero(is_opposite)
    genders[partners] = np.where(genders[partners - 1] == FEMALE, MALE, FEMALE)
    genders[rng.random(count) < OTHER_GENDER_SHARE] = OTHER
    return genders.astype(np.int64)


def _surnames(
    rng: np.random.Generator, households: Households, origins: Integers, is_female: Flags, heads: Integers
) -> Names:
    count = len(heads)
    types = households.type_of_person()
    shares_name = (types == FAMILY) | ((types == COUPLE) & (rng.random(count) < SAME_SURNAME_COUPLE_SHARE))
    sources = np.where(shares_name, heads, np.arange(count))
    return family_names(draw_families(rng, count).at(sources), origins, is_female)


def _is_child(households: Households) -> Flags:
    """Whether each person is a grown-up child: the second of two in a family, the third and fourth of more."""
    first_child = np.where(households.sizes == _PARENT_AND_CHILD, 1, 2)
    is_child: Flags = (households.type_of_person() == FAMILY) & (households.roles >= first_child)
    return is_child


def _namesakes(
    rng: np.random.Generator, households: Households, genders: Integers, names: Names, heads: Integers
) -> Names:
    """Give some children the given name of the parent of their gender who stands first in the family."""
    has_name = _is_child(households) & (genders == genders[heads]) & (rng.random(len(heads)) < NAMESAKE_SHARE)
    return names.where(has_name, names.at(heads))


def _marriages(
    rng: np.random.Generator, block: Block, last_names: Names, origins: Integers, is_female: Flags
) -> tuple[Names, Integers]:
    count = len(origins)
    is_married = is_female & (rng.random(count) < MARRIED_SHARE)
    married = rng.integers(block.calendar.first_day + 60, block.calendar.history_end_day - 60, count)
    maiden = family_names(draw_families(rng, count), origins, is_female)
    former = last_names.where(is_married, maiden)
    return former, np.where(is_married & (former.own != last_names.own), married, -1)


def _titles(rng: np.random.Generator, genders: Integers) -> Texts:
    draws = rng.random(len(genders))
    women = weighted_indexes(draws, [0.5, 0.34, 0.1, 0.0, 0.06])
    men = weighted_indexes(draws, [0.0, 0.0, 0.0, 0.94, 0.06])
    places = np.where(genders == FEMALE, women, np.where(genders == MALE, men, 5))
    return np.array(_TITLES, dtype=object)[places]


def _birthdays(rng: np.random.Generator, block: Block, households: Households, heads: Integers) -> Integers:
    """Return birthdays: partners of similar age, children a generation younger, some of them twins."""
    count = len(heads)
    ages = np.clip(rng.normal(46, 15, count), 18, 92)
    is_parent_home = households.type_of_person() == FAMILY
    ages = np.where(is_parent_home & (households.roles == 0), np.maximum(ages, 42), ages)
    is_child = _is_child(households)
    is_partner = (households.roles == 1) & ~is_child & (households.type_of_person() != BUSINESS)
    partner_ages = np.clip(ages[heads] + rng.normal(0, 3.5, count), 18, 95)
    child_ages = np.clip(ages[heads] - rng.uniform(21, 36, count), 16, 70)
    in_couple = is_partner & np.isin(households.type_of_person(), (COUPLE, FAMILY))
    ages = np.where(is_child, child_ages, np.where(in_couple, partner_ages, ages))
    born = block.calendar.first_day - np.floor(ages * _DAYS_PER_YEAR).astype(np.int64) - rng.integers(0, 365, count)
    is_twin = is_child & (households.roles == _SECOND_CHILD) & (rng.random(count) < TWINS_SHARE)
    twins = np.flatnonzero(is_twin)
    born[twins] = born[twins - 1]
    return born


def _joining_days(rng: np.random.Generator, block: Block) -> Integers:
    first, end = block.calendar.first_joining_day, block.calendar.history_end_day
    in_history = rng.integers(first, end, block.history_count)
    later = rng.integers(end, block.calendar.end_day, block.newcomers_count)
    return np.concatenate([in_history, later])


def _memberships(rng: np.random.Generator, count: int) -> dict[str, Flags]:
    known_to = rng.random(count)
    in_shop = known_to >= CRM_ONLY_SHARE
    is_guest = (rng.random(count) < GUEST_SHARE) & in_shop
    in_pos = (rng.random(count) < POS_SHARE) & in_shop
    return {
        "in_crm": known_to < 1 - SHOP_ONLY_SHARE,
        "in_shop": in_shop,
        "in_pos": in_pos,
        "in_loyalty": in_pos & (rng.random(count) < LOYALTY_SHARE / POS_SHARE),
        "is_guest": is_guest,
        "is_app_user": (rng.random(count) < APP_SHARE) & in_shop & ~is_guest,
    }


def people_table(block: Block, people: People) -> pa.Table:
    """Return the table `people`."""
    households = people.households
    is_business = households.type_of_person() == BUSINESS
    columns: dict[str, Column] = {
        "person_number": people.numbers,
        "person_id": text_column(numbered("p_", people.numbers, digits=8)),
        "title": text_column(people.titles),
        "first_name": text_column(people.first_names.own),
        "last_name": text_column(people.last_names.own),
        "first_name_latin": text_column(people.first_names.latin),
        "last_name_latin": text_column(people.last_names.latin),
        "nickname": text_column(people.nicknames),
        "gender": choices(GENDERS, people.genders),
        "birth_on": days(people.born),
        "language": choices([p.language for p in POPULATIONS], people.origins),
        "country_code": choices([p.country_code for p in POPULATIONS], people.countries),
        "joined_on": days(people.joined),
        "household_id": text_column(household_ids(block, households.of_person)),
        "account_id_company": text_column(company_ids(block, households.of_person), is_known=is_business),
        "edge_case": text_column(people.edge_cases),
        "is_in_crm": people.in_crm,
        "is_in_shop": people.in_shop,
        "is_in_pos": people.in_pos,
        "is_in_loyalty": people.in_loyalty,
        "is_guest": people.is_guest,
        "is_app_user": people.is_app_user,
    }
    return table_of(columns)


def former_name_table(people: People) -> pa.Table:
    """Return the table `former_names`."""
    rows = np.flatnonzero(people.married >= 0)
    former = people.former.at(rows)
    return table_of(
        {
            "person_number": people.numbers[rows],
            "last_name": text_column(former.own),
            "last_name_latin": text_column(former.latin),
            "valid_to_on": days(people.married[rows]),
        }
    )
