"""The query tower that knows the columns of user and context, but no past."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from modules.encoders import QueryFeatures
from modules.history import IdEmbedding
from modules.id_rows import by_id
from modules.retrieval_plan import RetrievalPlan
from modules.training_data import TrainingData


class FeatureTower(tf.keras.layers.Layer):
    """The id and the features, each projected to the common width and added up.

    After the two-tower model of Yi et al., "Sampling-bias-corrected neural modeling for large corpus item
    recommendations" (RecSys 2019).
    """

    def __init__(self, data: TrainingData, plan: RetrievalPlan) -> None:
        """Builds the layers for the columns and vocabularies of the data."""
        super().__init__()
        self._user_id = data.roles.user_id
        users = data.graph.vocabulary_size(self._user_id)
        self._id = by_id(IdEmbedding(users, plan.dimension, plan.user_id_dropout), self._user_id)
        self._features = QueryFeatures(data.roles, data.graph, plan.dimension)
        self._dropout = tf.keras.layers.Dropout(plan.vector_dropout)

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Vectors of a batch of queries.

        Args:
            features: transformed columns of users and context, [batch, …] each.
            training: whether dropout applies.

        Returns:
            [batch, dimension + 1] float32, the last coordinate 1.
        """
        vector = self._id(features[self._user_id], training=training) + self._features(features, training=training)
        vector = self._dropout(vector, training=training)
        return tf.concat([vector, tf.ones_like(vector[:, :1])], axis=1)
