"""Lists of items that queries find alike."""

from __future__ import annotations

import numpy as np

from modules.index.partition import ITEMS_A_LIST, make_partition


def test_planted_groups_become_lists_of_their_own() -> None:
    """Eight corners of a cube, 256 items each, that queries from all sides tell apart: no list mixes two corners."""
    rng = np.random.default_rng(5)
    corners = np.array([[x, y, z] for x in (-9, 9) for y in (-9, 9) for z in (-9, 9)], np.float32)
    which = rng.permutation(np.repeat(np.arange(8), 256))
    vectors = corners[which] + rng.normal(size=(2048, 3)).astype(np.float32)
    found = make_partition(vectors, rng.normal(size=(60, 3)).astype(np.float32), 1)
    for number, centroid in enumerate(found.centroids):
        assert len(set(which[found.lists == number])) == 1
        np.testing.assert_allclose(centroid, vectors[found.lists == number].mean(axis=0), rtol=1e-4, atol=1e-4)


def test_what_no_query_asks_about_does_not_count() -> None:
    """Of two coordinates, queries know the narrow one: lists are slices of that, whatever the wide one is."""
    rng = np.random.default_rng(6)
    vectors = rng.uniform(-1, 1, [2560, 2]).astype(np.float32) * [1, 10]
    queries = np.stack([rng.normal(size=50), np.zeros(50)], axis=1)
    found = make_partition(vectors.astype(np.float32), queries.astype(np.float32), 1)
    spread = [np.ptp(vectors[found.lists == number], axis=0) for number in range(len(found.centroids))]
    assert np.median([wide for _, wide in spread]) > 5 and np.median([narrow for narrow, _ in spread]) < 0.5


def test_lists_are_neither_empty_nor_long() -> None:
    """However lopsided the items are: most of these are the same."""
    rng = np.random.default_rng(7)
    vectors = np.concatenate([np.ones([3000, 2]), rng.normal(size=(1000, 2))]).astype(np.float32)
    found = make_partition(vectors, vectors[:9], 1)
    lengths = np.bincount(found.lists)
    assert len(lengths) == len(found.centroids) and lengths.min() >= 1
    assert lengths.max() <= 2 * 4000 // (4000 // ITEMS_A_LIST) + 1


def test_the_same_seed_makes_the_same_lists() -> None:
    vectors = np.random.default_rng(8).normal(size=(1000, 4)).astype(np.float32)
    first, second = (make_partition(vectors, vectors[:20], 3) for _ in range(2))
    np.testing.assert_array_equal(first.lists, second.lists)
    np.testing.assert_array_equal(first.centroids, second.centroids)


def test_few_items_are_one_list() -> None:
    found = make_partition(np.eye(3, dtype=np.float32), np.ones([1, 3], np.float32), 1)
    assert found.lists.tolist() == [0, 0, 0]
    np.testing.assert_allclose(found.centroids, [[1 / 3] * 3])
