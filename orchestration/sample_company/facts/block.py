"""One block of people: which persons it holds, and its own streams of random numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from orchestration.sample_company.calendar import Calendar
from orchestration.sample_company.facts.causes import Causes
from orchestration.sample_company.facts.fact_table import ROWS_PER_BLOCK
from orchestration.sample_company.randomness import Integers, stream

PEOPLE_PER_BLOCK = 20_000


@dataclass(frozen=True)
class Block:
    """A run of person numbers that is simulated at once.

    Attributes:
        number: 0, 1, …
        history_count: How many of its people joined within the history; they come first.
        newcomers_count: How many join in the days after it.
        seed: The company's seed.
        calendar: The simulated days.
        causes: How strong the causes are.
    """

    number: int
    history_count: int
    newcomers_count: int
    seed: int
    calendar: Calendar
    causes: Causes

    @property
    def count(self) -> int:
        """How many people the block holds."""
        return self.history_count + self.newcomers_count

    @property
    def first_person(self) -> int:
        """The block's lowest person number."""
        return self.number * PEOPLE_PER_BLOCK + 1

    @property
    def first_row(self) -> int:
        """The block's lowest number of a row of its own."""
        return self.number * ROWS_PER_BLOCK

    def persons(self) -> Integers:
        """Return the block's person numbers in order."""
        return np.arange(self.first_person, self.first_person + self.count, dtype=np.int64)

    def rows(self, count: int) -> Integers:
        """Return `count` numbers for rows of the block's own."""
        return np.arange(self.first_row + 1, self.first_row + count + 1, dtype=np.int64)

    def rng(self, part: str) -> np.random.Generator:
        """Return the stream of one part of the block's facts; it depends on seed, part and block number only."""
        return stream(self.seed, part, str(self.number))


def blocks_of(*, customers_count: int, seed: int, calendar: Calendar, causes: Causes) -> Iterator[Block]:
    """Yield the company's blocks: all who joined within the history, then the newcomers of the days after it.

    A block that is full of people of the history does not depend on how many follow.
    """
    everyone = customers_count + round(customers_count * calendar.newcomers_share)
    for number, first in enumerate(range(0, everyone, PEOPLE_PER_BLOCK)):
        last = min(first + PEOPLE_PER_BLOCK, everyone)
        history_count = max(min(last, customers_count) - first, 0)
        yield Block(
            number=number,
            history_count=history_count,
            newcomers_count=last - first - history_count,
            seed=seed,
            calendar=calendar,
            causes=causes,
        )
