"""The softmax over a sample of a catalogue."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from modules.catalogue_softmax import catalogue_softmax
from modules.sampled_softmax import SampledSoftmax


def test_one_other_item_by_hand() -> None:
    """Two draws from two items that are equally popular are expected to hold each once: no logit is changed.

    The popular draw is the batch's only target, which is no negative; the uniform one may be the other item.
    """
    softmax = SampledSoftmax(np.array([5, 5]), negatives=2)
    items = tf.constant([[1.0], [3.0]])
    target, weight = tf.zeros([1], tf.int64), tf.constant([10.0])
    tf.random.set_seed(5)
    losses = [float(softmax(tf.ones([1, 1]), lambda rows: tf.gather(items, rows), target, weight)) for _ in range(20)]
    expected = [0, 10 * math.log1p(math.exp(3 - 1))]
    assert sorted({round(loss, 3) for loss in losses}) == pytest.approx(expected, abs=1e-3)


def test_it_estimates_the_softmax_over_all() -> None:
    """Whatever the items' popularity; without the correction, popular ones would count hundreds of times."""
    tf.random.set_seed(6)
    rng = np.random.default_rng(6)
    items, counts = 40, np.round(1000 / np.arange(1, 41) ** 1.5).astype(np.int64)
    vectors = tf.constant(rng.normal(size=(items, 4)), tf.float32)
    targets = tf.constant(np.repeat(np.arange(items), counts))
    queries = tf.constant(rng.normal(size=(len(targets), 4)), tf.float32)
    weights = tf.constant(rng.random(len(targets)), tf.float32)
    softmax = SampledSoftmax(counts, negatives=20_000)
    found = softmax(queries, lambda rows: tf.gather(vectors, rows), targets, weights)
    expected = catalogue_softmax(queries, vectors, targets, weights)
    assert float(found) == pytest.approx(float(expected), rel=0.01)
