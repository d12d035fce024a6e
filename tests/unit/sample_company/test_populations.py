import pytest

from orchestration.sample_company.nicknames import NICKNAMES
from orchestration.sample_company.population import Population
from orchestration.sample_company.populations import POPULATIONS
from orchestration.sample_company.transliteration import latin

EVERY_POPULATION = pytest.mark.parametrize("population", POPULATIONS, ids=[p.country_code for p in POPULATIONS])


@EVERY_POPULATION
def test_a_western_code_page_can_write_every_name_in_latin_letters_however_it_is_typed(population: Population) -> None:
    names = [
        *population.female_names,
        *population.male_names,
        *population.surnames,
        *population.feminine_surnames,
        *population.towns,
        *population.streets,
    ]
    for name in names:
        plain = latin(name)
        for typed in (plain, plain.upper(), plain.lower()):
            assert typed.encode("cp1252"), name


def test_the_shares_of_the_countries_are_all_of_the_customers() -> None:
    assert sum(population.share for population in POPULATIONS) == pytest.approx(1)


@EVERY_POPULATION
def test_no_list_repeats_an_entry(population: Population) -> None:
    for listed in (
        population.female_names,
        population.male_names,
        population.surnames,
        population.surname_tail,
        population.streets,
    ):
        assert len(set(listed)) == len(listed)
    assert len(population.towns) == len(population.postcode_prefixes)
    assert len(population.feminine_surnames) in {0, len(population.surnames)}


def test_every_nickname_is_of_a_name_that_somebody_has_and_unlike_it() -> None:
    names = {name for p in POPULATIONS for name in (*p.female_names, *p.male_names)}
    assert set(NICKNAMES) <= names
    assert all(name not in short for name, short in NICKNAMES.items())
