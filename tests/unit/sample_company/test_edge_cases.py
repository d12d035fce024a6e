"""The people of the stories are in every company, and are what their names say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from orchestration.sample_company.calendar import Calendar
from orchestration.sample_company.edge_cases import EDGE_CASES, EDGE_PEOPLE_COUNT
from orchestration.sample_company.facts.simulate import simulate
from orchestration.sample_company.facts.store import FactStore
from orchestration.sample_company.populations import POPULATIONS

CALENDAR = Calendar.ending(date(2026, 6, 30))
COUNT = 90

Row = dict[str, Any]


@dataclass(frozen=True)
class Story:
    """One case's people with their homes, contact points and devices, in order."""

    people: list[Row]

    @property
    def first(self) -> Row:
        return self.people[0]

    def all_differ(self, column: str) -> bool:
        return len({person[column] for person in self.people}) == len(self.people)

    def all_equal(self, column: str) -> bool:
        return len({person[column] for person in self.people}) == 1

    def addresses(self, place: int = 0) -> list[Row]:
        return [person["homes"][place] for person in self.people]

    def live_together(self) -> bool:
        return self.all_equal("household_id") and len({home["home_number"] for home in self.addresses()}) == 1

    def are_strangers(self) -> bool:
        return self.all_differ("household_id") and len({home["home_number"] for home in self.addresses()}) == len(
            self.people
        )

    def share(self, kind: str) -> bool:
        values = [{p["value"] for p in person["contacts"] if p["contact_type"] == kind} for person in self.people]
        flags = [p["is_shared"] for person in self.people for p in person["contacts"] if p["contact_type"] == kind]
        return bool(set.intersection(*values)) and all(flags)

    def passes(self, kind: str) -> bool:
        """Whether a value of the first person is later one of the second, never of both at once."""
        (given,) = [p for p in self.first["contacts"] if p["contact_type"] == kind and p["valid_to_on"]]
        (taken,) = [p for p in self.people[1]["contacts"] if p["value"] == given["value"]]
        return bool(taken["valid_from_on"] >= given["valid_to_on"] and self.are_strangers())


def _same_person(*columns: str) -> Callable[[Story], bool]:
    return lambda story: all(story.all_equal(column) for column in columns)


def _is(column: str, value: object) -> Callable[[Story], bool]:
    return lambda story: bool(story.first[column] == value)


def _is_in_other_letters(story: Story) -> bool:
    person = story.first
    own, plain = (f"{person[f'first_name{end}']} {person[f'last_name{end}']}" for end in ("", "_latin"))
    plain.encode("cp1252")
    with pytest.raises(UnicodeEncodeError):
        own.encode("cp1252")
    return own != plain


def _is_known_to(*sources: str) -> Callable[[Story], bool]:
    every = ("crm", "shop", "pos", "loyalty")
    return lambda story: {source for source in every if story.first[f"is_in_{source}"]} == set(sources)


def _moves(story: Story) -> bool:
    first, second = story.first["homes"]
    return bool(first["valid_to_on"] == second["valid_from_on"] and first["home_number"] != second["home_number"])


def _changes_every_contact_point(story: Story) -> bool:
    days = [p["valid_from_on"] for p in story.first["contacts"] if p["valid_from_on"] > CALENDAR.starts_on]
    days += [story.first["homes"][1]["valid_from_on"]]
    return len(days) == 3 and (max(days) - min(days)).days <= 31 and len(story.first["cards"]) == 1


def _birthdays_differ_by_a_generation(story: Story) -> bool:
    older, younger = (person["birth_on"] for person in story.people)
    return bool((younger - older).days > 20 * 365)


