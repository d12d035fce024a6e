from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import duckdb
import pytest

from orchestration.sample_company.noise import DELIVERY, NOISE, RECORD, record_noise
from orchestration.sample_company.noise_macros import create_macros
from orchestration.sample_company.randomness import stream
from orchestration.sample_company.sources.known import spoilt_customers

PROFILES_COUNT = 20_000
HOUSE_STYLES = {
    "crm/contacts": {
        "phone": "trunk_prefix || left(subscriber, 4) || ' ' || substr(subscriber, 5)",
        "country": "spellings[1]",
    },
    "shop/orders": {"phone": "phone_e164", "country": "country_code"},
}
CUSTOMER_FIELDS = ("name", "first_name", "last_name", "email", "phone", "country")

_PROFILES = """
create or replace temp table profiles as
select
    'p' || range as profile_key,
    'Margaret' as first_name,
    'Thornby' as last_name,
    'Margaret' as first_name_latin,
    'Thornby' as last_name_latin,
    'Peggy' as nickname,
    'm.thornby@post.example.com' as email,
    '+447312345678' as phone_e164,
    'GB' as phone_country_code,
    'GB' as country_code,
from range(20000)
"""


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        create_macros(opened, seed=1)
        opened.execute(_PROFILES)
        yield opened


def _spoilt(connection: duckdb.DuckDBPyConnection, feed: str, known: str = "profiles") -> list[dict[str, object]]:
    query = spoilt_customers(known, feed, **HOUSE_STYLES[feed])
    return connection.execute(f"select * from ({query}) order by profile_key").to_arrow_table().to_pylist()


def _noises(row: dict[str, object]) -> dict[str, str]:
    listed = row["customer_noises"]
    assert isinstance(listed, list)
    return dict(noise.split("/") for noise in listed if noise)


@pytest.mark.parametrize("feed", HOUSE_STYLES)
def test_noise_comes_at_the_stated_rates(connection: duckdb.DuckDBPyConnection, feed: str) -> None:
    found = Counter(noise for row in _spoilt(connection, feed) for noise in _noises(row).items())
    for field in CUSTOMER_FIELDS:
        for kind, share in NOISE[feed][field].items():
            # A name in Latin letters cannot be transliterated.
            expected = share * PROFILES_COUNT * (kind != "transliterated")
            assert abs(found[field, kind] - expected) <= 5 * expected**0.5, (field, kind)


@pytest.mark.parametrize(
    ("feed", "phone", "country"),
    [("crm/contacts", "07312 345678", "United Kingdom"), ("shop/orders", "+447312345678", "GB")],
)
def test_a_value_differs_from_what_a_clean_source_writes_where_its_noise_is_noted_and_only_there(
    connection: duckdb.DuckDBPyConnection, feed: str, phone: str, country: str
) -> None:
    clean = {
        "first_name": "Margaret",
        "last_name": "Thornby",
        "email": "m.thornby@post.example.com",
        "phone": phone,
        "country": country,
    }
    for row in _spoilt(connection, feed)[:4_000]:
        noises = _noises(row)
        if "name" in noises:
            continue
        for field, value in clean.items():
            assert (row[f"{field}_written"] == value) == (field not in noises), row


def test_swapped_names_stand_in_each_other_s_place(connection: duckdb.DuckDBPyConnection) -> None:
    swapped = [row for row in _spoilt(connection, "crm/contacts") if _noises(row) == {"name": "names_swapped"}]
    assert {(row["first_name_written"], row["last_name_written"]) for row in swapped} == {("Thornby", "Margaret")}


def test_a_transliterated_name_is_in_latin_letters_and_noted(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create or replace temp view greeks as
        select * replace ('Μαρία' as first_name, 'Maria' as first_name_latin) from profiles
        """
    )
    rows = _spoilt(connection, "shop/orders", "greeks")
    written = {_noises(row)["name"]: row["first_name_written"] for row in rows if set(_noises(row)) == {"name"}}
    assert written == {"transliterated": "Maria", "names_swapped": "Thornby"}
    transliterated_share = sum(_noises(row).get("name") == "transliterated" for row in rows) / PROFILES_COUNT
    assert 0.23 < transliterated_share < 0.27


def test_a_letter_swap_that_changes_nothing_is_no_noise(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create or replace temp view aas as
        select * replace ('aaaa' as last_name, 'aaaa' as last_name_latin) from profiles
        """
    )
    rows = _spoilt(connection, "shop/orders", "aas")
    assert not any(_noises(row).get("last_name") == "letters_swapped" for row in rows)


