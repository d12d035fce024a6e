"""Who the people are: names of many lands, strangers of one name, families, contact points that reach nobody real."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import phonenumbers
import pytest

from orchestration.sample_company.calendar import Calendar
from orchestration.sample_company.facts.simulate import simulate
from orchestration.sample_company.facts.store import FactStore
from orchestration.sample_company.populations import POPULATIONS
from orchestration.sample_company.transliteration import latin

COUNT = 3_000


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    store = FactStore(tmp_path_factory.mktemp("facts"))
    simulate(store, customers_count=COUNT, seed=11, calendar=Calendar.ending(date(2026, 6, 30)))
    with store.connect() as connection:
        yield connection


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    (row,) = _rows(connection, sql)
    return row


def test_the_stated_number_of_people_joined_within_the_history(facts: duckdb.DuckDBPyConnection) -> None:
    assert _one(facts, "select count(*) from people where joined_on <= date '2026-06-30'") == (COUNT,)
    assert _one(facts, "select count(*) > 100 from people where joined_on > date '2026-06-30'") == (True,)


def test_people_come_from_all_populations_and_write_in_four_scripts(facts: duckdb.DuckDBPyConnection) -> None:
    found = {language for (language,) in _rows(facts, "select distinct language from people")}
    assert found == {population.language for population in POPULATIONS}
    scripts = _one(
        facts,
        r"""
        select
            count(*) filter (regexp_matches(first_name, '\p{Greek}')),
            count(*) filter (regexp_matches(first_name, '\p{Cyrillic}')),
            count(*) filter (regexp_matches(first_name_latin || last_name_latin, '\p{Greek}|\p{Cyrillic}')),
        from people
        """,
    )
    assert scripts[0] > 30
    assert scripts[1] > 30
    assert scripts[2] == 0


def test_strangers_share_names_as_often_as_frequent_names_make_them(facts: duckdb.DuckDBPyConnection) -> None:
    namesakes, most = _one(
        facts,
        """
        select sum(people_count) filter (households_count > 1), max(people_count)
        from (
            select count(*) as people_count, count(distinct household_id) as households_count
            from people
            group by first_name, last_name
        )
        """,
    )
    assert 0.05 * COUNT < namesakes < 0.5 * COUNT
    assert most < 0.01 * COUNT


def test_a_family_is_of_one_name_and_its_women_and_men_have_its_forms(facts: duckdb.DuckDBPyConnection) -> None:
    families = "select household_id from households where household_type = 'family'"
    assert _one(
        facts,
        f"""
        select count(*) from (
            select household_id, gender from people
            where household_id in ({families}) and edge_case is null and gender <> 'other'
                and person_number not in (select person_number from former_names)
            group by household_id, gender
            having count(distinct last_name) > 1
        )
        """,
    ) == (0,)
    feminine = "select count(*) from people where language = 'el' and gender = 'female' and last_name like '%όπουλος'"
    assert _one(facts, feminine) == (0,)


def test_a_household_lives_at_one_address(facts: duckdb.DuckDBPyConnection) -> None:
    apart = """
        select count(*) from (
            select household_id from people join homes using (person_number)
            where valid_from_on < date '2024-07-01'
            group by household_id
            having count(distinct (street, house_number, postcode, city)) > 1
        )
    """
    assert _one(facts, apart) == (0,)
    twins = """
        select count(*) from people as one join people as other
            on one.household_id = other.household_id and one.birth_on = other.birth_on
            and one.person_number < other.person_number
        where one.edge_case is null
    """
    assert _one(facts, twins)[0] > 0


def test_homes_follow_each_other_without_gap_or_overlap(facts: duckdb.DuckDBPyConnection) -> None:
    moves, wrong = _one(
        facts,
        """
        select count(next_from), count(*) filter (valid_to_on is distinct from next_from)
        from (
            select *, lead(valid_from_on) over (partition by person_number order by valid_from_on) as next_from
            from homes
        )
        """,
    )
    assert moves > 200
    assert wrong == 0


def test_addresses_reach_nobody_real_and_belong_to_one_person_unless_shared(facts: duckdb.DuckDBPyConnection) -> None:
    domains = _rows(facts, "select distinct split_part(value, '@', 2) from contact_points where contact_type = 'email'")
    assert all(domain.endswith(("example.com", "example.org", "example.net")) for (domain,) in domains)
    assert (
        _rows(
            facts,
            r"""
            select value from contact_points
            where contact_type = 'email' and not regexp_full_match(value, '[a-z0-9._+-]+@[a-z0-9.-]+')
            """,
        )
        == []
    )
    doubles = _rows(
        facts,
        """
        select value
        from contact_points
        join people using (person_number)
        where contact_type = 'email' and not is_shared and edge_case is null
        group by value
        having count(*) > 1
        """,
    )
    assert doubles == []


def test_a_family_inbox_is_the_same_for_all_of_the_family(facts: duckdb.DuckDBPyConnection) -> None:
    shared, households = _one(
        facts,
        """
        select count(*), max(households_count) from (
            select value, count(distinct household_id) as households_count
            from contact_points join people using (person_number)
            where contact_type = 'email' and is_shared and edge_case is null
            group by value
        )
        """,
    )
    assert shared > 20
    assert households == 1


def test_a_number_has_one_owner_at_a_time_and_some_pass_to_a_stranger(facts: duckdb.DuckDBPyConnection) -> None:
    passed = _rows(
        facts,
        """
        select taken.valid_from_on - given.valid_to_on, taker.household_id <> giver.household_id
        from contact_points as taken
        join contact_points as given
            on given.value = taken.value and given.person_number = taken.previous_person_number
        join people as taker on taker.person_number = taken.person_number
        join people as giver on giver.person_number = given.person_number
        """,
    )
    assert len(passed) > 30
    assert all(days >= 60 and is_stranger for days, is_stranger in passed)
    overlapping = """
        select count(*) from contact_points as one join contact_points as other
            on one.value = other.value and one.contact_point_id < other.contact_point_id
            and one.valid_from_on < coalesce(other.valid_to_on, date '2100-01-01')
            and other.valid_from_on < coalesce(one.valid_to_on, date '2100-01-01')
        where one.contact_type = 'phone' and not (one.is_shared and other.is_shared)
    """
    assert _one(facts, overlapping) == (0,)


def test_numbers_are_valid_mobile_numbers_of_the_country(facts: duckdb.DuckDBPyConnection) -> None:
    numbers = _rows(
        facts,
        """
        select country_code, value from contact_points join people using (person_number)
        where contact_type = 'phone' and not is_shared and previous_person_number is null
        qualify row_number() over (partition by country_code order by contact_point_id) <= 20
        order by country_code, contact_point_id
        """,
    )
    assert {country for country, _ in numbers} == {population.country_code for population in POPULATIONS}
    for country, value in numbers:
        parsed = phonenumbers.parse(value)
        assert phonenumbers.is_valid_number_for_region(parsed, country), (country, value)


def test_companies_have_several_contacts_and_tablets_two_users(facts: duckdb.DuckDBPyConnection) -> None:
    contacts = _one(
        facts,
        """
        select max(contacts_count), count(*) filter (contacts_count > 1)
        from (select count(*) as contacts_count from people where account_id_company is not null
            group by account_id_company)
        """,
    )
    assert contacts[0] >= 3
    assert contacts[1] > 10
    shared = _one(
        facts,
        """
        select count(*), count(*) filter (owner.household_id = other.household_id)
        from devices
        join people as owner using (person_number)
        join people as other on other.person_number = devices.shared_with_person_number
        where is_shared
        """,
    )
    assert shared[0] == shared[1] > 10


def test_cards_have_sixteen_digits_and_some_lead_with_zeros(facts: duckdb.DuckDBPyConnection) -> None:
    cards, whole, leading = _one(
        facts,
        """
        select count(*), count(*) filter (regexp_full_match(card_number, '[0-9]{16}')),
            count(*) filter (card_number like '0%')
        from loyalty_cards
        """,
    )
    assert cards == whole > 300
    assert leading > 0.3 * cards


def test_a_phone_that_hides_shows_another_hash_each_day_and_others_the_same(facts: duckdb.DuckDBPyConnection) -> None:
    hidden, open_ones = _one(
        facts,
        """
        select count(*) filter (hashes_count = days_count), count(*) filter (hashes_count = 1)
        from (
            select person_number, count(distinct hash) as hashes_count, count(distinct seen_at::date) as days_count
            from sightings
            where device_kind = 'wifi'
            group by person_number
            having days_count > 2
        )
        """,
    )
    assert hidden > 20
    assert open_ones > 20


@pytest.mark.parametrize(
    ("own", "plain"),
    [
        ("Παπαδόπουλος", "Papadopoulos"),
        ("Μπακάλης", "Bakalis"),
        ("Ευάγγελος", "Evangelos"),
        ("Згурський", "Zghurskyi"),
        ("Юлія", "Yuliia"),
        ("Євген", "Yevhen"),
        ("Yıldırım", "Yildirim"),  # noqa: RUF001 - a dotless i is meant
        ("Đặng", "Dang"),
        ("Łukasz", "Lukasz"),
        ("Siobhán", "Siobhán"),
        ("Strauß", "Strauß"),
    ],
)
def test_names_in_other_letters_are_written_by_the_published_tables(own: str, plain: str) -> None:
    assert latin(own) == plain
