import numpy as np

from orchestration.sample_company.randomness import ranked_indexes, rounded_counts, stream, weighted_indexes


def test_a_stream_depends_on_seed_and_name_only() -> None:
    assert stream(1, "a").random(3).tolist() == stream(1, "a").random(3).tolist()
    assert stream(1, "a").random(3).tolist() != stream(1, "b").random(3).tolist()
    assert stream(1, "a").random(3).tolist() != stream(2, "a").random(3).tolist()
    assert stream(1, "a", "0").random(3).tolist() != stream(1, "a", "1").random(3).tolist()


def test_weighted_indexes_are_as_frequent_as_their_weights() -> None:
    uniforms = (np.arange(1_000) + 0.5) / 1_000
    counts = np.bincount(weighted_indexes(uniforms, [1.0, 0.0, 3.0]), minlength=3)
    assert counts.tolist() == [250, 0, 750]


def test_earlier_entries_of_a_ranked_list_are_more_frequent() -> None:
    uniforms = (np.arange(10_000) + 0.5) / 10_000
    counts = np.bincount(ranked_indexes(uniforms, 30), minlength=30)
    assert (np.diff(counts) <= 1).all()
    assert counts[0] > 3 * counts[-1] > 0


def test_rounded_counts_keep_the_share_on_average() -> None:
    drawn = [rounded_counts(stream(n, "counts"), 100, [0.005])[0] for n in range(400)]
    assert 0.4 < float(np.mean(drawn)) < 0.6


def test_a_large_file_has_at_least_one_of_each() -> None:
    assert rounded_counts(stream(1, "counts"), 200, [0.0001, 0.5]).tolist() == [1, 100]
