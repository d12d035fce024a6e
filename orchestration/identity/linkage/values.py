"""One written value of a person as what may be compared of it; a comparison only, never what is kept or shown.

Belongs here: pure functions from one text to its comparable forms, called once per distinct value. Does not belong
here: which columns a file has, and how two values are compared.
"""

import re
from dataclasses import dataclass
from functools import cache

import jellyfish
from anyascii import anyascii
from nicknames import NickNamer

# fmt: off
_TITLES = frozenset((
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "rev", "reverend", "sir", "dame", "lord", "lady",
    "herr", "frau", "mme", "mlle", "monsieur", "madame", "senor", "senora", "don", "dona", "jr", "sr", "junior",
    "senior", "ii", "iii", "iv", "esq", "esquire", "phd", "md", "mba", "bsc", "msc", "baron", "baroness", "baronet",
    "earl", "duke", "duchess", "count", "countess", "viscount", "viscountess", "marquess", "captain", "capt",
    "colonel", "col", "major", "general", "admiral", "saint",
))
_PARTICLES = frozenset((
    "of", "the", "and", "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "du", "la", "le",
    "el", "al", "bin", "ibn", "ter", "ten", "zu", "zum", "zur", "y", "e",
))
_STREET_WORDS = {
    "st": "street", "str": "street", "strasse": "street", "rd": "road", "ave": "avenue", "av": "avenue",
    "dr": "drive", "drv": "drive", "ln": "lane", "ct": "court", "crt": "court", "cres": "crescent", "cr": "crescent",
    "pl": "place", "plc": "place", "sq": "square", "blvd": "boulevard", "hwy": "highway", "pde": "parade",
    "tce": "terrace", "ter": "terrace", "cl": "close", "cct": "circuit", "apt": "apartment", "apts": "apartment",
    "ste": "suite", "fl": "floor", "n": "north", "s": "south", "e": "east", "w": "west", "mt": "mount",
}
_GENDERS = {
    "m": "male", "male": "male", "man": "male", "mr": "male", "herr": "male", "maennlich": "male", "homme": "male",
    "f": "female", "female": "female", "woman": "female", "mrs": "female", "ms": "female", "miss": "female",
    "frau": "female", "weiblich": "female", "w": "female", "femme": "female",
}
_BLANKS = frozenset((
    "", "n/a", "na", "none", "null", "nil", "nan", "unknown", "missing", "undefined", "not known", "not given",
    "not provided", "tbc", "tba", "-", "--", "?", "x",
))
_MONTHS = {name: number for number, names in enumerate((
    ("jan", "januar"), ("feb", "februar"), ("mar", "maerz"), ("apr",), ("may", "mai"), ("jun", "juni"),
    ("jul", "juli"), ("aug",), ("sep", "sept"), ("oct", "okt"), ("nov",), ("dec", "dez"),
), start=1) for name in names}
# fmt: on
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)?")
_APOSTROPHES = re.compile(
    "['`\N{ACUTE ACCENT}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}]"
)
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT_ALNUM = re.compile(r"[^a-z0-9]")
_ADDRESS = re.compile(r"[^\s<>\"',;]+@[^\s<>\"',;]+")
_DATE_PARTS = re.compile(r"\d+|[a-z]+")
_GMAIL = frozenset(("gmail.com", "googlemail.com"))
_YEAR_DIGITS = 4
_COMPACT_DATE = re.compile(r"\d{8}")
_ISO_LENGTH = 10
_LATEST_BIRTH_YEAR = 2026
_MONTHS_A_YEAR = 12
_LONGEST_MONTH = 31
_PHONE_DIGITS = 9
_PHONE_TAIL = 7
_PHONE_SHORTEST = 5


@dataclass(frozen=True)
class NameForms:
    """A name as it is compared: its words, its first and last part, and what else they may have been written as."""

    given: str | None
    family: str | None
    full: str
    name_key: str
    name_tokens: list[str]
    given_forms: list[str]
    given_sound: str | None
    family_sound: str | None


@dataclass(frozen=True)
class DateOrder:
    """How the numbers of a column's dates are to be read: whether the month stands first."""

    is_month_first: bool


def is_blank(raw: str | None) -> bool:
    """Return whether a cell says nothing: empty, or a word for 'not known'.

    Example:
        >>> is_blank(" N/A ")
        True
    """
    return raw is None or raw.strip().lower() in _BLANKS


