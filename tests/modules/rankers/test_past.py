"""Sums over other rows of a batch."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from modules.rankers.past import sums_of_past

TERMS = tf.constant([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0], [8.0, 80.0]])


def test_all_others() -> None:
    found = sums_of_past(TERMS, tf.constant([0, 0, 0, 3]), tf.constant([3, 3, 3, 4]), tf.ones(4))
    np.testing.assert_allclose(found, [[6, 60], [5, 50], [3, 30], [0, 0]])


def test_what_came_before() -> None:
    found = sums_of_past(TERMS, tf.constant([0, 0, 0, 3]), tf.constant([0, 1, 1, 3]), tf.zeros(4))
    np.testing.assert_allclose(found, [[0, 0], [1, 10], [1, 10], [0, 0]])
