"""How two records are compared, kind by kind: levels from equal to different, each with what it means before training.

Belongs here: levels as SQL over the columns of `frame` (`_l` and `_r`), their words, the column whose frequency tells
how much an agreement says, and the shares expected before any data is seen. Does not belong here: training, blocking.

The stated shares (`m`: among pairs of one person, `u`: among pairs of two) are weak opinions: trained shares are drawn
to them by as much as a few dozen pairs would, so that sets too small to train on are linked sensibly.

What depends on each other is not counted twice: an equal address has told of its postcode, an equal postcode of its
town. Otherwise a family under one roof would look like one person. Addresses that are made of a name are alike for all
who bear it: between namesakes an e-mail that is alike but has another number says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """One level: its words, its condition, the shares stated before training, the column of its frequencies."""

    label: str
    sql: str
    m: float
    u: float
    frequency_column: str | None = None

    @property
    def is_equality(self) -> bool:
        """Whether the level is that the column of its frequencies is equal, and nothing else."""
        return self.sql == f"{self.frequency_column}_l = {self.frequency_column}_r"


@dataclass(frozen=True)
class ComparisonOf:
    """The comparison of one kind: when it says nothing, its levels from the strongest on; the rest is 'different'."""

    kind: str
    null_sql: str
    levels: tuple[Level, ...]
    different: tuple[float, float]


_COLUMN_OF: Mapping[str, str] = {"name": "full_name", "street": "street_key"}


def comparisons_of(filled: frozenset[str]) -> tuple[ComparisonOf, ...]:
    """Return the comparisons that the filled columns of the frame allow, in a fixed order."""
    return tuple(each for each in _ALL if _COLUMN_OF.get(each.kind, each.kind) in filled)


def filled_column(of: ComparisonOf) -> str:
    """Return the column of the frame without which the comparison says nothing."""
    return _COLUMN_OF.get(of.kind, of.kind)


def frequency_columns(comparisons: Sequence[ComparisonOf]) -> tuple[str, ...]:
    """Return the columns whose values' frequencies tell how much an agreement says, sorted."""
    return tuple(
        sorted({level.frequency_column for each in comparisons for level in each.levels if level.frequency_column})
    )


def _jw(left: str, right: str) -> str:
    return f"jaro_winkler_similarity({left}, {right})"


def _when(cheap: str, dear: str) -> str:
    """Return that both conditions hold, as SQL that looks at the dear one only where the cheap one holds.

    DuckDB works out both sides of an `and` for all pairs, but a branch of a `case` only for those that reach it.
    """
    return f"case when {cheap} then {dear} else false end"


