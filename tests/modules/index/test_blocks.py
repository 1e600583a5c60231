"""The best columns of wide rows, against sorting."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.index.blocks import Hidden, best_columns, place_among
from tests.modules.index.ragged_rows import ragged


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_equals_a_stable_sort(data: st.DataObject) -> None:
    """Few distinct scores, so that ties and blocks of equal maxima abound; one stage or two, by k."""
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    scores = rng.integers(0, data.draw(st.sampled_from([1, 3, 50])), [2, 320]).astype(np.float32)
    hidden = [np.flatnonzero(rng.random(320) < data.draw(st.sampled_from([0, 0.01, 0.9]))).tolist() for _ in range(2)]
    k = data.draw(st.sampled_from([0, 1, 3, 17, 320]))
    best, columns = best_columns(tf.constant(scores), tf.constant(k), 8, Hidden.of(ragged(hidden)))
    for row in range(2):
        left = np.setdiff1d(np.arange(320), hidden[row])
        expected = left[np.argsort(-scores[row][left], kind="stable")][:k]
        assert columns.numpy()[row, : len(expected)].tolist() == expected.tolist()
        assert best.numpy()[row].tolist() == [*scores[row][expected], *[-np.inf] * (k - len(expected))]


def test_nothing_hidden() -> None:
    scores = tf.constant([[3.0, 1, 2, 3, -9, 9, 0, 0]])
    for block in (2, 8):
        best, columns = best_columns(scores, tf.constant(2), block)
        assert best.numpy().tolist() == [[9, 3]] and columns.numpy().tolist() == [[5, 0]]


def test_place_among() -> None:
    chosen = tf.constant([[4, 0, 2], [1, 3, 0]])
    found = place_among(chosen, tf.constant(5), tf.constant([0, 0, 1, 1]), tf.constant([2, 3, 3, 0]))
    assert found.numpy().tolist() == [2, -1, 1, 2]
