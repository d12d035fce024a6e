"""How a value looks when something went wrong with it: SQL macros that the sources write with.

Belongs here: draws that depend on the seed and a record's key only, which kind of noise a draw means, and the spoilt
values. How often each kind comes is `noise.py`.
"""

import duckdb
import pyarrow as pa

from orchestration.foundation.sql import quote_identifier, quote_literal
from orchestration.sample_company.noise import DELIVERY, NOISE, RECORD, Rates
from orchestration.sample_company.populations import POPULATIONS
from orchestration.sample_company.transliteration import latin

_MACROS = (
    # 64 bits that depend on the seed, what is drawn and for whom; they hold four draws in [0, 1), numbered 0 to 3.
    "bits_of(salt, key) as hash(xor(hash(key), hash(getvariable('seed') || '/' || salt)))",
    "draw(bits, n) as ((bits >> (16 * n)) & 65535) / 65536.0",
    """days_late(bits, n, share, at_most) as
        case when draw(bits, n) < share then 1 + floor(draw(bits, n) / share * at_most)::integer else 0 end""",
    "london(instant) as timezone('Europe/London', timezone('UTC', instant))",
    """london_iso(instant) as strftime(london(instant), '%Y-%m-%dT%H:%M:%S')
        || if(london(instant) = instant, '+00:00', '+01:00')""",
    """pounds(pence) as if(pence < 0, '-', '') || (abs(pence) // 100)::varchar
        || '.' || lpad((abs(pence) % 100)::varchar, 2, '0')""",
    "points_for_thousands(number) as replace(format('{:,}', number::bigint), ',', '.')",
    "decimal_comma(pence) as points_for_thousands(pence // 100) || ',' || lpad((pence % 100)::varchar, 2, '0')",
    "with_commas(number) as format('{:,}', number::bigint)",
    """csv_cell(value, delimiter) as case
        when value is null then ''
        when contains(value, delimiter) or contains(value, '"') then '"' || replace(value, '"', '""') || '"'
        else value
    end""",
    "noisy(field, kind) as case when kind is not null then field || '/' || kind end",
    """swapped_letters(name, place) as
        left(name, 1 + place % greatest(length(name) - 2, 1))
        || substr(name, 3 + place % greatest(length(name) - 2, 1), 1)
        || substr(name, 2 + place % greatest(length(name) - 2, 1), 1)
        || substr(name, 4 + place % greatest(length(name) - 2, 1))""",
    """spoilt_name(name, kind, place) as case kind
        when 'upper_case' then upper(name)
        when 'lower_case' then lower(name)
        when 'surrounding_space' then '  ' || name || ' '
        when 'letters_swapped' then swapped_letters(name, place)
        when 'letter_missing' then
            left(name, 1 + place % greatest(length(name) - 1, 1))
            || substr(name, 3 + place % greatest(length(name) - 1, 1))
        when 'initial_only' then left(name, 1) || '.'
        when 'placeholder' then ['Test', 'N/A', 'xxx', 'Customer', '-'][1 + place % 5]
        when 'keyboard_mash' then ['asdf', 'qwertz', 'jkljkl', 'sdfgh'][1 + place % 4]
        else name
    end""",
    """spoilt_email(email, kind, place) as case kind
        when 'upper_case' then upper(email)
        when 'mixed_case' then upper(left(email, 1)) || substr(email, 2)
        when 'surrounding_space' then ' ' || email || ' '
        when 'not_available' then ['n/a', 'none', 'no email', '-'][1 + place % 4]
        when 'test_address' then ['test@test', 'test@test.com', 'asdf@asdf'][1 + place % 3]
        when 'at_sign_missing' then replace(email, '@', '.')
        when 'keyboard_mash' then ['sdfsdf', 'jjjjjj', 'qweqwe'][1 + place % 3]
        when 'missing' then null
        else email
    end""",
    """spoilt_phone(phone, clean, dialling_code, trunk_prefix, subscriber, kind, place) as case kind
        when 'other_format' then case place % 4
            when 0 then
                '+' || dialling_code || ' ' || (case trunk_prefix when '' then '' else '(0)' end) || subscriber
            when 1 then '00' || dialling_code || ' ' || subscriber
            when 2 then trunk_prefix || left(subscriber, 3) || '-' || substr(subscriber, 4)
            else '+' || dialling_code || left(subscriber, 4) || '.' || substr(subscriber, 5)
        end
        when 'too_short' then trunk_prefix || left(subscriber, 4)
        when 'words' then ['unknown', 'n/a', 'see notes', '00000000000'][1 + place % 4]
        when 'missing' then null
        else clean
    end""",
    """spoilt_country(clean, spellings, kind, place) as case kind
        when 'other_spelling' then spellings[2 + place % (len(spellings) - 1)]
        when 'unspecified' then 'Unspecified'
        when 'missing' then null
        else clean
    end""",
)


def create_macros(connection: duckdb.DuckDBPyConnection, *, seed: int) -> None:
    """Give the connection the macros, the seed that they draw from, and the table `countries`.

    For each feed and field with noise there is a macro such as `noise_crm_contacts_email(draw)`, which returns the kind
    of noise that a draw in [0, 1) means, or null for none; for each share of late records `share_<feed>_sent_late()`.
    """
    connection.execute(f"set variable seed = {quote_literal(str(seed))}")
    for macro in _MACROS:
        connection.execute(f"create macro {macro}")
    for feed, fields in NOISE.items():
        for field, rates in fields.items():
            if field == DELIVERY:
                for kind, share in rates.items():
                    name = quote_identifier(f"share_{plain_name(feed)}_{kind}")
                    connection.execute(f"create macro {name}() as {share}")
            elif field != RECORD:
                name = quote_identifier(f"noise_{plain_name(feed)}_{plain_name(field)}")
                connection.execute(f"create macro {name}(drawn) as {_kind_of(rates)}")
    connection.register("country_spellings", _countries())
    connection.execute("create temp table countries as select * from country_spellings")
    connection.unregister("country_spellings")


def plain_name(name: str) -> str:
    """Return a feed's or field's name as a part of a macro's or table's name.

    Example:
        >>> plain_name("contact_centre/tickets")
        'contact_centre_tickets'
    """
    return name.replace("/", "_").replace(".", "_")


def _kind_of(rates: Rates) -> str:
    branches, bound = [], 0.0
    for kind, share in rates.items():
        bound += share
        branches.append(f"when drawn < {bound:.6f} then {quote_literal(kind)}")
    return f"case {' '.join(branches)} end"


def _countries() -> pa.Table:
    return pa.table(
        {
            "country_code": [p.country_code for p in POPULATIONS],
            "dialling_code": [p.dialling_code for p in POPULATIONS],
            "trunk_prefix": [p.trunk_prefix for p in POPULATIONS],
            "spellings": [list(p.spellings) for p in POPULATIONS],
            "spellings_latin": [[latin(spelling) for spelling in p.spellings] for p in POPULATIONS],
        }
    )
