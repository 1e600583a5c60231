"""Popularity in the graph: no query knows the future."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from modules.item_popularity import ItemPopularity
from modules.serving.popularity_table import PopularityTable

RNG = np.random.default_rng(2)
POPULARITY = ItemPopularity(
    counts=np.array([[0, 0, 9], [4, 5, 5], [5, 5, 5]]),
    recent=RNG.normal(size=(3, 3)).astype(np.float32),
    begins=np.array([100, 200, 300]),
    window=0.02,
    weight=1.5,
)


def test_the_newest_snapshot_of_the_past() -> None:
    table = PopularityTable(POPULARITY)
    moments = tf.ragged.constant([[99], [100], [199], [200], [300], []], dtype=tf.int64)
    assert table.known_at(moments).numpy().tolist() == [0, 0, 0, 1, 2, 0]
    when = table.when(tf.constant([0, 1, 2, 0, 1, 2]), moments)
    assert when.moments.numpy().tolist() == [99, 100, 199, 200, 300, 300]  # the last has none
    none = PopularityTable(ItemPopularity.unknown(3))
    assert none.known_at(moments).numpy().tolist() == [0] * 6


def test_what_requests_may_know() -> None:
    for name, column in (("train", 0), ("eval", 1), ("all", 2)):
        assert PopularityTable(POPULARITY, name).served(tf.constant(["a", "b"])).numpy().tolist() == [column] * 2


def test_inner_products_gain_the_weighted_prior() -> None:
    table, known = PopularityTable(POPULARITY), tf.constant([2, 0])
    items, queries = RNG.normal(size=(3, 4)).astype(np.float32), RNG.normal(size=(2, 4)).astype(np.float32)
    found = table.beside(tf.constant(queries), known).numpy() @ POPULARITY.beside(items).T
    prior = POPULARITY.recent.T[[2, 0]]
    np.testing.assert_allclose(found, queries @ items.T + 1.5 * prior, rtol=1e-5)


def test_prior_of_positions() -> None:
    found = PopularityTable(POPULARITY).recent(tf.constant([[1, -1], [0, 2]]), tf.constant([1, 2])).numpy()
    recent = POPULARITY.recent
    np.testing.assert_allclose(found, [[recent[1, 1], recent[:, 1].mean()], [recent[0, 2], recent[2, 2]]], rtol=1e-6)


def test_fresh_items() -> None:
    table, known = PopularityTable(POPULARITY), tf.constant([0, 1, 2])
    expected = [[True, True, False], [True, False, False], [False, False, False]]
    assert table.fresh(known, 5).numpy().tolist() == expected
