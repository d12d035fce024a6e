"""The CRM's export: all contacts as of a day, CSV with semicolons in cp1252.

Belongs here: which people the CRM knows, what it got wrong about them and how the file looks.
Which kinds of noise there are is `noise.py`.
"""

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from orchestration.sample_company.noise import (
    CRM_PROFILE_NOISE,
    CRM_RECORD_NOISE,
    HouseStyle,
    field_noise,
    record_noise,
    spoiled_profiles,
)
from orchestration.sample_company.randomness import stream
from orchestration.sample_company.sources.observed import NOISE_SCHEMA, ObservedFile
from orchestration.sample_company.tables import query, table_of, texts

SOURCE, FEED = "crm", "contacts"
SECOND_CONTACT_SHARE = 0.04
STALE_EMAIL_SHARE = 0.4
BIRTHDAY_DEFAULT_SHARE = 0.08
BIRTHDAY_MISSING_SHARE = 0.15
BIRTHDAY_INVALID_SHARE = 0.003
POSTCODE_MISSING_SHARE = 0.05
ENCODING = "cp1252"
HEADER = "contact_id;first_name;last_name;email;phone;postcode;city;country;birthday;created_at;updated_at"

# The CRM's code page lacks these; it writes the plain letter, and SS for the capital of ß.
LETTERS_UNKNOWN = "łŁśŚżŻźŹćĆńŃąĄęĘ"
LETTERS_INSTEAD = "lLsSzZzZcCnNaAeE"
CAPITAL_SHARP_S = "\N{LATIN CAPITAL LETTER SHARP S}"

_LAST_FIELD_LENGTH = len(";dd.mm.yyyy hh:mm")

_CONTACTS_SQL = """
with contacts as (
    select people.*, 1 as copy, joined_on + delay_days::integer as created_on, minute,
        is_stale, birthday_draw, postcode_draw
    from people
    join draws
        using (person_number)
    where is_in_crm
    union all
    select people.*, 2, joined_on + (delay_days + 30 + minute % 400)::integer, minute,
        true, 1 - birthday_draw, 1 - postcode_draw
    from people
    join draws
        using (person_number)
    where is_in_crm and is_twice
),

numbered as (
    select
        'C' || (100000 + row_number() over (order by created_on, person_number, copy)) as contact_id,
        email_changed_on > created_on as is_changed_later,
        *,
    from contacts
),

eras as (
    select *, 1 as era, created_on as valid_from_on,
        case when is_changed_later then email_before else email end as email_known,
        case when is_changed_later and not is_stale then email_changed_on end as valid_to_on,
        case when is_changed_later and is_stale then email_changed_on end as stale_from_on,
    from numbered
    union all
    select *, 2, email_changed_on, email, null, null
    from numbered
    where is_changed_later and not is_stale
)

select
    contact_id || ':' || era as profile_id,
    contact_id,
    person_id,
    translate(first_name, $letters, $replacements) as first_name,
    translate(last_name, $letters, $replacements) as last_name,
    email_known as email,
    phone_e164,
    country_code,
    translate(city, $letters, $replacements) as city,
    case when postcode_draw >= $postcode_missing then postcode end as postcode,
    birthday,
    case
        when birthday_draw < $birthday_default then 'default'
        when birthday_draw < $birthday_default + $birthday_missing then 'missing'
        when birthday_draw < $birthday_default + $birthday_missing + $birthday_invalid
            then 'invalid'
        else 'clean'
    end as birthday_noise,
    created_on,
    valid_from_on,
    valid_to_on,
    stale_from_on,
    created_on + to_minutes(480 + minute % 600) as created_at,
    valid_from_on + to_minutes(480 + minute % 600) as updated_at,
from eras
order by profile_id
"""

_KNOWN_SQL = """
select *, row_number() over (order by contact_id) - 1 as row_index
from contacts
where valid_from_on <= $day and ($day < valid_to_on or valid_to_on is null)
order by row_index
"""

_LINES_SQL = """
with written as (
    select
        row_index,
        noise,
        contact_id,
        concat_ws(
            ';',
            case when noise = 'contact_id_missing' then '' else contact_id end,
            coalesce(spoiled.first_name, ''),
            coalesce(spoiled.last_name, ''),
            coalesce(spoiled.email, ''),
            coalesce(spoiled.phone, ''),
            coalesce(postcode, ''),
            case when row_index % 500 = 7 then '"' || city || '; centre"' else city end,
            coalesce(spoiled.country, ''),
            case birthday_noise
                when 'default' then '01.01.1900'
                when 'missing' then ''
                when 'invalid' then '31.02.' || strftime(birthday, '%Y')
                else strftime(birthday, '%d.%m.%Y')
            end,
            strftime(created_at, '%d.%m.%Y %H:%M'),
            strftime(updated_at, '%d.%m.%Y %H:%M')
        ) as line,
    from known
    join spoiled
        using (profile_id)
    left join accidents
        using (row_index)
)

select row_index, 0 as repetition, contact_id, noise,
    case noise
        when 'too_many_separators' then line || ';;moved'
        when 'too_few_separators' then left(line, length(line) - $last_field_length)
        else line
    end as line,
from written
union all
select row_index, 1, contact_id, noise, line
from written
where noise = 'line_repeated'
order by repetition, row_index
"""

