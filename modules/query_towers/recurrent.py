"""Recurrent networks over the past."""

from __future__ import annotations

from typing import Literal

import tensorflow as tf


class RecurrentEncoder(tf.keras.layers.Layer):
    """What a user is after, told by a gated recurrent network that reads the items one by one.

    After Hidasi et al., "Session-based recommendations with recurrent neural networks" (GRU4Rec, ICLR 2016).
    """

    def __init__(self, kind: Literal["gru", "lstm"], dimension: int, dropout: float = 0.2, units: int = 0) -> None:
        """Builds the network.

        Args:
            kind: of its cells.
            dimension: width of vectors and states.
            dropout: share of what goes in and comes out that is hidden while training.
            units: cells; 0 for twice the dimension.
        """
        super().__init__()
        layer = tf.keras.layers.GRU if kind == "gru" else tf.keras.layers.LSTM
        self._network = layer(units or 2 * dimension, return_sequences=True)
        self._output = tf.keras.layers.Dense(dimension)
        self._normalised = tf.keras.layers.LayerNormalization()
        self._dropout = tf.keras.layers.Dropout(dropout)

    def call(self, vectors: tf.Tensor, training: bool = False) -> tf.Tensor:
        """States of a batch of sequences.

        Args:
            vectors: [batch, length, dimension] float32 of the items, oldest first; pads come last.
            training: whether dropout applies.

        Returns:
            [batch, length, dimension] float32; state t has seen vectors 0 to t. Those of pads mean nothing.
        """
        states = self._network(self._dropout(vectors, training=training))
        return self._normalised(self._output(self._dropout(states, training=training)))
