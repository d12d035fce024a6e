"""Who lives with whom: households of people whose numbers follow each other, and the firms that buy.

Belongs here: how a block's people fall into households, and the tables `households` and `companies`.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.sample_company.edge_cases import EDGE_PEOPLE
from orchestration.sample_company.facts.block import Block
from orchestration.sample_company.facts.who.names import Texts
from orchestration.sample_company.populations import GREAT_BRITAIN
from orchestration.sample_company.randomness import Integers, weighted_indexes
from orchestration.sample_company.tables import choices, numbered, rank_in_group, table_of, text_column

HOUSEHOLD_TYPES = ("single", "couple", "family", "flat_share", "business")
SINGLE, COUPLE, FAMILY, FLAT_SHARE, BUSINESS = range(5)
_HOUSEHOLD_SHARES = (0.6, 0.17, 0.14, 0.06, 0.03)
_FEWEST = np.array([1, 2, 2, 2, 1])
_MOST = np.array([1, 2, 4, 3, 4])
_FIRM_ENDS = ("and Sons", "Interiors", "Hotels", "Events", "Studio", "Catering", "Lettings", "Gardens")


@dataclass(frozen=True)
class Households:
    """How a block's people live together.

    Attributes:
        types: For each household its place in `HOUSEHOLD_TYPES`.
        firms: For each household its firm's name, or None.
        of_person: For each person the household.
        roles: For each person 0, 1, … within the household; in a family of three or four the first two are the parents.
        sizes: For each person how many the household has.
        homes: For each person the home lived in at first; two households may live in one home, one after the other.
        homes_count: How many homes there are.
    """

    types: Integers
    firms: Texts
    of_person: Integers
    roles: Integers
    sizes: Integers
    homes: Integers
    homes_count: int

    def type_of_person(self) -> Integers:
        """Return for each person the household's type."""
        return self.types[self.of_person]


def draw_households(block: Block, *, stories_count: int) -> Households:
    """Return the block's households: those of the edge-case people first, then drawn ones.

    Args:
        block: The block.
        stories_count: How many of its people, the first, are edge-case people.
    """
    rng = block.rng("households")
    told, told_types, told_firms, told_homes = _told_households(stories_count)
    count = block.count - stories_count
    types = weighted_indexes(rng.random(count), _HOUSEHOLD_SHARES)
    sizes = rng.integers(_FEWEST[types], _MOST[types] + 1)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    used = int(np.searchsorted(starts, count, side="left"))
    types, sizes = types[:used], sizes[:used]
    drawn = np.repeat(np.arange(used), sizes)[:count] + len(told_types)
    of_person = np.concatenate([told, drawn]).astype(np.int64)
    all_types = np.concatenate([told_types, types]).astype(np.int64)
    first_home = int(told_homes.max(initial=-1)) + 1
    firm_names = _firm_names(rng, all_types)
    firm_names[: len(told_firms)] = told_firms
    return Households(
        types=all_types,
        firms=firm_names,
        of_person=of_person,
        roles=rank_in_group(of_person),
        sizes=np.bincount(of_person, minlength=len(all_types))[of_person],
        homes=np.concatenate([told_homes, drawn - len(told_types) + first_home]).astype(np.int64),
        homes_count=first_home + used,
    )


def _told_households(stories_count: int) -> tuple[Integers, Integers, Texts, Integers]:
    """Return household and home of each edge-case person, and type and firm of each household."""
    households: dict[tuple[str, str], int] = {}
    homes: dict[tuple[str, str], int] = {}
    types: list[int] = []
    firms: list[str | None] = []
    of_person, home_of_person = [], []
    for case, person in EDGE_PEOPLE[:stories_count]:
        key = (case.name, person.household or person.home)
        if key not in households:
            households[key] = len(households)
            types.append(HOUSEHOLD_TYPES.index(case.household_type))
            firms.append(person.company)
        of_person.append(households[key])
        home_of_person.append(homes.setdefault((case.name, person.home), len(homes)))
    return (
        np.array(of_person, dtype=np.int64),
        np.array(types, dtype=np.int64),
        np.array(firms, dtype=object),
        np.array(home_of_person, dtype=np.int64),
    )


def _firm_names(rng: np.random.Generator, types: Integers) -> Texts:
    """Return a firm's name for each business, None for the other households."""
    names = np.full(len(types), None, dtype=object)
    rows = np.flatnonzero(types == BUSINESS)
    stems = np.array(GREAT_BRITAIN.surname_tail, dtype=object)[
        rng.integers(0, len(GREAT_BRITAIN.surname_tail), len(rows))
    ]
    names[rows] = stems + " " + np.array(_FIRM_ENDS, dtype=object)[rng.integers(0, len(_FIRM_ENDS), len(rows))]
    return names


def household_ids(block: Block, households: Integers) -> Texts:
    """Return the ids of households by their place in the block."""
    return numbered("h_", block.first_person + households, digits=8)


def company_ids(block: Block, households: Integers) -> Texts:
    """Return the ids of the firms of households by their place in the block."""
    return numbered("b_", block.first_person + households, digits=8)


def household_table(block: Block, households: Households) -> pa.Table:
    """Return one row per household; a household's home is its first person's."""
    count = len(households.types)
    firsts = np.flatnonzero(households.roles == 0)
    return table_of(
        {
            "household_id": text_column(household_ids(block, np.arange(count))),
            "household_type": choices(HOUSEHOLD_TYPES, households.types),
            "home_number": block.first_row + households.homes[firsts],
        }
    )


def company_table(block: Block, households: Households) -> pa.Table:
    """Return one row per firm."""
    firms = np.flatnonzero(households.types == BUSINESS)
    return table_of(
        {
            "account_id_company": text_column(company_ids(block, firms)),
            "company_name": text_column(households.firms[firms]),
            "household_id": text_column(household_ids(block, firms)),
        }
    )
