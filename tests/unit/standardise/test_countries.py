import pyarrow as pa
import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.standardise.countries import country_verdict, standardise_countries


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("GB", "GB"),
        ("uk", "GB"),
        ("U.K.", "GB"),
        ("England", "GB"),
        ("Scotland", "GB"),
        ("EIRE", "IE"),
        ("Republic of Ireland", "IE"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("RSA", "ZA"),
        ("Deutschland", "DE"),
        ("España", "ES"),
        ("Czech Republic", "CZ"),
        ("The Netherlands", "NL"),
        ("Holland", "NL"),
        ("Korea", "KR"),
        ("Côte d'Ivoire", "CI"),
        ("FRA", "FR"),
    ],
)
def test_the_many_names_of_a_country_have_one_code(raw: str, code: str) -> None:
    assert country_verdict(raw) == (code, None)


@pytest.mark.parametrize("country", [c.alpha_2 for c in pycountry.countries])
def test_every_country_of_iso_is_known_by_code_and_name(country: str) -> None:
    entry = pycountry.countries.get(alpha_2=country)
    assert entry is not None
    assert country_verdict(country) == (country, None)
    assert country_verdict(entry.alpha_3.lower()) == (country, None)
    assert country_verdict(entry.name.upper()) == (country, None)


@pytest.mark.parametrize(
    ("raw", "reason_code"),
    [
        ("", "country_missing"),
        ("Unspecified", "country_placeholder"),
        ("N/A", "country_placeholder"),
        ("?", "country_placeholder"),
        ("European Community", "country_names_several"),
        ("Channel Islands", "country_names_several"),
        ("Narnia", "country_unknown"),
    ],
)
def test_what_is_no_country_has_a_reason(raw: str, reason_code: str) -> None:
    assert country_verdict(raw) == (None, reason_code)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text())
def test_any_text_has_a_verdict_and_a_code_stays_as_it_is(raw: str) -> None:
    code, reason_code = country_verdict(raw)
    assert (code is None) == (reason_code is not None)
    if code is not None:
        assert country_verdict(code) == (code, None)


def test_the_table_says_what_was_repaired() -> None:
    table = standardise_countries(pa.table({"country_raw": ["UK", "GB", "Unspecified"]}))
    assert table.schema == LAKE_TABLES["standardised/countries"].schema
    assert [(r["country_raw"], r["country_code"], r["is_repaired"]) for r in table.to_pylist()] == [
        ("GB", "GB", False),
        ("UK", "GB", True),
        ("Unspecified", None, False),
    ]
