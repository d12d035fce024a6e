"""What the company's systems can know of a person on a day: contact points, home, name and accounts over time.

Belongs here: tables that several sources look people up in, made anew for each block of people. What a source makes
of them is its own module.
"""

import duckdb
import pyarrow as pa

from orchestration.sample_company.noise import NOISE
from orchestration.sample_company.noise_macros import plain_name
from orchestration.sample_company.transliteration import latin

SECOND_ACCOUNT_SHARE = 0.2
GUEST_ORDER_SHARE = 0.05
ALWAYS = "date '1900-01-01'"
# Sales in a store have a receipt, others an order; an online return has a kind of number of its own.
ORDER_ID = """(
    case when channel = 'store' then 'R' when order_type = 'sale' then 'SO' else 'RT' end || (1000000 + order_number)
)"""

# One row per person and day from which a value is the person's main one; the first holds from always.
_MAIN_VALUE = """
select
    person_number,
    contact_point_id,
    value,
    case when row_number() over eras = 1 then {always} else valid_from_on end as valid_from_on,
from (
    select *
    from contact_points
    where contact_type = '{contact_type}'
    qualify row_number() over (
        partition by person_number, valid_from_on order by is_shared, contact_point_id
    ) = 1
)
window eras as (partition by person_number order by valid_from_on)
order by person_number, valid_from_on
"""

_TABLES = {
    "known_emails": _MAIN_VALUE.format(always=ALWAYS, contact_type="email"),
    "known_phones": _MAIN_VALUE.format(always=ALWAYS, contact_type="phone"),
    "known_homes": f"""
        select
            * exclude (valid_from_on, valid_to_on),
            case when row_number() over eras = 1 then {ALWAYS} else valid_from_on end as valid_from_on,
        from homes
        window eras as (partition by person_number order by valid_from_on)
        order by person_number, valid_from_on
    """,
    "known_names": f"""
        select person_number, last_name, last_name_latin, valid_from_on
        from (
            select person_number, last_name, last_name_latin,
                coalesce(
                    lag(valid_to_on) over (partition by person_number order by valid_to_on), {ALWAYS}
                ) as valid_from_on
            from former_names
            union all
            select people.person_number, people.last_name, people.last_name_latin,
                coalesce(max(former_names.valid_to_on), {ALWAYS})
            from people
            left join former_names
                using (person_number)
            group by people.person_number, people.last_name, people.last_name_latin
        )
        order by person_number, valid_from_on
    """,
    # A second account belongs to a person who changed the e-mail address and registered again.
    "accounts": f"""
        select person_number, 'A' || (10000000 + person_number) as account_id, joined_on as opened_on,
            {ALWAYS} as valid_from_on
        from people
        where is_in_shop and not is_guest
        union all
        select people.person_number, 'A' || (60000000 + people.person_number),
            max(known_emails.valid_from_on), max(known_emails.valid_from_on)
        from people
        join known_emails
            using (person_number)
        where is_in_shop and not is_guest
            and draw(bits_of('shop/second account', people.person_number), 0) < {SECOND_ACCOUNT_SHARE}
        group by people.person_number, people.joined_on
        having max(known_emails.valid_from_on) > people.joined_on
        order by person_number, valid_from_on
    """,
    "order_ids": f"""
        select
            order_number,
            {ORDER_ID} as order_id,
            case
                when channel = 'store' then 'R' || (1000000 + original_order_number)
                else 'SO' || (1000000 + original_order_number)
            end as original_order_id,
            people.is_guest
            or draw(bits_of('shop/guest order', coalesce(original_order_number, order_number)), 0)
            < {GUEST_ORDER_SHARE} as is_guest_order,
        from orders
        join people
            using (person_number)
        order by order_number
    """,
}

_WORDS = """
select street as word from homes
union
select city from homes
union
select nickname from people where nickname is not null
order by word
"""


