"""Exact search against sorting in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from modules.errors import InputError
from modules.index.exact import ExactIndex
from modules.index.index import build_index
from modules.index.plan import IndexPlan
from tests.modules.index.ragged_rows import ragged


def test_by_hand() -> None:
    index = ExactIndex(np.array([[1, 0], [0, 1], [2, 2], [-1, 0]], np.float32))
    queries = tf.constant([[1.0, 0.0], [0.0, 3.0]])
    scores, positions = index.search(queries, ragged([[], [2]]), None, tf.constant(3))
    assert positions.numpy().tolist() == [[2, 0, 1], [1, 0, 3]]
    assert scores.numpy().tolist() == [[2, 1, 0], [3, 0, 0]]


def test_cosine() -> None:
    index = ExactIndex(np.array([[3, 0], [0, 0], [1, 1]], np.float32))
    scores, positions = index.search(tf.constant([[5.0, 5.0]]), k=3, cosine=True)
    assert positions.numpy().tolist() == [[2, 0, 1]]  # a zero vector is like nothing: cosine 0
    np.testing.assert_allclose(scores, [[1, 0.5**0.5, 0]], rtol=1e-6)


def test_cosines_leave_out_biases() -> None:
    """The second item is better for everybody, yet less like what is asked for."""
    vectors = np.array([[3, 0, 0], [1, 1, 9], [0, 2, -1]], np.float32)
    index = ExactIndex(vectors, biases=1)
    scores, positions = index.search(tf.constant([[2.0, 0.0, 5.0]]), k=3, cosine=True)
    assert positions.numpy().tolist() == [[0, 1, 2]]
    np.testing.assert_allclose(scores, [[1, 0.5**0.5, 0]], rtol=1e-6)
    narrow, _ = index.search(tf.constant([[2.0, 0.0]]), k=3, cosine=True)  # a query without its bias
    np.testing.assert_array_equal(narrow, scores)
    assert index.search(tf.constant([[2.0, 0.0, 5.0]]), k=3)[1].numpy().tolist() == [[1, 0, 2]]


def test_allowed_for_each_query() -> None:
    index = ExactIndex(np.array([[3], [2], [1]], np.float32))
    allowed = tf.constant([[True, True, True], [False, True, False]])
    assert index.search(tf.constant([[1.0], [1.0]]), None, allowed, 2)[1].numpy().tolist() == [[0, 1], [1, -1]]


def test_slots_without_an_eligible_item() -> None:
    index = ExactIndex(np.eye(3, dtype=np.float32))
    scores, positions = index.search(
        tf.ones([1, 3]), ragged([[0, 0, -1, 99]]), tf.constant([True, True, False]), tf.constant(9)
    )
    assert positions.numpy().tolist() == [[1, -1, -1]]
    assert scores.numpy().tolist() == [[1, -np.inf, -np.inf]]


def test_rows_beyond_the_size_are_kept_but_not_found() -> None:
    index = build_index(IndexPlan(), np.array([[1.0], [2.0], [9.0]], np.float32), size=2)
    assert index.search(tf.constant([[1.0]]), k=3)[1].numpy().tolist() == [[1, 0]]
    assert index.vectors(tf.constant([[2, 0]])).numpy().tolist() == [[[9.0], [1.0]]]


def test_bytes_per_item() -> None:
    """For 530 items there are columns for 1,024, of (2 coordinates + 1 of whether it counts + 1 norm) × 4 bytes."""
    index = build_index(IndexPlan(), np.ones([530, 2], np.float32))
    assert index.bytes_per_item == 1024 * 4 * 4 / 530


@pytest.fixture(scope="module")
def large() -> tuple[ExactIndex, NDArray[np.float32]]:
    """1,000 items (8 blocks) whose small whole numbers make exact scores, and many ties."""
    vectors = np.random.default_rng(3).integers(-2, 3, [1000, 4]).astype(np.float32)
    return ExactIndex(vectors), vectors


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_equals_sorting(large: tuple[ExactIndex, NDArray[np.float32]], data: st.DataObject) -> None:
    index, vectors = large
    k = data.draw(st.sampled_from([-1, 0, 1, 2, 3, 4, 5, 50, 999, 1000, 2000]))  # two stages up to 4
    seed = data.draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    queries = rng.integers(-2, 3, [2, 4]).astype(np.float32)
    share = data.draw(st.sampled_from([0.0, 0.3, 0.99, 1.0]))
    blocked = [np.flatnonzero(rng.random(1000) < share).tolist() for _ in queries]
    allowed = rng.random(1000) < 0.9 if data.draw(st.booleans()) else None
    scores, positions = index.search(
        tf.constant(queries), ragged(blocked), None if allowed is None else tf.constant(allowed), tf.constant(k)
    )
    for row, query in enumerate(queries):
        left = np.setdiff1d(np.flatnonzero(np.ones(1000) if allowed is None else allowed), blocked[row])
        exact = vectors @ query
        expected = left[np.argsort(-exact[left], kind="stable")][: max(k, 0)]
        width = min(max(k, 0), 1000)
        pads = width - len(expected)
        assert positions.numpy()[row].tolist() == [*expected, *[-1] * pads]
        assert scores.numpy()[row].tolist() == [*exact[expected], *[-np.inf] * pads]


def test_k_is_known_at_run_time_only(large: tuple[ExactIndex, NDArray[np.float32]]) -> None:
    index, _ = large
    spec = [tf.TensorSpec([None, 4]), tf.TensorSpec([], tf.int32)]
    search = tf.function(lambda queries, k: index.search(queries, k=k), input_signature=spec)
    for k in (0, 1, 4, 5, 1000):
        assert search(tf.ones([3, 4]), tf.constant(k))[1].shape == [3, k]
    assert search(tf.ones([0, 4]), tf.constant(2))[1].shape == [0, 2]


def test_refuses_what_it_cannot_build() -> None:
    with pytest.raises(InputError, match="exact or partitioned, received annoy"):
        build_index(IndexPlan("annoy"), np.eye(2, dtype=np.float32))
    with pytest.raises(InputError, match="items, received 0"):
        build_index(IndexPlan(), np.zeros([0, 2], np.float32))
    with pytest.raises(InputError, match=r"shape \[items, dim\], received \[3\]"):
        build_index(IndexPlan(), np.zeros([3], np.float32))