def plain(raw: str) -> str:
    """Return the text in small Latin letters of ASCII, each run of other characters as one space.

    Example:
        >>> plain(" Łódź, D'Esquire-Straße ")
        'lodz desquire strasse'
    """
    latin = raw if raw.isascii() else _CAPITAL_INSIDE.sub(" ", anyascii(raw))
    return _NO_LETTER.sub(" ", _APOSTROPHES.sub("", latin).lower()).strip()


def name_words(raw: str | None) -> list[str]:
    """Return the words of a name without titles, generations, particles and numbers; all of them when none is left.

    Example:
        >>> name_words("Dr. Maria van den Berg, 3rd")
        ['maria', 'berg']
    """
    if raw is None or is_blank(raw):
        return []
    words = plain(raw).split()
    kept = [word for word in words if not (word in _TITLES or word in _PARTICLES or _ORDINAL.fullmatch(word))]
    return kept or words


def name_forms(given: str | None, family: str | None, full: str | None) -> NameForms | None:
    """Return how a name is compared, of its parts or of the whole, or None when nothing is written.

    Example:
        >>> forms = name_forms("Bob", "O'Hare", None)
        >>> forms.name_key, "robert" in forms.given_forms
        ('bob ohare', True)
    """
    whole = name_words(full)
    first, last = name_words(given), name_words(family)
    if not first and not last:
        first, last = (whole[:1], whole[1:]) if len(whole) > 1 else (whole, [])
        last = last[-1:] if len(last) > 1 and full is not None and full.isascii() else last
    words = list(dict.fromkeys([*first, *last, *whole]))
    if not words:
        return None
    first_text, last_text = " ".join(first[:1]) or None, " ".join(last) or None
    return NameForms(
        given=first_text,
        family=last_text,
        full=" ".join([*first, *last]),
        name_key=" ".join(sorted({*first, *last})),
        name_tokens=[word for word in words if len(word) > 1],
        given_forms=given_forms(first_text) if first_text else [],
        given_sound=sound(first_text),
        family_sound=sound(last_text),
    )


@cache
def given_forms(given: str) -> list[str]:
    """Return the given name and the names it may be short for, sorted.

    Example:
        >>> given_forms("bob")
        ['bert', 'bob', 'bobby', 'robert']
    """
    return sorted({given, *_nick_namer().canonicals_of(given)})


@cache
def sound(word: str | None) -> str | None:
    """Return the metaphone of a word, None for none.

    Example:
        >>> sound("smyth") == sound("smith")
        True
    """
    return (jellyfish.metaphone(word) or word) if word else None


@cache
def _nick_namer() -> NickNamer:
    return NickNamer()


def street_words(raw: str | None) -> str | None:
    """Return an address line with its usual abbreviations written out, or None.

    Example:
        >>> street_words("1515 Adela Ln.")
        '1515 adela lane'
    """
    if raw is None or is_blank(raw):
        return None
    return " ".join(_STREET_WORDS.get(word, word) for word in plain(raw).split()) or None


def words(raw: str | None) -> str | None:
    """Return a place, an occupation or the like as plain words, or None.

    Example:
        >>> words(" São Paulo ")
        'sao paulo'
    """
    return None if raw is None or is_blank(raw) else plain(raw) or None


def code(raw: str | None) -> str | None:
    """Return a postcode or an identifier as its letters and digits alone, or None.

    Example:
        >>> code("294-66-9999")
        '294669999'
    """
    if raw is None or is_blank(raw):
        return None
    bare = _NOT_ALNUM.sub("", plain(raw))
    return bare if len(set(bare)) > 1 else None


def gender(raw: str | None) -> str | None:
    """Return `male`, `female` or None for anything else.

    Example:
        >>> gender("F")
        'female'
    """
    return None if raw is None else _GENDERS.get(plain(raw))


def email(raw: str | None) -> str | None:
    """Return the address inside a text in small letters, or None.

    Example:
        >>> email('"Jay Jones" <JJones@fmail.com>')
        'jjones@fmail.com'
    """
    found = _ADDRESS.search(raw) if raw else None
    return found.group().lower() if found else None


