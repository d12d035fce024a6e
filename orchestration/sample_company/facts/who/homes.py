"""Where people live, one home after the other: the table `homes`.

A household moves together; a single member may move out alone. Some moves lead abroad.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.who.names import Texts
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.facts.who.stories import told_people
from orchestration.sample_company.populations import POPULATIONS
from orchestration.sample_company.randomness import Flags, Integers, ranked_indexes
from orchestration.sample_company.tables import choices, days, table_of, text_column

HOUSEHOLD_MOVED_SHARE = 0.13
MEMBER_MOVED_SHARE = 0.05
ABROAD_SHARE = 0.08
FLAT_SHARE = 0.15
SAME_TOWN_SHARE = 0.5
NEVER = np.iinfo(np.int64).max

_LETTERS = np.array(list("ABDEFGHJLNPQRSTUWXYZ"), dtype=object)
_LIVED_THERE_YEARS = 25


@dataclass(frozen=True)
class Homes:
    """Homes of a block's people.

    Attributes:
        table: The table `homes`.
        moved: For each person the day of the move, days since 1970-01-01; `NEVER` for those who stay.
        is_abroad: Whether the move led to another country.
        latest_places: For each person the town lived in at the end, as a place in the country's list of towns.
        latest_countries: For each person the country lived in at the end, as a place in `POPULATIONS`.
    """

    table: pa.Table
    moved: Integers
    is_abroad: Flags
    latest_places: Integers
    latest_countries: Integers


@dataclass(frozen=True)
class _Addresses:
    countries: Integers
    towns: Integers
    street: Texts
    house_number: Texts
    city: Texts
    postcode: Texts


def draw_homes(block: Block, people: People) -> Homes:
    """Return the homes of the block's people: one, or for those who move two."""
    rng = block.rng("homes")
    homes = people.households.homes
    homes_count = people.households.homes_count
    _, heads = np.unique(homes, return_index=True)
    moved, is_alone = _moves(rng, block, people, homes_count)
    group = np.where(is_alone, homes_count + np.arange(people.count), homes)
    is_abroad = (rng.random(homes_count + people.count) < ABROAD_SHARE)[group] & (moved != NEVER)
    is_abroad &= ~people.is_story
    first = _addresses(rng, people.countries[heads], _told_towns(people, homes, homes_count))
    first_of_person = _at(first, homes)
    later_countries = np.where(
        is_abroad, (people.countries + 1 + group % (len(POPULATIONS) - 1)) % len(POPULATIONS), people.countries
    )
    groups, group_heads, of_group = np.unique(group, return_index=True, return_inverse=True)
    stays_in_town = (rng.random(len(groups)) < SAME_TOWN_SHARE) & ~is_abroad[group_heads]
    towns = np.where(stays_in_town, first_of_person.towns[group_heads], -1)
    later = _at(_addresses(rng, later_countries[group_heads], towns), of_group)
    has_moved = moved != NEVER
    return Homes(
        table=_table(
            block,
            people,
            first=first_of_person,
            later=later,
            moved=moved,
            first_numbers=homes,
            later_numbers=homes_count + group,
        ),
        moved=moved,
        is_abroad=is_abroad,
        latest_places=np.where(has_moved, later.towns, first_of_person.towns),
        latest_countries=np.where(has_moved, later.countries, first_of_person.countries),
    )


def _told_towns(people: People, homes: Integers, homes_count: int) -> Integers:
    """Return for each home the town that a story puts it in, -1 for the others."""
    towns = np.full(homes_count, -1, dtype=np.int64)
    for row, (_, person) in enumerate(told_people(people)):
        towns[homes[row]] = person.town
    return towns


def _moves(rng: np.random.Generator, block: Block, people: People, homes_count: int) -> tuple[Integers, Flags]:
    """Return each person's day of moving, and whether the person moves alone."""
    opening, end = block.calendar.first_day, block.calendar.end_day
    household_days = np.where(
        rng.random(homes_count) < HOUSEHOLD_MOVED_SHARE, rng.integers(opening, end, homes_count), NEVER
    )
    alone_days = np.where(
        rng.random(people.count) < MEMBER_MOVED_SHARE, rng.integers(opening, end, people.count), NEVER
    )
    is_alone = (alone_days != NEVER) & (people.households.sizes > 1)
    moved = np.where(is_alone, alone_days, household_days[people.households.homes])
    for row, (_, person) in enumerate(told_people(people)):
        moved[row] = NEVER if person.moves_day is None else opening + person.moves_day
        is_alone[row] = person.moves_day is not None
    return moved, is_alone


