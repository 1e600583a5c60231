"""Dot products of all vectors with each other."""

from __future__ import annotations

import tensorflow as tf

from modules.rankers.dense_layers import DenseLayers
from modules.rankers.mlp import flat
from modules.ranking_config import RankingConfig


class DlrmInteraction(tf.keras.layers.Layer):
    """Dense layers on the vectors and on the dot product of every two of them.

    Naumov et al., "Deep learning recommendation model for personalization and recommendation systems" (2019). Products
    inside a query or inside a candidate are computed once, not for each pair.
    """

    def __init__(self, config: RankingConfig) -> None:
        """Builds the layers."""
        super().__init__()
        self._dropout = tf.keras.layers.Dropout(config.dropout)
        self._of_query = tf.keras.layers.Dense(config.hidden[0])
        self._of_candidate = tf.keras.layers.Dense(config.hidden[0], use_bias=False)
        self._of_products = tf.keras.layers.Dense(config.hidden[0], use_bias=False)
        self._deeper = DenseLayers(config.hidden[1:], config.dropout)

    def call(self, queries: tf.Tensor, candidates: tf.Tensor, training: bool = False) -> tf.Tensor:
        """What is to be said of each pair.

        Args:
            queries: [batch, Q, dimension] float32, Q vectors a query.
            candidates: [batch, K, C, dimension] float32, C vectors a candidate.
            training: whether dropout applies.

        Returns:
            [batch, K, last hidden width] float32.
        """
        of_query = tf.concat([flat(queries), products(queries)], axis=1)
        of_candidate = tf.concat([flat(candidates), products(candidates)], axis=2)
        between = tf.einsum("bqd,bkcd->bkqc", queries, candidates)
        hidden = (
            self._of_query(self._dropout(of_query, training=training))[:, None, :]
            + self._of_candidate(self._dropout(of_candidate, training=training))
            + self._of_products(self._dropout(flat(between), training=training))
        )
        return self._deeper(self._dropout(tf.nn.relu(hidden), training=training), training=training)


def products(vectors: tf.Tensor) -> tf.Tensor:
    """[…, N (N − 1) / 2] dot products of every two of the vectors […, N, dimension]: (1,0), (2,0), (2,1), …."""
    pairs = [(i, j) for i in range(vectors.shape[-2]) for j in range(i)]
    return tf.stack([tf.reduce_sum(vectors[..., i, :] * vectors[..., j, :], axis=-1) for i, j in pairs], axis=-1)
