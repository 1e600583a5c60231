"""The softmax over a whole catalogue, against what TensorFlow makes of all logits at once."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_recommenders as tfrs

from modules.catalogue_softmax import catalogue_softmax


def test_by_hand() -> None:
    queries, items = tf.constant([[math.log(2.0)], [0.0]]), tf.constant([[1.0], [0.0], [2.0]])
    loss = catalogue_softmax(queries, items, tf.constant([0, 2]), tf.constant([1.0, 10.0]))
    assert float(loss) == pytest.approx(math.log((2 + 1 + 4) / 2) + 10 * math.log(3))


@pytest.mark.parametrize("rows", [1, 255, 256, 257, 600])
def test_the_same_as_of_all_logits(rows: int) -> None:
    rng = np.random.default_rng(rows)
    queries, items = (tf.constant(rng.normal(size=(n, 3)) * 5, tf.float32) for n in (rows, 11))
    targets, weights = tf.constant(rng.integers(0, 11, rows)), tf.constant(rng.random(rows), tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([queries, items])
        found = 3 * catalogue_softmax(queries, items, targets, weights)
        logits = tf.matmul(queries, items, transpose_b=True)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
        expected = 3 * tf.reduce_sum(weights * losses)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    for one, other in zip(*(tape.gradient(loss, [queries, items]) for loss in (found, expected)), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


def test_great_logits() -> None:
    loss = catalogue_softmax(tf.constant([[1e4]]), tf.constant([[1.0], [-1.0]]), tf.constant([1]), tf.constant([1.0]))
    assert float(loss) == 2e4


def test_in_a_graph_with_any_number_of_queries() -> None:
    @tf.function(input_signature=[tf.TensorSpec([None, 2]), tf.TensorSpec([None], tf.int64)], autograph=False)
    def slope(queries: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        items = tf.eye(2)
        with tf.GradientTape() as tape:
            tape.watch(items)
            loss = catalogue_softmax(queries, items, targets, tf.ones_like(queries[:, 0]))
        return tape.gradient(loss, items)

    for rows in (1, 300):
        np.testing.assert_allclose(slope(tf.zeros([rows, 2]), tf.zeros([rows], tf.int64)), np.zeros((2, 2)))


@pytest.mark.parametrize("rows", [3, 300])
def test_items_of_a_batch_as_the_task_of_tensorflow_recommenders_takes_them(rows: int) -> None:
    """There each row brings its item, and copies of the own item do not compete; here each item is there once."""
    rng = np.random.default_rng(rows)
    batch = np.concatenate([rng.integers(0, 7, rows), rng.integers(0, 9, 5)])  # with some that are nobody's
    vectors, queries = (tf.constant(rng.normal(size=(n, 4)) * 3, tf.float32) for n in (9, rows))
    weights, probability = tf.constant(rng.random(rows), tf.float32), tf.constant(rng.uniform(0.01, 1, 9), tf.float32)
    task = tf.function(tfrs.tasks.Retrieval(remove_accidental_hits=True))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([queries, vectors])
        expected = task(
            queries,
            tf.gather(vectors, batch),
            sample_weight=weights,
            candidate_sampling_probability=tf.gather(probability, batch),
            candidate_ids=tf.constant(batch),
            compute_metrics=False,
        )
        distinct, place, counts = tf.unique_with_counts(batch)
        items = tf.concat([vectors, -tf.math.log(probability)[:, None]], axis=1)
        asked = tf.concat([queries, tf.ones([rows, 1])], axis=1)
        found = catalogue_softmax(asked, tf.gather(items, distinct), place[:rows], weights, tf.cast(counts, tf.float32))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    for one, other in zip(*(tape.gradient(loss, [queries, vectors]) for loss in (found, expected)), strict=True):
        np.testing.assert_allclose(tf.convert_to_tensor(one), tf.convert_to_tensor(other), rtol=1e-3, atol=1e-3)
