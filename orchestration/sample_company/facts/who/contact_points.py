"""How people can be reached over time: the table `contact_points`.

E-mail addresses use domains that RFC 2606 reserves for examples, so none reaches anybody. Phone numbers are drawn
digits in mobile ranges; any likeness to a real number is chance. An address is one person's alone unless it says
that it is shared; a number has one owner at a time, and some pass to a stranger a while after they were given up.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.who.homes import NEVER
from orchestration.sample_company.facts.who.households import BUSINESS, FAMILY
from orchestration.sample_company.facts.who.names import Texts
from orchestration.sample_company.facts.who.people import People
from orchestration.sample_company.facts.who.stories import told_people
from orchestration.sample_company.populations import POPULATIONS
from orchestration.sample_company.randomness import Flags, Integers, weighted_indexes
from orchestration.sample_company.tables import choices, days, numbers, query, table_of, text_column

EMAIL_SHARE = 0.96
EMAIL_IN_FAMILY_SHARE = 0.5
EMAIL_CHANGED_SHARE = 0.22
SECOND_EMAIL_SHARE = 0.14
FAMILY_EMAIL_SHARE = 0.25
PHONE_SHARE = 0.93
PHONE_CHANGED_SHARE = 0.12
PHONE_PASSED_SHARE = 0.35
SHARED_LINE_SHARE = 0.2
PASSED_AFTER_DAYS = 90
LINES_PER_PERSON = 4

EMAIL, PHONE = 0, 1
_TYPES = ("email", "phone")
_MIXER = 61_803_397
_DOMAINS = (
    "post.example.com",
    "mail.example.org",
    "inbox.example.net",
    "home.example.com",
    "example.org",
    "letters.example.net",
    "example.com",
)
_DOMAIN_WEIGHTS = (0.34, 0.22, 0.16, 0.1, 0.08, 0.06, 0.04)
_FIRM_DOMAIN = "firms.example.org"
_LOCAL_PATTERNS = 6
_FAMILY_PATTERN = 6
_OWNED_FOR_DAYS = 3_000
_HOUSEHOLD_LINE = 2

_EMAILS_SQL = """
with spelled as (
    select
        *,
        lower(regexp_replace(strip_accents(replace(replace(first_name, 'œ', 'oe'), 'ß', 'ss')), '[^A-Za-z]', '', 'g'))
            as first_plain,
        lower(regexp_replace(strip_accents(replace(replace(last_name, 'œ', 'oe'), 'ß', 'ss')), '[^A-Za-z]', '', 'g'))
            as last_plain,
    from drawn
),

local_parts as (
    select
        row_number,
        domain,
        case pattern
            when 0 then first_plain || '.' || last_plain
            when 1 then first_plain || last_plain || birth_year_short
            when 2 then left(first_plain, 1) || '.' || last_plain
            when 3 then last_plain || '.' || first_plain
            when 4 then first_plain || '_' || last_plain
            when 5 then left(first_plain, 1) || last_plain || birth_year_short
            else 'the-' || last_plain || '-family'
        end as local_part,
    from spelled
),

counted as (
    select
        row_number,
        local_part,
        domain,
        row_number() over (partition by local_part, domain order by row_number) - 1 as earlier_count,
    from local_parts
),

numbered as (
    select
        *,
        ((earlier_count + $block) * (earlier_count + $block + 1)) // 2 + $block as suffix,
    from counted
)

select
    row_number,
    local_part || case when suffix = 0 then '' else (suffix + 1)::varchar end || '@' || domain as value,