def _missing(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


def _one_off(column: str) -> str:
    """Return that two texts differ by one edit, as SQL; one edit leaves the first two or the last two characters."""
    return _when(
        f"left({column}_l, 2) = left({column}_r, 2) or right({column}_l, 2) = right({column}_r, 2)",
        f"damerau_levenshtein({column}_l, {column}_r) <= 1",
    )


def _overlap(column: str) -> str:
    """Return the share of the shorter list's elements that the other one has, as SQL."""
    return f"len(list_intersect({column}_l, {column}_r)) / least(len({column}_l), len({column}_r))"


_ONE_DIGIT_OFF = _when(
    "hamming(birth_date_l, birth_date_r) <= 2",
    "hamming(birth_date_l, birth_date_r) <= 1 or damerau_levenshtein(birth_date_l, birth_date_r) = 1",
)
_MANY_WORDS = "(name_words_l > 2 or name_words_r > 2)"
_GIVEN_EQUAL = "list_has_any(given_forms_l, given_forms_r)"
_GIVEN_LIKE = (
    f"({_jw('given_l', 'given_r')} >= 0.8 or ((length(given_l) = 1 or length(given_r) = 1) "
    "and left(given_l, 1) = left(given_r, 1)))"
)
_FAMILY_LIKE = f"({_jw('family_l', 'family_r')} >= 0.88 or family_sound_l = family_sound_r)"
_TURNED = "full_name_l = name_turned_r"
_FULL_LIKE = f"greatest({_jw('full_name_l', 'full_name_r')}, coalesce({_jw('full_name_l', 'name_turned_r')}, 0))"
_ONE_FAMILY_MISSING = "(family_l is null or family_r is null)"
_ONE_GIVEN_MISSING = "(given_l is null or given_r is null)"
_BOTH_ONE_WORD = "family_l is null and family_r is null"
_BOTH_WHOLE = "given_l is not null and given_r is not null and family_l is not null and family_r is not null"

_NAME = ComparisonOf(
    "name",
    _missing("full_name"),
    (
        Level("one-word name equal", f"given_l = given_r and {_BOTH_ONE_WORD}", 0.05, 0.0005, "given"),
        Level("full name equal, in any order", "name_key_l = name_key_r", 0.5, 0.0001, "name_key"),
        Level("given and family name equal", "given_l = given_r and family_l = family_r", 0.03, 0.0001, "family"),
        Level(
            "family name equal, given name a short form",
            _when("family_l = family_r", _GIVEN_EQUAL),
            0.04,
            0.0003,
            "family",
        ),
        Level(
            "two words of the name shared",
            _when(_MANY_WORDS, "len(list_intersect(name_tokens_l, name_tokens_r)) >= 2"),
            0.02,
            0.0001,
        ),
        Level("full name nearly equal", _when(_BOTH_WHOLE, f"{_FULL_LIKE} >= 0.93"), 0.1, 0.0003),
        Level("family name equal, given name alike", _when("family_l = family_r", _GIVEN_LIKE), 0.04, 0.0007, "family"),
        Level("given name equal, family name alike", _when(_GIVEN_EQUAL, _FAMILY_LIKE), 0.05, 0.0006, "given"),
        Level(
            "family name equal, a given name missing",
            f"family_l = family_r and {_ONE_GIVEN_MISSING}",
            0.05,
            0.002,
            "family",
        ),
        Level(
            "given name equal, a family name missing",
            f"given_l = given_r and {_ONE_FAMILY_MISSING}",
            0.05,
            0.006,
            "given",
        ),
        Level("family name equal, given name different", "family_l = family_r", 0.01, 0.004, "family"),
        Level("given name equal, family name different", "given_l = given_r", 0.02, 0.01, "given"),
        Level(
            "one word of the name shared",
            f"given_l = family_r or family_l = given_r or {_GIVEN_EQUAL} "
            f"or ({_MANY_WORDS} and list_has_any(name_tokens_l, name_tokens_r))",
            0.02,
            0.004,
        ),
        Level("full name alike", f"{_FULL_LIKE} >= 0.8", 0.04, 0.01),
    ),
    (0.03, 0.95),
)
_BIRTH_DATE = ComparisonOf(
    "birth_date",
    _missing("birth_date"),
    (
        Level("birth date equal", "birth_date_l = birth_date_r", 0.75, 0.0005, "birth_date"),
        Level("birth date with day and month swapped", "birth_date_l = birth_date_turned_r", 0.02, 0.0005),
        Level("birth date one digit off", _ONE_DIGIT_OFF, 0.08, 0.004),
        Level("birth year and month equal", "left(birth_date_l, 7) = left(birth_date_r, 7)", 0.03, 0.002),
        Level(
            "birth day and month equal, another year", "right(birth_date_l, 5) = right(birth_date_r, 5)", 0.02, 0.003
        ),
        Level("birth year equal", "birth_year_l = birth_year_r", 0.03, 0.015),
        Level("birth date two digits off", "hamming(birth_date_l, birth_date_r) <= 2", 0.03, 0.03),
        Level(
            "birth years near",
            "abs(try_cast(birth_year_l as int) - try_cast(birth_year_r as int)) <= 2",
            0.02,
            0.05,
        ),
        Level(
            "birth years within ten",
            "abs(try_cast(birth_year_l as int) - try_cast(birth_year_r as int)) <= 10",
            0.01,
            0.2,
        ),
    ),
    (0.01, 0.7),
)
_NAME_SHARED = "given_l = given_r or family_l = family_r or given_l = family_r or family_l = given_r"
_NUMBERS = [f"regexp_replace(email_local_{side}, '[^0-9]', '', 'g')" for side in "lr"]
_OTHER_NUMBER = f"levenshtein({', '.join(_NUMBERS)}) > 1"
_EMAIL_ALIKE = f"{_jw('email_key_l', 'email_key_r')} >= 0.9"
_EMAIL_OF_NAMESAKES = _when(_NAME_SHARED, f"{_EMAIL_ALIKE} and {_OTHER_NUMBER}")
_EMAIL = ComparisonOf(
    "email",
    f"{_missing('email_key')} or {_EMAIL_OF_NAMESAKES}",
    (
        Level("e-mail equal", "email_l = email_r", 0.7, 0.0005, "email"),
        Level("e-mail leads to one mailbox", "email_key_l = email_key_r", 0.05, 0.0001),
        Level(
            "e-mail one or two letters off",
            _when(f"{_jw('email_key_l', 'email_key_r')} >= 0.8", "levenshtein(email_key_l, email_key_r) <= 2"),
            0.1,
            0.0001,
        ),
        Level("part before the @ equal", "email_local_l = email_local_r", 0.05, 0.0008, "email_local"),
        Level("e-mail alike", _EMAIL_ALIKE, 0.04, 0.001),
    ),
    (0.06, 0.9976),
)
_PHONE = ComparisonOf(
    "phone",
    _missing("phone"),
    (
        Level("phone number equal", "phone_l = phone_r", 0.7, 0.0005, "phone"),
        Level("phone number equal but for its area", "phone_tail_l = phone_tail_r", 0.05, 0.0002),
        Level("phone number one digit off", _one_off("phone"), 0.05, 0.0003),
    ),
    (0.2, 0.999),
)
_STREET = ComparisonOf(
    "street",
    _missing("street_key"),
    (
        Level("address equal", "street_key_l = street_key_r", 0.5, 0.0005, "street_key"),
        Level(
            "all words of the shorter address shared",
            _when(
                "street_number_l = street_number_r and len(street_tokens_l) > 1 and len(street_tokens_r) > 1",
                f"{_overlap('street_tokens')} >= 0.99",
            ),
            0.1,
            0.0001,
        ),
        Level("address nearly equal", f"{_jw('street_key_l', 'street_key_r')} >= 0.92", 0.12, 0.0005),
        Level("most words of the address shared", f"{_overlap('street_tokens')} >= 0.6", 0.12, 0.001),
        Level(
            "house number and a word shared",
            _when("street_number_l = street_number_r", "list_has_any(street_tokens_l, street_tokens_r)"),
            0.03,
            0.002,
        ),
        Level("words of the address alike", f"{_jw('street_words_key_l', 'street_words_key_r')} >= 0.85", 0.04, 0.01),
    ),
    (0.09, 0.98),
)
_SAME_STREET = "coalesce(street_key_l = street_key_r, false)"
_SAME_POSTCODE = f"({_SAME_STREET} or coalesce(postcode_l = postcode_r, false))"
_SAME_TOWN = f"({_SAME_POSTCODE} or coalesce(city_l = city_r, false))"

_POSTCODE = ComparisonOf(
    "postcode",
    f"{_missing('postcode')} or {_SAME_STREET}",
    (
        Level("postcode equal", "postcode_l = postcode_r", 0.7, 0.002, "postcode"),
        Level("postcode one letter off", _one_off("postcode"), 0.1, 0.003),
        Level("postcode area equal", "postcode_area_l = postcode_area_r", 0.05, 0.01, "postcode_area"),
        Level("postcode region equal", "postcode_region_l = postcode_region_r", 0.05, 0.05, "postcode_region"),
    ),
    (0.1, 0.93),
)


def _words(kind: str, label: str, *, m: float, u: float, told: str = "false") -> ComparisonOf:
    """Return the comparison of a place or the like: equal, alike, different; nothing where it was told before."""
    return ComparisonOf(
        kind,
        f"{_missing(kind)} or {told}",
        (
            Level(f"{label} equal", f"{kind}_l = {kind}_r", m, u, kind),
            Level(f"{label} alike", f"{_jw(f'{kind}_l', f'{kind}_r')} >= 0.88", 0.1, u / 4),
        ),
        (round(0.9 - m, 3), 1 - u * 1.25),
    )


def _flag(kind: str, label: str, *, m: float, u: float, told: str = "false") -> ComparisonOf:
    """Return the comparison of a value out of a short list: equal or different; nothing where it is told."""
    return ComparisonOf(
        kind,
        f"{_missing(kind)} or {told}",
        (Level(f"{label} equal", f"{kind}_l = {kind}_r", m, u, kind),),
        (1 - m, 1 - u),
    )


def _number(kind: str, label: str) -> ComparisonOf:
    """Return the comparison of an identifier: equal, one character off, different."""
    return ComparisonOf(
        kind,
        _missing(kind),
        (
            Level(f"{label} equal", f"{kind}_l = {kind}_r", 0.88, 0.0002, kind),
            Level(f"{label} one character off", _one_off(kind), 0.05, 0.0002),
        ),
        (0.07, 0.9996),
    )


_ALL = (
    _NAME,
    _BIRTH_DATE,
    _EMAIL,
    _PHONE,
    _STREET,
    _POSTCODE,
    _words("city", "town", m=0.75, u=0.03, told=_SAME_POSTCODE),
    _words("birth_place", "place of birth", m=0.75, u=0.02),
    _words("occupation", "occupation", m=0.7, u=0.05),
    _flag("state", "state", m=0.9, u=0.25, told=_SAME_TOWN),
    _flag("country", "country", m=0.95, u=0.5, told=_SAME_TOWN),
    _flag("gender", "gender", m=0.96, u=0.5),
    _number("national_id", "national id"),
    _number("passport", "passport"),
    _number("licence", "driving licence"),
    _number("card", "card number"),
)
