import duckdb
import pytest

from orchestration.identity.linkage.columns import kind_of, mapped_columns
from orchestration.identity.linkage.frame import read_kinds
from orchestration.identity.linkage.values import (
    DateOrder,
    birth_date,
    code,
    date_order,
    email,
    email_key,
    name_forms,
    phone,
    street_words,
)


@pytest.mark.parametrize(
    "written",
    ["1991-08-20", "20/8/1991", "20.08.1991", "20-Aug-91", "August 20, 1991", "19910820", "1991-08-20T00:00:00"],
)
def test_a_day_of_birth_reads_the_same_in_every_usual_way_of_writing(written: str) -> None:
    assert birth_date(written, DateOrder(is_month_first=False)) == "1991-08-20"


def test_a_columns_unambiguous_dates_tell_how_the_others_are_read() -> None:
    american = date_order(["3/25/89", "1/7/80", "12/11/1978"])

    assert birth_date("1/7/80", american) == "1980-01-07"
    assert birth_date("1/7/80", date_order(["25/3/89", "1/7/80"])) == "1980-07-01"


@pytest.mark.parametrize("odd", ["", "n/a", "soon", "12/", "1/2/3/4x", "99999-99-99", "5-123-1990", "²/³/1990"])
def test_what_is_no_day_is_none_or_ten_characters(odd: str) -> None:
    found = birth_date(odd, DateOrder(is_month_first=False))

    assert found is None or len(found) == 10


def test_a_name_is_compared_without_titles_in_latin_letters_and_in_any_order() -> None:
    plain = name_forms("Maria", "Sentosa", None)
    turned = name_forms(None, None, "Dr. SENTOSA, María")
    native = name_forms(None, None, "Анна Петрова")

    assert plain is not None
    assert turned is not None
    assert native is not None
    assert plain.name_key == turned.name_key == "maria sentosa"
    assert native.name_key == "anna petrova"


def test_a_short_form_is_known_as_the_name_it_is_short_for() -> None:
    bob, robert = name_forms("Bob", "Smith", None), name_forms("Robert", "Smyth", None)

    assert bob is not None
    assert robert is not None
    assert set(bob.given_forms) & set(robert.given_forms)
    assert bob.family_sound == robert.family_sound


def test_an_address_a_mailbox_and_a_number_are_compared_by_what_they_reach() -> None:
    assert street_words("1515 Adela Ln.") == street_words("1515 ADELA LANE")
    assert email("Maria <M.Sentosa@gmail.com>") == "m.sentosa@gmail.com"
    assert email_key("m.sentosa+x@gmail.com") == email_key("msentosa@googlemail.com")
    assert email_key("m.sentosa@fmail.com") != email_key("msentosa@fmail.com")
    assert phone("+44 7312 345678") == phone("07312 345678")
    assert phone("0000000") is None
    assert code("000-00-0000") is None


def test_columns_are_known_by_their_usual_names_and_by_what_is_stated() -> None:
    mapped = mapped_columns(["kunden_nr", "PRIMARY_NAME_LAST", "colour", "E-Mail"], {"record_id": ("kunden_nr",)})

    assert mapped.record_id == "kunden_nr"
    assert dict(mapped.by_kind) == {"family_name": ("PRIMARY_NAME_LAST",), "email": ("E-Mail",)}
    assert kind_of("amount") is None


def test_a_day_of_birth_told_in_parts_is_put_together() -> None:
    mapped = mapped_columns(["rec_id", "fname_c1", "lname_c1", "by", "bm", "bd"])
    assert mapped.record_id is not None
    sql = read_kinds("parts", mapped.by_kind, record_id=mapped.record_id)

    with duckdb.connect() as connection:
        connection.execute(
            "create table parts as select 7 rec_id, 'Ann' fname_c1, 'Lee' lname_c1, '1961' as by, '3' bm, null bd"
        )
        assert connection.sql(f"select given_name, family_name, birth_date from ({sql})").fetchall() == [
            ("Ann", "Lee", "1961-03-01")
        ]
