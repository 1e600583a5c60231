"""The items that a user took, with how much each was liked, as a vector."""

from __future__ import annotations

import tensorflow as tf

from modules.rankers.target_levels import SHRINKAGE, TargetLevels


class RatedHistory(tf.keras.layers.Layer):
    """Σ (p_i + (e_i − b) r_i) / √(n + 1) over the n items of a history, and b itself.

    p and r are embeddings of items, e_i how far the target of item i lay above the item's usual one, and b the shrunk
    mean of these e_i: how much milder than others the user is. Without a target it is Σ p_i / √(n + 1). This is the
    user of SVD++ and its asymmetric sister without an id: Koren, "Factorization meets the neighborhood" (KDD 2008).

    The result follows from sums over the items (`terms`), so that one item can be taken out of a history again.
    """

    def __init__(self, items: int, dimension: int, levels: TargetLevels | None) -> None:
        """Builds the table.

        Args:
            items: size of the item vocabulary; other indices count as absent.
            dimension: width of the vector.
            levels: of targets; None without a target.
        """
        super().__init__()
        self._items, self._dimension, self._mean = max(items, 1), dimension, levels.mean if levels else 0.0
        self._offsets = tf.constant(levels.items) if levels else None
        tables = 2 if levels else 1
        initializer = tf.keras.initializers.RandomNormal(stddev=0.1 / dimension**0.5)
        self.table = self.add_weight("table", [self._items, tables * dimension], initializer=initializer)

    def terms(self, items: tf.Tensor, targets: tf.Tensor | None) -> tf.Tensor:
        """What each item adds to the sums.

        Args:
            items: […] int indices of the vocabulary.
            targets: […] float32, NaN where unknown; None without a target.

        Returns:
            […, width] float32; zeros for an absent item. An unknown target lies where it usually does.
        """
        known = (items >= 0) & (items < self._items)
        places = tf.clip_by_value(items, 0, self._items - 1)
        present = tf.cast(known, tf.float32)[..., None]
        vectors = tf.gather(self.table, places) * present
        if self._offsets is None:
            return tf.concat([vectors, present], axis=-1)
        assert targets is not None
        rated = present * tf.cast(~tf.math.is_nan(targets), tf.float32)[..., None]
        usual = self._mean + tf.gather(self._offsets, places)
        above = tf.where(rated > 0, (targets - usual)[..., None], 0.0)
        taken, liked = tf.split(vectors, 2, axis=-1)
        return tf.concat([taken, liked * above, liked * rated, above, rated, present], axis=-1)

    def combine(self, sums: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The vector of a history.

        Args:
            sums: [batch, width] float32 of the `terms` of its items.

        Returns:
            [batch, dimension] float32, zeros for an empty history, and [batch] float32, the user's own offset b.
        """
        scale = tf.math.rsqrt(tf.maximum(sums[:, -1:], 0.0) + 1.0)
        if self._offsets is None:
            return sums[:, :-1] * scale, tf.zeros_like(sums[:, 0])
        width = self._dimension
        taken, liked, rated = sums[:, :width], sums[:, width : 2 * width], sums[:, 2 * width : 3 * width]
        offset = sums[:, -3:-2] / (tf.maximum(sums[:, -2:-1], 0.0) + SHRINKAGE)
        return (taken + liked - offset * rated) * scale, offset[:, 0]

    def call(self, items: tf.Tensor, targets: tf.Tensor | None) -> tf.Tensor:
        """[batch, width] sums over histories; `items` and `targets` are [batch, length]."""
        return tf.reduce_sum(self.terms(items, targets), axis=1)
