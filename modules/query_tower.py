"""The query tower of retrieval: a user at a moment → a vector."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from modules.encoders import QueryFeatures
from modules.history import HistoryPooling, IdEmbedding
from modules.retrieval_config import RetrievalConfig
from modules.roles import HISTORY, Roles
from modules.transform_graph import TransformGraph


class QueryTower(tf.keras.layers.Layer):
    """History, id and features, each projected to the common width and added up.

    A last coordinate of 1 lets the candidate vector's last coordinate act as the item's bias, so that retrieval stays
    a plain inner product.
    """

    def __init__(self, roles: Roles, graph: TransformGraph, config: RetrievalConfig) -> None:
        """Builds the layers that `config.query_tower` asks for."""
        super().__init__()
        self._user_id = roles.user_id
        self._id = IdEmbedding(graph.vocabulary_size(roles.user_id), config.dimension, config.user_id_dropout)
        self._history = None
        if config.query_tower == "history":
            self._history = HistoryPooling(
                graph.vocabulary_size(roles.item_id), config.dimension, config.history_dropout
            )
        self._features = QueryFeatures(roles, graph, config.dimension) if config.query_tower != "mf" else None
        self._dropout = tf.keras.layers.Dropout(config.vector_dropout)

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Vectors of a batch of queries.

        Args:
            features: transformed columns of users and context, [batch, …] each.
            training: whether dropout applies.

        Returns:
            [batch, dimension + 1] float32, the last coordinate 1.
        """
        vector = self._id(features[self._user_id], training=training)
        if self._history:
            vector += self._history(features[HISTORY], training=training)
        if self._features:
            vector += self._features(features, training=training)
        vector = self._dropout(vector, training=training)
        return tf.concat([vector, tf.ones_like(vector[:, :1])], axis=1)
