import duckdb
import pytest

from orchestration.sample_company.populations import POPULATIONS, Population
from orchestration.sample_company.sources.crm import (
    CAPITAL_SHARP_S,
    ENCODING,
    LETTERS_INSTEAD,
    LETTERS_UNKNOWN,
)


@pytest.mark.parametrize("population", POPULATIONS, ids=[p.country_code for p in POPULATIONS])
def test_the_crm_can_write_every_name_in_its_code_page_however_it_is_typed(population: Population) -> None:
    names = [*population.female_names, *population.male_names, *population.surnames, *population.towns]
    typed = duckdb.execute(
        """
        select unnest([name, upper(name), lower(name)])
        from (select translate(unnest($names), $unknown, $instead) as name)
        """,
        {"names": names, "unknown": LETTERS_UNKNOWN, "instead": LETTERS_INSTEAD},
    ).fetchall()
    assert len(typed) == 3 * len(names)
    for (name,) in typed:
        assert name.replace(CAPITAL_SHARP_S, "SS").encode(ENCODING)


def test_the_shares_of_the_countries_are_all_of_the_customers() -> None:
    assert sum(population.share for population in POPULATIONS) == pytest.approx(1)


@pytest.mark.parametrize("population", POPULATIONS, ids=[p.country_code for p in POPULATIONS])
def test_no_list_repeats_an_entry(population: Population) -> None:
    for listed in (population.female_names, population.male_names, population.surnames, population.surname_tail):
        assert len(set(listed)) == len(listed)
    assert len(population.towns) == len(population.postcode_prefixes)
