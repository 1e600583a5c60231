"""A multilayer perceptron over a query and a candidate."""

from __future__ import annotations

import tensorflow as tf

from modules.rankers.dense_layers import DenseLayers
from modules.ranking_config import RankingConfig


class MlpInteraction(tf.keras.layers.Layer):
    """Dense layers on all vectors.

    After Covington et al., "Deep neural networks for YouTube recommendations" (RecSys 2016).
    """

    def __init__(self, config: RankingConfig) -> None:
        """Builds the layers."""
        super().__init__()
        # The first layer acts on both; the query's part is the same for all K.
        self._of_query = tf.keras.layers.Dense(config.hidden[0])
        self._of_candidate = tf.keras.layers.Dense(config.hidden[0], use_bias=False)
        self._dropout = tf.keras.layers.Dropout(config.dropout)
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
        query = self._of_query(self._dropout(flat(queries), training=training))
        candidate = self._of_candidate(self._dropout(flat(candidates), training=training))
        hidden = tf.nn.relu(query[:, None, :] + candidate)
        return self._deeper(self._dropout(hidden, training=training), training=training)


def flat(vectors: tf.Tensor) -> tf.Tensor:
    """[…, N · dimension] of […, N, dimension]."""
    shape = tf.shape(vectors)
    width = vectors.shape[-1] * vectors.shape[-2]
    return tf.reshape(vectors, tf.concat([shape[:-2], [width]], axis=0))
