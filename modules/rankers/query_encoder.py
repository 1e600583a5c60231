"""A user at a moment, for the ranker."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from modules.encoders import QueryFeatures
from modules.history import IdEmbedding
from modules.id_rows import by_id
from modules.rankers.rated_history import RatedHistory
from modules.rankers.target_levels import TargetLevels
from modules.ranking_config import RankingConfig
from modules.roles import HISTORY, HISTORY_TARGET, Roles
from modules.transform_graph import TransformGraph

QUERY_FIELDS = 3


class QueryEncoder(tf.keras.layers.Layer):
    """Three vectors, of the id, the rated history and the features, and the user's own offset of the target.

    Attributes:
        history: gives the sums that the second vector is made of; training puts them together in another way.
    """

    def __init__(self, roles: Roles, graph: TransformGraph, config: RankingConfig, levels: TargetLevels | None) -> None:
        """Builds the layers for the query columns of `roles`; `levels` are those of the target, if there is one."""
        super().__init__()
        self._roles, self._width = roles, config.dimension
        items, users = graph.vocabulary_size(roles.item_id), graph.vocabulary_size(roles.user_id)
        self.history = by_id(RatedHistory(items, config.dimension, levels), roles.item_id)
        self._id = by_id(IdEmbedding(users, config.dimension, config.user_id_dropout), roles.user_id)
        self._features = QueryFeatures(roles, graph, config.dimension)

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """[batch, 3 · dimension + 1] float32 of transformed query columns, [batch, …] each."""
        targets = features[HISTORY_TARGET] if self._roles.target else None
        return self.encode(features, self.history(features[HISTORY], targets), training=training)

    def encode(self, features: Mapping[str, tf.Tensor], sums: tf.Tensor, training: bool = False) -> tf.Tensor:
        """The same with the sums of the histories [batch, …] in place of their columns."""
        identity = self._id(features[self._roles.user_id], training=training)
        history, offset = self.history.combine(sums)
        described = self._features(features, training=training)
        return tf.concat([identity, history, described, offset[:, None]], axis=1)
