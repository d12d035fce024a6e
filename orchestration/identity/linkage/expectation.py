"""The shares of levels among pairs of one person, found without labels: expectation and maximisation.

Belongs here: arithmetic on levels that were already compared. Does not belong here: comparing (`link`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
MISSING = -1
_ROUNDS = 100
_SETTLED = 1e-4
_LARGEST_EXPONENT = 60.0


@dataclass(frozen=True)
class ComparedPairs:
    """Pairs as they were compared: a level per comparison and pair (`MISSING`: -1), and bits of rare values."""

    levels: Sequence[Integers]
    frequency_bits: Numbers


@dataclass(frozen=True)
class FittedShares:
    """The share of pairs that are one person, and per comparison the shares of its levels among those."""

    prior: float
    m: tuple[Numbers, ...]


def fitted_shares(  # noqa: PLR0913 - all of them are the model
    pairs: ComparedPairs,
    *,
    stated_m: Sequence[Numbers],
    u: Sequence[Numbers],
    prior: float,
    pairs_possible: float,
    opinion_pairs: float = 30.0,
    moved_at_most: float = 2.0,
) -> FittedShares:
    """Return the shares under which the compared pairs are most likely, drawn a little to the stated ones.

    All possible pairs take part: those outside the compared ones count as pairs of two persons. The stated shares
    weigh as much as `opinion_pairs` pairs (maximum a posteriori with a Dirichlet prior), so that a level which the
    data does not show keeps a sensible share, and few records are linked by opinion more than by chance. No share moves
    from the stated one by more than the factor `moved_at_most`: where many pairs are alike for another reason than
    being one person (families, namesakes of one town), the likeliest shares would be theirs.

    Args:
        pairs: levels and the bits that rare values add, of the pairs that blocking found.
        stated_m: per comparison, the shares of its levels before training.
        u: per comparison, the shares of its levels among pairs of two persons.
        prior: where the search begins.
        pairs_possible: number of all pairs of records.
        opinion_pairs: weight of the stated shares.
        moved_at_most: factor, above 1, by which a share may grow or shrink before all are scaled to sum to one.

    Source: Fellegi and Sunter 1969; Winkler 1988; Dempster, Laird and Rubin 1977.
    """
    m = [stated.copy() for stated in stated_m]
    for _ in range(_ROUNDS):
        probability = _probability(pairs, m, u, prior)
        found = max(float(probability.sum()), 1.0) / pairs_possible
        for index, levels in enumerate(pairs.levels):
            counted = np.bincount(levels + 1, weights=probability, minlength=len(m[index]) + 1)[1:]
            likeliest = (counted + opinion_pairs * stated_m[index]) / (counted.sum() + opinion_pairs)
            bounded = np.clip(likeliest, stated_m[index] / moved_at_most, stated_m[index] * moved_at_most)
            m[index] = bounded / bounded.sum()
        has_settled = abs(np.log(found / prior)) < _SETTLED
        prior = found
        if has_settled:
            break
    return FittedShares(prior, tuple(m))


def _probability(pairs: ComparedPairs, m: Sequence[Numbers], u: Sequence[Numbers], prior: float) -> Numbers:
    """Return for each pair the probability that it is one person."""
    bits = pairs.frequency_bits + np.log2(prior / (1 - prior))
    for levels, one, two in zip(pairs.levels, m, u, strict=True):
        bits = bits + np.append(np.log2(one / two), 0.0)[levels]
    probability: Numbers = 1 / (1 + np.exp2(-np.clip(bits, -_LARGEST_EXPONENT, _LARGEST_EXPONENT)))
    return probability


def drawn_to(sampled: Sequence[float | None], stated: Numbers, *, pairs_count: float, opinion_pairs: float) -> Numbers:
    """Return sampled shares, drawn to the stated ones by as much as `opinion_pairs` pairs; they sum to one.

    Example:
        >>> drawn_to([0.0, 1.0], np.array([0.5, 0.5]), pairs_count=90, opinion_pairs=10).tolist()
        [0.05, 0.95]
    """
    known = np.array([share or 0.0 for share in sampled])
    total = known.sum()
    if total == 0:
        return stated
    shares: Numbers = (pairs_count * known / total + opinion_pairs * stated) / (pairs_count + opinion_pairs)
    return shares
