"""E-mail addresses: from what was typed to one spelling, or a reason why it is none.

Belongs here: syntax, placeholders, capitals. Does not belong here: whether anybody reads the address (no look-up is
made), and rules of single providers, which are comparisons between records and never a repair.
"""

import re
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from orchestration.standardise.results import raw_texts, standardised_table
from orchestration.standardise.suspicion import email_suspicion
from orchestration.standardise.texts import tidied

_PLACEHOLDERS = frozenset(
    {
        "n/a",
        "n.a.",
        "na",
        "nil",
        "none",
        "null",
        "no",
        "no email",
        "no e-mail",
        "noemail",
        "no mail",
        "not available",
        "not given",
        "not provided",
        "unknown",
        "missing",
        "test",
        "tbc",
        "tba",
        "see notes",
        "undefined",
        "@",
    }
)
_PLACEHOLDER_LOCAL_PARTS = frozenset(
    {"test", "testing", "asdf", "qwerty", "none", "noemail", "no", "na", "nomail", "null", "unknown", "email", "mail"}
)
_PLACEHOLDER_DOMAINS = frozenset(
    {
        "test.com",
        "test.co.uk",
        "test.de",
        "none.com",
        "noemail.com",
        "nomail.com",
        "email.com",
        "domain.com",
        "example.com",
        "unknown.com",
        "na.com",
    }
)
_WRAPPED = re.compile(r"^(?:mailto:)?\s*<?\s*(.*?)\s*>?[\s,;.]*$", re.IGNORECASE | re.DOTALL)
_LETTER_OR_DIGIT = re.compile(r"\w")
_LONGEST = 320


@dataclass(frozen=True)
class EmailVerdict:
    """One address: its one spelling and domain, or the reason for which it has none."""

    normalised: str | None
    domain: str | None
    reason_code: str | None


def standardise_emails(values: pa.Table) -> pa.Table:
    """Return one row per raw e-mail address, as lake table `standardised/emails`.

    Args:
        values: column `email_raw` (text), each value once.

    Returns:
        Ordered by `email_raw`. `email_normalised` and `email_domain` are null unless `is_valid`; `is_repaired` says
        that a valid address is spelt differently from the raw value. Reason codes: `email_missing`,
        `email_placeholder`, `email_at_sign_missing`, `email_reserved_domain`, `email_syntax`.
    """
    raw = raw_texts(values, "email_raw")
    verdicts = [email_verdict(value) for value in raw]
    addresses = [verdict.normalised for verdict in verdicts]
    return standardised_table(
        "emails",
        {
            "email_raw": raw,
            "email_normalised": addresses,
            "email_domain": [verdict.domain for verdict in verdicts],
            "suspect_reason_code": [
                address and email_suspicion(*address.rsplit("@", maxsplit=1)) for address in addresses
            ],
            "is_valid": [verdict.reason_code is None for verdict in verdicts],
            "reason_code": [verdict.reason_code for verdict in verdicts],
            "is_repaired": [
                verdict.normalised is not None and verdict.normalised != value
                for verdict, value in zip(verdicts, raw, strict=True)
            ],
        },
    )


def email_verdict(raw: str) -> EmailVerdict:
    """Return the verdict on one raw address; any text is allowed.

    Letters are lower-cased on both sides of the @: mailboxes that differ only in capitals are one in practice
    (RFC 5321, 2.4, leaves it to the host).

    Example:
        >>> email_verdict(" Ann.Lee@Post.Example.COM ").normalised
        'ann.lee@post.example.com'
        >>> email_verdict("test@test").reason_code
        'email_placeholder'
    """
    text = _unwrapped(tidied(raw))
    if not text:
        return _refused("email_missing")
    if _is_placeholder(text.lower()):
        return _refused("email_placeholder")
    if "@" not in text:
        return _refused("email_at_sign_missing")
    found = _lowered(text)
    if found is None:
        return _refused("email_reserved_domain" if _has_reserved_domain(text) else "email_syntax")
    if _is_placeholder(found[0]):
        return _refused("email_placeholder")
    return EmailVerdict(normalised=found[0], domain=found[1], reason_code=None)


def _refused(reason_code: str) -> EmailVerdict:
    return EmailVerdict(normalised=None, domain=None, reason_code=reason_code)


def _unwrapped(text: str) -> str:
    """Return the address without `mailto:`, angle brackets and punctuation behind it."""
    match = _WRAPPED.match(text)
    return match.group(1) if match else text


def _lowered(text: str) -> tuple[str, str] | None:
    """Return the address in small letters and its domain, or None unless that is an address in its one spelling."""
    small = text.lower()
    found = _validated(small)
    if found is None or found[0] == small:
        return found
    again = _validated(found[0].lower())
    if again is None or _validated(again[0]) != again:
        return None
    return again if again[0].lower() == again[0] and _unwrapped(tidied(again[0])) == again[0] else None


def _validated(text: str) -> tuple[str, str] | None:
    if len(text) > _LONGEST:
        return None
    try:
        found = validate_email(text, check_deliverability=False)
    except (EmailNotValidError, UnicodeError):
        return None
    return found.normalized, found.domain.lower()


def _is_placeholder(text: str) -> bool:
    if text in _PLACEHOLDERS or not _LETTER_OR_DIGIT.search(text):
        return True
    local, at_sign, domain = text.rpartition("@")
    if not at_sign:
        return False
    is_one_letter = len(set(local)) == 1 and set(domain.partition(".")[0]) == set(local)
    return is_one_letter or (
        local in _PLACEHOLDER_LOCAL_PARTS and (domain in _PLACEHOLDER_DOMAINS or domain.partition(".")[0] == local)
    )


def _has_reserved_domain(text: str) -> bool:
    domain = text.rpartition("@")[2].lower()
    return any(domain == name or domain.endswith("." + name) for name in _reserved_names())


@cache
def _reserved_names() -> frozenset[str]:
    return frozenset(SPECIAL_USE_DOMAIN_NAMES)
