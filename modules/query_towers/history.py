"""The query tower that pools the user's past."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from modules.encoders import QueryFeatures
from modules.history import HistoryPooling, IdEmbedding, Recency, known_positives
from modules.id_rows import by_id
from modules.query_towers.sequence import newest
from modules.retrieval_plan import RetrievalPlan
from modules.roles import HISTORY, HISTORY_TARGET
from modules.training_data import TrainingData


class HistoryTower(tf.keras.layers.Layer):
    """The pooled embeddings of the past items, plus the features and, if asked for, the id.

    Attributes:
        pooling: of the past items.
    """

    def __init__(self, data: TrainingData, plan: RetrievalPlan) -> None:
        """Builds the layers.

        Args:
            data: tells the columns and the sizes of vocabularies.
            plan: widths, lengths, and the shares that are hidden while training.
        """
        super().__init__()
        self._user_id, self._length, self._positive_min = data.roles.user_id, plan.history_length, data.positive_min
        self._items = data.graph.vocabulary_size(data.roles.item_id)
        self.pooling = by_id(HistoryPooling(self._items, plan.dimension, plan.history_dropout), data.roles.item_id)
        users = data.graph.vocabulary_size(self._user_id)
        # Over whole sets the history says all that an id could; the id would only learn by heart who took what.
        by_user = None if plan.learns_from_sets else IdEmbedding(users, plan.dimension, plan.user_id_dropout)
        self._id = by_user and by_id(by_user, self._user_id)
        # A set is of no single moment, so that a request's context has nothing to say about it.
        self._features = QueryFeatures(data.roles, data.graph, plan.dimension, with_context=not plan.learns_from_sets)
        # How fast features make way for the history. Beside whole sets, columns like age only blur who is like whom.
        self._yielding = 1.0 if plan.learns_from_sets else 0.5
        self._dropout = tf.keras.layers.Dropout(plan.vector_dropout)

    @property
    def recency(self) -> Recency:
        """How much the order counts."""
        return self.pooling.recency

    @recency.setter
    def recency(self, recency: Recency) -> None:
        self.pooling.recency = recency

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Vectors of a batch of queries.

        Args:
            features: transformed columns of users and context, [batch, …] each, the history among them.
            training: whether dropout applies.

        Returns:
            [batch, dimension + 1] float32, the last coordinate 1.
        """
        history = known_positives(features[HISTORY], features.get(HISTORY_TARGET), self._positive_min)
        pooled, evidence = self.pooling.with_evidence(newest(history, self._length, self._items), training=training)
        return self.vectors(pooled, evidence, features, training=training)

    def vectors(
        self, pooled: tf.Tensor, evidence: tf.Tensor, features: Mapping[str, tf.Tensor], training: bool = False
    ) -> tf.Tensor:
        """Adds what is not history: it says the less, the more the history says.

        Args:
            pooled: [batch, dimension] float32 of `pooling`.
            evidence: [batch, 1] float32, how many items that was.
            features: transformed columns of users and context, [batch, …] each; the history is not read.
            training: whether dropout applies.

        Returns:
            [batch, dimension + 1] float32, the last coordinate 1.
        """
        beside = self._features(features, training=training)
        if self._id:
            beside += self._id(features[self._user_id], training=training)
        vector = pooled + beside / (1.0 + evidence) ** self._yielding
        vector = self._dropout(vector, training=training)
        return tf.concat([vector, tf.ones_like(vector[:, :1])], axis=1)
