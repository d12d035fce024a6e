"""What all kinds of values share: cleaning of text that people typed, and keys to compare it by.

Belongs here: folding of spaces, invisible characters, accents and capitals. Does not belong here: what makes a name,
an e-mail address, a phone number or a country valid.
"""

import unicodedata

_WITHOUT_DECOMPOSITION = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "ng",
    }
)
_INVISIBLE = "Cf"
_CONTROL = "Cc"
_MARK = "M"
_PASSES = 3


def tidied(text: str) -> str:
    r"""Return the text in NFC, without invisible characters, each run of white space as one space, none at the ends.

    Example:
        >>> tidied("  Ann\u200b \t Lee ")
        'Ann Lee'
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    visible = "".join(
        " " if unicodedata.category(character) == _CONTROL else character
        for character in unicodedata.normalize("NFC", text)
        if unicodedata.category(character) != _INVISIBLE
    )
    return unicodedata.normalize("NFC", " ".join(visible.split()))


def folded(text: str) -> str:
    """Return the text case-folded and without accents, letters such as ø, ł and ß spelt plainly.

    Folding twice gives what folding once gives.

    Example:
        >>> folded("Łukasz Groß-Ærø")
        'lukasz gross-aero'
    """
    if text.isascii():
        return text.lower()
    for _ in range(_PASSES):
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        bare = "".join(c for c in decomposed if not unicodedata.category(c).startswith(_MARK))
        again = unicodedata.normalize("NFC", bare.translate(_WITHOUT_DECOMPOSITION))
        if again == text:
            return text
        text = again
    return text


def letters_and_digits(text: str) -> str:
    """Return only the letters and digits of the text, in every script.

    Example:
        >>> letters_and_digits("o'brien-smith 2")
        'obriensmith2'
    """
    return "".join(character for character in text if character.isalnum())
