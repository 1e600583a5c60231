"""The query tower that knows nothing but the user's id."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from modules.history import IdEmbedding
from modules.id_rows import by_id
from modules.retrieval_plan import RetrievalPlan
from modules.training_data import TrainingData


class MatrixFactorisationTower(tf.keras.layers.Layer):
    """An embedding of the user's id: with the candidate tower, plain matrix factorisation.

    After Koren, Bell and Volinsky, "Matrix factorization techniques for recommender systems" (Computer, 2009). No id is
    hidden while training, as there is nothing else to go by; unknown users are served by the items' biases.
    """

    def __init__(self, data: TrainingData, plan: RetrievalPlan) -> None:
        """Builds the table for the vocabulary of the data."""
        super().__init__()
        self._user_id = data.roles.user_id
        users = data.graph.vocabulary_size(self._user_id)
        self._id = by_id(IdEmbedding(users, plan.dimension, 0.0), self._user_id)
        self._dropout = tf.keras.layers.Dropout(plan.vector_dropout)

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Vectors of a batch of queries.

        Args:
            features: the user's id among them, [batch] int64.
            training: whether dropout applies.

        Returns:
            [batch, dimension + 1] float32, the last coordinate 1.
        """
        vector = self._dropout(self._id(features[self._user_id]), training=training)
        return tf.concat([vector, tf.ones_like(vector[:, :1])], axis=1)