def know_people(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables anew from the facts that the connection now sees.

    Tables out: `known_emails`, `known_phones` (`person_number, contact_point_id, value, valid_from_on`), `known_homes`,
    `known_names`, `accounts` (`account_id, opened_on, valid_from_on`): look up by an as-of join on the person and the
    day. `order_ids` (`order_number, order_id, original_order_id, is_guest_order`). `latin_texts` (`written, latin`):
    streets, towns and nicknames in western letters.
    """
    for name, statement in _TABLES.items():
        connection.execute(f"create or replace temp table {name} as {statement}")
    # A few hundred words, whatever the number of people.
    words = [str(word) for (word,) in connection.execute(_WORDS).fetchall()]
    connection.register("words", pa.table({"written": words, "latin": [latin(word) for word in words]}))
    connection.execute("create or replace temp table latin_texts as select * from words")
    connection.unregister("words")


def spoilt_customers(known: str, feed: str, *, phone: str, country: str, spellings: str = "spellings") -> str:
    """Return a query: the rows of `known` with names and contact points as a source wrote them.

    Args:
        known: Relation with `profile_key` (what is typed once is spoilt once), `first_name`, `last_name`, their
            `_latin` forms, `nickname`, `email`, `phone_e164`, `country_code`.
        feed: Whose noise it is, a key of `NOISE`.
        phone: SQL expression for a clean phone, over `subscriber`, `trunk_prefix` and `phone_e164`.
        country: SQL expression for a clean country, over `spellings` and `country_code`.
        spellings: Column of `countries` with how people write a country, the long name first.

    Columns out: `first_name_written`, `last_name_written`, `email_written`, `phone_written`, `country_written` and
    `customer_noises`, besides those of `known`.
    """
    kinds = ", ".join(
        f"noise_{plain_name(feed)}_{field}(draw({bits}, {n})) as {field}_kind"
        for field, bits, n in (
            ("name", "bits", 0),
            ("first_name", "bits", 1),
            ("last_name", "bits", 2),
            ("email", "bits", 3),
            ("phone", "more_bits", 0),
            ("country", "more_bits", 1),
        )
        if field in NOISE[feed]
    )
    return f"""
    select * replace (
        if(name_kind = 'names_swapped', last_name_spelt, first_name_spelt) as first_name_written,
        if(name_kind = 'names_swapped', first_name_spelt, last_name_spelt) as last_name_written,
    ),
    [
        noisy('name', if(
            name_kind = 'names_swapped' or first_name_clean <> first_name, name_kind, null
        )),
        noisy('first_name', if(first_name_spelt is distinct from first_name_clean, first_name_kind, null)),
        noisy('last_name', if(last_name_spelt is distinct from last_name_clean, last_name_kind, null)),
        noisy('email', if(email_written is distinct from email, email_kind, null)),
        noisy('phone', if(phone_written is distinct from phone_clean, phone_kind, null)),
        noisy('country', if(country_written is distinct from country_clean, country_kind, null)),
    ] as customer_noises,
    from (
        select
            *,
            if(
                first_name_kind = 'nickname',
                coalesce(nickname, first_name_clean),
                spoilt_name(first_name_clean, first_name_kind, place)
            ) as first_name_spelt,
            spoilt_name(last_name_clean, last_name_kind, place) as last_name_spelt,
            '' as first_name_written,
            '' as last_name_written,
            spoilt_email(email, email_kind, place) as email_written,
            spoilt_phone(
                phone_e164, phone_clean, dialling_code, trunk_prefix, subscriber, phone_kind, place
            ) as phone_written,
            spoilt_country(country_clean, spellings, country_kind, place) as country_written,
        from (
            select
                *,
                {phone} as phone_clean,
                {country} as country_clean,
                if(name_kind = 'transliterated', first_name_latin, first_name) as first_name_clean,
                if(name_kind = 'transliterated', last_name_latin, last_name) as last_name_clean,
            from (
                select
                    drawn.*,
                    {kinds},
                    (more_bits >> 34)::bigint as place,
                    countries.dialling_code,
                    countries.trunk_prefix,
                    countries.{spellings} as spellings,
                    substr(phone_e164, 2 + length(countries.dialling_code)) as subscriber,
                from (
                    select
                        *,
                        bits_of('{feed}', profile_key) as bits,
                        bits_of('{feed}/more', profile_key) as more_bits,
                    from {known}
                ) as drawn
                join countries
                    on drawn.phone_country_code = countries.country_code
            )
        )
    )
    """
