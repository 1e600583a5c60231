"""The ranking model: how a query and a candidate go together.

It comes apart in three: an encoding of the query, one of the candidate, and a judge of pairs. So the servable encodes
each item of the catalogue once, ahead of time, and a request only its query.
"""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from modules.encoders import FeatureEncoder, QueryFeatures
from modules.history import HistoryPooling, IdEmbedding
from modules.ranking_config import RankingConfig
from modules.roles import HISTORY, HISTORY_TARGET, Roles, Table
from modules.transform_graph import TransformGraph


class QueryEncoder(tf.keras.layers.Layer):
    """A user at a moment → [batch, width].

    Where there is a target, the history counts twice: as the set of past items, and weighted by how far each one's
    target lay from the mean, as in SVD++ and its descendants.
    """

    def __init__(self, roles: Roles, graph: TransformGraph, config: RankingConfig, mean_target: float) -> None:
        """Builds the layers for the query columns of `roles`; `mean_target` stands for an unknown past target."""
        super().__init__()
        self._roles, self._mean = roles, mean_target
        items, width, hidden = graph.vocabulary_size(roles.item_id), config.dimension, config.history_dropout
        self._id = IdEmbedding(graph.vocabulary_size(roles.user_id), width, config.id_dropout)
        self._history = HistoryPooling(items, width, hidden)
        self._rated = HistoryPooling(items, width, hidden) if roles.target else None
        self._features = QueryFeatures(roles, graph, width)

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """[batch, width] float32; the first `config.dimension` coordinates meet the candidate's in a product."""
        identity = self._id(features[self._roles.user_id], training=training)
        taste = identity + self._history(features[HISTORY], training=training)
        parts = [identity]
        if self._rated:
            known = features[HISTORY_TARGET]
            liking = tf.where(tf.math.is_nan(known), tf.zeros_like(known), known - self._mean)
            rated = self._rated(features[HISTORY], liking, training=training)
            taste += rated
            present = tf.cast(features[HISTORY] >= 0, tf.float32)
            mean_liking = tf.reduce_sum(liking * present, axis=1) / (tf.reduce_sum(present, axis=1) + 5.0)
            parts += [rated, mean_liking[:, None]]
        parts.append(self._features(features, training=training))
        return tf.concat([taste, *parts], axis=1)


class CandidateEncoder(tf.keras.layers.Layer):
    """An item → [batch, width]; the last coordinate is its bias."""

    def __init__(self, roles: Roles, graph: TransformGraph, config: RankingConfig) -> None:
        """Builds the layers for the item columns of `roles`."""
        super().__init__()
        self._item_id = roles.item_id
        self._id = IdEmbedding(graph.vocabulary_size(roles.item_id), config.dimension + 1, config.id_dropout)
        encoder = FeatureEncoder(roles.features(Table.ITEM), graph)
        self._features = None if encoder.is_empty else encoder
        self._projection = tf.keras.layers.Dense(config.dimension + 1)

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """[batch, config.dimension + 1] float32."""
        vector = self._id(features[self._item_id], training=training)
        if self._features:
            vector += self._projection(self._features(features))
        return vector


class Judge(tf.keras.layers.Layer):
    """(query, its candidates) → will it be taken, and with which target."""

    def __init__(self, config: RankingConfig, mean_target: float | None) -> None:
        """Builds the layers; no target is predicted if `mean_target` is None."""
        super().__init__()
        self._width, self._mean = config.dimension, mean_target
        self._of_query = tf.keras.layers.Dense(config.hidden[0])
        self._of_candidate = tf.keras.layers.Dense(config.hidden[0], use_bias=False)
        self._of_product = tf.keras.layers.Dense(config.hidden[0], use_bias=False)
        self._deeper = [tf.keras.layers.Dense(width, activation="relu") for width in config.hidden[1:]]
        self._dropout = tf.keras.layers.Dropout(config.dropout)
        self._taken = tf.keras.layers.Dense(1)
        self._target = tf.keras.layers.Dense(1, kernel_initializer="zeros") if mean_target is not None else None

    def call(self, query: tf.Tensor, candidates: tf.Tensor, training: bool = False) -> dict[str, tf.Tensor]:
        """Judges K candidates of each query.

        Args:
            query: [batch, query width] float32 of `QueryEncoder`.
            candidates: [batch, K, dimension + 1] float32 of `CandidateEncoder`.
            training: whether dropout applies.

        Returns:
            "taken" [batch, K] float32 logits and, with a target, "target" [batch, K] float32 in its units.
        """
        vectors, bias = candidates[:, :, : self._width], candidates[:, :, self._width]
        product = query[:, None, : self._width] * vectors
        # The first layer acts on [query, candidate, product]; the query's part is the same for all K.
        hidden = tf.nn.relu(
            self._of_query(query)[:, None, :] + self._of_candidate(candidates) + self._of_product(product)
        )
        for layer in self._deeper:
            hidden = layer(self._dropout(hidden, training=training))
        hidden = self._dropout(hidden, training=training)
        shared = tf.reduce_sum(product, axis=2) + bias
        judged = {"taken": self._taken(hidden)[:, :, 0] + shared}
        if self._target:
            judged["target"] = self._mean + self._target(hidden)[:, :, 0]
        return judged
