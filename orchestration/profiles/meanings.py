"""What a column is about, judged by its values first and its name second: an e-mail, a date, an id, free text.

Guesses for a person to read before they become a contract; a profile itself is exact and belongs to `columns`.
"""

import re
from dataclasses import dataclass
from typing import Literal

from orchestration.foundation.feed_contract import Pii
from orchestration.profiles.columns import ColumnProfile
from orchestration.profiles.date_formats import chosen_formats, has_time, is_ambiguous, rows_read

Kind = Literal[
    "empty",
    "email",
    "phone",
    "name",
    "address",
    "country",
    "date",
    "timestamp",
    "boolean",
    "json",
    "amount",
    "number",
    "integer",
    "id",
    "category",
    "free_text",
    "text",
]
ColumnType = Literal["text", "integer", "decimal", "date", "timestamp", "boolean", "json"]

_MOST = 0.95
_DIRTY = 0.8  # contact points are typed by people
_CATEGORIES_AT_MOST = 50
_LARGEST_INTEGER_DIGITS = 9
_TYPES: dict[Kind, ColumnType] = {
    "date": "date",
    "timestamp": "timestamp",
    "boolean": "boolean",
    "json": "json",
    "amount": "decimal",
    "number": "decimal",
    "integer": "integer",
}
# Words of a column's name, as they stand alone in it: `cust_email` has `email`, `emailed_at` has not.
_EMAIL = {"email", "mail", "emails"}
_PHONE = {"phone", "telephone", "tel", "mobile", "cell", "fax", "msisdn"}
_PERSON = {"firstname", "lastname", "surname", "forename", "fullname", "givenname", "familyname"}
_PERSON_PARTS = {"first", "last", "given", "family", "full", "middle", "maiden", "customer", "contact", "person"}
_PERSON_PARTS |= {"primary", "native", "member", "user"}
_ADDRESS = {"street", "address", "addr", "addr1", "addr2", "address1", "address2"}
_COUNTRY = {"country", "nationality", "citizenship"}
_ID = {"id", "ids", "uuid", "guid", "no", "nr", "number", "num", "key", "ref", "code", "sku", "ean", "isbn", "upc"}
_ID |= {"postcode", "zip", "zipcode", "invoice", "customerid", "orderid", "account", "entity"}
_MONEY = {"amount", "price", "revenue", "usd", "eur", "gbp"}
_MAY_BE_MONEY = {"cost", "sales", "spend", "charge", "charges", "total", "value", "disc", "discount", "fee", "tax"}
_MAY_BE_MONEY |= {"vat", "balance", "salary", "income", "payment"}
_SENSITIVE = {"religion", "ethnicity", "race", "health", "disability", "diagnosis", "politics", "sexuality", "union"}
_DIRECT = {"ssn", "passport", "license", "licence", "iban", "ip", "handle", "username", "login", "nationalid", "soc"}
_DIRECT |= {"tax", "drivers", "twitter", "facebook", "linkedin", "instagram", "national"}
_INDIRECT = {"gender", "sex", "birth", "birthday", "dob", "birthdate", "age", "postcode", "zip", "zipcode", "city"}
_INDIRECT |= {"town", "suburb", "state", "county", "region", "occupation", "customer", "user", "member", "person"}
_INDIRECT |= {"household", "account", "card", "contact", "client", "patient", "employee", "marital", "ethnic", "record"}
_INDIRECT |= {"customerid", "entity", "master", "nationality", "citizenship", "place", "latitude", "longitude"}


