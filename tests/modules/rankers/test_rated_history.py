"""The history as a vector: by hand, and with one item less."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.rankers.rated_history import RatedHistory
from modules.rankers.target_levels import TargetLevels

LEVELS = TargetLevels(3.0, 1.0, 5.0, np.array([1.0, 0.0, -1.0], np.float32), np.zeros(1, np.float32))
# Columns: two of "was taken", two of "was liked".
TABLE = np.array([[1, 0, 1, 1], [0, 2, 1, 0], [4, 4, 0, 3]], np.float32)
HISTORY = tf.constant([[0, 1, 2, -1, 3]])
NAN = float("nan")


def _rated(levels: TargetLevels | None = LEVELS) -> RatedHistory:
    layer = RatedHistory(3, 2, levels)
    layer.set_weights([TABLE if levels else TABLE[:, :2]])
    return layer


def _vector(layer: RatedHistory, *arguments: tf.Tensor | None) -> tuple[npt.NDArray[np.float32], float]:
    vector, offset = layer.combine(layer(*arguments))
    return vector.numpy()[0], float(offset.numpy()[0])


def test_by_hand() -> None:
    """Item 0 got 5 where 4 is usual, item 1 got 1 where 3 is, item 2 nobody knows; the other two are absent."""
    vector, offset = _vector(_rated(), HISTORY, tf.constant([[5.0, 1.0, NAN, 5.0, 5.0]]))
    assert offset == np.float32(-1 / 7)
    liked = (1 + 1 / 7) * np.array([1, 1]) + (-2 + 1 / 7) * np.array([1, 0])
    np.testing.assert_allclose(vector, (np.array([5, 6]) + liked) / 2, rtol=1e-6)  # √(3 + 1)


def test_without_a_target() -> None:
    vector, offset = _vector(_rated(None), HISTORY, None)
    np.testing.assert_allclose(vector, [2.5, 3.0])
    assert offset == 0


def test_an_empty_history_says_nothing() -> None:
    vector, offset = _vector(_rated(), tf.constant([[-1, 7]]), tf.constant([[3.0, NAN]]))
    assert vector.tolist() == [0, 0] and offset == 0


def test_what_one_item_adds_can_be_taken_out_again() -> None:
    layer, targets = _rated(), tf.constant([[5.0, 1.0, 2.0]])
    all_three, own = layer(HISTORY[:, :3], targets), layer.terms(tf.constant([1]), tf.constant([1.0]))
    left, offset = layer.combine(all_three - own)
    expected, expected_offset = layer.combine(layer(tf.constant([[0, 2]]), tf.constant([[5.0, 2.0]])))
    np.testing.assert_allclose(left, expected, rtol=1e-5)
    np.testing.assert_allclose(offset, expected_offset, rtol=1e-5)