def _addresses(rng: np.random.Generator, countries: Integers, towns: Integers) -> _Addresses:
    """Return an address in each country; in the given town where one is given (not -1)."""
    count = len(countries)
    town_draws, street_draws = rng.random(count), rng.random(count)
    numbers = np.minimum(rng.geometric(0.025, count), 240).astype("U").astype(object)
    digits = rng.integers(0, 10, (6, count)).astype("U1").astype(object)
    letters = _LETTERS[rng.integers(0, len(_LETTERS), (6, count))]
    is_flat = rng.random(count) < FLAT_SHARE
    flats = rng.integers(1, 30, count).astype("U").astype(object)
    drawn = np.zeros(count, dtype=np.int64)
    street, city, postcode = (np.empty(count, dtype=object) for _ in range(3))
    for index, population in enumerate(POPULATIONS):
        rows = np.flatnonzero(countries == index)
        places = ranked_indexes(town_draws[rows], len(population.towns))
        places = np.where(towns[rows] >= 0, towns[rows], places)
        drawn[rows] = places
        city[rows] = np.array(population.towns, dtype=object)[places]
        street_places = np.floor(street_draws[rows] * len(population.streets)).astype(np.int64)
        street[rows] = np.array(population.streets, dtype=object)[street_places]
        prefixes = np.array(population.postcode_prefixes, dtype=object)[places]
        postcode[rows] = _postcodes(population.postcode_pattern, prefixes, digits[:, rows], letters[:, rows])
    house_number = np.where(is_flat, numbers + "/" + flats, numbers)
    return _Addresses(countries, drawn, street, house_number, city, postcode)


def _postcodes(pattern: str, prefixes: Texts, digits: Texts, letters: Texts) -> Texts:
    """Return postcodes after the pattern of a country."""
    postcodes = np.full(len(prefixes), "", dtype=object)
    for position, symbol in enumerate(pattern):
        signs = {"*": prefixes, "#": digits[position % 6], "@": letters[position % 6]}
        postcodes = postcodes + signs.get(symbol, symbol)
    return postcodes


def _at(addresses: _Addresses, places: Integers) -> _Addresses:
    return _Addresses(
        addresses.countries[places],
        addresses.towns[places],
        addresses.street[places],
        addresses.house_number[places],
        addresses.city[places],
        addresses.postcode[places],
    )


def _table(  # noqa: PLR0913 - two homes of each person make one table
    block: Block,
    people: People,
    *,
    first: _Addresses,
    later: _Addresses,
    moved: Integers,
    first_numbers: Integers,
    later_numbers: Integers,
) -> pa.Table:
    movers = np.flatnonzero(moved != NEVER)
    persons = np.concatenate([np.arange(people.count), movers])
    era = np.concatenate([np.zeros(people.count, dtype=np.int64), np.ones(len(movers), dtype=np.int64)])
    order = np.lexsort((era, persons))
    persons, era = persons[order], era[order]
    is_later = era == 1
    since = np.maximum(people.born, block.calendar.first_day - _LIVED_THERE_YEARS * 365)

    def both(earlier_values: Texts, later_values: Texts) -> Texts:
        chosen: Texts = np.where(is_later, later_values[persons], earlier_values[persons])
        return chosen

    return table_of(
        {
            "person_number": people.numbers[persons],
            "home_number": block.first_row + both(first_numbers, later_numbers),
            "street": text_column(both(first.street, later.street)),
            "house_number": text_column(both(first.house_number, later.house_number)),
            "city": text_column(both(first.city, later.city)),
            "postcode": text_column(both(first.postcode, later.postcode)),
            "country_code": choices([p.country_code for p in POPULATIONS], both(first.countries, later.countries)),
            "valid_from_on": days(np.where(is_later, moved[persons], since[persons])),
            "valid_to_on": days(
                np.where(moved[persons] == NEVER, 0, moved[persons]), is_known=~is_later & (moved[persons] != NEVER)
            ),
        }
    )
