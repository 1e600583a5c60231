"""Answers whose mix of categories is that of the user's history."""

from __future__ import annotations

import dataclasses

import tensorflow as tf

_SMOOTHING = 0.01
"""Share of the wanted mix that is taken to be in an answer already, so that a missing category costs a finite price."""


@dataclasses.dataclass(frozen=True)
class Calibration:
    """How far an answer would be from the wanted mix with one more candidate.

    After Steck, "Calibrated recommendations" (RecSys 2018). The distance is KL(p ‖ 0.99 q + 0.01 p), p being the wanted
    mix and q that of the items chosen, each of which spreads 1 evenly over its categories.

    Attributes:
        strength: γ in [0, 1): the value of a candidate is (1 - γ) · relevance - γ · distance.
        wanted: [B, G] float32 share of each category, summing to 1; zeros = no wish.
        codes: [B, K, M] int32 categories of the candidates, -1 pads.
    """

    strength: float
    wanted: tf.Tensor
    codes: tf.Tensor

    def nothing(self) -> tf.Tensor:
        """[B, G] float32: the mix of no items."""
        return tf.zeros_like(self.wanted)

    def distance(self, mix: tf.Tensor) -> tf.Tensor:
        """[B, K] float32: the distance of the mix [B, G], a sum over items, once each candidate is added."""
        items = tf.reduce_sum(mix, axis=1) + 1
        smooth = _SMOOTHING * self.wanted
        before = (1 - _SMOOTHING) * mix / items[:, tf.newaxis] + smooth
        unchanged = tf.reduce_sum(_divergence(self.wanted, before), axis=1)
        # Only a candidate's own categories change; the others need no sum for each candidate.
        own = tf.maximum(self.codes, 0)
        wanted, old = (tf.gather(values, own, batch_dims=1) for values in (self.wanted, before))
        new = old + (1 - _SMOOTHING) * self._shares()[:, :, tf.newaxis] / items[:, tf.newaxis, tf.newaxis]
        change = tf.where(self.codes >= 0, _divergence(wanted, new) - _divergence(wanted, old), 0.0)
        return unchanged[:, tf.newaxis] + tf.reduce_sum(change, axis=2)

    def added(self, mix: tf.Tensor, choice: tf.Tensor) -> tf.Tensor:
        """[B, G] float32: the mix with the candidates `choice` [B] int32 in it."""
        codes, shares = (tf.gather(values, choice, batch_dims=1) for values in (self.codes, self._shares()))
        spread = tf.reduce_sum(tf.one_hot(codes, tf.shape(mix)[1]), axis=1)  # a code of -1 is no category
        return mix + spread * shares[:, tf.newaxis]

    def _shares(self) -> tf.Tensor:
        """[B, K] float32: what each category of a candidate gets."""
        return tf.math.reciprocal_no_nan(tf.reduce_sum(tf.cast(self.codes >= 0, tf.float32), axis=2))


def _divergence(wanted: tf.Tensor, found: tf.Tensor) -> tf.Tensor:
    """Terms of KL(wanted ‖ found); 0 where nothing is wanted."""
    return tf.math.xlogy(wanted, tf.math.divide_no_nan(wanted, found))
