"""Neural matrix factorisation."""

from __future__ import annotations

import tensorflow as tf

from modules.rankers.dense_layers import DenseLayers
from modules.rankers.mlp import flat
from modules.ranking_config import RankingConfig


class NcfInteraction(tf.keras.layers.Layer):
    """NeuMF: a generalised matrix factorisation beside dense layers, put together at the end.

    He et al., "Neural collaborative filtering" (WWW 2017). Both sides see all vectors rather than those of the ids
    alone; the factorisation meets them through projections of its own, so that the two learn different things.
    """

    def __init__(self, config: RankingConfig) -> None:
        """Builds the layers."""
        super().__init__()
        self._of_query = tf.keras.layers.Dense(config.dimension)
        self._of_candidate = tf.keras.layers.Dense(config.dimension)
        self._dropout = tf.keras.layers.Dropout(config.dropout)
        self._first_of_query = tf.keras.layers.Dense(config.hidden[0])
        self._first_of_candidate = tf.keras.layers.Dense(config.hidden[0], use_bias=False)
        self._deeper = DenseLayers(config.hidden[1:], config.dropout)

    def call(self, queries: tf.Tensor, candidates: tf.Tensor, training: bool = False) -> tf.Tensor:
        """What is to be said of each pair.

        Args:
            queries: [batch, Q, dimension] float32, Q vectors a query.
            candidates: [batch, K, C, dimension] float32, C vectors a candidate.
            training: whether dropout applies.

        Returns:
            [batch, K, dimension + last hidden width] float32.
        """
        query = self._dropout(flat(queries), training=training)
        candidate = self._dropout(flat(candidates), training=training)
        factors = self._of_query(query)[:, None, :] * self._of_candidate(candidate)
        hidden = tf.nn.relu(self._first_of_query(query)[:, None, :] + self._first_of_candidate(candidate))
        hidden = self._deeper(self._dropout(hidden, training=training), training=training)
        return tf.concat([self._dropout(factors, training=training), hidden], axis=2)
