"""Countries: from the many ways to write one to its ISO 3166-1 alpha-2 code.

Belongs here: names, codes and aliases. ISO's own lists come from pycountry; the aliases here are what people write
instead. Does not belong here: guessing a country from a town or a phone number.
"""

import re
from functools import cache

import pyarrow as pa
import pycountry

from orchestration.standardise.results import raw_texts, standardised_table
from orchestration.standardise.texts import folded, tidied

_ALIASES = {
    "AE": ("uae", "emirates"),
    "AT": ("osterreich", "oesterreich"),
    "BE": ("belgique", "belgie", "belgien"),
    "BO": ("bolivia",),
    "BR": ("brasil",),
    "CD": ("dr congo", "drc"),
    "CH": ("schweiz", "suisse", "svizzera"),
    "CI": ("ivory coast",),
    "CZ": ("czech republic", "ceska republika", "cesko"),
    "DE": ("deutschland", "allemagne", "west germany"),
    "DK": ("danmark",),
    "ES": ("espana", "espagne"),
    "FI": ("suomi",),
    "GB": (
        "uk",
        "u k",
        "great britain",
        "britain",
        "england",
        "scotland",
        "wales",
        "northern ireland",
        "united kingdom of great britain",
    ),
    "GR": ("hellas", "el"),
    "HR": ("hrvatska",),
    "HU": ("magyarorszag",),
    "IE": ("eire", "republic of ireland", "irish republic", "southern ireland", "roi"),
    "IR": ("iran",),
    "IT": ("italia",),
    "KP": ("north korea",),
    "KR": ("south korea", "korea"),
    "LA": ("laos",),
    "MD": ("moldova",),
    "MK": ("macedonia",),
    "NL": ("holland", "nederland", "niederlande"),
    "NO": ("norge",),
    "PL": ("polska",),
    "PS": ("palestine",),
    "PT": ("portugal continental",),
    "RU": ("russia",),
    "SE": ("sverige",),
    "SY": ("syria",),
    "TR": ("turkey", "turkiye"),
    "TW": ("taiwan",),
    "TZ": ("tanzania",),
    "US": ("u s a", "u s", "america", "united states of america", "states"),
    "VE": ("venezuela",),
    "VN": ("vietnam",),
    "ZA": ("rsa",),
}
_SEVERAL = frozenset(
    {
        "european community",
        "european union",
        "eu",
        "europe",
        "eea",
        "channel islands",
        "scandinavia",
        "benelux",
        "baltics",
        "north america",
        "asia",
        "africa",
        "middle east",
        "worldwide",
        "international",
        "west indies",
    }
)
_PLACEHOLDERS = frozenset(
    {
        "unspecified",
        "unknown",
        "n a",
        "none",
        "null",
        "other",
        "not given",
        "not provided",
        "test",
        "xx",
        "zz",
        "undefined",
    }
)
_NOT_A_LETTER = re.compile(r"[\W_]+")


def standardise_countries(values: pa.Table) -> pa.Table:
    """Return one row per raw country, as lake table `standardised/countries`.

    Args:
        values: column `country_raw` (text), each value once.

    Returns:
        Ordered by `country_raw`. `country_code` is null unless `is_valid`; `is_repaired` says that a valid country was
        not written as its code. Reason codes: `country_missing`, `country_placeholder`, `country_names_several` (such
        as the Channel Islands, which are two codes), `country_unknown`.
    """
    raw = raw_texts(values, "country_raw")
    verdicts = [country_verdict(value) for value in raw]
    return standardised_table(
        "countries",
        {
            "country_raw": raw,
            "country_code": [code for code, _ in verdicts],
            "is_valid": [reason is None for _, reason in verdicts],
            "reason_code": [reason for _, reason in verdicts],
            "is_repaired": [code is not None and code != value for (code, _), value in zip(verdicts, raw, strict=True)],
        },
    )


def country_verdict(raw: str) -> tuple[str | None, str | None]:
    """Return the ISO 3166-1 alpha-2 code and null, or null and a reason code; any text is allowed.

    Example:
        >>> country_verdict("EIRE")
        ('IE', None)
        >>> country_verdict("Unspecified")
        (None, 'country_placeholder')
    """
    text = tidied(raw)
    if not text:
        return None, "country_missing"
    key = _key(text)
    code = _codes().get(key)
    if code is not None:
        return code, None
    if not key or key in _PLACEHOLDERS:
        return None, "country_placeholder"
    if key in _SEVERAL:
        return None, "country_names_several"
    return None, "country_unknown"


def _key(text: str) -> str:
    return _NOT_A_LETTER.sub(" ", folded(text)).strip().removeprefix("the ")


@cache
def _codes() -> dict[str, str]:
    """Return the code of every key by which a country is known; ISO's names win over aliases."""
    codes = {_key(alias): code for code, aliases in _ALIASES.items() for alias in aliases}
    for country in pycountry.countries:
        names = [country.name, country.alpha_3, country.alpha_2]
        names += [getattr(country, name) for name in ("official_name", "common_name") if hasattr(country, name)]
        codes |= {_key(str(name)): str(country.alpha_2) for name in names}
    return codes
