"""What one population of customers is like; the populations themselves are `populations*.py`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Population:
    """One country's people: how many, what they are called, where they live.

    Attributes:
        country_code: ISO 3166-1 alpha-2.
        share: Share of the company's customers, 0..1.
        female_names: Given names, most frequent first.
        male_names: Given names, most frequent first.
        surnames: Family names as men have them, most frequent first.
        surname_tail_share: Share of people whose family name is one of `surname_tail`, 0..1.
        surname_tail: Rare family names, all equally frequent.
        towns: Towns, largest first.
        postcode_prefixes: One for each town; the rest of a postcode is drawn.
        postcode_pattern: `#` is a digit, `@` a letter, `*` the town's prefix.
        dialling_code: International dialling code without `+`.
        trunk_prefix: What is dialled before a national number inside the country.
        mobile_prefix: First digits of the mobile range used here.
        mobile_digits: How many digits follow the prefix.
        spellings: How sources write the country: the long name first, then the others.
        language: BCP 47.
        streets: Street names.
        is_number_first: Whether the house number stands before the street.
        feminine_surnames: Family names as women have them, in the order of `surnames`; empty where they are the same.
        in_britain_share: Share of these people who live in Great Britain, 0..1.
    """

    country_code: str
    share: float
    female_names: tuple[str, ...]
    male_names: tuple[str, ...]
    surnames: tuple[str, ...]
    surname_tail_share: float
    surname_tail: tuple[str, ...]
    towns: tuple[str, ...]
    postcode_prefixes: tuple[str, ...]
    postcode_pattern: str
    dialling_code: str
    trunk_prefix: str
    mobile_prefix: str
    mobile_digits: int
    spellings: tuple[str, ...]
    language: str
    streets: tuple[str, ...]
    is_number_first: bool = False
    feminine_surnames: tuple[str, ...] = ()
    in_britain_share: float = 0.0


def listed(text: str) -> tuple[str, ...]:
    """Entries of a comma-separated list."""
    return tuple(" ".join(entry.split()) for entry in text.split(",") if entry.strip())
