"""The raters of an item as a vector: by hand, and with one rater less."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from modules.rankers.raters import Raters, RatersOfItems, without_one

USERS, ITEMS = np.array([0, 1, 2, 0, 1]), np.array([0, 0, 2, 2, 3])
RESIDUALS = np.array([1.0, -1.0, 0.5, 2.0, 9.0], np.float32)
TAKEN = np.array([True, True, True, True, True])
TABLE = np.array([[1, 0, 0, 1], [0, 1, 1, 0], [2, 2, 2, 2]], np.float32)


def _raters(most: int = 10) -> RatersOfItems:
    """Of three items; item 1 has no raters, and index 3 is beyond the vocabulary."""
    return RatersOfItems.of(USERS, ITEMS, RESIDUALS, TAKEN, 3, most, np.random.default_rng(1))


def _layer() -> Raters:
    layer = Raters(3, 2, _raters())
    layer.table.assign(TABLE)
    return layer


def test_who_counts() -> None:
    raters = _raters()
    assert raters.offsets.tolist() == [0, 2, 2, 4]
    assert raters.users.tolist() == [0, 1, 0, 2]
    assert raters.residuals.tolist() == [1, -1, 2, 0.5]


def test_who_took_an_item_twice_counts_once() -> None:
    raters = RatersOfItems.of(
        np.array([4, 4]), np.array([0, 0]), np.ones(2, np.float32), np.ones(2, bool), 1, 10, np.random.default_rng(1)
    )
    assert raters.users.tolist() == [4]


def test_at_most_so_many() -> None:
    raters = _raters(1)
    assert raters.offsets.tolist() == [0, 1, 1, 2]
    assert raters.users[0] in (0, 1) and raters.users[1] in (0, 2)


def test_who_is_a_rater() -> None:
    pairs = [(0, 0), (0, 1), (0, 2), (1, 0), (2, 2), (2, 3), (3, 1), (-1, 0)]
    items, users = (tf.constant(values) for values in zip(*pairs, strict=True))
    is_rater, residuals = _layer().found(items, users)
    assert is_rater.numpy().tolist() == [1, 1, 0, 0, 1, 0, 0, 0]
    assert residuals.numpy().tolist() == [1, -1, 0, 0, 0.5, 0, 0, 0]


def test_what_was_shown_alone_does_not_count() -> None:
    taken = np.array([True, False, True, True, True])
    raters = RatersOfItems.of(USERS, ITEMS, RESIDUALS, taken, 3, 10, np.random.default_rng(1))
    assert raters.users.tolist() == [0, 0, 2]


def test_vectors_by_hand() -> None:
    """Item 0: (1 0) + 1 (0 1) + (0 1) - (1 0) = (0 2); item 2: (2 2) + ½ (2 2) + (1 0) + 2 (0 1) = (4 5)."""
    found = _layer()(tf.constant([2, 0, 1, 3, -1, 0]), training=True)
    root = np.sqrt(3)
    np.testing.assert_allclose(
        found, [[4 / root, 5 / root], [0, 2 / root], [0, 0], [0, 0], [0, 0], [0, 2 / root]], rtol=1e-6
    )


def test_settled_vectors_stay_until_they_settle_anew() -> None:
    layer, items = _layer(), tf.constant([0, 1, 2, 3])
    assert not layer(items).numpy().any()
    layer.settle()
    fresh = layer(items, training=True).numpy()
    np.testing.assert_allclose(layer(items), fresh)
    layer.table.assign(2 * TABLE)
    np.testing.assert_allclose(layer(items), fresh)


def test_without_one_rater() -> None:
    layer, items = _layer(), tf.constant([0, 2])
    own = layer.terms(tf.constant([0, 0]), tf.constant([1.0, 2.0]))
    found = without_one(layer(items, training=True), layer.counts(items), own, tf.constant([1.0, 0.0]))
    # Of item 0 user 1 is left: (0 1) - (1 0), over √2; of item 2 nobody is taken out.
    np.testing.assert_allclose(found, [[-1 / np.sqrt(2), 1 / np.sqrt(2)], [4 / np.sqrt(3), 5 / np.sqrt(3)]], rtol=1e-5)
