"""Dense layers with dropout, as every kind of ranker has them."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf


class DenseLayers(tf.keras.layers.Layer):
    """ReLU layers, each followed by dropout."""

    def __init__(self, widths: Sequence[int], dropout: float) -> None:
        """Builds a layer for each of `widths`, which may be empty."""
        super().__init__()
        self._layers = [tf.keras.layers.Dense(width, activation="relu") for width in widths]
        self._dropout = tf.keras.layers.Dropout(dropout)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """[…, last width] float32 of […, any width]."""
        for layer in self._layers:
            inputs = self._dropout(layer(inputs), training=training)
        return inputs
