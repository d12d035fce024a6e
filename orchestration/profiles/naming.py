"""Names after the conventions, made of names from outside: columns of a contract, columns of staging, feeds."""

import re
import unicodedata
from collections.abc import Collection

from orchestration.profiles.meanings import Kind

_LONGEST = 60
_HAS_DAY = re.compile(r"(_on|birthday|birth|dob)$")
_IS_FACT = re.compile(r"(is|has|can)_")


def snake_case(text: str, *, otherwise: str) -> str:
    """Return a name of at most 60 small letters, digits and `_`, beginning with a letter.

    Example:
        >>> snake_case("Größe (cm)", otherwise="column"), snake_case("CustomerID", otherwise="column")
        ('grosse_cm', 'customer_id')
        >>> snake_case("2nd name", otherwise="column"), snake_case("?", otherwise="column_3")
        ('column_2nd_name', 'column_3')
    """
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain)
    name = re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")
    if not name:
        return otherwise
    stem = otherwise.rstrip("0123456789_")
    return (name if name[0].isalpha() else f"{stem}_{name}")[:_LONGEST].rstrip("_")


def not_taken(name: str, taken: Collection[str]) -> str:
    """Return `name`, with a number behind it when it is taken."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def staged_name(name: str, kind: Kind) -> str:
    """Return what staging calls a column, so that its name carries the unit.

    Example:
        >>> staged_name("ordered_date", "date"), staged_name("created", "timestamp"), staged_name("price", "amount")
        ('ordered_on', 'created_at', 'price_amount')
        >>> staged_name("churn", "boolean"), staged_name("has_app", "boolean"), staged_name("city", "text")
        ('is_churn', 'has_app', 'city')
    """
    if kind == "date" and not _HAS_DAY.search(name):
        return re.sub(r"_(date|day)$", "", name) + "_on"
    if kind == "timestamp" and not name.endswith("_at"):
        return re.sub(r"_(date|time|timestamp|datetime)$", "", name) + "_at"
    if kind == "amount" and "amount" not in name:
        return f"{name}_amount"
    if kind == "boolean" and not _IS_FACT.match(name):
        return f"is_{name}"
    return name
