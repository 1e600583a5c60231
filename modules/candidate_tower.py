"""The candidate tower of retrieval: an item → a vector."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from modules.encoders import FeatureEncoder
from modules.history import IdEmbedding
from modules.retrieval_config import RetrievalConfig
from modules.roles import Roles, Table
from modules.transform_graph import TransformGraph


class CandidateTower(tf.keras.layers.Layer):
    """Embedding of the id plus a projection of the features, and a bias made the same way.

    An item that training never saw has no id embedding and is placed by its features alone.
    """

    def __init__(self, roles: Roles, graph: TransformGraph, config: RetrievalConfig) -> None:
        """Builds the layers for the item columns of `roles`."""
        super().__init__()
        self._item_id = roles.item_id
        items = graph.vocabulary_size(roles.item_id)
        self._id = IdEmbedding(items, config.dimension + 1, config.item_id_dropout)
        encoder = FeatureEncoder(roles.features(Table.ITEM), graph)
        self._features = None if encoder.is_empty else encoder
        self._projection = tf.keras.layers.Dense(config.dimension + 1)

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Vectors of a batch of items.

        Args:
            features: transformed columns of items, [batch, …] each.
            training: whether dropout applies.

        Returns:
            [batch, dimension + 1] float32; the last coordinate is the item's bias.
        """
        vector = self._id(features[self._item_id], training=training)
        if self._features:
            vector += self._projection(self._features(features))
        return vector
