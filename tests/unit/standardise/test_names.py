import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.foundation.lake_tables import LAKE_TABLES
from orchestration.standardise.names import match_key, name_verdict, standardise_names


@pytest.mark.parametrize(
    ("raw", "normalised"),
    [
        ("  Ann   Lee ", "Ann Lee"),
        ("ann", "Ann"),
        ("O'BRIEN", "O'Brien"),
        ("o\N{RIGHT SINGLE QUOTATION MARK}brien", "O'Brien"),
        ("JEAN-LUC", "Jean-Luc"),
        ("VAN DEN BERG", "van den Berg"),
        ("de la tour", "de la Tour"),
        ("VAN 'T HOFF", "van 't Hoff"),
        ("MCDONALD", "McDonald"),
        ("MACNAMARA", "MacNamara"),
        ("MACEY", "Macey"),
        ("d'arcy", "D'Arcy"),
        ("von", "Von"),
        ("j.", "J."),
        ("Seán", "Seán"),
        ("Sea\u0301n", "Seán"),
        ("van Dijk", "van Dijk"),
        ("deVito", "deVito"),
        ("WEIẞ", "Weiß"),
        ("李小龙", "李小龙"),
    ],
)
def test_a_name_has_a_decent_spelling(raw: str, normalised: str) -> None:
    assert name_verdict(raw).normalised == normalised


@pytest.mark.parametrize(
    ("raw", "reason_code"),
    [
        ("", "name_missing"),
        (" \t", "name_missing"),
        ("n/a", "name_placeholder"),
        ("TEST", "name_placeholder"),
        ("xxx", "name_placeholder"),
        ("-", "name_without_letters"),
        ("???", "name_without_letters"),
        ("Ann2", "name_with_digits"),
        ("ann@post.example.com", "name_is_email"),
        ("ab" * 60, "name_too_long"),
    ],
)
def test_what_is_no_name_has_a_reason(raw: str, reason_code: str) -> None:
    assert name_verdict(raw).reason_code == reason_code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Brien", "OBRIEN"),
        ("Łukasz", "lukasz"),
        ("Groß", "GROSS"),
        ("Sørensen", "Sorensen"),
        ("Seán", "Sean"),
        ("Jean-Luc", "jean luc"),
        ("van den Berg", "VANDENBERG"),
    ],
)
def test_spellings_of_one_name_have_one_match_key(one: str, other: str) -> None:
    assert match_key(one) == match_key(other)


@settings(derandomize=True, max_examples=500)
@example("ŉ")
@example("İİ")
@example("ǅ")
@example("o'mc")
@example('"\N{COMBINING ACUTE ACCENT}')
@given(st.text() | st.text(alphabet="aAoO'mMcC -.ßłŁvaned", max_size=14))
def test_any_text_has_a_verdict_and_a_normalised_name_stays_as_it_is(raw: str) -> None:
    verdict = name_verdict(raw)
    assert (verdict.normalised is None) == (verdict.reason_code is not None)
    if verdict.normalised is not None and verdict.match_key is not None:
        again = name_verdict(verdict.normalised)
        assert again.normalised == verdict.normalised
        assert match_key(verdict.match_key) == verdict.match_key


def test_the_table_says_what_was_repaired() -> None:
    table = standardise_names(pa.table({"name_raw": ["ann", "Ann", "n/a"]}))
    assert table.schema == LAKE_TABLES["standardised/names"].schema
    assert [(row["name_raw"], row["name_match_key"], row["is_repaired"]) for row in table.to_pylist()] == [
        ("Ann", "ann", False),
        ("ann", "ann", True),
        ("n/a", None, False),
    ]
