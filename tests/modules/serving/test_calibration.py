"""Mixes of categories: by hand, and against a plain reading of the definition."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.serving.calibration import Calibration
from modules.serving.category_mix import CategoryMix, category_codes
from modules.serving.ragged_table import RaggedArray


def test_codes() -> None:
    rows = RaggedArray.from_rows([[b"b", b"a"], [], [b"a", b"", b"a"]], object)
    codes = category_codes(rows)
    assert codes.values.tolist() == [0, 1, 0] and codes.row_splits.tolist() == [0, 2, 2, 3]


def test_mix_of_a_history() -> None:
    """The first item is half a and half b, the second nothing, the third an a."""
    mix = CategoryMix(RaggedArray.from_rows([[b"b", b"a"], [], [b"a"]], object))
    history = tf.ragged.constant([[0, 2], [1, 2, -1], [-1], []], dtype=tf.int32, row_splits_dtype=tf.int64)
    expected: list[list[float]] = [[0.75, 0.25, 0], [0.5, 0, 0.5], [0, 0, 0], [0, 0, 0]]
    np.testing.assert_allclose(mix.of(history), expected, rtol=1e-6)


def test_distance_by_hand() -> None:
    """Half a and half b are wanted, one a is chosen: one more a, a b, both, or neither."""
    calibration = Calibration(0.5, tf.constant([[0.5, 0.5, 0.0]]), tf.constant([[[0, -1], [1, -1], [0, 1], [2, -1]]]))
    found = calibration.distance(tf.constant([[1.0, 0.0, 0.0]])).numpy()[0]

    def distance(a: float, b: float) -> float:
        return sum(0.5 * log(0.5 / (0.99 * q + 0.005)) for q in (a, b))

    expected = [distance(1, 0), distance(0.5, 0.5), distance(0.75, 0.25), distance(0.5, 0)]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert expected[1] == pytest.approx(0, abs=1e-12)
    added = calibration.added(tf.constant([[1.0, 0.0, 0.0]]), tf.constant([2]))
    assert added.numpy().tolist() == [[1.5, 0.5, 0]]


def test_who_wants_nothing_gets_anything() -> None:
    calibration = Calibration(0.5, tf.zeros([1, 2]), tf.constant([[[0], [1]]]))
    assert calibration.distance(calibration.nothing()).numpy().tolist() == [[0, 0]]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_equals_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    categories = rng.integers(1, 6)
    rows = [rng.choice(categories, rng.integers(0, categories + 1), replace=False).tolist() for _ in range(9)]
    column = RaggedArray.from_rows([[b"%d" % value for value in row] for row in rows], object)
    history = rng.integers(-1, 9, rng.integers(0, 5))
    candidates, chosen = rng.integers(0, 9, 4), rng.integers(0, 4, rng.integers(0, 3))
    ragged = tf.RaggedTensor.from_row_lengths(tf.constant(history, tf.int32), [len(history)])
    calibration = CategoryMix(column).calibration(0.3, tf.cast(ragged, tf.int32), tf.constant([candidates], tf.int32))
    mix = calibration.nothing()
    for one in chosen:
        mix = calibration.added(mix, tf.constant([one]))

    def share(items: list[int]) -> dict[object, float]:
        """What share of the items each category has, "none" among them."""
        total: dict[object, float] = {}
        for item in items:
            for value in rows[item] or ["none"]:
                total[value] = total.get(value, 0) + 1 / max(len(rows[item]), 1) / len(items)
        return total

    wanted = share([item for item in history.tolist() if item >= 0])
    for place, found in enumerate(calibration.distance(mix).numpy()[0]):
        answer = share(candidates[[*chosen, place]].tolist())
        expected = sum(p * log(p / (0.99 * answer.get(value, 0) + 0.01 * p)) for value, p in wanted.items())
        assert found == pytest.approx(expected, abs=1e-4)
