"""What a sequence tower makes of a history, whichever network reads it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.query_towers.recurrent import RecurrentEncoder
from modules.query_towers.sequence import SequenceTower, newest
from modules.query_towers.transformer import TransformerEncoder
from modules.roles import HISTORY, HISTORY_TARGET
from tests.modules.walks import ROLES, Vocabularies

DIMENSION, LENGTH, ITEMS = 8, 5, 20
Ints = npt.NDArray[np.int64]


def _encoder(kind: Any) -> tf.keras.layers.Layer:
    if kind == "transformer":
        return TransformerEncoder(DIMENSION, LENGTH, blocks=2, heads=2, dropout=0.5)
    return RecurrentEncoder(kind, DIMENSION, dropout=0.5)


@pytest.fixture(scope="module", params=["transformer", "gru", "lstm"])
def tower(request: pytest.FixtureRequest) -> SequenceTower:
    """A tower with weights all over the place, as after a long training."""
    graph: Any = Vocabularies(who=3, what=ITEMS, mood=2)
    tower = SequenceTower(ROLES, graph, _encoder(request.param), DIMENSION, LENGTH)
    _vectors(tower, np.array([[1, 2]]))
    rng = np.random.default_rng(1)
    tower.set_weights([rng.normal(scale=0.5, size=weight.shape) for weight in tower.get_weights()])
    return tower


def _vectors(tower: SequenceTower, history: Ints, mood: int = 0) -> npt.NDArray[np.float32]:
    rows = len(history)
    others = {"mood": tf.fill([rows], mood), "time_features": tf.ones([rows, 4])}
    return tower({HISTORY: tf.constant(history), **others}).numpy()


def test_the_newest_known_items() -> None:
    history = tf.constant([[1, 2, 3, 4, -1], [7, 9, 8, 5, 6], [-1, -1, -1, -1, -1], [10, 1, 11, -1, -1]], tf.int64)
    found = newest(history, 3, items=9)
    assert found.dtype == tf.int64
    assert found.numpy().tolist() == [[2, 3, 4], [8, 5, 6], [-1, -1, -1], [1, -1, -1]]


def test_no_history_at_all() -> None:
    for history in (tf.fill([2, 4], -1), tf.zeros([2, 0], tf.int32)):
        assert newest(history, 3, items=9).numpy().tolist() == [[-1], [-1]]
    assert newest(tf.zeros([0, 4], tf.int64), 3, items=9).shape[0] == 0


@given(st.lists(st.lists(st.integers(-1, 12), max_size=7), max_size=4), st.integers(1, 8))
def test_newest_does_what_lists_do(rows: list[list[int]], length: int) -> None:
    history = np.full((len(rows), 7), -1)
    for row, items in zip(history, rows, strict=True):
        row[: len(items)] = items
    found = newest(tf.constant(history), length, items=10).numpy()
    expected = [[item for item in items if 0 <= item < 10][-length:] for items in rows]
    assert [[item for item in row if item >= 0] for row in found.tolist()] == expected
    assert all((np.diff((row >= 0).astype(int)) <= 0).all() for row in found)  # pads come last


@settings(max_examples=8, deadline=None)
@given(st.integers(0, LENGTH - 2), st.integers(0, 2**31))
def test_a_later_item_never_changes_an_earlier_state(tower: SequenceTower, place: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = rng.integers(0, ITEMS, (2, LENGTH))
    other = items.copy()
    other[:, place + 1 :] = rng.integers(0, ITEMS, (2, LENGTH - place - 1))
    states, changed = (tower.states(tf.constant(each)).numpy() for each in (items, other))
    np.testing.assert_allclose(states[:, : place + 2], changed[:, : place + 2], atol=1e-5)


def test_an_item_changes_its_own_state_and_later_ones(tower: SequenceTower) -> None:
    states, changed = (tower.states(tf.constant([items])).numpy()[0] for items in ([3, 1, 2], [4, 1, 2]))
    np.testing.assert_array_equal(states[0], changed[0])
    assert (np.abs(states[1:] - changed[1:]).max(axis=1) > 1e-2).all()


def test_the_order_matters(tower: SequenceTower) -> None:
    first, second = _vectors(tower, np.array([[1, 2, 3], [2, 1, 3]]))
    assert np.abs(first - second).max() > 1e-2


@pytest.mark.parametrize("pads", [1, 7, 500])
def test_pads_say_nothing(tower: SequenceTower, pads: int) -> None:
    history = np.array([[4, 2, 9, -1], [1, -1, -1, -1], [-1] * 4])
    padded = np.pad(history, [(0, 0), (0, pads)], constant_values=-1)
    np.testing.assert_allclose(_vectors(tower, padded), _vectors(tower, history), atol=1e-5)


def test_a_query_alone_is_the_same_as_among_others(tower: SequenceTower) -> None:
    history = np.array([[4, 2, 9, 1], [1, -1, -1, -1], [-1] * 4])
    alone = np.concatenate([_vectors(tower, history[row : row + 1]) for row in range(3)])
    np.testing.assert_allclose(alone, _vectors(tower, history), atol=1e-5)


def test_only_the_newest_are_read(tower: SequenceTower) -> None:
    new = np.array([[1, 2, 3, 4, 5]])
    old = np.array([[7, 8, 9]])
    np.testing.assert_allclose(_vectors(tower, np.concatenate([old, new], axis=1)), _vectors(tower, new), atol=1e-5)


def test_unknown_items_say_nothing(tower: SequenceTower) -> None:
    known, unknown = np.array([[1, 2, -1, -1]]), np.array([[1, ITEMS, 2, ITEMS + 3]])
    np.testing.assert_allclose(_vectors(tower, unknown), _vectors(tower, known), atol=1e-5)


def test_what_was_disliked_is_not_read(tower: SequenceTower) -> None:
    others = {"mood": tf.zeros([1], tf.int32), "time_features": tf.ones([1, 4])}
    targets = tf.constant([[4.0, 2.5, 3.0, np.nan]])
    tower._positive_min = 3.0
    found = tower({HISTORY: tf.constant([[1, 2, 3, 4]]), HISTORY_TARGET: targets, **others})
    tower._positive_min = None
    np.testing.assert_allclose(found, _vectors(tower, np.array([[1, 3, 4]])), atol=1e-5)


def test_the_last_coordinate_is_one_and_the_context_counts(tower: SequenceTower) -> None:
    history = np.array([[1, 2], [-1, -1]])
    vectors = _vectors(tower, history)
    assert vectors.shape == (2, DIMENSION + 1) and vectors.dtype == np.float32
    assert (vectors[:, -1] == 1).all()
    assert (np.abs(vectors - _vectors(tower, history, mood=1)).max(axis=1) > 1e-2).all()
    np.testing.assert_array_equal(vectors, _vectors(tower, history))


def test_the_vector_is_the_state_after_the_newest_item(tower: SequenceTower) -> None:
    items = tf.constant([[4, 2, 9, -1], [1, -1, -1, -1]])
    states = tower.states(items).numpy()
    features = {"mood": tf.zeros([2], tf.int32), "time_features": tf.ones([2, 4])}
    expected = tower.vectors(tf.constant(states[[0, 1], [3, 1]]), features)
    np.testing.assert_allclose(_vectors(tower, items.numpy()), expected, atol=1e-5)
