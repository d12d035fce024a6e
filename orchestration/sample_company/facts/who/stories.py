"""The edge-case people's own values, put over the drawn ones of the first people of the first block."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from orchestration.sample_company.edge_cases import EDGE_PEOPLE, EdgePerson
from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.who.names import Names, Texts
from orchestration.sample_company.facts.who.people import GENDERS, People
from orchestration.sample_company.populations import POPULATIONS
from orchestration.sample_company.transliteration import latin

_EPOCH = date(1970, 1, 1)
_COUNTRIES = tuple(population.country_code for population in POPULATIONS)
_TITLES = {"female": "Ms", "male": "Mr", "other": "Mx"}


def tell_stories(block: Block, people: People) -> None:
    """Put the edge-case people's names, birthdays, days and sources in place of the drawn ones."""
    told = EDGE_PEOPLE[: people.stories_count]
    if not told:
        return
    persons = [person for _, person in told]
    rows = slice(0, len(persons))
    first_day = block.calendar.first_day
    people.edge_cases[rows] = [case.name for case, _ in told]
    people.genders[rows] = [GENDERS.index(p.gender) for p in persons]
    people.origins[rows] = people.countries[rows] = [_COUNTRIES.index(p.country) for p in persons]
    _write(people.first_names, [p.first_name for p in persons])
    _write(people.last_names, [p.last_name for p in persons])
    _write(people.former, [p.former_last_name or p.last_name for p in persons])
    people.married[rows] = [first_day + p.married_day if p.former_last_name else -1 for p in persons]
    people.nicknames[rows] = _column([p.nickname for p in persons])
    people.titles[rows] = [p.title or _TITLES[p.gender] for p in persons]
    people.born[rows] = [(date(*p.birth) - _EPOCH).days for p in persons]
    people.joined[rows] = [first_day + p.joined_day for p in persons]
    people.is_tester[rows] = [p.is_tester for p in persons]
    for source, flags in _sources(people).items():
        flags[rows] = [source in p.in_sources for p in persons]
    people.is_guest[rows] = [p.is_guest for p in persons]
    people.is_app_user[rows] = [p.is_app_user or p.device_of is not None for p in persons]
    people.households.firms[people.households.of_person[rows]] = _column([p.company for p in persons])


def _sources(people: People) -> dict[str, np.ndarray]:
    return {"crm": people.in_crm, "shop": people.in_shop, "pos": people.in_pos, "loyalty": people.in_loyalty}


def _column(values: Sequence[str | None]) -> Texts:
    return np.array(values, dtype=object)


def _write(names: Names, told: Sequence[str]) -> None:
    names.own[: len(told)] = told
    names.latin[: len(told)] = [latin(name) for name in told]


def told_people(people: People) -> list[tuple[int, EdgePerson]]:
    """Return each edge-case person's row in the block with the row of the first person of the same story."""
    firsts: dict[str, int] = {}
    told = []
    for row, (case, person) in enumerate(EDGE_PEOPLE[: people.stories_count]):
        told.append((firsts.setdefault(case.name, row), person))
    return told
