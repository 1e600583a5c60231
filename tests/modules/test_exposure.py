"""How much items stood to be chosen."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.exposure import Exposure
from modules.item_age import ALWAYS, ItemAge


def exposures(age: ItemAge, items: list[int], choices: list[tuple[int, int, float]], users: int) -> np.ndarray:  # type: ignore[type-arg]
    """[users, items] of choices (user, moment, weight)."""
    exposure = Exposure(age, np.array(items, np.int64))
    owner, moments, weights = (np.array(column) for column in zip(*choices, strict=True))
    older = tf.constant(exposure.older(moments.astype(np.int64)))
    found: np.ndarray = exposure.mean(  # type: ignore[type-arg]
        older, tf.constant(weights, tf.float32), tf.constant(owner, tf.int64), tf.constant(users, tf.int64)
    ).numpy()
    return found


def test_by_hand() -> None:
    """Up to an age of 20 an item is taken three times as often. A choice of weight 0 says nothing."""
    age = ItemAge(np.array([[0], [50], [ALWAYS]]), np.array([20]), np.log(np.array([3, 1], np.float32)))
    choices = [(0, 10, 1.0), (0, 60, 3.0), (1, 50, 2.0), (1, 10, 0.0)]
    expected = np.array(
        [
            [(3 + 3 * 1) / 4, (0 + 3 * 3) / 4, 1],  # at 10 the second is to come, at 60 it is new
            [1, 3, 1],  # at 50 it has just come
            [0, 0, 0],  # chose nothing
        ]
    )
    np.testing.assert_allclose(exposures(age, [0, 1, 2], choices, 3), expected, rtol=1e-5)
    np.testing.assert_allclose(exposures(age, [2, 1], choices, 3), expected[:, [2, 1]], rtol=1e-5)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.one_of(st.just(ALWAYS), st.integers(0, 30)), min_size=1, max_size=6),
    st.sets(st.integers(1, 20), max_size=4),
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 40), st.sampled_from([0.5, 1.0, 4.0])), min_size=1, max_size=12
    ),
)
def test_against_adding_up(releases: list[int], edges: set[int], choices: list[tuple[int, int, float]]) -> None:
    boosts = np.append(np.linspace(1.5, -0.5, len(edges)), 0).astype(np.float32)
    age = ItemAge(np.array(releases)[:, None], np.array(sorted(edges), np.int64), boosts)
    sums, totals = np.zeros((3, len(releases))), np.zeros((3, 1))
    for user, moment, weight in choices:
        totals[user] += weight
        for item, release in enumerate(releases):
            if release <= moment:
                sums[user, item] += weight * np.exp(age.boost(np.array(moment - release)))
    expected = sums / np.maximum(totals, 0.5)
    np.testing.assert_allclose(exposures(age, list(range(len(releases))), choices, 3), expected, rtol=1e-4, atol=1e-5)