PROPERTIES: dict[str, Callable[[Story], bool]] = {
    "twins_same_birthday_same_address": lambda s: (
        s.live_together() and _same_person("birth_on", "last_name")(s) and s.all_differ("first_name")
    ),
    "twins_initial_only": lambda s: (
        s.live_together() and s.all_equal("birth_on") and len({p["first_name"][0] for p in s.people}) == 1
    ),
    "father_and_son_one_name": lambda s: (
        s.live_together() and _same_person("first_name", "last_name")(s) and _birthdays_differ_by_a_generation(s)
    ),
    "mother_and_daughter_family_email": lambda s: s.live_together() and s.share("email"),
    "couple_one_landline": lambda s: s.live_together() and s.share("phone"),
    "phone_passed_to_stranger": lambda s: (
        s.passes("phone") and s.people[1]["contacts"][-1]["previous_person_number"] == s.first["person_number"]
    ),
    "email_reissued_by_employer": lambda s: s.passes("email"),
    "maiden_name_changed": lambda s: s.first["former"] == ["Wakeley"] and s.first["last_name"] == "Elmstead",
    "double_barrelled_after_wedding": lambda s: s.first["last_name"].startswith(f"{s.first['former'][0]}-"),
    "name_in_cyrillic_and_latin": _is_in_other_letters,
    "name_in_greek_and_latin": _is_in_other_letters,
    "name_with_turkish_letters": _is_in_other_letters,
    "name_order_vietnamese": _is_in_other_letters,
    "nickname_in_one_source": lambda s: (s.first["first_name"], s.first["nickname"]) == ("William", "Bill"),
    "goes_by_middle_name": lambda s: s.first["first_name"].split()[1] == s.first["nickname"],
    "given_and_family_name_swap": lambda s: (
        s.are_strangers() and s.first["first_name"] == s.people[1]["last_name"] and len(_towns(s)) == 2
    ),
    "same_name_strangers_one_town": lambda s: (
        s.are_strangers() and _same_person("first_name", "last_name")(s) and len(_towns(s)) == 1
    ),
    "same_name_same_birthday_strangers": lambda s: (
        s.are_strangers() and _same_person("first_name", "last_name", "birth_on")(s) and len(_towns(s)) == 2
    ),
    "new_tenant_same_address": lambda s: (
        s.all_differ("household_id")
        and s.addresses()[0]["street"] == s.addresses()[1]["street"]
        and s.first["homes"][0]["valid_to_on"] < s.people[1]["joined_on"]
    ),
    "moved_house_known_everywhere": lambda s: _moves(s) and _is_known_to("crm", "shop", "pos", "loyalty")(s),
    "changed_every_contact_point": _changes_every_contact_point,
    "separated_couple": lambda s: (
        s.live_together() and _moves(s) and len(s.people[1]["homes"]) == 1 and s.all_equal("last_name")
    ),
    "tester_account": lambda s: s.first["is_tester"] and s.first["orders_count"] > 100,
    "poison_phone_shared_by_many": lambda s: len(s.people) > 5 and s.are_strangers() and s.share("phone"),
    "poison_email_shared_by_many": lambda s: len(s.people) > 3 and s.are_strangers() and s.share("email"),
    "company_with_three_contacts": lambda s: (
        len(s.people) == 3 and s.all_equal("account_id_company") and s.first["company_name"] == "Bradfield and Company"
    ),
    "company_shared_inbox": lambda s: s.all_equal("account_id_company") and s.share("email"),
    "private_and_business_self": lambda s: (
        s.first["account_id_company"] is not None
        and len([p for p in s.first["contacts"] if p["contact_type"] == "email"]) == 2
    ),
    "family_tablet": lambda s: (
        s.live_together()
        and [d["shared_with_person_number"] for d in s.first["devices"] if d["is_shared"]]
        == [s.people[1]["person_number"]]
    ),
    "guest_who_registers_later": _is("is_guest", value=True),
    "only_at_the_till": lambda s: _is_known_to("pos", "loyalty")(s) and s.first["online_count"] == 0,
    "only_in_the_crm": lambda s: _is_known_to("crm")(s) and s.first["orders_count"] == 0,
    "flat_share_one_address": lambda s: s.live_together() and s.all_differ("last_name"),
    "leap_day_birthday": _is("birth_on", date(1996, 2, 29)),
    "two_letter_surname": lambda s: len(s.first["last_name"]) <= 2,
    "apostrophe_and_particle": lambda s: "'" in s.first["last_name"],
    "plus_address": lambda s: any("+" in p["value"].split("@")[0] for p in s.first["contacts"]),
    "sharp_s_surname": lambda s: s.first["last_name"].endswith("ß"),
    "centenarian": lambda s: CALENDAR.ends_on.year - s.first["birth_on"].year > 100,
    "gender_other": lambda s: (s.first["gender"], s.first["title"]) == ("other", "Mx"),
}


def _towns(story: Story) -> set[str]:
    return {home["city"] for home in story.addresses()}


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Story]:
    store = FactStore(tmp_path_factory.mktemp("facts"))
    simulate(store, customers_count=COUNT, seed=5, calendar=CALENDAR)
    with store.connect() as connection:

        def rows(sql: str) -> list[Row]:
            return connection.execute(sql).to_arrow_table().to_pylist()

        people = rows(
            """
            select people.*, traits.is_tester, companies.company_name,
                (select count(*) from orders where orders.person_number = people.person_number) as orders_count,
                (select count(*) from orders where orders.person_number = people.person_number and channel <> 'store')
                    as online_count
            from people
            join traits using (person_number)
            left join companies using (account_id_company)
            where edge_case is not null
            order by person_number
            """
        )
        for name, table, order in (
            ("homes", "homes", "valid_from_on"),
            ("contacts", "contact_points", "contact_point_id"),
            ("devices", "devices", "device_id"),
            ("cards", "loyalty_cards", "card_number"),
            ("names", "former_names", "valid_to_on"),
        ):
            found = rows(f"select * from {table} order by {order}")
            for person in people:
                person[name] = [row for row in found if row["person_number"] == person["person_number"]]
    for person in people:
        person["former"] = [row["last_name"] for row in person["names"]]
    return {case.name: Story([p for p in people if p["edge_case"] == case.name]) for case in EDGE_CASES}


def test_every_story_has_a_property_to_be_held_to() -> None:
    assert set(PROPERTIES) == {case.name for case in EDGE_CASES}
    assert len({case.story for case in EDGE_CASES}) == len(EDGE_CASES) >= 40


@pytest.mark.parametrize("case", EDGE_CASES, ids=[case.name for case in EDGE_CASES])
def test_the_people_of_a_story_are_what_its_name_says(case: Any, stories: dict[str, Story]) -> None:
    story = stories[case.name]
    assert len(story.people) == len(case.people)
    assert PROPERTIES[case.name](story), case.story


def test_the_people_of_the_stories_buy_so_that_their_records_exist(stories: dict[str, Story]) -> None:
    idle = [
        name
        for name, story in stories.items()
        if not all(person["orders_count"] > 2 for person in story.people) and name != "only_in_the_crm"
    ]
    assert not idle


def test_a_company_too_small_for_all_stories_tells_none(tmp_path: Any) -> None:
    store = FactStore(tmp_path)
    simulate(store, customers_count=EDGE_PEOPLE_COUNT - 1, seed=5, calendar=CALENDAR)
    with store.connect() as connection:
        assert connection.execute("select count(edge_case) from people").fetchone() == (0,)


def test_the_stories_reach_nobody_real() -> None:
    addresses = [email.address for case in EDGE_CASES for person in case.people for email in person.emails]
    assert all(address.endswith((".example.com", ".example.org", ".example.net")) for address in addresses)
    assert {person.country for case in EDGE_CASES for person in case.people} <= {p.country_code for p in POPULATIONS}
