"""Names in the letters of western Europe: what a form, a till or a passport makes of them.

Greek follows ELOT 743 (ISO 843, type 2), Ukrainian the table of the Cabinet of Ministers of Ukraine no. 55 of 2010.
Latin letters that the code page cp1252 lacks lose their marks. It runs once per entry of a name list, not per person.
"""

# ruff: noqa: RUF001 - Greek and Cyrillic letters are what this file is about

import unicodedata
from collections.abc import Mapping

_GREEK: Mapping[str, str] = {
    "ου": "ou", "αυ": "av", "ευ": "ev", "γγ": "ng", "γκ": "gk", "γχ": "nch", "μπ": "mp",
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f",
    "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
_GREEK_AT_START: Mapping[str, str] = {"μπ": "b"}
_UKRAINIAN: Mapping[str, str] = {
    "зг": "zgh", "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "є": "ie", "ж": "zh",
    "з": "z", "и": "y", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p",
    "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
    "ь": "", "ю": "iu", "я": "ia", "’": "",
}  # fmt: skip
_UKRAINIAN_AT_START: Mapping[str, str] = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
_UNDECOMPOSED = str.maketrans({"ł": "l", "Ł": "L", "ı": "i", "đ": "d", "Đ": "D"})
_CODE_PAGE = "cp1252"
_UKRAINIAN_MARKED = "їйґ"


def latin(name: str) -> str:
    """Return `name` in letters of cp1252: as it is where it has no others.

    Example:
        >>> [latin(name) for name in ("Γιώργος", "Щербак", "Nguyễn", "Łucja", "Zoé")]
        ['Giorgos', 'Shcherbak', 'Nguyen', 'Lucja', 'Zoé']
    """
    lowered = _without_marks(name.lower())
    if any("α" <= letter <= "ω" for letter in lowered):
        return _spelled(lowered, _GREEK, _GREEK_AT_START)
    if any("а" <= letter <= "ґ" for letter in lowered):
        return _spelled(lowered, _UKRAINIAN, _UKRAINIAN_AT_START)
    try:
        name.encode(_CODE_PAGE)
    except UnicodeEncodeError:
        return _without_marks(name.translate(_UNDECOMPOSED))
    return name


def _without_marks(text: str) -> str:
    return "".join(
        letter
        if letter in _UKRAINIAN_MARKED
        else "".join(part for part in unicodedata.normalize("NFD", letter) if not unicodedata.combining(part))
        for letter in text
    )


def _spelled(lowered: str, table: Mapping[str, str], at_start: Mapping[str, str]) -> str:
    """Return the text letter by letter, pairs before single letters, each word with a capital."""
    spelled: list[str] = []
    position = 0
    while position < len(lowered):
        is_start = position == 0 or not lowered[position - 1].isalpha()
        for width in (2, 1):
            letters = lowered[position : position + width]
            replacement = at_start.get(letters, table.get(letters)) if is_start else table.get(letters)
            if replacement is not None:
                spelled.append(replacement.capitalize() if is_start else replacement)
                break
        else:
            width = 1
            spelled.append(lowered[position])
        position += width
    return "".join(spelled)