from numbered
order by row_number
"""


@dataclass(frozen=True)
class ContactPoints:
    """Contact points of a block's people.

    Attributes:
        table: The table `contact_points`.
        first_email: For each person the id of the first address, or -1.
        first_phone: For each person the id of the first number, or -1.
        emails: For each person the first address, or None.
        phones: For each person the first number, or None.
        later_email: For each person the id of the address that took the first one's place, or -1.
        email_changed: The day of that, days since 1970-01-01; `NEVER` for the others.
    """

    table: pa.Table
    first_email: Integers
    first_phone: Integers
    emails: Texts
    phones: Texts
    later_email: Integers
    email_changed: Integers

    @property
    def has_email(self) -> Flags:
        """Whether each person has an address of any kind."""
        return self.first_email >= 0

    @property
    def has_phone(self) -> Flags:
        """Whether each person has a number of any kind."""
        return self.first_phone >= 0


@dataclass(frozen=True)
class _Points:
    """Contact points before they have ids: `persons` are rows of the block, `values` are texts."""

    persons: Integers
    values: Texts
    is_shared: Flags
    starts: Integers
    ends: Integers
    previous: Integers


def draw_contact_points(block: Block, people: People) -> ContactPoints:
    """Return the block's contact points, e-mail addresses before numbers, each person's in the order of their days."""
    emails = _emails(block, people)
    phones = _phones(block, people)
    told_emails, told_phones = _told(block, people)
    parts = [(EMAIL, emails), (EMAIL, told_emails), (PHONE, phones), (PHONE, told_phones)]
    kinds = np.concatenate([np.full(len(part.persons), kind, dtype=np.int64) for kind, part in parts])
    persons, values, is_shared, starts, ends, previous = (
        np.concatenate([getattr(part, name) for _, part in parts])
        for name in ("persons", "values", "is_shared", "starts", "ends", "previous")
    )
    order = np.lexsort((starts, kinds, persons))
    table = table_of(
        {
            "contact_point_id": block.rows(len(order)),
            "person_number": people.numbers[persons[order]],
            "contact_type": choices(_TYPES, kinds[order]),
            "value": text_column(values[order]),
            "is_shared": is_shared[order],
            "valid_from_on": days(starts[order]),
            "valid_to_on": days(np.where(ends == NEVER, 0, ends)[order], is_known=(ends != NEVER)[order]),
            "previous_person_number": numbers(
                block.first_person + np.maximum(previous, 0)[order], is_known=(previous >= 0)[order]
            ),
        }
    )
    email_rows = _first_rows(people.count, persons[order], kinds[order] == EMAIL)
    phone_rows = _first_rows(people.count, persons[order], kinds[order] == PHONE)
    known = np.concatenate([values[order], np.array([None], dtype=object)])
    ids = np.append(block.rows(len(order)), -1)
    follows = np.zeros(len(order), dtype=np.bool_)
    follows[1:] = (starts[order][1:] == ends[order][:-1]) & (persons[order][1:] == persons[order][:-1])
    later_rows = _first_rows(people.count, persons[order], follows & (kinds[order] == EMAIL))
    return ContactPoints(
        table,
        first_email=ids[email_rows],
        first_phone=ids[phone_rows],
        emails=known[email_rows],
        phones=known[phone_rows],
        later_email=ids[later_rows],
        email_changed=np.append(starts[order], NEVER)[later_rows],
    )


def _first_rows(count: int, persons: Integers, is_kind: Flags) -> Integers:
    """Return for each person the row of the first point of a kind; -1, the row after the last, for none."""
    candidates = np.flatnonzero(is_kind)
    found, places = np.unique(persons[candidates], return_index=True)
    rows = np.full(count, -1, dtype=np.int64)
    rows[found] = candidates[places]
    return rows


def _emails(block: Block, people: People) -> _Points:
    """Return drawn addresses: a personal one with its successor, a second one (at work for firms), the family's."""
    rng = block.rng("emails")
    count = people.count
    households = people.households
    is_drawn = ~people.is_story
    opening, closing = block.calendar.first_day, block.calendar.history_end_day
    has_inbox = rng.random(len(households.types)) < FAMILY_EMAIL_SHARE
    in_family = is_drawn & (households.type_of_person() == FAMILY) & has_inbox[households.of_person]
    has_own = is_drawn & (rng.random(count) < np.where(in_family, EMAIL_IN_FAMILY_SHARE, EMAIL_SHARE))
    is_changed = has_own & (rng.random(count) < EMAIL_CHANGED_SHARE)
    changed = np.where(is_changed, rng.integers(opening + 60, closing - 30, count), NEVER)
    has_second = has_own & ((rng.random(count) < SECOND_EMAIL_SHARE) | (households.type_of_person() == BUSINESS))
    begun = people.joined - rng.integers(30, _OWNED_FOR_DAYS, count)
    inbox_heads = np.flatnonzero(in_family & (households.roles == 0))
    own, later, second = (np.flatnonzero(flags) for flags in (has_own, is_changed, has_second))
    patterns = rng.integers(0, _LOCAL_PATTERNS, (3, count))
    domains = weighted_indexes(rng.random(count), _DOMAIN_WEIGHTS)
    later_domains = (domains + rng.integers(1, len(_DOMAINS), count)) % len(_DOMAINS)
    is_firm = households.type_of_person() == BUSINESS
    second_domains = np.where(is_firm, len(_DOMAINS), (later_domains + 1) % len(_DOMAINS))
    owners = np.concatenate([own, later, second, inbox_heads])
    values = _addresses(
        block,
        people,
        owners,
        np.concatenate(
            [patterns[0][own], patterns[1][later], patterns[2][second], np.full(len(inbox_heads), _FAMILY_PATTERN)]
        ),
        np.concatenate([domains[own], later_domains[later], second_domains[second], domains[inbox_heads]]),
    )
    members = np.flatnonzero(in_family)
    inboxes = np.full(len(households.types), None, dtype=object)
    inboxes[households.of_person[inbox_heads]] = values[len(owners) - len(inbox_heads) :]
    personal = len(owners) - len(inbox_heads)
    rows = np.concatenate([owners[:personal], members])
    starts = begun[rows]
    starts[len(own) : len(own) + len(later)] = changed[later]
    ends = np.full(len(rows), NEVER)
    ends[: len(own)] = changed[own]
    return _Points(
        persons=rows,
        values=np.concatenate([values[:personal], inboxes[households.of_person[members]]]),
        is_shared=np.arange(len(rows)) >= personal,
        starts=starts,
        ends=ends,
        previous=np.full(len(rows), -1, dtype=np.int64),
    )


