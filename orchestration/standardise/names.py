"""Names of people: from what was typed to a decent spelling, and a key by which to compare it.

Belongs here: spaces, capitals, particles, accents, placeholders. Does not belong here: nicknames, the order of names
and other guesses about who is meant, which are comparisons between records.

Capitals are set only where the source had none to tell: a name all in capitals or all in small letters. Everything
else is taken as its owner wrote it.
"""

import re
from dataclasses import dataclass

import pyarrow as pa

from orchestration.standardise.results import raw_texts, standardised_table
from orchestration.standardise.suspicion import name_suspicion
from orchestration.standardise.texts import folded, letters_and_digits, tidied

# fmt: off
_PARTICLES = frozenset((
    "'t", "af", "al", "am", "auf", "aus", "d", "da", "das", "de", "del", "della", "den", "der", "des", "di",
    "do", "dos", "du", "e", "el", "het", "la", "las", "le", "les", "lo", "los", "op", "ten", "ter", "und",
    "van", "vom", "von", "y", "zu", "zum", "zur",
))
# fmt: on
# fmt: off
_MAC_NAMES = frozenset((
    "macarthur", "macaulay", "macbeth", "maccallum", "macdonald", "macdougall", "macfarlane", "macgregor",
    "macinnes", "macintosh", "macintyre", "mackay", "mackenzie", "maclean", "macleod", "macmillan",
    "macnamara", "macneil", "macpherson", "macrae",
))
# fmt: on
_PLACEHOLDERS = frozenset(
    {
        "n/a",
        "n.a.",
        "none",
        "null",
        "nil",
        "unknown",
        "test",
        "tester",
        "testing",
        "customer",
        "guest",
        "firstname",
        "first name",
        "lastname",
        "last name",
        "surname",
        "name",
        "no name",
        "noname",
        "anonymous",
        "not given",
        "not provided",
        "not known",
        "undefined",
        "asdf",
        "qwerty",
        "tbc",
        "tba",
    }
)
_OUTER_MARKS = ' \t"“”„,;:*_<>'
_APOSTROPHES = re.compile(
    "[`\N{ACUTE ACCENT}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{MODIFIER LETTER APOSTROPHE}\N{PRIME}]"
)
_PART = re.compile("([\\s\\-\N{EN DASH}]+)")
_LONGEST = 100
_REPEATED_LETTERS_AT_LEAST = 3
_PASSES = 4
_MC = re.compile(r"mc(\w{2,})", re.IGNORECASE)


@dataclass(frozen=True)
class NameVerdict:
    """One name: a decent spelling and its match key, or the reason for which it is none."""

    normalised: str | None
    match_key: str | None
    reason_code: str | None


def standardise_names(values: pa.Table) -> pa.Table:
    """Return one row per raw name, as lake table `standardised/names`.

    Args:
        values: column `name_raw` (text; a given name, a family name or both), each value once.

    Returns:
        Ordered by `name_raw`. Names and keys are null unless `is_valid`; `is_repaired` says that a valid name is spelt
        differently from the raw value. Reason codes: `name_missing`, `name_placeholder`, `name_without_letters`,
        `name_with_digits`, `name_is_email`, `name_too_long`. `suspect_reason_code` (`suspicion`) is told of
        `name_normalised`.
    """
    raw = raw_texts(values, "name_raw")
    verdicts = [name_verdict(value) for value in raw]
    names = [verdict.normalised for verdict in verdicts]
    return standardised_table(
        "names",
        {
            "name_raw": raw,
            "name_normalised": names,
            "name_match_key": [verdict.match_key for verdict in verdicts],
            "suspect_reason_code": [name and name_suspicion(name) for name in names],
            "is_valid": [verdict.reason_code is None for verdict in verdicts],
            "reason_code": [verdict.reason_code for verdict in verdicts],
            "is_repaired": [
                verdict.normalised is not None and verdict.normalised != value
                for verdict, value in zip(verdicts, raw, strict=True)
            ],
        },
    )


def name_verdict(raw: str) -> NameVerdict:
    """Return the verdict on one raw name; any text is allowed.

    Example:
        >>> name_verdict("  o'brien-SMITH ").normalised
        "o'brien-SMITH"
        >>> name_verdict("VAN DEN BERG").normalised
        'van den Berg'
        >>> name_verdict("Øster Weiß").match_key
        'osterweiss'
    """
    text = _bare(raw)
    reason = _fault(text, raw)
    if reason is not None:
        return NameVerdict(None, None, reason)
    for _ in range(_PASSES):
        text, before = _bare(capitalised(text)), text
        if text == before:
            break
    return NameVerdict(text, match_key(text), None)


def match_key(name: str) -> str:
    """Return the name's letters only, case-folded, accents off: equal for spellings that mean one name.

    Example:
        >>> match_key("O'Brien") == match_key("OBRIEN")
        True
    """
    return letters_and_digits(folded(name))


def capitalised(name: str) -> str:
    """Return the name with the capitals it would have in print, when it had none to tell.

    Particles inside a name of several words stay small; what follows a hyphen, `O'`, `D'` or `Mc` is a capital.

    Example:
        >>> capitalised("MARY-JANE O'NEILL")
        "Mary-Jane O'Neill"
    """
    if not (name.isupper() or name.islower()):
        return name
    parts = _PART.split(name.lower())
    has_several_words = " " in name
    spelt = "".join(
        part if _PART.fullmatch(part) or (has_several_words and part in _PARTICLES) else _word(part) for part in parts
    )
    return tidied(spelt)


def _bare(text: str) -> str:
    """Return the text tidied, with one kind of apostrophe, without marks around it."""
    return tidied(_APOSTROPHES.sub("'", tidied(text)).strip(_OUTER_MARKS))


def _word(word: str) -> str:
    """Return one word in small letters with its capitals."""
    before, apostrophe, after = word.partition("'")
    if apostrophe and before in {"o", "d", "l", "m"} and len(after) > 1:
        return f"{before.upper()}'{_word(after)}"
    match = _MC.fullmatch(word)
    if match:
        return "Mc" + match.group(1).capitalize()
    if word in _MAC_NAMES:
        return "Mac" + word.removeprefix("mac").capitalize()
    return word.capitalize()


def _fault(text: str, raw: str) -> str | None:
    """Return the first reason for which the text is no name, or None."""
    if not text:
        return "name_missing" if not tidied(raw) else "name_without_letters"
    plain = text.casefold()
    letters = [character for character in plain if character.isalpha()]
    if plain in _PLACEHOLDERS or (len(letters) >= _REPEATED_LETTERS_AT_LEAST and len(set(letters)) == 1):
        return "name_placeholder"
    rules = (
        ("name_is_email", "@" in text),
        ("name_with_digits", any(character.isdecimal() for character in text)),
        ("name_without_letters", not match_key(text)),
        ("name_too_long", len(text) > _LONGEST),
    )
    return next((code for code, is_broken in rules if is_broken), None)
