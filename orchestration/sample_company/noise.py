"""How sources observe people badly: noise rates, and the values as a source wrote them.

Belongs here: what goes wrong with one value or one record, at stated rates, and the list of what
went wrong. Which columns a source has and how its file looks is `sources/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.sample_company.populations import POPULATIONS
from orchestration.sample_company.randomness import Integers, rounded_counts, weighted_indexes
from orchestration.sample_company.tables import ArrowColumn, query, table_of, text_column

CLEAN = "clean"

NAME_NOISE: Mapping[str, float] = {
    "upper_case": 0.04,
    "lower_case": 0.05,
    "surrounding_space": 0.02,
    "letters_swapped": 0.015,
    "letter_missing": 0.015,
}
EMAIL_NOISE: Mapping[str, float] = {
    "upper_case": 0.03,
    "mixed_case": 0.04,
    "surrounding_space": 0.02,
    "not_available": 0.004,
    "test_address": 0.003,
    "at_sign_missing": 0.006,
}
PHONE_NOISE: Mapping[str, float] = {
    "other_format": 0.3,
    "too_short": 0.01,
    "words": 0.005,
}
COUNTRY_NOISE: Mapping[str, float] = {
    "other_spelling": 0.08,
    "unspecified": 0.005,
}

CRM_PROFILE_NOISE: Mapping[str, Mapping[str, float]] = {
    "first_name": {**NAME_NOISE, "initial_only": 0.03, "placeholder": 0.003},
    "last_name": {**NAME_NOISE, "placeholder": 0.002},
    "email": {**EMAIL_NOISE, "missing": 0.08},
    "phone": {**PHONE_NOISE, "missing": 0.18},
    "country": {**COUNTRY_NOISE, "missing": 0.02},
}
SHOP_PROFILE_NOISE: Mapping[str, Mapping[str, float]] = {
    "first_name": {**NAME_NOISE, "initial_only": 0.01, "placeholder": 0.002},
    "last_name": {**NAME_NOISE, "placeholder": 0.001},
    "email": {**EMAIL_NOISE, "missing": 0.01},
    "phone": {**PHONE_NOISE, "missing": 0.3},
    "country": COUNTRY_NOISE,
}
CRM_RECORD_NOISE: Mapping[str, float] = {
    "too_many_separators": 0.0015,
    "too_few_separators": 0.0015,
    "contact_id_missing": 0.001,
    "line_repeated": 0.004,
}
SHOP_RECORD_NOISE: Mapping[str, float] = {
    "line_cut_off": 0.001,
    "order_id_missing": 0.001,
    "price_negative": 0.002,
    "currency_unknown": 0.002,
    "date_in_future": 0.001,
    "line_repeated": 0.01,
}

_SPOILED_SQL = """
with phones as (
    select
        profiles.* exclude (country_code),
        countries.dialling_code,
        countries.trunk_prefix,
        substr(phone_e164, 2 + length(dialling_code)) as subscriber,
        countries.spellings,
        profiles.country_code,
    from profiles
    join countries
        using (country_code)
)

select
    profile_id,
    case first_name_noise
        when 'upper_case' then upper(first_name)
        when 'lower_case' then lower(first_name)
        when 'surrounding_space' then '  ' || first_name || ' '
        when 'letters_swapped' then
            left(first_name, 1 + place % greatest(length(first_name) - 2, 1))
            || substr(first_name, 3 + place % greatest(length(first_name) - 2, 1), 1)
            || substr(first_name, 2 + place % greatest(length(first_name) - 2, 1), 1)
            || substr(first_name, 4 + place % greatest(length(first_name) - 2, 1))
        when 'letter_missing' then
            left(first_name, 1 + place % greatest(length(first_name) - 1, 1))
            || substr(first_name, 3 + place % greatest(length(first_name) - 1, 1))
        when 'initial_only' then left(first_name, 1) || '.'
        when 'placeholder' then ['Test', 'N/A', 'xxx', 'Unknown'][1 + place % 4]
        else first_name
    end as first_name,
    case last_name_noise
        when 'upper_case' then upper(last_name)
        when 'lower_case' then lower(last_name)
        when 'surrounding_space' then last_name || '  '
        when 'letters_swapped' then
            left(last_name, 1 + place % greatest(length(last_name) - 2, 1))
            || substr(last_name, 3 + place % greatest(length(last_name) - 2, 1), 1)
            || substr(last_name, 2 + place % greatest(length(last_name) - 2, 1), 1)
            || substr(last_name, 4 + place % greatest(length(last_name) - 2, 1))
        when 'letter_missing' then
            left(last_name, 1 + place % greatest(length(last_name) - 1, 1))
            || substr(last_name, 3 + place % greatest(length(last_name) - 1, 1))
        when 'placeholder' then ['Test', 'n/a', 'Customer', '-'][1 + place % 4]
        else last_name
    end as last_name,
    case email_noise
        when 'upper_case' then upper(email)
        when 'mixed_case' then upper(left(email, 1)) || substr(email, 2)
        when 'surrounding_space' then ' ' || email || ' '
        when 'not_available' then ['n/a', 'none', 'no email', '-'][1 + place % 4]
        when 'test_address' then ['test@test', 'test@test.com', 'asdf@asdf'][1 + place % 3]
        when 'at_sign_missing' then replace(email, '@', '.')
        when 'missing' then null
        else email
    end as email,
    case phone_noise
        when 'other_format' then case place % 4
            when 0 then
                '+' || dialling_code || ' ' || case trunk_prefix when '' then '' else '(0)' end || subscriber
            when 1 then '00' || dialling_code || ' ' || subscriber
            when 2 then trunk_prefix || left(subscriber, 3) || '-' || substr(subscriber, 4)
            else '+' || dialling_code || left(subscriber, 4) || '.' || substr(subscriber, 5)
        end
        when 'too_short' then trunk_prefix || left(subscriber, 4)
        when 'words' then ['unknown', 'n/a', 'see notes', '00000000000'][1 + place % 4]
        when 'missing' then null
        else case house_phone_format
            when 'national' then
                trunk_prefix || left(subscriber, 4) || ' ' || substr(subscriber, 5)
            else phone_e164
        end
    end as phone,
    case country_noise
        when 'other_spelling' then spellings[2 + place % (len(spellings) - 1)]
        when 'unspecified' then 'Unspecified'
        when 'missing' then null
        else case house_country_format
            when 'name' then spellings[1]
            else country_code
        end
    end as country,
    first_name_noise,
    last_name_noise,
    email_noise,
    phone_noise,
    country_noise,
