"""Baselines on matrices small enough for paper."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from benchmarks.baselines.baseline import Baseline
from benchmarks.baselines.ease import Ease
from benchmarks.baselines.item_knn import ItemKnn
from benchmarks.baselines.log import Log, binary
from benchmarks.baselines.popularity import Popularity
from benchmarks.baselines.rating_means import RatingMeans
from benchmarks.baselines.recent_popularity import RecentPopularity
from modules.errors import InputError

# Users 0 and 1 took items 0 and 1, user 2 took item 1, user 3 item 2; item 3 nobody.
LOG = Log(np.array([0, 0, 1, 1, 2, 3]), np.array([0, 1, 0, 1, 1, 2]), 4, 4)
NOBODY = np.array([-1])


def history(*items: int) -> object:
    return binary(np.zeros(len(items), np.int64), np.array(items, np.int64), (1, 4))


def scores(baseline: Baseline, log: Log, *items: int) -> list[float]:
    baseline.fit(log)
    return [float(score) for score in baseline.scores(history(*items), NOBODY)[0]]


def test_a_repeated_interaction_counts_once_in_the_matrix() -> None:
    log = Log(np.array([0, 0]), np.array([1, 1]), 1, 2)
    assert log.matrix().toarray().tolist() == [[0, 1]]
    assert log.counts().tolist() == [0, 2]


def test_popularity_counts_interactions() -> None:
    assert scores(Popularity(), LOG) == [2, 3, 1, 0]


def test_recent_popularity_looks_at_the_newest_two_percent_and_breaks_ties_by_all() -> None:
    # 100 rows: the newest two are of items 2 and 0. Items 1 and 3 have none there; item 1 has 97 before.
    items = np.array([1] * 97 + [0, 2, 0])
    log = Log(np.zeros(100, np.int64), items, 1, 4, moments=np.arange(100))
    found = scores(RecentPopularity(), log)
    assert found == pytest.approx([1 + 2 / 98, 0 + 97 / 98, 1 + 1 / 98, 0])


def test_recent_popularity_needs_moments() -> None:
    with pytest.raises(ValueError, match="moments"):
        RecentPopularity().fit(LOG)


def test_item_knn_adds_up_cosines() -> None:
    # Items 0 and 1 share two users: 2 / √(2 · 3). Item 2 shares none. An item is not its own neighbour.
    cosine = 2 / 6**0.5
    assert scores(ItemKnn(neighbours=0), LOG, 0) == pytest.approx([0, cosine, 0, 0])
    assert scores(ItemKnn(neighbours=0), LOG, 0, 1) == pytest.approx([cosine, cosine, 0, 0])


def test_item_knn_shrinks_and_keeps_the_nearest() -> None:
    # Item 1 is with item 0 twice, with item 2 once: its one nearest neighbour is item 0.
    log = Log(np.array([0, 0, 1, 1, 1]), np.array([0, 1, 0, 1, 2]), 2, 4)
    assert scores(ItemKnn(neighbours=0, shrinkage=1), log, 2) == pytest.approx(
        [1 / (2**0.5 + 1), 1 / (2**0.5 + 1), 0, 0]
    )
    assert scores(ItemKnn(neighbours=1), log, 0, 2)[1] == pytest.approx(1)  # 1 of item 0, none of item 2


def test_ease_solves_the_ridge_regression_of_each_item_on_the_others() -> None:
    # XᵀX = [[2, 2], [2, 3]] of items 0 and 1, λ = 1: item 1 from item 0 is 2 / (2 + 1), item 0 from item 1 2 / (3 + 1).
    assert scores(Ease(1.0), LOG, 0) == pytest.approx([0, 2 / 3, 0, 0])
    assert scores(Ease(1.0), LOG, 1) == pytest.approx([1 / 2, 0, 0, 0])
    assert scores(Ease(1.0), LOG, 0, 1) == pytest.approx([1 / 2, 2 / 3, 0, 0])


def test_ease_is_the_minimum() -> None:
    random = np.random.default_rng(1)
    x = (random.random((12, 5)) < 0.5).astype(float)
    users, items = (place.astype(np.int64) for place in np.nonzero(x))
    baseline = Ease(2.0)
    baseline.fit(Log(users, items, 12, 5))
    weights = baseline.scores(binary(np.arange(5), np.arange(5), (5, 5)), np.full(5, -1))
    for item in range(5):
        others = np.delete(np.arange(5), item)
        a = x[:, others]
        expected = np.linalg.solve(a.T @ a + 2.0 * np.eye(4), a.T @ x[:, item])
        assert weights[others, item] == pytest.approx(expected)
        assert weights[item, item] == 0


def test_rating_means_shrink_deviations() -> None:
    # Mean 3. Item 0: (1 + 1) / (2 + 2) = .5, item 1: −2 / (1 + 2).
    # User 0 beyond that: (.5 − 4/3) / (2 + 2), user 1: .5 / (1 + 2).
    model = RatingMeans(shrinkage=2.0)
    log = Log(np.array([0, 0, 1]), np.array([0, 1, 0]), 3, 3)
    model.fit(log, np.array([4.0, 1.0, 4.0]))
    users, items = np.array([0, 1, 2, 2]), np.array([0, 1, 0, 2])
    expected = [3 + 0.5 - 5 / 24, 3 - 2 / 3 + 1 / 6, 3.5, 3.0]
    assert model.predict(users, items) == pytest.approx(expected)


def test_rating_means_stay_on_the_scale() -> None:
    model = RatingMeans(shrinkage=0.01)
    model.fit(Log(np.array([0, 1]), np.array([0, 1]), 2, 2), np.array([5.0, 1.0]))
    assert model.predict(np.array([0, 1]), np.array([0, 1])) == pytest.approx([5, 1], abs=0.03)
    assert model.predict(np.array([0]), np.array([0]))[0] <= 5


@pytest.mark.skipif(importlib.util.find_spec("implicit") is not None, reason="the package implicit is installed")
def test_without_implicit_one_line_says_what_to_do() -> None:
    from benchmarks.baselines.als import Als

    with pytest.raises(InputError, match="uv sync --group benchmarks"):
        Als()


@pytest.mark.skipif(importlib.util.find_spec("implicit") is None, reason="the package implicit is not installed")
def test_factorisations_find_two_groups() -> None:
    from benchmarks.baselines.als import Als
    from benchmarks.baselines.bpr import Bpr

    # Users 0–9 take items 0–2, users 10–19 items 3–5, each without one of them; user 20 nothing.
    pairs = [(user, 3 * (user // 10) + (user + step) % 3) for user in range(20) for step in (1, 2)]
    users, items = (np.array(part, np.int64) for part in zip(*pairs, strict=True))
    log = Log(users, items, 21, 6)
    for baseline in (Als(factors=2, seed=1), Bpr(factors=4, learning_rate=0.1, iterations=200, seed=1)):
        baseline.fit(log)
        known = baseline.scores(log.matrix()[[0, 10]], np.array([0, 10]))
        assert known[0, 0] > known[0, 3:].max() and known[1, 3 + 10 % 3] > known[1, :3].max()
        stranger = baseline.scores(log.matrix()[[20, 20]], np.array([-1, 20]))
        assert np.isfinite(stranger).all() and stranger[0] == pytest.approx(stranger[1], abs=1e-5)
