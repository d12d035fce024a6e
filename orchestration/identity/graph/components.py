"""Numbered nodes that pairs join: connected components and their names.

Belongs here: what follows from pairs alone, without weights. Does not belong here: which pairs are worth believing.
"""

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]

NO_PAIRS: Integers = np.empty((0, 2), dtype=np.int64)


def component_labels(pairs: Integers, *, nodes_count: int) -> Integers:
    """Return for each node the smallest node that pairs join it with, itself when none does.

    Args:
        pairs: shape (n, 2), node numbers from 0 to `nodes_count` - 1, in any order; repeats change nothing.
        nodes_count: number of nodes.

    Example:
        >>> component_labels(np.array([[3, 1], [0, 2]]), nodes_count=5).tolist()
        [0, 1, 0, 1, 4]
    """
    if nodes_count == 0:
        return np.empty(0, dtype=np.int64)
    ends = (pairs[:, 0], pairs[:, 1])
    graph = coo_array((np.ones(len(pairs), dtype=np.int8), ends), shape=(nodes_count, nodes_count)).tocsr()
    return smallest_members(connected_components(graph, directed=False)[1].astype(np.int64))


def smallest_members(labels: Integers) -> Integers:
    """Return for each node the smallest node with the same label, whatever the labels were.

    Example:
        >>> smallest_members(np.array([7, 5, 7, 5, 9])).tolist()
        [0, 1, 0, 1, 4]
    """
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return first.astype(np.int64)[inverse]
