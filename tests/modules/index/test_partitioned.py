"""Search in lists: what comes back whatever is filtered, and what is not looked at."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from modules.index.index import build_index
from modules.index.partition import Partition
from modules.index.partitioned import PartitionedIndex
from modules.index.plan import IndexPlan
from tests.modules.index.ragged_rows import ragged

ITEMS, LISTS = 700, 20


def shop(seed: int) -> tuple[NDArray[np.float32], Partition]:
    """Items of small whole numbers, so that scores are exact, in lists of 1 to about 70 items."""
    rng = np.random.default_rng(seed)
    vectors = rng.integers(-3, 4, [ITEMS, 4]).astype(np.float32)
    lists = np.concatenate([np.arange(LISTS), np.minimum(rng.exponential(LISTS / 3, ITEMS - LISTS), LISTS - 1)])
    lists = rng.permutation(lists.astype(np.int32))
    return vectors, Partition(lists, np.stack([vectors[lists == n].mean(axis=0) for n in range(LISTS)]))


VECTORS, PARTITION = shop(1)
INDEXES = {probes: PartitionedIndex(VECTORS, PARTITION, probes) for probes in (1, 3, LISTS)}


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_k_eligible_items_come_back_whenever_they_exist(data: st.DataObject) -> None:
    probes = data.draw(st.sampled_from(sorted(INDEXES)))
    k = data.draw(st.sampled_from([-1, 0, 1, 2, 10, 50, 200, ITEMS, 2 * ITEMS]))
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    queries = rng.integers(-2, 3, [3, 4]).astype(np.float32)
    share = data.draw(st.sampled_from([0.0, 0.02, 0.5, 0.99, 1.0]))
    blocked = [rng.permutation([*np.flatnonzero(rng.random(ITEMS) < share), -1, ITEMS + 5]).tolist() for _ in queries]
    allowed = data.draw(st.sampled_from([None, "for all", "for each"]))
    mask = rng.random([3, ITEMS]) < data.draw(st.sampled_from([0.0, 0.05, 0.9]))
    mask = np.broadcast_to(mask[0], mask.shape) if allowed == "for all" else mask
    given_mask = {None: None, "for all": tf.constant(mask[0]), "for each": tf.constant(mask)}[allowed]
    scores, positions = INDEXES[probes].search(tf.constant(queries), ragged(blocked), given_mask, tf.constant(k))
    assert positions.shape == scores.shape == [3, min(max(k, 0), ITEMS)]
    for row, query in enumerate(queries):
        eligible = set(range(ITEMS) if allowed is None else np.flatnonzero(mask[row])) - set(blocked[row])
        found = [one for one in positions.numpy()[row] if one >= 0]
        assert len(found) == len(set(found)) == min(max(k, 0), len(eligible)) and set(found) <= eligible
        values = scores.numpy()[row]
        assert values[: len(found)].tolist() == (VECTORS[found] @ query).tolist()
        assert (np.diff(values[: len(found)]) <= 0).all() and (values[len(found) :] == -np.inf).all()
        assert (positions.numpy()[row, len(found) :] == -1).all()
        if probes == LISTS:  # then nothing is missed
            best = np.sort(VECTORS[sorted(eligible)] @ query)[::-1]
            assert values[: len(found)].tolist() == best[: len(found)].tolist()


def test_looks_into_the_best_lists_alone() -> None:
    """The greatest score hides in a list whose mean is low: a search of one list does not find it, of two it does."""
    vectors = np.array([[5.0], [4.0], [9.0], [-9.0], [-9.0]] + [[-10.0]] * 15, np.float32)
    lists = np.array([0, 0, 1, 1, 1, *range(2, 17)], np.int32)
    means = np.array([[4.5], [-3.0]] + [[-10.0]] * 15, np.float32)
    query = tf.constant([[1.0]])
    one, two = (PartitionedIndex(vectors, Partition(lists, means), probes) for probes in (1, 2))
    assert one.search(query, k=2)[1].numpy().tolist() == [[0, 1]]
    assert two.search(query, k=2)[1].numpy().tolist() == [[2, 0]]
    assert one.search(query, k=3)[1].numpy().tolist() == [[2, 0, 1]]  # the first list holds no three
    assert one.search(query, ragged([[0]]), k=2)[1].numpy().tolist() == [[2, 1]]  # nor, with one blocked, two


def test_many_blocked_items_take_more_lists() -> None:
    """One list is searched for up to 100 items. The 5 best but the 118 blocked lie among the 123 best: two lists."""
    vectors = np.concatenate([np.full(130, 5.0), [9.0, 4.0], np.full(2000, -1.0)])[:, None].astype(np.float32)
    lists = np.concatenate([np.zeros(130), [1, 1], 2 + np.arange(2000) % 20]).astype(np.int32)
    means = np.concatenate([[5.0, 4.9], np.full(20, -1.0)])[:, None].astype(np.float32)
    index = PartitionedIndex(vectors, Partition(lists, means), 1)
    assert 130 not in index.search(tf.constant([[1.0]]), k=5)[1].numpy()
    assert index.search(tf.constant([[1.0]]), ragged([list(range(118))]), k=5)[1].numpy()[0, 0] == 130


def test_cosines_are_compared_with_all_items() -> None:
    index = build_index(IndexPlan("partitioned", PARTITION, 1), VECTORS, biases=1)
    exact = build_index(IndexPlan(), VECTORS, biases=1)
    query = tf.constant([[1.0, 2.0, -1.0, 7.0]])
    found, _ = index.search(query, ragged([[3, 4]]), k=30, cosine=True)
    expected, _ = exact.search(query, ragged([[3, 4]]), k=30, cosine=True)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_rows_beyond_the_size_are_kept_but_not_found() -> None:
    more = np.concatenate([VECTORS, [[99.0] * 4]]).astype(np.float32)
    index = PartitionedIndex(more, PARTITION, LISTS, size=ITEMS)
    positions = index.search(tf.ones([1, 4]), k=ITEMS)[1].numpy()
    assert sorted(positions[0]) == list(range(ITEMS))
    wanted = np.array([[0, 699], [ITEMS, 5]])
    np.testing.assert_array_equal(index.vectors(tf.constant(wanted)), more[wanted])


def test_in_a_graph_of_any_batch_and_k() -> None:
    spec = [tf.TensorSpec([None, 4]), tf.TensorSpec([], tf.int32)]
    search = tf.function(lambda queries, k: INDEXES[3].search(queries, k=k), input_signature=spec, autograph=False)
    for batch, k in ((0, 5), (1, 0), (1, 10), (40, 10), (2, ITEMS)):
        assert search(tf.ones([batch, 4]), tf.constant(k))[1].shape == [batch, k]


def test_bytes_per_item() -> None:
    """40 items in lists of 20: 2 blocks of 16 each, and blocks up to a multiple of 128 rows."""
    index = PartitionedIndex(
        np.ones([40, 8], np.float32), Partition(np.arange(40, dtype=np.int32) % 2, np.ones([2, 8], np.float32)), 1
    )
    rows, places, starts, blocks, centroids = 128 * (8 + 1 + 1), 40, 3, 4, 16
    assert index.bytes_per_item == 4 * (rows + places + starts + blocks + centroids) / 40


@pytest.mark.parametrize(("items", "probes"), [(ITEMS - 1, 1), (ITEMS, 0), (ITEMS, LISTS + 1)])
def test_refuses_what_does_not_fit(items: int, probes: int) -> None:
    with pytest.raises(ValueError, match=f"{ITEMS} items in {LISTS} lists, {probes} probes, for {items} items"):
        PartitionedIndex(VECTORS[:items], PARTITION, probes)