@dataclass(frozen=True)
class Meaning:
    """What a column is about.

    Attributes:
        kind: what its values are.
        type: what staging can make of the text.
        pii: the class of personal data.
        formats: strptime formats, for dates and timestamps.
        decimal_mark: the mark between units and decimals.
        unread_count: filled rows whose value does not fit.
        doubt: what a person should look at, or empty.
    """

    kind: Kind
    type: ColumnType
    pii: Pii
    formats: tuple[str, ...] = ()
    decimal_mark: Literal[".", ","] = "."
    unread_count: int = 0
    doubt: str = ""


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a column's name in lower case.

    Example:
        >>> words_of("CustomerID"), words_of("cust. e-mail"), words_of("address_2")
        (('customer', 'id'), ('cust', 'email'), ('address',))
    """
    plain = re.sub(r"(?i)\be-mail", "email", name)
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return tuple(word.lower() for word in re.findall(r"[^\W\d_]+", split))


def meaning_of(profile: ColumnProfile) -> Meaning:
    """Return what a column is about; for one without any value, text of which nothing is known."""
    words = set(words_of(profile.name))
    if profile.filled_count == 0:
        return Meaning("empty", "text", _pii("empty", words), doubt="it holds no value; nothing is known of it")
    return _shaped(profile, words) or _dated(profile, words) or _numeric(profile, words) or _worded(profile, words)


def _shaped(profile: ColumnProfile, words: set[str]) -> Meaning | None:
    """Return the meaning that shape alone, or shape with the name, makes certain."""
    if profile.share("json") >= _MOST:
        return _meaning(profile, "json", words, read="json")
    if profile.share("email") >= (_DIRTY if words & _EMAIL else _MOST):
        return _meaning(profile, "email", words, read="email")
    digits = max(profile.share("phone"), profile.share("integer"))
    if words & _PHONE and not profile.share("boolean") > 0 and digits >= _DIRTY:
        return _meaning(profile, "phone", words, read="phone")
    if profile.share("boolean") == 1 and _is_pair(profile):
        return _meaning(profile, "boolean", words, read="boolean")
    return None


def _is_pair(profile: ColumnProfile) -> bool:
    pairs = ({"y", "n"}, {"yes", "no"}, {"true", "false"}, {"0", "1"})
    return {value.lower() for value in profile.top_values} in pairs


def _dated(profile: ColumnProfile, words: set[str]) -> Meaning | None:
    formats = chosen_formats(profile.date_fitting)
    read = rows_read(profile.date_fitting, formats)
    least = _MOST if formats[:1] == ("%Y%m%d",) else _DIRTY
    if not formats or read < least * profile.filled_count:
        return None
    doubt = ""
    if is_ambiguous(profile.date_fitting, formats[0]):
        doubt = f"day and month may be swapped: no value tells {formats[0]} from its twin"
    kind: Kind = "timestamp" if has_time(formats[0]) else "date"
    unread = profile.filled_count - read
    return Meaning(kind, _TYPES[kind], _pii(kind, words), formats, unread_count=unread, doubt=doubt)


def _numeric(profile: ColumnProfile, words: set[str]) -> Meaning | None:
    if profile.share("integer") >= _MOST:
        is_code = profile.share("leading_zero") > 0 and max(map(len, profile.patterns)) > 1
        is_long = (profile.max_length or 0) > _LARGEST_INTEGER_DIGITS
        if is_code or is_long or words & _ID:
            return _meaning(profile, "id", words)
        kind: Kind = "amount" if words & _MONEY else "integer"
        return _meaning(profile, kind, words, read="integer")
    point, comma = profile.share("point_number"), profile.share("comma_number")
    if max(point, comma) < _MOST:
        return None
    is_comma = comma > point or (
        comma == point and profile.share("decimals_after_comma") > profile.share("decimals_after_point")
    )
    kind = "amount" if words & (_MONEY | _MAY_BE_MONEY) and not _is_fine(profile) else "number"
    found = _meaning(profile, kind, words, read="comma_number" if is_comma else "point_number")
    return Meaning(kind, "decimal", found.pii, decimal_mark="," if is_comma else ".", unread_count=found.unread_count)


def _is_fine(profile: ColumnProfile) -> bool:
    """Return whether numbers have more decimals than money."""
    return any(re.search(r"[.,]9{3,}$", pattern) is not None for pattern in profile.patterns)


def _worded(profile: ColumnProfile, words: set[str]) -> Meaning:
    filled, distinct = profile.filled_count, profile.distinct_count
    if words & _PERSON or ("name" in words and words & _PERSON_PARTS) or words == {"name"}:
        kind: Kind = "name"
    elif words & _COUNTRY:
        kind = "country"
    elif words & _ADDRESS:
        kind = "address"
    elif profile.share("several_words") >= 1 / 2 and distinct > _CATEGORIES_AT_MOST:
        kind = "free_text"
    elif profile.share("uuid") >= _MOST or (
        profile.share("code") >= _MOST and (words & _ID or (profile.is_unique and _has_digits(profile)))
    ):
        kind = "id"
    elif distinct <= _CATEGORIES_AT_MOST and 2 * distinct <= filled:
        kind = "category"
    else:
        kind = "text"
    return _meaning(profile, kind, words)


def _has_digits(profile: ColumnProfile) -> bool:
    return all("9" in pattern for pattern in profile.patterns)


def _meaning(profile: ColumnProfile, kind: Kind, words: set[str], *, read: str = "") -> Meaning:
    unread = profile.filled_count - profile.fitting.get(read, 0) if read else 0
    if kind == "phone":
        unread = 0  # how a phone is written is the business of `standardise`
    return Meaning(kind, _TYPES.get(kind, "text"), _pii(kind, words), unread_count=unread)


def _pii(kind: Kind, words: set[str]) -> Pii:
    if words & _SENSITIVE:
        return "sensitive"
    if kind in {"email", "phone", "name", "address", "free_text", "json"}:
        return "direct"  # what people wrote, and what nobody described, may hold anything
    if kind in {"amount", "number", "integer", "boolean"}:
        return "indirect" if words & {"age", "birth", "latitude", "longitude"} else "none"
    if words & (_DIRECT | _EMAIL | _PHONE | _PERSON | _ADDRESS):
        return "direct"
    return "indirect" if words & _INDIRECT or kind in {"text", "empty"} else "none"
