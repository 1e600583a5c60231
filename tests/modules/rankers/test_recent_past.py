"""The newest items of a history."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from modules.rankers.recent_past import RECENT_ITEMS, RecentPast, last_first


def test_the_last_one_first() -> None:
    longest = list(range(20, 33))
    histories = [longest, [7, 9, 8, *[-1] * 10], [-1] * 13]
    nothing = [-1] * RECENT_ITEMS
    expected = [[32, 31, 30, 29, 28, 27, 26, 25, 24, 23], [8, 9, 7, *nothing[3:]], nothing]
    assert last_first(tf.constant(histories)).numpy().tolist() == expected


def test_histories_of_no_width() -> None:
    assert last_first(tf.zeros([2, 0], tf.int64)).numpy().tolist() == [[-1] * RECENT_ITEMS] * 2


def test_newer_items_say_more() -> None:
    layer = RecentPast(3, 2)
    layer.table.assign([[1, 0], [0, 1], [10, 10]])
    # 3 is no item of the vocabulary, but has its place.
    pasts = np.full([3, RECENT_ITEMS], -1)
    pasts[0, :2], pasts[1, :3] = [0, 1], [1, 3, 0]
    np.testing.assert_allclose(layer(tf.constant(pasts)), np.array([[1, 0.8], [0.64, 1], [0, 0]]), rtol=1e-6)