def test_draws_depend_on_the_seed_and_the_key_only() -> None:
    draws = []
    for seed in (1, 1, 2):
        with duckdb.connect() as opened:
            create_macros(opened, seed=seed)
            drawn = opened.execute("select draw(bits_of('a', 7), 0), draw(bits_of('b', 7), 0)").fetchall()
            draws.append(drawn[0])
    assert draws[0] == draws[1]
    assert len({*draws[0], *draws[2]}) == 4


def test_the_four_draws_of_a_key_and_those_of_two_purposes_are_uncorrelated(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = connection.execute(
        """
        select corr(draw(a, 0), draw(a, 1)), corr(draw(a, 1), draw(a, 3)), corr(draw(a, 0), draw(b, 0)),
            abs(avg(draw(a, 2)) - 0.5)
        from (select bits_of('a', range) as a, bits_of('b', range) as b from range(100000))
        """
    ).fetchall()
    assert all(abs(value) < 0.02 for value in rows[0])


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        (datetime(2026, 3, 29, 0, 59), "2026-03-29T00:59:00+00:00"),  # noqa: DTZ001 - the facts have no zone
        (datetime(2026, 3, 29, 1, 0), "2026-03-29T02:00:00+01:00"),  # noqa: DTZ001
        (datetime(2026, 10, 25, 1, 0), "2026-10-25T01:00:00+00:00"),  # noqa: DTZ001
    ],
    ids=["before summer time", "summer time begins", "after summer time"],
)
def test_local_time_says_its_offset(connection: duckdb.DuckDBPyConnection, instant: datetime, written: str) -> None:
    assert connection.execute("select london_iso($instant)", {"instant": instant}).fetchall() == [(written,)]


def test_money_and_numbers_look_as_each_source_writes_them(connection: duckdb.DuckDBPyConnection) -> None:
    row = connection.execute(
        "select pounds(-1205), decimal_comma(123456789), points_for_thousands(12345), with_commas(1249)"
    ).fetchall()
    assert row == [("-12.05", "1.234.567,89", "12.345", "1,249")]


def test_a_cell_is_quoted_where_its_text_needs_it(connection: duckdb.DuckDBPyConnection) -> None:
    row = connection.execute(
        """select csv_cell('a;b', ';'), csv_cell('say "x"', ';'), csv_cell('a,b', ';')"""
    ).fetchall()
    assert row == [('"a;b"', '"say ""x"""', "a,b")]


@pytest.mark.parametrize("feed", [feed for feed, fields in NOISE.items() if RECORD in fields])
def test_a_large_file_shows_every_kind_of_accident_and_no_record_has_two(feed: str) -> None:
    accidents = record_noise(stream(1, "test"), 250, NOISE[feed][RECORD])
    assert set(accidents["noise"].to_pylist()) == set(NOISE[feed][RECORD])
    rows = accidents["row_index"].to_pylist()
    assert len(set(rows)) == len(rows)


def test_a_small_or_empty_file_may_have_no_accident() -> None:
    rates = NOISE["shop/orders"][RECORD]
    assert record_noise(stream(1, "test"), 0, rates).num_rows == 0
    assert sum(record_noise(stream(n, "test"), 10, rates).num_rows for n in range(20)) < 20


@pytest.mark.parametrize("feed", [feed for feed, fields in NOISE.items() if RECORD in fields])
def test_a_small_file_is_never_worse_than_two_per_cent_or_what_is_stated(feed: str) -> None:
    rates = NOISE[feed][RECORD]
    for rows_count in (1, 30, 49, 50, 120, 199):
        hits = [record_noise(stream(n, "test"), rows_count, rates).num_rows for n in range(30)]
        assert max(hits) <= rows_count * max(0.02, sum(rates.values()))


def test_all_shares_of_a_field_leave_room_for_clean_records() -> None:
    for fields in NOISE.values():
        assert all(sum(rates.values()) < 1 for field, rates in fields.items() if field != DELIVERY)


def test_late_records_come_one_to_five_days_late(connection: duckdb.DuckDBPyConnection) -> None:
    days = connection.execute(
        "select days_late(bits_of('late', range), 0, 0.01, 5) as days, count(*) from range(100000) group by days"
    ).fetchall()
    counts = dict(days)
    assert set(counts) == set(range(6))
    assert 800 < sum(count for late, count in counts.items() if late) < 1_200
