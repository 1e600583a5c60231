"""A deep and cross network."""

from __future__ import annotations

import tensorflow as tf

from modules.rankers.candidate_encoder import CANDIDATE_FIELDS
from modules.rankers.dense_layers import DenseLayers
from modules.rankers.mlp import flat
from modules.rankers.query_encoder import QUERY_FIELDS
from modules.ranking_config import RankingConfig

CROSS_LAYERS = 2


class DcnInteraction(tf.keras.layers.Layer):
    """Cross layers x ↦ x₀ ⊙ (W x + b) + x on all vectors in a row, and dense layers behind them.

    The stacked form of Wang et al., "DCN V2: Improved deep & cross network" (WWW 2021).
    """

    def __init__(self, config: RankingConfig) -> None:
        """Builds the layers."""
        super().__init__()
        width = (QUERY_FIELDS + CANDIDATE_FIELDS) * config.dimension
        self._crosses = [tf.keras.layers.Dense(width) for _ in range(CROSS_LAYERS)]
        self._dropout = tf.keras.layers.Dropout(config.dropout)
        self._deep = DenseLayers(config.hidden, config.dropout)

    def call(self, queries: tf.Tensor, candidates: tf.Tensor, training: bool = False) -> tf.Tensor:
        """What is to be said of each pair.

        Args:
            queries: [batch, Q, dimension] float32, Q vectors a query.
            candidates: [batch, K, C, dimension] float32, C vectors a candidate.
            training: whether dropout applies.

        Returns:
            [batch, K, last hidden width] float32.
        """
        candidate = flat(candidates)
        query = tf.repeat(flat(queries)[:, None, :], tf.shape(candidate)[1], axis=1)
        first = crossed = tf.concat([query, candidate], axis=2)
        for cross in self._crosses:
            crossed = first * cross(crossed) + crossed
        return self._deep(self._dropout(crossed, training=training), training=training)
