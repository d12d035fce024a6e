import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.standardise.phones import phone_verdict, standardise_phones


@pytest.mark.parametrize(
    ("raw", "region", "e164"),
    [
        ("07312 345678", "GB", "+447312345678"),
        ("+44 (0)7312 345678", "GB", "+447312345678"),
        ("0044 7312 345678", None, "+447312345678"),
        ("+447312.345678", None, "+447312345678"),
        ("+44 7312 345678", "FR", "+447312345678"),
        ("087-123 4567", "IE", "+353871234567"),
        ("501 234 567", "PL", "+48501234567"),
        ("(0)1511 1234567", "DE", "+4915111234567"),
    ],
)
def test_a_number_is_read_as_people_in_its_country_write_it(raw: str, region: str | None, e164: str) -> None:
    assert phone_verdict(raw, region).e164 == e164


@pytest.mark.parametrize(
    ("raw", "region", "reason_code"),
    [
        ("", "GB", "phone_missing"),
        ("unknown", "GB", "phone_placeholder"),
        ("00000000000", "GB", "phone_placeholder"),
        ("0777777777", "GB", "phone_placeholder"),
        ("1234567890", "GB", "phone_placeholder"),
        ("07312 345678", None, "phone_region_unknown"),
        ("07312", "GB", "phone_too_short"),
        ("+44 7312 345678 999999", "GB", "phone_too_long"),
        ("+44 1", "GB", "phone_too_short"),
        ("+999 123456789", "GB", "phone_unreadable"),
        ("9" * 80, "GB", "phone_too_long"),
    ],
)
def test_what_is_no_number_has_a_reason(raw: str, region: str | None, reason_code: str) -> None:
    assert phone_verdict(raw, region).reason_code == reason_code


@settings(derandomize=True, max_examples=300)
@given(
    st.text() | st.text(alphabet="0123456789+() -.extEXT#;,", max_size=30),
    st.sampled_from([None, "GB", "US", "DE", "IT", "FR"]),
)
def test_any_text_has_a_verdict_and_a_normalised_number_stays_as_it_is(raw: str, region: str | None) -> None:
    verdict = phone_verdict(raw, region)
    assert (verdict.e164 is None) == (verdict.reason_code is not None)
    if verdict.e164 is not None:
        assert phone_verdict(verdict.e164, region) == verdict


def test_the_country_beside_a_number_tells_how_to_read_it() -> None:
    pairs = [("0612345678", "France"), ("0612345678", "The Netherlands"), ("0612345678", "")]
    values = pa.table({"phone_raw": [p for p, _ in pairs], "country_raw": [c for _, c in pairs]})
    table = standardise_phones(values)
    assert table.schema == LAKE_TABLES["standardised/phones"].schema
    assert [(row["country_raw"], row["phone_e164"], row["reason_code"]) for row in table.to_pylist()] == [
        ("", None, "phone_region_unknown"),
        ("France", "+33612345678", None),
        ("The Netherlands", "+31612345678", None),
    ]