from phones
order by profile_id
"""

_FIELD_NOISE_SQL = """
select profile_id, field, noise
from (
    unpivot spoiled
    on first_name_noise as first_name, last_name_noise as last_name,
        email_noise as email, phone_noise as phone, country_noise as country
    into name field value noise
)
where noise <> 'clean'
order by profile_id, field
"""


@dataclass(frozen=True)
class HouseStyle:
    """How a source writes a value that nothing went wrong with.

    Attributes:
        phone_format: `national` or `international`.
        country_format: `name` or `code`.
    """

    phone_format: str
    country_format: str


def spoiled_profiles(
    profiles: pa.Table,
    rates: Mapping[str, Mapping[str, float]],
    *,
    style: HouseStyle,
    rng: np.random.Generator,
) -> pa.Table:
    """The profiles as the source wrote them, one row per profile, ordered by `profile_id`.

    Args:
        profiles: `profile_id` (unique), `first_name`, `last_name`, `email`, `phone_e164`,
            `country_code`, ordered by `profile_id`.
        rates: For each field the share of profiles with each kind of noise; the rest is clean.
        style: The source's house style.
        rng: The source's stream.

    Returns:
        The five fields, null where missing, and `<field>_noise` with what went wrong or `clean`.
    """
    drawn = profiles
    for field, shares in rates.items():
        drawn = drawn.append_column(f"{field}_noise", _kinds(rng, profiles.num_rows, shares))
    places = rng.integers(0, 1_000_000, profiles.num_rows)
    drawn = drawn.append_column("place", pa.array(places))
    for name, value in (
        ("house_phone_format", style.phone_format),
        ("house_country_format", style.country_format),
    ):
        drawn = drawn.append_column(name, pa.repeat(pa.scalar(value), profiles.num_rows))
    return query(_SPOILED_SQL, {"profiles": drawn, "countries": _countries()})


def field_noise(spoiled: pa.Table) -> pa.Table:
    """One row per profile and field that something went wrong with: `profile_id, field, noise`."""
    return query(_FIELD_NOISE_SQL, {"spoiled": spoiled})


def record_noise(rng: np.random.Generator, rows_count: int, rates: Mapping[str, float]) -> pa.Table:
    """One row per record of a file that something goes wrong with: `row_index, noise, place`.

    Rows out: as `rounded_counts` says for each kind; no record is hit twice.
    """
    counts = rounded_counts(rng, rows_count, list(rates.values()))
    shuffled = rng.permutation(rows_count)[: counts.sum()]
    names = np.repeat(np.array(list(rates), dtype=object), counts)[: len(shuffled)]
    return table_of(
        {
            "row_index": pa.array(shuffled.astype(np.int64)),
            "noise": text_column(names),
            "place": pa.array(rng.random(len(shuffled))),
        }
    )


def _kinds(rng: np.random.Generator, count: int, shares: Mapping[str, float]) -> ArrowColumn:
    names = [*shares, CLEAN]
    weights = [*shares.values(), 1 - sum(shares.values())]
    indexes: Integers = weighted_indexes(rng.random(count), weights)
    return text_column(names, indexes)


def _countries() -> pa.Table:
    return pa.table(
        {
            "country_code": [p.country_code for p in POPULATIONS],
            "dialling_code": [p.dialling_code for p in POPULATIONS],
            "trunk_prefix": [p.trunk_prefix for p in POPULATIONS],
            "spellings": [list(p.spellings) for p in POPULATIONS],
        }
    )
