"""How well pairs and clusters agree with a truth: pairwise and B-cubed precision, recall and F1.

Belongs here: counting. Does not belong here: where the truth comes from.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Agreement:
    """Precision, recall and F1, each between 0 and 1."""

    precision: float
    recall: float

    @classmethod
    def of_counts(cls, *, right: int, found: int, true: int) -> Self:
        """Return the agreement of pairs that were counted; where there is none to be right about, the share is 1.

        Args:
            right: pairs that were put together and belong together.
            found: pairs that were put together.
            true: pairs that belong together.

        Example:
            >>> Agreement.of_counts(right=6, found=8, true=12)
            Agreement(precision=0.75, recall=0.5)
        """
        return cls(_share(right, found), _share(right, true))

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 0 when both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def pairwise(clusters: Integers, entities: Integers) -> Agreement:
    """Return the agreement over pairs of records: those of one cluster against those of one entity.

    Where there is no pair to be right or wrong about, the share is 1.

    Example:
        >>> pairwise(np.array([0, 0, 0]), np.array([0, 0, 1]))
        Agreement(precision=0.3333333333333333, recall=1.0)
    """
    shared = _pairs_in(_both(clusters, entities))
    return Agreement.of_counts(right=shared, found=_pairs_in(clusters), true=_pairs_in(entities))


def pairs_at_threshold(left: Integers, right: Integers, entities: Integers) -> Agreement:
    """Return the agreement of pairs as they are, without clustering.

    Args:
        left: record numbers.
        right: record numbers; every pair once.
        entities: entity number per record.
    """
    shared = int((entities[left] == entities[right]).sum())
    return Agreement.of_counts(right=shared, found=len(left), true=_pairs_in(entities))


def b_cubed(clusters: Integers, entities: Integers) -> Agreement:
    """Return the agreement over records: of each, the right share of its cluster and the found share of its entity.

    Source: Bagga and Baldwin 1998.

    Example:
        >>> b_cubed(np.array([0, 0]), np.array([0, 1]))
        Agreement(precision=0.5, recall=1.0)
    """
    shared = _sizes(_both(clusters, entities))
    return Agreement(float((shared / _sizes(clusters)).mean()), float((shared / _sizes(entities)).mean()))


def _both(clusters: Integers, entities: Integers) -> Integers:
    return clusters * (int(entities.max(initial=0)) + 1) + entities


def _sizes(labels: Integers) -> Integers:
    """Return for each record how many have its label."""
    _, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    sizes: Integers = counts[inverse]
    return sizes


def _pairs_in(labels: Integers) -> int:
    _, counts = np.unique(labels, return_counts=True)
    return int((counts * (counts - 1) // 2).sum())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