def _addresses(block: Block, people: People, owners: Integers, patterns: Integers, domains: Integers) -> Texts:
    """Return one address per owner, unlike every other of the company: what is taken gets the next free number."""
    drawn = table_of(
        {
            "row_number": np.arange(len(owners), dtype=np.int64),
            "first_name": text_column(people.first_names.latin[owners]),
            "last_name": text_column(people.last_names.latin[owners]),
            "birth_year_short": pc.strftime(days(people.born[owners]), format="%y"),
            "pattern": patterns,
            "domain": choices((*_DOMAINS, _FIRM_DOMAIN), domains),
        }
    )
    named = query(_EMAILS_SQL, {"drawn": drawn}, {"block": block.number})
    values: Texts = named["value"].to_numpy()
    return values


def _phones(block: Block, people: People) -> _Points:
    """Return drawn numbers: one's own with its successor, a household's line, and numbers that passed to a stranger."""
    rng = block.rng("phones")
    count = people.count
    households = people.households
    opening, closing = block.calendar.first_day, block.calendar.history_end_day
    has_own = ~people.is_story & (rng.random(count) < PHONE_SHARE)
    is_changed = has_own & (rng.random(count) < PHONE_CHANGED_SHARE)
    changed = np.where(is_changed, rng.integers(opening + 60, closing - 200, count), NEVER)
    begun = people.joined - rng.integers(30, _OWNED_FOR_DAYS, count)
    has_line = (rng.random(len(households.types)) < SHARED_LINE_SHARE)[households.of_person]
    lines = np.flatnonzero(has_line & (households.sizes > 1) & ~people.is_story)
    given_up = np.flatnonzero(is_changed & (rng.random(count) < PHONE_PASSED_SHARE))
    takers = (given_up + count // 2) % max(count, 1)
    is_free = ~people.is_story[takers] & (households.of_person[takers] != households.of_person[given_up])
    is_free &= people.countries[takers] == people.countries[given_up]
    given_up, takers = given_up[is_free], takers[is_free]
    own, later = np.flatnonzero(has_own), np.flatnonzero(is_changed)
    heads = np.arange(count) - households.roles
    parts = [
        (own, phone_numbers(block, people.countries, own, 0), begun[own], changed[own]),
        (later, phone_numbers(block, people.countries, later, 1), changed[later], None),
        (lines, phone_numbers(block, people.countries, heads[lines], 2), begun[heads[lines]], None),
        (takers, phone_numbers(block, people.countries, given_up, 0), changed[given_up] + PASSED_AFTER_DAYS, None),
    ]
    persons = np.concatenate([rows for rows, _, _, _ in parts])
    kinds = np.concatenate([np.full(len(rows), kind) for kind, (rows, _, _, _) in enumerate(parts)])
    previous = np.full(len(persons), -1, dtype=np.int64)
    previous[len(persons) - len(takers) :] = given_up
    return _Points(
        persons=persons,
        values=np.concatenate([values for _, values, _, _ in parts]),
        is_shared=kinds == _HOUSEHOLD_LINE,
        starts=np.concatenate([starts for _, _, starts, _ in parts]),
        ends=np.concatenate([np.full(len(rows), NEVER) if ends is None else ends for rows, _, _, ends in parts]),
        previous=previous,
    )


def phone_numbers(block: Block, countries: Integers, owners: Integers, line: int) -> Texts:
    """Return a number in E.164 for one of the lines 0..3 of each owner, unlike every other of the same country."""
    values = np.empty(len(owners), dtype=object)
    serials = (block.first_person + owners) * LINES_PER_PERSON + line
    for index, population in enumerate(POPULATIONS):
        rows = np.flatnonzero(countries[owners] == index)
        subscribers = serials[rows] * _MIXER % 10**population.mobile_digits
        nationals = int(population.mobile_prefix) * 10**population.mobile_digits + subscribers
        values[rows] = f"+{population.dialling_code}" + nationals.astype("U").astype(object)
    return values


def _told(block: Block, people: People) -> tuple[_Points, _Points]:
    """Return the addresses and the numbers of the edge-case people, as their stories say."""
    opening = block.calendar.first_day
    emails, phones = [], []
    for row, (first, person) in enumerate(told_people(people)):
        emails += [(row, e.address, e.is_shared, e.from_day, e.to_day, -1) for e in person.emails]
        for phone in person.phones:
            owner = np.array([first + phone.owner])
            value = phone_numbers(block, people.countries, owner, phone.line)[0]
            previous = -1 if phone.previous is None else first + phone.previous
            phones.append((row, value, phone.is_shared, phone.from_day, phone.to_day, previous))
    return _points_of(emails, opening), _points_of(phones, opening)


def _points_of(rows: list[tuple[int, str, bool, int, int | None, int]], opening: int) -> _Points:
    return _Points(
        persons=np.array([row[0] for row in rows], dtype=np.int64),
        values=np.array([row[1] for row in rows], dtype=object),
        is_shared=np.array([row[2] for row in rows], dtype=np.bool_),
        starts=np.array([opening + row[3] for row in rows], dtype=np.int64),
        ends=np.array([NEVER if row[4] is None else opening + row[4] for row in rows], dtype=np.int64),
        previous=np.array([row[5] for row in rows], dtype=np.int64),
    )
