"""The judge of the benchmarks."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from benchmarks.quality import metrics
from modules.metrics import ranked

# Two queries: relevant are 3 and 5 of the first, 0 of the second.
RELEVANT = sparse.csr_matrix(np.array([[0, 0, 0, 1, 0, 1], [1, 0, 0, 0, 0, 0]]))
COUNTS = np.array([2, 1])
LISTS = np.array([[3, 1, 5], [2, -1, -1]])
HITS = np.array([[True, False, True], [False, False, False]])


def test_found_places() -> None:
    assert metrics.found(LISTS, RELEVANT).tolist() == HITS.tolist()


def test_padding_is_never_found() -> None:
    # −1 must not be read as item 0 nor as the last one.
    assert not metrics.found(np.array([[-1], [-1]]), RELEVANT).any()


def test_metrics_by_hand() -> None:
    best = 1 + 1 / log2(3)
    assert metrics.ndcg(HITS, COUNTS, 3) == pytest.approx([(1 + 1 / 2) / best, 0])
    assert metrics.ndcg(HITS, COUNTS, 1) == pytest.approx([1, 0])
    assert metrics.recall(HITS, COUNTS, 3) == pytest.approx([1, 0])
    assert metrics.recall(HITS, np.array([4, 1]), 1) == pytest.approx([1 / 4, 0])
    assert metrics.hit_rate(HITS, 3).tolist() == [1, 0]
    assert metrics.precision(HITS, 3) == pytest.approx([2 / 3, 0])
    # Hits at places 1 and 3: 1/1 and 2/3, divided by all 2 relevant ones, or by 4 where there are 4.
    assert metrics.average_precision(HITS, COUNTS, 3) == pytest.approx([(1 + 2 / 3) / 2, 0])
    assert metrics.average_precision(HITS, np.array([4, 1]), 3) == pytest.approx([(1 + 2 / 3) / 4, 0])
    assert metrics.average_precision(HITS, COUNTS, 1) == pytest.approx([1 / 2, 0])


def test_a_list_shorter_than_k_misses_the_rest() -> None:
    assert metrics.ndcg(HITS, np.array([10, 1]), 10)[0] == pytest.approx(
        1.5 / sum(1 / log2(place + 1) for place in range(1, 11))
    )


def test_rmse() -> None:
    assert metrics.rmse([1, 2], [1, 4]) == pytest.approx(2**0.5)


@given(st.integers(0, 10_000))
def test_the_product_means_the_same_by_the_same_names(seed: int) -> None:
    random = np.random.default_rng(seed)
    lists = np.array([random.permutation(20)[:12] for _ in range(5)])
    relevant = [np.sort(random.permutation(20)[: random.integers(1, 15)]) for _ in range(5)]
    matrix = sparse.csr_matrix(np.array([np.isin(np.arange(20), some) for some in relevant]).astype(float))
    hits, counts = ranked.relevance(lists, relevant)
    own = metrics.found(lists, matrix)
    assert (own == hits).all()
    for k in (1, 10, 12):
        assert metrics.ndcg(own, counts, k) == pytest.approx(ranked.ndcg(hits, counts, k))
        assert metrics.recall(own, counts, k) == pytest.approx(ranked.recall(hits, counts, k))
        assert metrics.hit_rate(own, k) == pytest.approx(ranked.hit_rate(hits, k))


def test_interval_of_a_constant_difference_is_a_point() -> None:
    other = np.array([0.1, 0.5, 0.2, 0.9])
    assert metrics.interval(other + 0.25, other, np.array([0, 0, 1, 2]), seed=1) == pytest.approx((0.25, 0.25, 0.25))


def test_interval_draws_the_queries_of_a_user_together() -> None:
    # One user with 100 queries says no more than one query.
    random = np.random.default_rng(2)
    users = np.repeat(np.arange(20), 100)
    by_user = random.normal(size=20)[users]
    zeros = np.zeros(2000)
    _, low, high = metrics.interval(by_user, zeros, users, seed=3)
    _, lower, higher = metrics.interval(by_user, zeros, np.arange(2000), seed=3)
    assert high - low > 5 * (higher - lower)
