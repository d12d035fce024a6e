from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from orchestration.foundation.agreement import Agreement, b_cubed, pairs_at_threshold, pairwise

_LABELLED = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30)


@given(_LABELLED)
def test_pairwise_agreement_is_that_of_counting_every_pair(labelled: list[tuple[int, int]]) -> None:
    pairs = list(combinations(labelled, 2))
    both = sum(a[0] == b[0] and a[1] == b[1] for a, b in pairs)
    clustered, true = sum(a[0] == b[0] for a, b in pairs), sum(a[1] == b[1] for a, b in pairs)

    found = pairwise(*np.array(labelled, dtype=np.int64).T)

    assert found == Agreement(both / clustered if clustered else 1.0, both / true if true else 1.0)


@given(_LABELLED)
def test_b_cubed_agreement_is_that_of_looking_at_every_record(labelled: list[tuple[int, int]]) -> None:
    precisions, recalls = [], []
    for cluster, entity in labelled:
        same = [one for one in labelled if one[0] == cluster]
        own = [one for one in labelled if one[1] == entity]
        right = sum(one == (cluster, entity) for one in labelled)
        precisions.append(right / len(same))
        recalls.append(right / len(own))

    found = b_cubed(*np.array(labelled, dtype=np.int64).T)

    assert abs(found.precision - np.mean(precisions)) < 1e-12
    assert abs(found.recall - np.mean(recalls)) < 1e-12


def test_pairs_are_held_against_the_truth_as_they_are() -> None:
    entities = np.array([0, 0, 0, 1])

    found = pairs_at_threshold(np.array([0, 0]), np.array([1, 3]), entities)

    assert found == Agreement(0.5, 1 / 3)
    assert round(found.f1, 3) == 0.4
