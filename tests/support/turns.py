"""In which order tests run: long ones first, and those that share a finished night in one process.

Each of pytest-xdist's workers begins with an equal part of the list, in its order, and takes from the end of another's
when it has done its own. So a family of tests that share what takes minutes to make stands at the head of one part, and
the many short tests at the ends.
"""

from collections.abc import Sequence
from itertools import chain

import pytest

FAMILIES = (
    ("tests/faults/", "tests/dbt/"),
    ("tests/end_to_end/", "tests/assets/", "tests/browser/", "tests/benchmarks/"),
)
"""Folders whose tests share nights, or warehouses that dbt built; about equally long altogether."""


def in_turns(items: Sequence[pytest.Item], *, workers: int) -> list[pytest.Item]:
    """Return the tests, one part for each worker after the other: families and then short tests in each."""
    families = [[item for folder in family for item in items if _is_below(item, folder)] for family in FAMILIES]
    long = set(chain.from_iterable(families))
    short = [item for item in items if item not in long]
    heads = [list(chain.from_iterable(families[worker::workers])) for worker in range(workers)]
    parts = []
    for worker, head in enumerate(heads):
        later = sum(len(other) for other in heads[worker + 1 :])
        size = (len(short) + len(head) + later) // (workers - worker) - len(head)
        size = len(short) if worker == workers - 1 else max(size, 0)
        parts.append([*head, *short[:size]])
        short = short[size:]
    return list(chain.from_iterable(parts))


def _is_below(item: pytest.Item, folder: str) -> bool:
    return item.nodeid.startswith(folder)
