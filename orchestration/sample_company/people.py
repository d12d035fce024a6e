"""The people behind the sample company's records: who they are and how they can be reached.

Belongs here: true names, homes, contact points and their changes. Does not belong here: what
people buy (`behaviour.py`) and how a source writes them down (`noise.py`, `sources/`).

E-mail addresses use the domains that RFC 2606 reserves for examples, so none reaches anybody.
Phone numbers are drawn digits in mobile ranges; any likeness to a real number is chance.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from orchestration.sample_company.populations import POPULATIONS, Population
from orchestration.sample_company.randomness import (
    Flags,
    Integers,
    stream,
    weighted_indexes,
)
from orchestration.sample_company.tables import ArrowColumn, query, table_of, text_column

JOINED_BEFORE_DAYS = 365
FEMALE_SHARE = 0.58
EMAIL_CHANGED_SHARE = 0.22
CRM_ONLY_SHARE = 0.06
SHOP_ONLY_SHARE = 0.16
GUEST_SHARE = 0.12
DOUBLE_BARRELLED_SHARE = 0.03

_NAME_RANK_OFFSET = 9.0
_MIXER = 61_803_397
_EMAIL_DOMAINS = (
    "post.example.com",
    "mail.example.org",
    "inbox.example.net",
    "home.example.com",
    "example.org",
    "letters.example.net",
    "example.com",
)
_EMAIL_DOMAIN_WEIGHTS = (0.34, 0.22, 0.16, 0.1, 0.08, 0.06, 0.04)
_EMAIL_PATTERNS_COUNT = 6

_PEOPLE_SQL = """
with addressed as (
    select
        *,
        lower(regexp_replace(strip_accents(
            replace(replace(replace(first_name, 'ł', 'l'), 'Ł', 'l'), 'œ', 'oe')
        ), '[^A-Za-z]', '', 'g')) as first_plain,
        lower(regexp_replace(strip_accents(
            replace(replace(replace(replace(last_name, 'ł', 'l'), 'Ł', 'l'), 'œ', 'oe'), 'ß', 'ss')
        ), '[^A-Za-z]', '', 'g')) as last_plain,
        strftime(birthday, '%y') as birth_year_short,
    from drawn
),

patterns as (
    select person_number, era, email_domain,
        case pattern
            when 0 then first_plain || '.' || last_plain
            when 1 then first_plain || last_plain || birth_year_short
            when 2 then left(first_plain, 1) || '.' || last_plain
            when 3 then last_plain || '.' || first_plain
            when 4 then first_plain || '_' || last_plain
            else left(first_plain, 1) || last_plain || birth_year_short
        end as local_part,
    from (
        select person_number, 'now' as era, email_pattern as pattern, email_domain,
            first_plain, last_plain, birth_year_short
        from addressed
        union all
        select person_number, 'before', email_pattern_before, email_domain_before,
            first_plain, last_plain, birth_year_short
        from addressed
    )
),

addresses as (
    select person_number, era,
        local_part
        || case
            when row_number() over address = 1 then ''
            else (row_number() over address)::varchar
        end
        || '@' || email_domain as email,
    from patterns
    window address as (
        partition by local_part, email_domain order by person_number, era
    )
)

select
    'p_' || lpad(person_number::varchar, 8, '0') as person_id,
    person_number,
    country_code,
    gender,
    first_name,
    last_name,
    birthday,
    city,
    postcode,
    addresses_now.email as email,
    case when has_changed_email then addresses_before.email end as email_before,
    case when has_changed_email then email_changed_on end as email_changed_on,
    phone_e164,
    joined_on,
    is_in_crm,
    is_in_shop,
    is_guest,
from addressed
join addresses as addresses_now
    using (person_number)
join addresses as addresses_before
    using (person_number)
