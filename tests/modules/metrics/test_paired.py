"""Differences with their intervals, where users ask several times."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from scipy import stats

from modules.metrics.paired import by_bootstrap, by_error, student_quantile


def test_by_hand() -> None:
    # Users 4 and 9 with sums 3 and 0 over 2 and 1 queries: mean 1; residuals 3 - 2 = 1 and 0 - 1 = -1.
    found = by_error(np.array([1.0, 2.0, 0.0]), np.array([4, 4, 9]), 0.5)
    error = math.sqrt(2 / 1 * (1 + 1)) / 3
    half = stats.t.ppf(0.75, 1) * error
    assert (found.mean, found.users, found.queries) == (1.0, 2, 3)
    assert (found.low, found.high) == pytest.approx((1 - half, 1 + half), abs=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_both_ways_agree_where_there_is_much_to_go_by(seed: int) -> None:
    generator = np.random.default_rng(seed)
    users = np.repeat(np.arange(400), generator.integers(1, 6, 400))
    values = generator.normal(0, 1, 400)[users] + generator.normal(0.3, 1, len(users))
    drawn, exact = by_bootstrap(values, users, 0.95, seed=1), by_error(values, users, 0.95)
    assert drawn.mean == exact.mean == pytest.approx(values.mean())
    assert (drawn.low, drawn.high) == pytest.approx((exact.low, exact.high), abs=0.1 * (exact.high - exact.low))
    alone = by_error(values, np.arange(len(users)), 0.95)
    assert exact.high - exact.low > 1.2 * (alone.high - alone.low)  # queries of one user are not independent


def test_an_interval_covers_as_often_as_it_says() -> None:
    generator, inside = np.random.default_rng(3), 0
    users = np.repeat(np.arange(60), 3)
    for _ in range(400):
        found = by_error(generator.normal(0, 1, 60)[users] + generator.normal(0, 1, 180), users, 0.9)
        inside += found.low <= 0 <= found.high
    assert 0.86 <= inside / 400 <= 0.94


def test_the_same_seed_gives_the_same_interval() -> None:
    values, users = np.random.default_rng(0).normal(size=50), np.arange(50) % 7
    assert by_bootstrap(values, users, 0.9, 1) == by_bootstrap(values, users, 0.9, 1)
    assert by_bootstrap(values, users, 0.9, 1) != by_bootstrap(values, users, 0.9, 2)


def test_one_user_says_nothing_of_the_others() -> None:
    found = by_error(np.array([1.0, 2.0]), np.array([5, 5]), 0.9)
    assert (found.mean, found.low, found.high) == (1.5, -math.inf, math.inf)


@pytest.mark.parametrize("function", [by_error, functools.partial(by_bootstrap, seed=1)])
def test_wrong_shapes(function: object) -> None:
    assert callable(function)
    for values, users in ((np.zeros(0), np.zeros(0, int)), (np.zeros(3), np.zeros(2, int)), (np.zeros((2, 2)),) * 2):
        with pytest.raises(ValueError, match="one non-empty shape"):
            function(values, users, 0.9)


@pytest.mark.parametrize("degrees", [5, 8, 20, 100, 5000])
@pytest.mark.parametrize("probability", [0.75, 0.975, 0.999, 0.9999])
def test_student(degrees: int, probability: float) -> None:
    assert student_quantile(probability, degrees) == pytest.approx(stats.t.ppf(probability, degrees), rel=0.02)
