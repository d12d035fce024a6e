"""Named streams of random numbers from one seed, and draws of whole columns.

Every part of the sample company draws from a stream of its own, so that a change in one part
does not move the others. Distributions with a meaning (purchase rates, noise) do not belong here.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LARGE_FILE_ROWS = 200
_RANK_OFFSET = 9.0


def stream(seed: int, *name: str) -> np.random.Generator:
    """Random numbers that depend on the seed and the stream's name only.

    Example:
        >>> bool(stream(1, "people").random() == stream(1, "people").random())
        True
    """
    digest = hashlib.sha256("/".join((str(seed), *name)).encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def weighted_indexes(uniforms: Floats, weights: Sequence[float] | Floats) -> Integers:
    """Indexes into `weights`, one for each uniform number, as frequent as their weights say.

    Args:
        uniforms: Numbers in [0, 1).
        weights: Not negative, at least one above zero; they need not sum to one.

    Example:
        >>> weighted_indexes(np.array([0.0, 0.49, 0.51]), [1.0, 1.0]).tolist()
        [0, 0, 1]
    """
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    found = np.searchsorted(cumulative / cumulative[-1], uniforms, side="right")
    return np.minimum(found, len(cumulative) - 1).astype(np.int64)


def rounded_counts(rng: np.random.Generator, rows_count: int, shares: Sequence[float]) -> Integers:
    """Return how many of the rows each share means, rounded up as often as its fraction says.

    A file of `LARGE_FILE_ROWS` or more has at least one row for each share, so that every kind is there to be seen.
    """
    exact = np.asarray(shares, dtype=np.float64) * rows_count
    counts = np.floor(exact + rng.random(len(exact))).astype(np.int64)
    return np.maximum(counts, 1) if rows_count >= LARGE_FILE_ROWS else counts


def ranked_indexes(uniforms: Floats, count: int) -> Integers:
    """Return places in a list of `count` entries ordered from frequent to rare (Zipf-like, mild at the head).

    Example:
        >>> ranked_indexes(np.array([0.0, 0.999]), 10).tolist()
        [0, 9]
    """
    return weighted_indexes(uniforms, 1.0 / (np.arange(count, dtype=np.float64) + _RANK_OFFSET))
