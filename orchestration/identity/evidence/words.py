"""Evidence in plain words: bits as odds, identifier types, and why a guard kept records apart.

Belongs here: words. Does not belong here: what evidence there is.
"""

from collections.abc import Mapping

_IDENTIFIERS: Mapping[str, str] = {
    "login_id": "log-in",
    "loyalty_card": "loyalty card",
    "email": "e-mail address",
    "phone": "phone number",
    "device_id": "device",
    "cookie_id": "cookie",
}
_GUARDS: Mapping[str, str] = {
    "bridge": "it alone joins two groups of records that hold together well without it, and it is weak",
    "average_linkage": "all pairs of records of the two customers, taken together, weigh too little for one person",
    "decision": "a decision says that they are two persons",
}
_SIZES = ((1e18, "billion billion"), (1e9, "billion"), (1e6, "million"))


def identifier_words(identifier_type: str) -> str:
    """Return what an identifier type is called.

    Example:
        >>> identifier_words("email"), identifier_words("tax_number")
        ('e-mail address', 'tax number')
    """
    return _IDENTIFIERS.get(identifier_type, identifier_type.replace("_", " "))


def guard_words(guard: str, reason_code: str) -> str:
    """Return why a guard kept two customers apart.

    Example:
        >>> guard_words("conflict", "another_birth_date"), guard_words("cardinality", "too_many_emails")
        ('their values contradict each other: another birth date', 'together they would have too many emails')
    """
    told = reason_code.replace("_", " ")
    if guard == "conflict":
        return f"their values contradict each other: {told}"
    if guard == "cardinality":
        return f"together they would have {told}"
    return _GUARDS.get(guard, f"{guard.replace('_', ' ')}: {told}")


def bits_words(bits: float) -> str:
    """Return what a match weight says, as odds.

    Example:
        >>> bits_words(10.0), bits_words(-3.0), bits_words(0.2)
        ('1,000 times likelier of one person than of two', '8 times likelier of two persons than of one', 'says little')
    """
    times = 2.0 ** min(abs(bits), 200.0)
    if times < 1.5:  # noqa: PLR2004 - not even three to two
        return "says little"
    whom = "of one person than of two" if bits > 0 else "of two persons than of one"
    return f"{_rounded(times)} times likelier {whom}"


def prior_words(bits: float) -> str:
    """Return what is known of two records before anything is compared.

    Example:
        >>> prior_words(-13.3)
        'before anything is compared: of 10,000 pairs taken at random one is one person'
    """
    return f"before anything is compared: of {_rounded(2.0 ** max(-bits, 0.0))} pairs taken at random one is one person"


def probability_words(probability: float) -> str:
    """Return a probability as a percentage that never says 100 or 0 where there is doubt.

    Example:
        >>> probability_words(0.98765), probability_words(0.99999999), probability_words(1e-9)
        ('98.8 %', 'over 99.999 %', 'under 0.001 %')
    """
    if probability > 0.99999:  # noqa: PLR2004 - more digits help nobody
        return "over 99.999 %"
    if probability < 0.00001:  # noqa: PLR2004 - more digits help nobody
        return "under 0.001 %"
    share = probability * 100
    return f"{share:.3f} %" if share > 99.9 or share < 0.1 else f"{share:.1f} %"  # noqa: PLR2004 - digits that tell


def _rounded(times: float) -> str:
    """Return a number to two digits at most, as it is spoken."""
    for size, name in _SIZES:
        if times >= size:
            return f"{_rounded(times / size)} {name}"
    if times < 10:  # noqa: PLR2004 - one digit before the point
        return f"{times:.1f}".removesuffix(".0")
    digits = len(str(int(times))) - 2
    return f"{round(times, -digits):,.0f}"
