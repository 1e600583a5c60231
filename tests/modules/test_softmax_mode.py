"""The mode of a posterior under softmax choice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from modules.softmax_mode import Competitors, products_of, softmax_mode, square

Floats = npt.NDArray[np.float64]


def _items(vectors: Floats, biases: Floats) -> Competitors:
    held = tf.constant(vectors, tf.float32)
    return Competitors(held, products_of(held), tf.constant(biases, tf.float32))


def _log_posterior(x: Floats, vectors: Floats, biases: Floats, chosen: list[int], weights: list[float]) -> float:
    """With a prior of mean 0 and precision 1."""
    odds, total = np.exp(vectors @ x + biases), -x @ x / 2
    left = odds.sum()
    for item, weight in zip(chosen, weights, strict=True):
        total += weight * np.log(odds[item] / left)
        left -= odds[item]
    return float(total)


def test_every_two_coordinates_once() -> None:
    products = products_of(tf.constant([[2.0, 3.0]]))
    assert products.numpy().tolist() == [[4, 6, 9]]
    assert square(products, 2).numpy().tolist() == [[[4, 6], [6, 9]]]


def test_one_of_two_items_by_hand() -> None:
    """Of items at +1 and -1, the first was chosen: the mode solves x = 1 - tanh x."""
    items = _items(np.array([[1.0], [-1.0]]), np.zeros(2))
    found = softmax_mode(items, tf.constant([[0]]), tf.ones([1, 1]), tf.zeros([1, 1]), tf.eye(1), steps=8)
    x = float(found[0, 0])
    assert x == pytest.approx(1 - np.tanh(x), abs=1e-5)


def test_what_explains_all_choices_but_the_last_item() -> None:
    """Nothing competed with the only item that was left, so that it says nothing."""
    items = _items(np.array([[1.0], [-1.0]]), np.zeros(2))
    once, both = (
        softmax_mode(items, tf.constant([chosen]), tf.ones([1, len(chosen)]), tf.zeros([1, 1]), tf.eye(1), steps=12)
        for chosen in ([0], [0, 1])
    )
    assert float(both[0, 0]) == pytest.approx(float(once[0, 0]), abs=1e-4)


def test_nothing_nearby_is_likelier() -> None:
    rng = np.random.default_rng(3)
    vectors, biases = rng.normal(size=(9, 3)), rng.normal(size=9)
    chosen, weights = [4, 0, 7], [1.0, 0.5, 1.0]
    evidence = tf.constant([[*weights, 0.0]])
    places = tf.constant([[*chosen, 4]])  # a pad may stand anywhere
    mode = softmax_mode(_items(vectors, biases), places, evidence, tf.zeros([1, 3]), tf.eye(3), steps=20)[0].numpy()
    best = _log_posterior(mode, vectors, biases, chosen, weights)
    for step in 0.02 * rng.normal(size=(40, 3)):
        assert _log_posterior(mode + step, vectors, biases, chosen, weights) < best


def test_without_evidence_the_mean() -> None:
    items = _items(np.array([[1.0], [-1.0]]), np.zeros(2))
    mean = tf.constant([[0.3], [-2.0]])
    found = softmax_mode(items, tf.zeros([2, 1], tf.int32), tf.zeros([2, 1]), mean, tf.eye(1))
    np.testing.assert_allclose(found.numpy(), mean.numpy(), rtol=1e-6)
