"""Keys by which names and addresses are compared: they say who may be meant, and never replace what was written.

Belongs here: nicknames, titles, particles, order of words, other scripts, rules of single mail providers. Does not
belong here: comparing two values and weighing the outcome, which is linkage.
"""

import re
from functools import cache

from anyascii import anyascii
from nicknames import NickNamer

# fmt: off
_TITLES = frozenset((
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "lord", "lady", "rev", "reverend",
    "herr", "frau", "monsieur", "madame", "mme", "mlle", "senor", "senora", "signor", "signora", "dhr", "mevr",
    "dipl", "ing", "jr", "sr", "junior", "senior", "ii", "iii", "iv", "esq", "phd", "md", "mba", "bsc", "msc",
))
_PARTICLES = frozenset((
    "af", "al", "am", "auf", "aus", "bin", "da", "das", "de", "del", "della", "den", "der", "des", "di", "do", "dos",
    "du", "e", "el", "het", "ibn", "la", "las", "le", "les", "lo", "los", "of", "op", "t", "te", "ten", "ter", "the",
    "und", "van", "vom", "von", "y", "zu", "zum", "zur",
))
# fmt: on
_APOSTROPHES = re.compile("['`\N{ACUTE ACCENT}\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}]")
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_GMAIL = frozenset(("gmail.com", "googlemail.com"))


def latin_words(name: str) -> list[str]:
    """Return the words of a name in small Latin letters, without titles and particles; all when none is left.

    Names in other scripts are transliterated, character by character.

    Example:
        >>> latin_words("Dr. María van den O'Berg"), latin_words("Von")
        (['maria', 'oberg'], ['von'])
    """
    latin = name if name.isascii() else _CAPITAL_INSIDE.sub(" ", anyascii(name))
    words = _NO_LETTER.sub(" ", _APOSTROPHES.sub("", latin).lower()).split()
    return [word for word in words if word not in _TITLES and word not in _PARTICLES] or words


def given_name_forms(name: str) -> str | None:
    """Return the first word of a given name and all names that it may be short for, sorted, with spaces between.

    All of them and not one root: Bert may be Albert, Robert or Hubert.

    Example:
        >>> given_name_forms("Bob")
        'bert bob bobby robert'
    """
    words = latin_words(name)
    return " ".join(sorted({words[0], *_canonicals(words[0])})) if words else None


def family_name_key(name: str) -> str | None:
    """Return a family name as one Latin word, without titles and particles.

    Example:
        >>> family_name_key("van den Berg") == family_name_key("BERG")
        True
        >>> family_name_key("Müller-Lüdenscheidt")
        'mullerludenscheidt'
    """
    return "".join(latin_words(name)) or None


def name_words(name: str) -> str | None:
    """Return the distinct words of a whole name, sorted, so that the order in which they were written says nothing.

    Example:
        >>> name_words("Lee, Ann") == name_words("Dr Ann Lee")
        True
    """
    return " ".join(sorted(set(latin_words(name)))) or None


def email_match_key(email: str) -> str:
    """Return the mailbox that a normalised address leads to: without a tag behind a plus, by Gmail's rules for Gmail.

    Example:
        >>> email_match_key("ann.lee+shop@googlemail.com")
        'annlee@gmail.com'
    """
    local, _, domain = email.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GMAIL:
        return f"{local.replace('.', '') or local}@gmail.com"
    return f"{local}@{domain}"


@cache
def _canonicals(word: str) -> frozenset[str]:
    return frozenset(form for form in _nick_namer().canonicals_of(word) if " " not in form)


@cache
def _nick_namer() -> NickNamer:
    return NickNamer()