def email_key(address: str) -> str:
    """Return the mailbox that an address leads to by its provider's rules: for comparing only.

    Example:
        >>> email_key("ann.lee+shop@googlemail.com")
        'annlee@gmail.com'
    """
    local, _, domain = address.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GMAIL:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def phone(raw: str | None) -> str | None:
    """Return the last nine digits of a number, fewer when it has fewer, or None below five.

    Example:
        >>> phone("+39 0352 655 3537") == phone("0352 6553537")
        True
    """
    digits = "".join(character for character in raw or "" if character.isdecimal())
    return digits[-_PHONE_DIGITS:] if len(digits) >= _PHONE_SHORTEST and len(set(digits)) > 1 else None


def phone_tail(digits: str) -> str:
    """Return the last seven digits: a number without its area."""
    return digits[-_PHONE_TAIL:]


def date_order(values: list[str]) -> DateOrder:
    """Return how a column's dates are read, told by those that can be read in one way only; day first on a tie.

    Example:
        >>> date_order(["3/25/89", "1/7/80"]).is_month_first
        True
    """
    pairs = [
        (int(parts[0]), int(parts[1]))
        for parts in (_DATE_PARTS.findall(value.lower()) for value in values)
        if len(parts) > 2 and parts[0].isdecimal() and parts[1].isdecimal() and len(parts[0]) < _YEAR_DIGITS  # noqa: PLR2004
    ]
    month_first = sum(first <= _MONTHS_A_YEAR < second <= _LONGEST_MONTH for first, second in pairs)
    day_first = sum(second <= _MONTHS_A_YEAR < first <= _LONGEST_MONTH for first, second in pairs)
    return DateOrder(is_month_first=month_first > day_first)


def birth_date(raw: str | None, order: DateOrder) -> str | None:
    """Return a date as `yyyy-mm-dd`, of any usual way of writing; parts that no calendar has are kept as written.

    Example:
        >>> birth_date("24-May-11", DateOrder(is_month_first=True)), birth_date("19630521", DateOrder(False))
        ('2011-05-24', '1963-05-21')
    """
    if raw is None or is_blank(raw):
        return None
    text = plain(raw.strip().split("T")[0]) if "T" in raw else plain(raw)
    if _COMPACT_DATE.fullmatch(text):
        return _compact(text, order)
    parts = _DATE_PARTS.findall(text)[:3]
    if len(parts) == 1 and len(parts[0]) == _YEAR_DIGITS and parts[0].isdecimal():
        return f"{parts[0]}-01-01"
    numbers = _numbers(parts, order)
    if numbers is None:
        return None
    year, month, day = numbers
    written = f"{year:04d}-{month:02d}-{day:02d}"
    return written if len(written) == _ISO_LENGTH else None


def _compact(text: str, order: DateOrder) -> str:
    if "1000" <= text[:4] <= str(_LATEST_BIRTH_YEAR):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    first, second = text[:2], text[2:4]
    month, day = (first, second) if order.is_month_first else (second, first)
    return f"{text[4:]}-{month}-{day}"


def _numbers(parts: list[str], order: DateOrder) -> tuple[int, int, int] | None:
    if len(parts) != 3:  # noqa: PLR2004 - year, month and day
        return None
    named = [_MONTHS.get(part[:4]) or _MONTHS.get(part[:3]) for part in parts]
    is_named = [month is not None for month in named]
    if any(not (part.isdecimal() or known) for part, known in zip(parts, is_named, strict=True)):
        return None
    if any(is_named):
        place = is_named.index(True)
        rest = [part for index, part in enumerate(parts) if index != place]
        if not all(part.isdecimal() for part in rest):
            return None
        day_text, year_text = (rest[1], rest[0]) if len(rest[0]) == _YEAR_DIGITS else (rest[0], rest[1])
        return _year(year_text), named[place] or 0, int(day_text)
    if len(parts[0]) == _YEAR_DIGITS:
        return int(parts[0]), int(parts[1]), int(parts[2])
    first, second = int(parts[0]), int(parts[1])
    is_month_first = order.is_month_first
    if first > _MONTHS_A_YEAR >= second:
        is_month_first = False
    elif second > _MONTHS_A_YEAR >= first:
        is_month_first = True
    month, day = (first, second) if is_month_first else (second, first)
    return _year(parts[2]), month, day


def _year(text: str) -> int:
    number = int(text)
    if len(text) >= _YEAR_DIGITS:
        return number
    return number + (2000 if number + 2000 <= _LATEST_BIRTH_YEAR else 1900)
