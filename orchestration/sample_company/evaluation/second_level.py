"""The second level: who lives together, who buys for one company, and whose the visits to the web shop were.

Precision is the share of what was told that is true, recall the share of what is true that was told, as in `identity`.
A customer stands for the person who has most of the customer's records; records of two people say nothing.
"""

from collections.abc import Iterator

import duckdb

from orchestration.foundation.agreement import Agreement
from orchestration.sample_company.evaluation.findings import Claim, Finding
from orchestration.sample_company.evaluation.records import with_record_owners

_PEOPLE = """
    create or replace temp table people_of_customers as
    with owned as (
        select record_id, min(person_id) as person_id
        from record_owners
        group by record_id
        having count(distinct person_id) = 1
    )
    select customer_id, person_id
    from warehouse.identity.int_customer_records_linked
    join owned using (record_id)
    group by customer_id, person_id
    qualify row_number() over (partition by customer_id order by count(*) desc, person_id) = 1
"""
# Of those of whom an address is known: nobody can say where the others live.
_HOUSED = """
    create or replace temp table people_grouped as
    select distinct people.person_id, housed.household_id as found_group, homes.home_number::varchar as true_group
    from warehouse.customer.int_customers_housed as housed
    join people_of_customers using (customer_id)
    join truth.people as people using (person_id)
    join truth.homes as homes using (person_number)
    where housed.household_id is not null and people.account_id_company is null
        and (homes.valid_to_on is null or homes.valid_to_on > (select max(as_of_on) from serving.mart_customer_360))
"""
_CONTACTS = """
    create or replace temp table people_grouped as
    select distinct people.person_id, contacts.company_account_id as found_group,
        people.account_id_company as true_group
    from truth.people as people
    join people_of_customers using (person_id)
    left join warehouse.customer.int_company_contacts as contacts using (customer_id)
    where people.account_id_company is not null or contacts.company_account_id is not null
"""
# Pairs of a group of n are n(n-1)/2, so that no pair is ever written down.
_PAIRS = """
    with grouped as (
        select found_group, true_group, count(distinct person_id) as people_count,
            grouping(found_group, true_group) as level
        from people_grouped
        group by grouping sets ((found_group), (true_group), (found_group, true_group))
        having (grouping(found_group) = 1 or found_group is not null)
            and (grouping(true_group) = 1 or true_group is not null)
    )
    select level, sum(people_count * (people_count - 1) // 2) from grouped group by level
"""
_BOTH, _FOUND, _TRUE = 0, 1, 2
_EVENTS = """
    with attributed as (
        select events.event_id_web, events.attributed_by, events.reason_code, events.is_retro_attributed,
            coalesce(devices.is_shared, false) as is_shared,
            events.customer_id is not null as is_attributed,
            bool_or(owners.person_id is not distinct from people.person_id and owners.person_id is not null)
                as is_right
        from warehouse.customer.fct_web_events as events
        join truth.sessions as sessions on events.session_id_web = 's' || sessions.session_id
        join truth.people as people using (person_number)
        left join truth.devices as devices on events.device_id = devices.device_id
        left join people_of_customers as owners on events.customer_id = owners.customer_id
        group by all
    )
    select coalesce(attributed_by, 'not attributed: ' || reason_code) as subject, 1 as place,
        count(*), count(*) filter (where is_attributed), count(*) filter (where is_right)
    from attributed group by subject
    union all
    select 'before anybody was known there', 2, count(*), count(*) filter (where is_attributed),
        count(*) filter (where is_right)
    from attributed where is_retro_attributed
    union all
    select 'on devices that two people share', 3, count(*), count(*) filter (where is_attributed),
        count(*) filter (where is_right)
    from attributed where is_shared
    union all
    select 'all of them', 4, count(*), count(*) filter (where is_attributed), count(*) filter (where is_right)
    from attributed
    order by place, subject
"""


def _households(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    _with_people(connection)
    connection.execute(_HOUSED)
    return _pairs(connection, HOUSEHOLDS.name)


def _companies(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    _with_people(connection)
    connection.execute(_CONTACTS)
    return _pairs(connection, COMPANIES.name)


def _pairs(connection: duckdb.DuckDBPyConnection, claim: str) -> Iterator[Finding]:
    pairs = {level: int(count) for level, count in connection.execute(_PAIRS).fetchall()}
    right, found, true = (pairs.get(level, 0) for level in (_BOTH, _FOUND, _TRUE))
    counted = f"{right:,} of {found:,} pairs of people put together are right; {true:,} belong together"
    agreement = Agreement.of_counts(right=right, found=found, true=true)
    for subject, value in (("precision", agreement.precision), ("recall", agreement.recall), ("F1", agreement.f1)):
        yield Finding(claim, subject, value, 1.0, counted)


def _events(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    _with_people(connection)
    for subject, _, events, attributed, right in connection.execute(_EVENTS).fetchall():
        share = right / attributed if attributed else None
        told = f"{attributed:,} of {events:,} events attributed, {right:,} to the one who was there"
        yield Finding(EVENTS.name, subject, share, 1.0 if attributed else None, told)


def _with_people(connection: duckdb.DuckDBPyConnection) -> None:
    with_record_owners(connection)
    connection.execute(_PEOPLE)


_LINKED = ("warehouse.identity.int_customer_records_linked", "warehouse.vault.stg_shop__orders")
HOUSEHOLDS = Claim(
    "households: pairs of people",
    ("warehouse.customer.int_customers_housed", "serving.mart_customer_360", *_LINKED),
    _households,
)
COMPANIES = Claim(
    "company accounts: pairs of contacts", ("warehouse.customer.int_company_contacts", *_LINKED), _companies
)
EVENTS = Claim("web events: whose they are", ("warehouse.customer.fct_web_events", *_LINKED), _events)
