"""What makes a valid value suspect: typed to get past a form, or nobody's own.

Belongs here: the signs of keyboard mash, test, role and disposable addresses. Does not belong here: values that are
suspect because too many people share them, which no single value tells.

A suspect value is kept as it is and never refused: it says less of a person, and so joins no records.
"""

import re

from disposable_email_domains import blocklist

from orchestration.standardise.texts import folded

# RFC 2142, and what shops, clubs and mail servers add to it.
# fmt: off
_ROLES = frozenset((
    "abuse", "accounts", "admin", "administrator", "bookings", "bounce", "bounces", "contact", "customercare",
    "customerservice", "donotreply", "enquiries", "feedback", "ftp", "hello", "help", "helpdesk", "hostmaster", "info",
    "inquiries", "invoices", "mailer-daemon", "marketing", "news", "newsletter", "noc", "noreply", "office", "orders",
    "postmaster", "reception", "root", "sales", "security", "service", "shop", "store", "support", "till", "usenet",
    "uucp", "webmaster", "www",
))
# fmt: on
_TESTS = frozenset(("test", "tester", "testing", "testuser", "qa", "dummy", "fake", "foo", "bar", "foobar"))
_SEPARATORS = re.compile(r"[._-]+")
_DIGITS_BEHIND = re.compile(r"\d+$")
_KEY_ROWS = (("qwertyuiop", 5), ("qwertzuiop", 5), ("azertyuiop", 5), ("asdfghjkl", 4), ("zxcvbnm", 4))
"""Rows of keys, and how many in a row no name has: `Doherty` and `Ewert` hold four of the first."""
_REPEATED = re.compile(r"([a-z])\1{3}")
_VOWELS = frozenset("aeiouy")
_WITHOUT_VOWEL_AT_LEAST = 7


def name_suspicion(name: str) -> str | None:
    """Return `name_keyboard_mash` for a name that fingers fell on, else None.

    Example:
        >>> name_suspicion("Asdfgh"), name_suspicion("Doherty")
        ('name_keyboard_mash', None)
    """
    return "name_keyboard_mash" if is_keyboard_mash(name) else None


def email_suspicion(local: str, domain: str) -> str | None:
    """Return why an address is nobody's own: `email_test`, `email_role`, `email_disposable`, or None.

    Args:
        local: the part before the at sign, in small letters.
        domain: the part behind it, in small letters.

    Example:
        >>> email_suspicion("no-reply", "store.example.com"), email_suspicion("ann.lee", "mailinator.com")
        ('email_role', 'email_disposable')
    """
    plain = local.partition("+")[0]
    if _DIGITS_BEHIND.sub("", plain) in _TESTS or "test" in domain.split(".") or holds_keyboard_run(plain):
        return "email_test"
    if plain in _ROLES or _SEPARATORS.sub("", plain) in _ROLES:
        return "email_role"
    labels = domain.split(".")
    if any(".".join(labels[place:]) in blocklist for place in range(len(labels) - 1)):
        return "email_disposable"
    return None


def is_keyboard_mash(name: str) -> bool:
    """Return whether a name holds a run of keys, one letter four times, or many letters and no vowel.

    Only what can be told of Latin letters is told: of seven letters of the basic alphabet or more, none a vowel.

    Example:
        >>> is_keyboard_mash("lkjh"), is_keyboard_mash("bcdfghj"), is_keyboard_mash("Schwarz")
        (True, True, False)
    """
    small = folded(name)
    if holds_keyboard_run(small) or _REPEATED.search(small):
        return True
    letters = [character for character in small if character.isalpha()]
    is_basic = all(character.isascii() for character in letters)
    return is_basic and len(letters) >= _WITHOUT_VOWEL_AT_LEAST and _VOWELS.isdisjoint(letters)


def holds_keyboard_run(small: str) -> bool:
    """Return whether a text in small letters holds keys in the order of the keyboard, in either direction.

    Example:
        >>> holds_keyboard_run("asdf99"), holds_keyboard_run("kgschmdt")
        (True, False)
    """
    return any(run in small for run in _RUNS)


def _runs() -> frozenset[str]:
    return frozenset(
        keys[place : place + length]
        for row, length in _KEY_ROWS
        for keys in (row, row[::-1])
        for place in range(len(keys) - length + 1)
    )


_RUNS = _runs()