_NOISE_SQL = """
select contact_id as record_key, field, noise as noise_type
from (
    select contact_id, field, noise
    from field_noise
    join known
        using (profile_id)
    union all
    select contact_id, 'birthday', birthday_noise
    from known
    where birthday_noise <> 'clean'
    union all
    select contact_id, 'postcode', 'missing'
    from known
    where postcode is null
    union all
    select contact_id, 'email', 'stale'
    from known
    where stale_from_on <= $day
    union all
    select contact_id, 'record', noise
    from lines
    where noise is not null and repetition = 0
)
order by record_key, field, noise_type
"""


@dataclass(frozen=True)
class Crm:
    """What the CRM knows on all days.

    Attributes:
        contacts: One row per contact and era of its e-mail address, with the days it holds.
        spoiled: The same rows' person fields as the CRM wrote them.
        field_noise: What is wrong in `spoiled`.
        seed: The company's seed.
    """

    contacts: pa.Table
    spoiled: pa.Table
    field_noise: pa.Table
    seed: int


def observe(people: pa.Table, *, seed: int) -> Crm:
    """Return what the CRM holds about the people it knows; some of them twice, some out of date."""
    rng = stream(seed, SOURCE)
    count = people.num_rows
    draws = table_of(
        {
            "person_number": people["person_number"],
            "delay_days": rng.integers(0, 45, count),
            "minute": rng.integers(0, 100_000, count),
            "is_twice": rng.random(count) < SECOND_CONTACT_SHARE,
            "is_stale": rng.random(count) < STALE_EMAIL_SHARE,
            "birthday_draw": rng.random(count),
            "postcode_draw": rng.random(count),
        }
    )
    parameters = {
        "letters": LETTERS_UNKNOWN,
        "replacements": LETTERS_INSTEAD,
        "postcode_missing": POSTCODE_MISSING_SHARE,
        "birthday_default": BIRTHDAY_DEFAULT_SHARE,
        "birthday_missing": BIRTHDAY_MISSING_SHARE,
        "birthday_invalid": BIRTHDAY_INVALID_SHARE,
    }
    contacts = query(_CONTACTS_SQL, {"people": people, "draws": draws}, parameters)
    profiles = contacts.select(["profile_id", "first_name", "last_name", "email", "phone_e164", "country_code"])
    style = HouseStyle(phone_format="national", country_format="name")
    spoiled = spoiled_profiles(profiles, CRM_PROFILE_NOISE, style=style, rng=rng)
    return Crm(contacts=contacts, spoiled=spoiled, field_noise=field_noise(spoiled), seed=seed)


def contacts_file(crm: Crm, day: date) -> ObservedFile:
    """Return the export that the CRM writes at the end of `day`: one record per contact it then knows."""
    known = query(_KNOWN_SQL, {"contacts": crm.contacts}, {"day": day})
    accidents = record_noise(stream(crm.seed, SOURCE, day.isoformat()), known.num_rows, CRM_RECORD_NOISE)
    tables = {"known": known, "spoiled": crm.spoiled, "accidents": accidents}
    lines = query(_LINES_SQL, tables, {"last_field_length": _LAST_FIELD_LENGTH})
    noise = query(_NOISE_SQL, {"known": known, "field_noise": crm.field_noise, "lines": lines}, {"day": day})
    text = "\r\n".join([HEADER, *texts(lines, "line"), ""]).replace(CAPITAL_SHARP_S, "SS")
    return ObservedFile(
        source=SOURCE,
        feed=FEED,
        name=f"contacts_{day.isoformat()}.csv",
        delivered_on=day,
        payload=text.encode(ENCODING),
        records_count=lines.num_rows,
        noise=noise.cast(NOISE_SCHEMA),
    )


def records_truth(crm: Crm, until: date) -> pa.Table:
    """Return one row per contact created until the day: `record_id` as the product names it, and its `person_id`."""
    return query(
        """
        select distinct 'crm:contacts:' || contact_id as record_id, person_id
        from contacts
        where created_on <= $until
        order by record_id
        """,
        {"contacts": crm.contacts},
        {"until": until},
    )
