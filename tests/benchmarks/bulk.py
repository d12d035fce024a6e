"""Generated files in bulk: invoice lines (CSV), contacts (CSV) and shop orders (NDJSON), by DuckDB from one seed.

Invoice lines: four an invoice, on days spread evenly over the period, 5,000 products, 2 % returns, 2 % of the names
quoted with a comma inside; about 72 bytes a line. Nothing in them breaks a row rule. In a ragged file every
thousandth line has one cell too few or too many. Contacts: one a person. Orders: of one line, four a person over the
year, with the e-mail and phone of the person's contact.
The sample company of the product is richer and much slower to make.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from tests.benchmarks.sizes import BAD_EVERY, SEED

_LINES_HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
_CONTACTS_HEADER = "contact_id;first_name;last_name;email;phone;postcode;city;country;birthday;created_at;updated_at"
_FIRST_NAMES = "Anna Ben Clara David Emma Finn Grace Henry Iris Jack Kate Liam Mary Noah Olive Peter Rose Sam Tess Will"
_SYLLABLES = "al ber car den el far gar hol in jor kel lan mar nor os per ral sor tan wel"
_ORDERS_A_PERSON = 4
_LINES_SQL = """
with numbered as (
    select i // 4 as invoice, i, (hash(i, $seed) >> 2)::bigint as h, (hash(i // 4, $seed) >> 2)::bigint as g
    from range($first, $first + $rows) as t(i)
), described as (
    select
        *,
        if(g % 50 = 0, 'C', '') || (1000000 + invoice) as invoice_no,
        (if(g % 50 = 0, -1, 1) * (1 + (h >> 8) % 6))::bigint as quantity,
        if(h % 50 = 0, '"BOX, NO ' || h % 5000 || '"', 'ITEM NO ' || h % 5000) as description,
        $starts_on::timestamp + to_days(((invoice - $first // 4) % $days)::integer)
            + to_seconds((6 * 3600 + g % 50000)::bigint) as moment,
        ['United Kingdom', 'France', 'Germany', 'Ireland'][1 + (g >> 16) % 4] as country
    from numbered
), lines as (
    select
        i,
        concat_ws(
            ',', invoice_no, 20000 + h % 5000, description, quantity, strftime(moment, '%Y-%m-%d %H:%M:%S'),
            ((50 + (h >> 16) % 2000) / 100)::decimal(9, 2), 1000000 + (g >> 24) % $customers, country
        ) as line
    from described
)
select
    case
        when $bad_every = 0 or i % $bad_every <> $bad_every // 2 then line
        when i // $bad_every % 2 = 0 then line || ',surplus'
        else regexp_replace(line, ',[^,]*$', '')
    end as line,
    $bad_every > 0 and i % $bad_every = $bad_every // 2 as is_bad
from lines
"""
_PEOPLE_SQL = """
select
    i,
    person,
    $names[1 + h % 20] as first_name,
    upper($syllables[1 + (h >> 5) % 20][1]) || $syllables[1 + (h >> 5) % 20][2:]
        || $syllables[1 + (h >> 10) % 20] || $syllables[1 + (h >> 15) % 20] as last_name,
    lower(first_name || '.' || last_name) || person || '@example.com' as email,
    '07' || (400000000 + (person * 7919) % 590000000) as phone,
    $as_of_on::timestamp - to_days((1 + g % 364)::integer) + to_minutes((g % 1440)::bigint) as moment
from (
    select
        i, $first + (i - $first) % $people as person, (hash(person, $seed) >> 2)::bigint as h,
        (hash(i, person, $seed) >> 2)::bigint as g
    from range($first, $first + $rows) as t(i)
)
"""


@dataclass(frozen=True)
class Bulk:
    """One generated file: its records (the header aside), how many of them are bad, and the sum of the bad's hashes."""

    path: Path
    records: int
    bad: int = 0
    bad_checksum: str = "0"

    @property
    def bytes(self) -> int:
        """Its size."""
        return self.path.stat().st_size


def invoice_lines(  # noqa: PLR0913 - a file has this many facts
    path: Path, *, rows: int, customers: int, starts_on: date, days: int, first: int = 0, is_ragged: bool = False
) -> Bulk:
    """Write a CSV of invoice lines and say what is in it; files with other `first` have other invoices."""
    facts = {
        "seed": SEED,
        "first": first,
        "rows": rows,
        "customers": customers,
        "starts_on": starts_on,
        "days": days,
        "bad_every": BAD_EVERY if is_ragged else 0,
    }
    with duckdb.connect() as connection:
        _write_lines(connection, f"select line from ({_LINES_SQL})", facts, path, _LINES_HEADER)
        if not is_ragged:
            return Bulk(path, rows)
        query = f"select count(*), coalesce(sum(hash(line)::hugeint), 0)::varchar from ({_LINES_SQL}) where is_bad"
        bad, checksum = connection.execute(query, facts).fetchall()[0]
    return Bulk(path, rows, bad, checksum)


def contacts(path: Path, *, rows: int, as_of_on: date, first: int = 0) -> Bulk:
    """Write a CSV of contacts, one a person."""
    line = (
        "concat_ws(';', 'C' || i, first_name, last_name, email, phone, 'AB1 2CD', 'Leeds', 'United Kingdom', "
        "strftime(moment - to_years(30), '%d.%m.%Y'), strftime(moment, '%d.%m.%Y %H:%M'), "
        "strftime(moment, '%d.%m.%Y %H:%M'))"
    )
    with duckdb.connect() as connection:
        query = f"select {line} as line from ({_PEOPLE_SQL})"
        _write_lines(connection, query, _people(rows, as_of_on, first), path, _CONTACTS_HEADER)
    return Bulk(path, rows)


def orders(path: Path, *, people: int, as_of_on: date, first: int = 0) -> Bulk:
    """Write an NDJSON of shop orders, four a person."""
    rows = people * _ORDERS_A_PERSON
    query = f"""
        select
            'SO' || i as order_id, 'sale' as order_type, strftime(moment, '%Y-%m-%dT%H:%M:%SZ') as ordered_at,
            ordered_at as updated_at, 'United Kingdom' as country, 'GBP' as currency, 'card' as payment_method,
            {{'account_id': 'A' || person, 'email': email, 'first_name': first_name, 'last_name': last_name,
                'phone': phone}} as customer,
            [{{'line_number': 1, 'sku': 'SKU-' || i % 500, 'product_name': 'Lamp', 'category': 'Home',
                'quantity': 1 + i % 3, 'unit_price': (10 + i % 40) || '.50'}}] as lines
        from ({_PEOPLE_SQL})
    """
    with duckdb.connect() as connection:
        connection.execute(
            f"copy ({query}) to '{path}' (format json)", {**_people(rows, as_of_on, first), "people": people}
        )
    return Bulk(path, rows)


def year_before(day: date) -> date:
    """Return the first of the 365 days that end with `day`."""
    return day - timedelta(days=364)


def _people(rows: int, as_of_on: date, first: int) -> dict[str, object]:
    return {
        "seed": SEED,
        "first": first,
        "rows": rows,
        "people": rows,
        "as_of_on": as_of_on,
        "names": _FIRST_NAMES.split(),
        "syllables": _SYLLABLES.split(),
    }


def _write_lines(
    connection: duckdb.DuckDBPyConnection, query: str, facts: dict[str, object], path: Path, header: str
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"copy (select '{header}' as line union all ({query})) to '{path}' "
        r"(format csv, header false, quote '', escape '', delimiter E'\x01')",
        facts,
    )
