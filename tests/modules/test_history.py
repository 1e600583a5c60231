"""Pooling of histories and embedding of ids, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from modules.history import HistoryPooling, IdEmbedding, Recency, known_positives

TABLE = np.array([[1, 0], [0, 2], [3, 3], [-5, 1]], np.float32)


@pytest.fixture
def pooling() -> HistoryPooling:
    """Of four items, with known vectors; half is hidden while training."""
    layer = HistoryPooling(4, 2, 0.5)
    layer._embedding.set_weights([TABLE])
    return layer


def test_sum_over_the_root_of_the_number(pooling: HistoryPooling) -> None:
    found = pooling(tf.constant([[0, 1, 2, -1], [3, -1, -1, -1], [-1, -1, -1, -1]]))
    expected = np.array([[4 / math.sqrt(3), 5 / math.sqrt(3)], [-5, 1], [0, 0]])
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_unknown_items_are_absent(pooling: HistoryPooling) -> None:
    np.testing.assert_allclose(pooling(tf.constant([[4, 1, 99, -1]])), [[0, 2]], rtol=1e-5)


def test_an_item_twice_counts_twice(pooling: HistoryPooling) -> None:
    np.testing.assert_allclose(pooling(tf.constant([[1, 1]])), [[0, 4 / math.sqrt(2)]], rtol=1e-5)


def test_weights_multiply_but_do_not_count(pooling: HistoryPooling) -> None:
    found = pooling(tf.constant([[0, 1, -1]]), tf.constant([[2.0, -0.5, 7.0]]))
    np.testing.assert_allclose(found, [np.array([2, -1]) / math.sqrt(2)], rtol=1e-5)


def test_sets_are_pooled_alike(pooling: HistoryPooling) -> None:
    sets = pooling.of_sets(tf.constant([[1.0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]))
    np.testing.assert_allclose(sets, pooling(tf.constant([[2, 0, 1], [3, -1, -1], [-1, -1, -1]])), rtol=1e-5, atol=1e-9)


def test_older_items_count_for_less(pooling: HistoryPooling) -> None:
    """Floor 1/4 and a fading of two items over their logarithm: weights 1, 1/4 + 3/4 · 1/2 and 1/4 + 3/4 · 1/4."""
    pooling.recency = Recency(fading=1 / math.log(2), floor=0.25)
    assert pooling.recency.floor == 0.25
    found, evidence = pooling.with_evidence(tf.constant([[0, 1, 2, -1], [3, -1, -1, -1]]))
    weights = np.array([0.4375, 0.625, 1.0])
    expected = np.array([weights @ TABLE[:3] / math.sqrt(weights.sum()), [-5, 1]])
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_allclose(evidence, [[weights.sum()], [1]], rtol=1e-5)


def test_what_was_disliked_is_no_evidence() -> None:
    history, targets = tf.constant([[5, 6, 7, -1]]), tf.constant([[2.0, 4.0, math.nan, math.nan]])
    assert known_positives(history, targets, 4.0).numpy().tolist() == [[-1, 6, 7, -1]]
    assert known_positives(history, targets, None) is history
    assert known_positives(history, None, 4.0) is history


def test_half_is_hidden_while_training_only(pooling: HistoryPooling) -> None:
    tf.keras.utils.set_random_seed(1)
    history = tf.zeros([2000, 1], tf.int64)
    seen = pooling(history, training=True).numpy()[:, 0]
    assert set(np.round(seen, 3)) == {0.0, 1.0}
    assert 0.45 < seen.mean() < 0.55
    assert (pooling(history).numpy()[:, 0] > 0.99).all()


def test_ids() -> None:
    layer = IdEmbedding(4, 2, 0.25)
    layer._embedding.set_weights([TABLE])
    np.testing.assert_array_equal(layer(tf.constant([2, -1, 4, 0, 1000])), [[3, 3], [0, 0], [0, 0], [1, 0], [0, 0]])
    tf.keras.utils.set_random_seed(1)
    known = layer(tf.zeros([4000], tf.int64), training=True).numpy()[:, 0]
    assert set(known) == {0.0, 1.0} and 0.72 < known.mean() < 0.78


def test_no_ids_at_all() -> None:
    assert not IdEmbedding(0, 3, 0.0)(tf.constant([0, -1, 5])).numpy().any()
