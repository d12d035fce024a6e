import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.standardise.emails import email_verdict, standardise_emails


@pytest.mark.parametrize(
    ("raw", "normalised"),
    [
        ("ann.lee@post.example.com", "ann.lee@post.example.com"),
        (" Ann.Lee@Post.EXAMPLE.com\t", "ann.lee@post.example.com"),
        ("mailto:ann@post.example.com", "ann@post.example.com"),
        ("<ann@post.example.com>,", "ann@post.example.com"),
        ("ann+shop@post.example.com", "ann+shop@post.example.com"),
        ("jürgen@bücher.example.org", "jürgen@bücher.example.org"),
    ],
)
def test_a_valid_address_has_one_spelling(raw: str, normalised: str) -> None:
    assert email_verdict(raw).normalised == normalised


@pytest.mark.parametrize(
    ("raw", "reason_code"),
    [
        ("", "email_missing"),
        ("\u00a0 ", "email_missing"),
        ("n/a", "email_placeholder"),
        ("-", "email_placeholder"),
        ("test@test", "email_placeholder"),
        ("TEST@TEST.COM", "email_placeholder"),
        ("xxx@xxx.com", "email_placeholder"),
        ("ann.post.example.com", "email_at_sign_missing"),
        ("ann@shop.test", "email_reserved_domain"),
        ("ann@post", "email_syntax"),
        ("ann lee@post.example.com", "email_syntax"),
        ("ann@@post.example.com", "email_syntax"),
        ("a" * 400 + "@post.example.com", "email_syntax"),
    ],
)
def test_what_is_no_address_has_a_reason(raw: str, reason_code: str) -> None:
    verdict = email_verdict(raw)
    assert verdict.reason_code == reason_code
    assert verdict.normalised is None
    assert verdict.domain is None


def test_a_real_person_called_test_keeps_the_address() -> None:
    assert email_verdict("test.pilot@post.example.com").reason_code is None


@settings(derandomize=True, max_examples=300, deadline=None)
@example("İ@post.example.com")
@example("ß@post.example.com")
@example("a@ß.example.com")
@given(st.text() | st.emails() | st.builds(lambda a, b: f"{a}@{b}.com", st.text(max_size=8), st.text(max_size=8)))
def test_any_text_has_a_verdict_and_a_normalised_address_stays_as_it_is(raw: str) -> None:
    verdict = email_verdict(raw)
    assert (verdict.normalised is None) == (verdict.reason_code is not None)
    if verdict.normalised is not None:
        assert email_verdict(verdict.normalised) == verdict


def test_the_table_has_one_row_per_raw_value_in_order() -> None:
    table = standardise_emails(pa.table({"email_raw": ["n/a", "B@post.example.com", "a@post.example.com"]}))
    assert table.schema == LAKE_TABLES["standardised/emails"].schema
    assert table.to_pylist() == [
        {
            "email_raw": "B@post.example.com",
            "email_normalised": "b@post.example.com",
            "email_domain": "post.example.com",
            "suspect_reason_code": None,
            "is_valid": True,
            "reason_code": None,
            "is_repaired": True,
        },
        {
            "email_raw": "a@post.example.com",
            "email_normalised": "a@post.example.com",
            "email_domain": "post.example.com",
            "suspect_reason_code": None,
            "is_valid": True,
            "reason_code": None,
            "is_repaired": False,
        },
        {
            "email_raw": "n/a",
            "email_normalised": None,
            "email_domain": None,
            "suspect_reason_code": None,
            "is_valid": False,
            "reason_code": "email_placeholder",
            "is_repaired": False,
        },
    ]
