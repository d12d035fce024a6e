"""Phone numbers: from what was typed to E.164, or a reason why it is none.

Belongs here: reading a number as people in its country write it. Does not belong here: whether anybody answers.
"""

from dataclasses import dataclass

import phonenumbers
import pyarrow as pa

from orchestration.standardise.countries import country_verdict
from orchestration.standardise.results import raw_texts, standardised_table
from orchestration.standardise.texts import folded, tidied

_PLACEHOLDER_DIGITS = frozenset({"0123456789", "1234567890", "01234567890", "12345678", "123456789", "987654321"})
_LONGEST = 60
_SAME_DIGITS_AT_LEAST = 6
_WITHOUT_REGION = "ZZ"
_REASONS = {
    phonenumbers.ValidationResult.TOO_SHORT: "phone_too_short",
    phonenumbers.ValidationResult.TOO_LONG: "phone_too_long",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "phone_too_short",
}

_PARSING_REASONS = {
    phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD: "phone_too_short",
    phonenumbers.NumberParseException.TOO_SHORT_NSN: "phone_too_short",
    phonenumbers.NumberParseException.TOO_LONG: "phone_too_long",
}


@dataclass(frozen=True)
class PhoneVerdict:
    """One number in E.164, or the reason for which it is none."""

    e164: str | None
    reason_code: str | None


def standardise_phones(values: pa.Table) -> pa.Table:
    """Return one row per raw phone number and raw country, as lake table `standardised/phones`.

    Args:
        values: columns `phone_raw` and `country_raw` (text; '' where the source has no country), each pair once.

    Returns:
        Ordered by `phone_raw`, `country_raw`. `phone_e164` is null unless `is_valid`; `is_repaired` says that a valid
        number was not written in E.164. Reason codes: `phone_missing`, `phone_placeholder`, `phone_region_unknown` (a
        national number without a readable country), `phone_unreadable`, `phone_too_short`, `phone_too_long`,
        `phone_not_in_use` (no such range in the country's numbering plan).
    """
    raw = raw_texts(values, "phone_raw")
    countries = raw_texts(values, "country_raw")
    regions = {country: country_verdict(country)[0] for country in set(countries)}
    verdicts = [phone_verdict(value, regions[country]) for value, country in zip(raw, countries, strict=True)]
    return standardised_table(
        "phones",
        {
            "phone_raw": raw,
            "country_raw": countries,
            "phone_e164": [verdict.e164 for verdict in verdicts],
            "is_valid": [verdict.reason_code is None for verdict in verdicts],
            "reason_code": [verdict.reason_code for verdict in verdicts],
            "is_repaired": [
                verdict.e164 is not None and verdict.e164 != value for verdict, value in zip(verdicts, raw, strict=True)
            ],
        },
    )


def phone_verdict(raw: str, region: str | None) -> PhoneVerdict:
    """Return the verdict on one raw number; any text is allowed.

    Args:
        raw: the number as typed.
        region: ISO 3166-1 alpha-2 code of the country in which a number without dialling code is read, or None.

    Example:
        >>> phone_verdict("+44 (0)7312 345678", None).e164
        '+447312345678'
        >>> phone_verdict("07312 345678", "GB").e164
        '+447312345678'
    """
    text = tidied(raw)
    if not text:
        return _refused("phone_missing")
    if len(text) > _LONGEST:
        return _refused("phone_too_long")
    plain = folded(text)
    digits = "".join(character for character in plain if character.isdecimal())
    if _is_placeholder(digits):
        return _refused("phone_placeholder")
    is_international = plain.startswith(("+", "00"))
    if region is None and not is_international:
        return _refused("phone_region_unknown")
    international = "+" + plain[2:] if plain.startswith("00") and region != "US" else text
    return _read(international, region)


def _read(text: str, region: str | None) -> PhoneVerdict:
    try:
        number = phonenumbers.parse(text, region or _WITHOUT_REGION)
    except phonenumbers.NumberParseException as error:
        return _refused(_PARSING_REASONS.get(error.error_type, "phone_unreadable"))
    if not phonenumbers.is_valid_number(number):
        reason = phonenumbers.is_possible_number_with_reason(number)
        return _refused(_REASONS.get(reason, "phone_not_in_use"))
    return PhoneVerdict(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), None)


def _refused(reason_code: str) -> PhoneVerdict:
    return PhoneVerdict(None, reason_code)


def _is_placeholder(digits: str) -> bool:
    """Whether no digit was given, or only one digit over and over, or a row of digits from the keyboard."""
    rest = digits.lstrip("0")
    is_one_digit = len(digits) >= _SAME_DIGITS_AT_LEAST and len(set(rest)) <= 1
    return not rest or is_one_digit or digits in _PLACEHOLDER_DIGITS
