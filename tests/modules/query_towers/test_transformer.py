"""Attention by hand."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

from modules.query_towers.transformer import CausalAttention


def test_one_head_by_hand() -> None:
    """The newest place asks; keys are the vectors themselves, and a place one back is worth log 3 less."""
    attention = CausalAttention(1, length=2, heads=1)
    attention(tf.zeros([1, 1, 1]))
    attention._inputs.set_weights([np.array([[1.0, 1.0, 10.0]]), np.zeros(3)])
    attention._output.set_weights([np.array([[1.0]]), np.array([0.5])])
    attention._back.assign([[0.0, -math.log(3)]])
    found = attention(tf.constant([[[1.0], [2.0], [0.0]]])).numpy()[0, :, 0]
    first, second = math.exp(2 * 1) / 3, math.exp(2 * 2)
    expected = [
        10.5,  # nothing but itself
        (10 * first + 20 * second) / (first + second) + 0.5,
        # A query of zero finds all alike; what is two places back, beyond the learned ones, counts as one back.
        (10 / 3 + 20 / 3 + 0) / (1 / 3 + 1 / 3 + 1) + 0.5,
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_heads_are_the_parts_of_a_vector() -> None:
    """With two heads of width 1, each attends by its own coordinate of queries and keys."""
    both, one = CausalAttention(2, length=3, heads=2), CausalAttention(1, length=3, heads=1)
    vectors = np.random.default_rng(2).normal(size=(2, 3, 2)).astype(np.float32)
    both(vectors), one(vectors[:, :, :1])
    # Columns are the queries of both heads, then the keys, then the values.
    both._inputs.set_weights([np.tile(np.eye(2), (1, 3)), np.zeros(6)])
    both._output.set_weights([np.eye(2), np.zeros(2)])
    one._inputs.set_weights([np.ones((1, 3)), np.zeros(3)])
    one._output.set_weights([np.eye(1), np.zeros(1)])
    both._back.assign([[0.1, 0.2, 0.3], [-1, 0, 1]])
    for head in range(2):
        one._back.assign(both._back[head : head + 1])
        expected = one(vectors[:, :, head : head + 1])[:, :, 0]
        np.testing.assert_allclose(both(vectors)[:, :, head], expected, rtol=1e-4, atol=1e-6)