where addresses_now.era = 'now' and addresses_before.era = 'before'
order by person_number
"""


@dataclass(frozen=True)
class Calendar:
    """The days that the sample company lives through.

    Attributes:
        starts_on: First day of the order history.
        ends_on: Last day of the history, and the day on which its files arrive.
        last_on: Last day that is simulated; later nights deliver the days after `ends_on`.
    """

    starts_on: date
    ends_on: date
    last_on: date

    @property
    def newcomers_share(self) -> float:
        """Share of people who join after the history, per person who joined until then."""
        joining_days = (self.ends_on - self.starts_on).days + 1 + JOINED_BEFORE_DAYS
        return (self.last_on - self.ends_on).days / joining_days


def make_people(*, customers_count: int, seed: int, calendar: Calendar) -> pa.Table:
    """One row per person: names, home, contact points over time, and which sources know them.

    Args:
        customers_count: People who joined until `calendar.ends_on`; newcomers of later days come on top.
        seed: The company's seed.
        calendar: The simulated days.

    Returns:
        Ordered by `person_number` (1, 2, …). `email_before` and `email_changed_on` are null for
        people who never changed their address.
    """
    newcomers_count = round(customers_count * calendar.newcomers_share)
    count = customers_count + newcomers_count
    rng = stream(seed, "people")
    countries = weighted_indexes(rng.random(count), [p.share for p in POPULATIONS])
    is_female = rng.random(count) < FEMALE_SHARE
    columns: dict[str, ArrowColumn] = {
        "person_number": pa.array(np.arange(1, count + 1, dtype=np.int64)),
        "country_code": text_column([p.country_code for p in POPULATIONS], countries),
        "gender": text_column(["male", "female"], is_female.astype(np.int64)),
        "joined_on": _joining_days(rng, customers_count, newcomers_count, calendar),
    }
    columns |= _names(rng, countries, is_female)
    columns |= _homes(rng, countries)
    columns |= _contact_points(rng, count, calendar)
    columns["phone_e164"] = _phones(countries)
    columns |= _memberships(rng, count)
    return query(_PEOPLE_SQL, {"drawn": table_of(columns)})


def _days(start: date, offsets: Integers) -> ArrowColumn:
    first = np.datetime64(start, "D")
    days: pa.Array[Any] = pa.array(first + offsets.astype("timedelta64[D]"))
    return days


def _joining_days(
    rng: np.random.Generator, customers_count: int, newcomers_count: int, calendar: Calendar
) -> ArrowColumn:
    first = calendar.starts_on - timedelta(days=JOINED_BEFORE_DAYS)
    history_days = (calendar.ends_on - first).days + 1
    later_days = (calendar.last_on - calendar.ends_on).days
    in_history = rng.integers(0, history_days, customers_count)
    later = history_days + np.floor(rng.random(newcomers_count) * later_days).astype(np.int64)
    return _days(first, np.concatenate([in_history, later]))


def _by_rank(uniforms: np.ndarray, count: int) -> Integers:
    weights = 1.0 / (np.arange(count, dtype=np.float64) + _NAME_RANK_OFFSET)
    return weighted_indexes(uniforms, weights)


def _names(rng: np.random.Generator, countries: Integers, is_female: Flags) -> dict[str, ArrowColumn]:
    count = len(countries)
    first_draws, last_draws, second_draws, tail_draws = rng.random((4, count))
    is_double = rng.random(count) < DOUBLE_BARRELLED_SHARE
    first_names = np.empty(count, dtype=object)
    last_names = np.empty(count, dtype=object)
    for index, population in enumerate(POPULATIONS):
        for flag, names in ((True, population.female_names), (False, population.male_names)):
            rows = (countries == index) & (is_female == flag)
            first_names[rows] = np.array(names, dtype=object)[_by_rank(first_draws[rows], len(names))]
        rows = countries == index
        last_names[rows] = _surnames(population, last_draws[rows], tail_draws[rows])
        doubled = rows & is_double & (population.country_code == "GB")
        seconds = np.array(population.surnames, dtype=object)[_by_rank(second_draws[doubled], len(population.surnames))]
        last_names[doubled] = last_names[doubled] + "-" + seconds
    return {
        "first_name": text_column(first_names),
        "last_name": text_column(last_names),
    }


def _surnames(population: Population, draws: np.ndarray, tail_draws: np.ndarray) -> np.ndarray:
    common = np.array(population.surnames, dtype=object)[_by_rank(draws, len(population.surnames))]
    if not population.surname_tail:
        return common
    tail = np.array(population.surname_tail, dtype=object)
    rare = tail[np.floor(draws * len(tail)).astype(np.int64)]
    return np.where(tail_draws < population.surname_tail_share, rare, common)


def _homes(rng: np.random.Generator, countries: Integers) -> dict[str, ArrowColumn]:
    count = len(countries)
    town_draws = rng.random(count)
    digits = rng.integers(0, 10, (8, count)).astype("U1")
    letters = np.array(list("ABDEFGHJLNPQRSTUWXYZ"))[rng.integers(0, 20, (8, count))]
    cities = np.empty(count, dtype=object)
    postcodes = np.empty(count, dtype=object)
    for index, population in enumerate(POPULATIONS):
        rows = countries == index
        towns = _by_rank(town_draws[rows], len(population.towns))
        cities[rows] = np.array(population.towns, dtype=object)[towns]
        postcode = np.full(int(rows.sum()), "", dtype=object)
        for position, symbol in enumerate(population.postcode_pattern):
            if symbol == "*":
                postcode = postcode + np.array(population.postcode_prefixes, dtype=object)[towns]
            elif symbol == "#":
                postcode = postcode + digits[position, rows].astype(object)
            elif symbol == "@":
                postcode = postcode + letters[position, rows].astype(object)
            else:
                postcode = postcode + symbol
        postcodes[rows] = postcode
    return {
        "city": text_column(cities),
        "postcode": text_column(postcodes),
    }


def _contact_points(rng: np.random.Generator, count: int, calendar: Calendar) -> dict[str, ArrowColumn]:
    patterns = rng.integers(0, _EMAIL_PATTERNS_COUNT, (2, count))
    domains = weighted_indexes(rng.random(count), _EMAIL_DOMAIN_WEIGHTS)
    domains_before = (domains + rng.integers(1, len(_EMAIL_DOMAINS), count)) % len(_EMAIL_DOMAINS)
    history_days = (calendar.ends_on - calendar.starts_on).days + 1
    ages = np.clip(rng.normal(45, 15, count), 18, 92) * 365.25
    born = (ages + rng.random(count) * 365).astype(np.int64)
    return {
        "birthday": _days(calendar.starts_on, -born),
        "email_pattern": pa.array(patterns[0]),
        "email_pattern_before": pa.array(patterns[1]),
        "email_domain": text_column(_EMAIL_DOMAINS, domains),
        "email_domain_before": text_column(_EMAIL_DOMAINS, domains_before),
        "has_changed_email": pa.array(rng.random(count) < EMAIL_CHANGED_SHARE),
        "email_changed_on": _days(calendar.starts_on, rng.integers(60, history_days - 30, count)),
    }


def _phones(countries: Integers) -> ArrowColumn:
    numbers = np.arange(1, len(countries) + 1, dtype=np.int64)
    phones = np.empty(len(countries), dtype=object)
    for index, population in enumerate(POPULATIONS):
        rows = countries == index
        subscribers = numbers[rows] * _MIXER % 10**population.mobile_digits
        nationals = int(population.mobile_prefix) * 10**population.mobile_digits + subscribers
        phones[rows] = f"+{population.dialling_code}" + nationals.astype("U").astype(object)
    return text_column(phones)


def _memberships(rng: np.random.Generator, count: int) -> dict[str, ArrowColumn]:
    known_to = rng.random(count)
    is_in_shop = known_to >= CRM_ONLY_SHARE
    return {
        "is_in_shop": pa.array(is_in_shop),
        "is_in_crm": pa.array(known_to < 1 - SHOP_ONLY_SHARE),
        "is_guest": pa.array((rng.random(count) < GUEST_SHARE) & is_in_shop),
    }
