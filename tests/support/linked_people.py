"""People with known truth, written down several times each with errors, from a seed: what linkage is tried on."""

import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

# fmt: off
_GIVEN = (
    "Robert", "William", "Margaret", "Elizabeth", "Katherine", "Daniel", "Zoe", "Amir", "Ingrid", "Paul", "Nadia",
    "Thomas", "Agnes", "Hiroshi", "Sofia", "Marco", "Leila", "Oscar", "Petra", "Yusuf", "Clara", "Owen", "Freya",
)
_FAMILY = (
    "Smith", "Okafor", "Lindqvist", "Marchetti", "Novak", "Fernandez", "Castellano", "Haraldsen", "Byrne", "Tanaka",
    "Vasquez", "Kowalski", "Abernathy", "Drummond", "Eriksen", "Fairweather", "Galloway", "Huang", "Ibrahim", "Jansen",
    "Keating", "Lombardi", "Morozov", "Nakamura", "Oduya", "Pemberton", "Quigley", "Rasmussen", "Silva", "Thornton",
)
_TOWNS = ("Leeds", "Bristol", "Aarhus", "Cardiff", "Perth", "Utrecht", "Malmo", "Cork", "Ghent", "Lyon")
_STREETS = ("Mill Lane", "Station Road", "Church Street", "Park Avenue", "Victoria Close", "Elm Grove", "High Street")
# fmt: on
_SHORT = {"Robert": "Bob", "William": "Bill", "Margaret": "Peggy", "Elizabeth": "Liz", "Katherine": "Kate"}
_FIRST_DAY = date(1940, 1, 1)


@dataclass(frozen=True)
class Written:
    """One record of one person."""

    entity: int
    given: str
    family: str
    born: date
    email: str
    phone: str
    street: str
    town: str


def people(count: int, *, copies: int, seed: int) -> list[Written]:
    """Return `count` people, each written down once rightly and up to `copies` times with errors, shuffled."""
    chance = random.Random(seed)  # noqa: S311 - a test's data
    records: list[Written] = []
    for entity in range(count):
        person = _person(entity, chance)
        records.append(person)
        records += [_miswritten(person, chance) for _ in range(chance.randint(0, copies))]
    chance.shuffle(records)
    return records


def _person(entity: int, chance: random.Random) -> Written:
    given, family = chance.choice(_GIVEN), chance.choice(_FAMILY)
    return Written(
        entity,
        given,
        family,
        _FIRST_DAY + timedelta(days=chance.randrange(24_000)),
        f"{given[0].lower()}.{family.lower()}{chance.randrange(900)}@mail{chance.randrange(5)}.net",
        f"07{chance.randrange(10**9):09d}",
        f"{chance.randrange(1, 200)} {chance.choice(_STREETS)}",
        chance.choice(_TOWNS),
    )


def _miswritten(person: Written, chance: random.Random) -> Written:
    errors: list[Callable[[Written], Written]] = [
        lambda one: replace(one, given=_SHORT.get(one.given, one.given)),
        lambda one: replace(one, family=_mistyped(one.family, chance)),
        lambda one: replace(one, given=one.family, family=one.given),
        lambda one: replace(one, born=one.born + timedelta(days=10)),
        lambda one: replace(one, email=""),
        lambda one: replace(one, email=_mistyped(one.email, chance)),
        lambda one: replace(one, phone=""),
        lambda one: replace(one, street="", town=""),
    ]
    for error in chance.sample(errors, chance.randint(1, 3)):
        person = error(person)
    return person


def _mistyped(text: str, chance: random.Random) -> str:
    place = chance.randrange(max(len(text), 1))
    return text[:place] + chance.choice("aeiourst") + text[place + 1 :]


def write_records(path: Path, records: Sequence[Written], *, first: int = 0) -> None:
    """Write records with English columns and ISO dates; ids number them from `first` on."""
    _write(
        path,
        ("record_id", "first_name", "surname", "dob", "email", "phone", "address", "city"),
        [
            (
                f"a{first + number:05d}",
                one.given,
                one.family,
                one.born.isoformat(),
                one.email,
                one.phone,
                one.street,
                one.town,
            )
            for number, one in enumerate(records)
        ],
    )


def write_german_records(path: Path, records: Sequence[Written], *, first: int = 0) -> None:
    """Write records as another system delivers them: one name, days before months, fewer columns, other names."""
    _write(
        path,
        ("kunden_nr", "name", "geburtsdatum", "telefon", "ort"),
        [
            (f"b{first + number:05d}", f"{one.family}, {one.given}", one.born.strftime("%d.%m.%Y"), one.phone, one.town)
            for number, one in enumerate(records)
        ],
    )


def write_truth(path: Path, told: Sequence[tuple[str, Written]]) -> None:
    """Write the truth of records by id."""
    _write(path, ("record_id", "entity_id"), [(record_id, f"E{one.entity}") for record_id, one in told])


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
