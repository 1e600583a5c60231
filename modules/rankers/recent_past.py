"""The newest items of a history as a vector: what somebody is after just now."""

from __future__ import annotations

import tensorflow as tf

RECENT_ITEMS = 10


class RecentPast(tf.keras.layers.Layer):
    """Σ a_j q_i(j) over the newest items i(0), i(1), … of a history, the last one first.

    q are embeddings of items and a_j weights of places, which begin as 0.8^j. The whole history says what somebody
    likes; the last few items, what comes next.
    """

    def __init__(self, items: int, dimension: int) -> None:
        """Builds the table.

        Args:
            items: size of the item vocabulary; other indices count as absent.
            dimension: width of the vector.
        """
        super().__init__()
        self._items = max(items, 1)
        small = tf.keras.initializers.RandomNormal(stddev=0.1 / dimension**0.5)
        self.table = self.add_weight("table", [self._items, dimension], initializer=small)
        fading = tf.keras.initializers.Constant([0.8**place for place in range(RECENT_ITEMS)])
        self._weights = self.add_weight("weights", [RECENT_ITEMS], initializer=fading)

    def call(self, items: tf.Tensor) -> tf.Tensor:
        """The vectors of some pasts.

        Args:
            items: [batch, `RECENT_ITEMS`] int indices of the vocabulary, the last one first; others are absent.

        Returns:
            [batch, dimension] float32; zeros where nothing is known.
        """
        known = (items >= 0) & (items < self._items)
        weights = self._weights * tf.cast(known, tf.float32)
        return tf.einsum("bl,bld->bd", weights, tf.gather(self.table, tf.where(known, items, 0)))


def last_first(history: tf.Tensor) -> tf.Tensor:
    """The newest items of histories.

    Args:
        history: [batch, any length] int, oldest first, then pads of -1.

    Returns:
        [batch, `RECENT_ITEMS`] of the same type, the last one first, then pads of -1.
    """
    lengths = tf.reduce_sum(tf.cast(history >= 0, tf.int32), axis=1)
    places = lengths[:, None] - 1 - tf.range(RECENT_ITEMS)
    padded = tf.pad(history, [[0, 0], [0, 1]], constant_values=-1)  # histories of no width have a place to read, too
    return tf.where(places >= 0, tf.gather(padded, tf.maximum(places, 0), batch_dims=1), -1)
