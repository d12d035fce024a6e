import numpy as np

from orchestration.identity.linkage.expectation import MISSING, ComparedPairs, drawn_to, fitted_shares

U = [np.array([0.01, 0.99]), np.array([0.02, 0.98]), np.array([0.05, 0.95])]
M = [np.array([0.9, 0.1]), np.array([0.8, 0.2]), np.array([0.7, 0.3])]
STATED = [np.array([0.6, 0.4])] * 3


def _pairs(chance: np.random.Generator, *, matches: int, others: int) -> ComparedPairs:
    levels = []
    for one, two in zip(M, U, strict=True):
        drawn = np.concatenate([chance.random(matches) > one[0], chance.random(others) > two[0]]).astype(np.int64)
        drawn[chance.random(len(drawn)) < 0.1] = MISSING
        levels.append(drawn)
    return ComparedPairs(levels, np.zeros(matches + others))


def test_the_shares_that_made_the_pairs_are_found_again_without_labels() -> None:
    pairs = _pairs(np.random.default_rng(4), matches=3000, others=97_000)

    found = fitted_shares(pairs, stated_m=STATED, u=U, prior=0.001, pairs_possible=100_000, moved_at_most=10)

    assert abs(found.prior - 0.03) < 0.004
    for one, known in zip(found.m, M, strict=True):
        assert abs(one[0] - known[0]) < 0.04


def test_a_structure_far_from_what_was_stated_is_not_taken_for_one_person() -> None:
    pairs = _pairs(np.random.default_rng(4), matches=3000, others=97_000)
    stated = [np.array([0.95, 0.05]), np.array([0.95, 0.05]), np.array([0.1, 0.9])]

    found = fitted_shares(pairs, stated_m=stated, u=U, prior=0.001, pairs_possible=100_000, moved_at_most=2)

    assert found.m[2][0] < 0.35


def test_where_hardly_a_pair_matches_the_stated_shares_stay() -> None:
    pairs = ComparedPairs([np.array([0, 1]), np.array([0, 1]), np.array([0, 1])], np.zeros(2))

    found = fitted_shares(pairs, stated_m=STATED, u=U, prior=0.01, pairs_possible=100)

    assert abs(found.m[0][0] - STATED[0][0]) < 0.02


def test_a_share_that_chance_did_not_show_is_small_but_never_nothing() -> None:
    found = drawn_to([None, 1.0], np.array([0.001, 0.999]), pairs_count=1000, opinion_pairs=200)

    assert 0 < found[0] < 0.001
    assert abs(found.sum() - 1) < 1e-12
