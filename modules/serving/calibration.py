"""Answers whose mix of categories is that of the user's history."""

from __future__ import annotations

import tensorflow as tf

_SMOOTHING = 0.01
"""Share of the wanted mix that is taken to be in an answer already, so that a missing category costs a finite price."""


class Calibration:
    """How far an answer would be from the wanted mix with one more candidate.

    After Steck, "Calibrated recommendations" (RecSys 2018). The distance is KL(p ‖ 0.99 q + 0.01 p), p being the wanted
    mix and q that of the items chosen, each of which spreads 1 evenly over its categories.

    Attributes:
        strength: γ in [0, 1): the value of a candidate is (1 - γ) · relevance - γ · distance.
    """

    def __init__(self, strength: float, wanted: tf.Tensor, codes: tf.Tensor) -> None:
        """Prepares what does not change from choice to choice, as there are many.

        Args:
            strength: see above.
            wanted: [B, G] float32 share of each category, summing to 1; zeros = no wish.
            codes: [B, K, M] int32 categories of the candidates, -1 pads.
        """
        self.strength = strength
        self._wanted, self._codes = wanted, codes
        batch, categories = tf.unstack(tf.shape(wanted))
        real = codes >= 0
        # Places in [B · G]: one plain gather is many times as fast as one for each row of a batch.
        self._places = tf.maximum(codes, 0) + (tf.range(batch) * categories)[:, tf.newaxis, tf.newaxis]
        self._own = tf.where(real, tf.gather(tf.reshape(wanted, [-1]), self._places), 0.0)
        self._shares = tf.math.reciprocal_no_nan(tf.reduce_sum(tf.cast(real, tf.float32), axis=2))

    def nothing(self) -> tf.Tensor:
        """[B, G] float32: the mix of no items."""
        return tf.zeros_like(self._wanted)

    def distance(self, mix: tf.Tensor) -> tf.Tensor:
        """[B, K] float32: the distance of the mix [B, G], a sum over items, once each candidate is added."""
        items = tf.reduce_sum(mix, axis=1, keepdims=True) + 1
        # Where nothing is wanted, it does not matter what there is; nor must it be 0.
        before = (1 - _SMOOTHING) * mix / items + _SMOOTHING * self._wanted
        before = tf.where(self._wanted > 0, before, 1.0)
        unchanged = tf.reduce_sum(tf.math.xlogy(self._wanted, self._wanted / before), axis=1, keepdims=True)
        # Only a candidate's own categories change: p log(p / q) falls by p log(q' / q).
        added = (1 - _SMOOTHING) * self._shares / items
        growth = tf.math.log1p(added[:, :, tf.newaxis] / tf.gather(tf.reshape(before, [-1]), self._places))
        return unchanged - tf.reduce_sum(self._own * growth, axis=2)

    def added(self, mix: tf.Tensor, choice: tf.Tensor) -> tf.Tensor:
        """[B, G] float32: the mix with the candidates `choice` [B] int32 in it."""
        codes, shares = (tf.gather(values, choice, batch_dims=1) for values in (self._codes, self._shares))
        spread = tf.reduce_sum(tf.one_hot(codes, tf.shape(mix)[1]), axis=1)  # a code of -1 is no category
        return mix + spread * shares[:, tf.newaxis]
