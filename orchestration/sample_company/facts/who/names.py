"""What people are called: given and family names by population, in their own letters and in Latin ones."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from orchestration.sample_company.nicknames import NICKNAMES
from orchestration.sample_company.populations import POPULATIONS
from orchestration.sample_company.randomness import Flags, Floats, Integers, ranked_indexes
from orchestration.sample_company.transliteration import latin

DOUBLE_BARRELLED_SHARE = 0.03
NICKNAME_SHARE = 0.3

Texts = npt.NDArray[Any]


@dataclass(frozen=True)
class Names:
    """One given or family name for each person, as the person writes it and in letters of cp1252."""

    own: Texts
    latin: Texts

    def where(self, rows: Flags, others: "Names") -> "Names":
        """Return the others' names on `rows`, these on the rest."""
        return Names(np.where(rows, others.own, self.own), np.where(rows, others.latin, self.latin))

    def at(self, places: Integers) -> "Names":
        """Return the names at `places`."""
        return Names(self.own[places], self.latin[places])


@cache
def _written(population: int, kind: str) -> tuple[Texts, Texts]:
    names = getattr(POPULATIONS[population], kind) or POPULATIONS[population].surnames
    return np.array(names, dtype=object), np.array([latin(name) for name in names], dtype=object)


def _empty(count: int) -> Names:
    return Names(np.empty(count, dtype=object), np.empty(count, dtype=object))


def draw_given_names(rng: np.random.Generator, origins: Integers, is_female: Flags) -> Names:
    """Return a given name for each person, as frequent as its place in the population's list says."""
    uniforms = rng.random(len(origins))
    names = _empty(len(origins))
    for population in range(len(POPULATIONS)):
        for flag, kind in ((True, "female_names"), (False, "male_names")):
            rows = (origins == population) & (is_female == flag)
            own, plain = _written(population, kind)
            places = ranked_indexes(uniforms[rows], len(own))
            names.own[rows], names.latin[rows] = own[places], plain[places]
    return names


@dataclass(frozen=True)
class FamilyDraws:
    """The random numbers behind one family name; people of one family share them, whatever the name's gender."""

    common: Floats
    tail: Floats
    second: Floats
    is_double: Flags

    def at(self, places: Integers) -> "FamilyDraws":
        """Return the draws at `places`."""
        return FamilyDraws(self.common[places], self.tail[places], self.second[places], self.is_double[places])


def draw_families(rng: np.random.Generator, count: int) -> FamilyDraws:
    """Return the random numbers behind `count` family names."""
    return FamilyDraws(
        rng.random(count), rng.random(count), rng.random(count), rng.random(count) < DOUBLE_BARRELLED_SHARE
    )


def family_names(draws: FamilyDraws, origins: Integers, is_female: Flags) -> Names:
    """Return the family name that the draws mean in each population, in the form of the person's gender."""
    names = _empty(len(origins))
    for index, population in enumerate(POPULATIONS):
        for flag, kind in ((True, "feminine_surnames"), (False, "surnames")):
            rows = np.flatnonzero((origins == index) & (is_female == flag))
            own, plain = _written(index, kind)
            places = ranked_indexes(draws.common[rows], len(own))
            names.own[rows], names.latin[rows] = own[places], plain[places]
        if population.surname_tail:
            rare, rare_plain = _written(index, "surname_tail")
            rows = np.flatnonzero((origins == index) & (draws.tail < population.surname_tail_share))
            places = np.floor(draws.common[rows] * len(rare)).astype(np.int64)
            names.own[rows], names.latin[rows] = rare[places], rare_plain[places]
    doubled = np.flatnonzero(draws.is_double & (origins == 0))
    seconds, seconds_plain = _written(0, "surnames")
    places = ranked_indexes(draws.second[doubled], len(seconds))
    names.own[doubled] = names.own[doubled] + "-" + seconds[places]
    names.latin[doubled] = names.latin[doubled] + "-" + seconds_plain[places]
    return names


def draw_nicknames(rng: np.random.Generator, given_names: Texts) -> Texts:
    """Return what each person goes by, or None for those who go by the given name."""
    goes_by = rng.random(len(given_names)) < NICKNAME_SHARE
    uniforms = rng.random(len(given_names))
    nicknames = np.full(len(given_names), None, dtype=object)
    for name, short in NICKNAMES.items():
        rows = np.flatnonzero(goes_by & (given_names == name))
        nicknames[rows] = np.array(short, dtype=object)[np.floor(uniforms[rows] * len(short)).astype(np.int64)]
    return nicknames
