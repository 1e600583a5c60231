"""A user at a moment, for the ranker."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from modules.encoders import QueryFeatures
from modules.history import IdEmbedding
from modules.id_rows import by_id
from modules.rankers.rated_history import RatedHistory
from modules.rankers.recent_past import RecentPast, last_first
from modules.rankers.target_levels import TargetLevels
from modules.ranking_config import RankingConfig
from modules.roles import HISTORY, HISTORY_TARGET, Roles
from modules.transform_graph import TransformGraph

QUERY_FIELDS = 4


class QueryEncoder(tf.keras.layers.Layer):
    """Four vectors, of the id, the rated history, the features and the newest items, and how mild the user is.

    Attributes:
        history: gives the sums that the second vector is made of; training puts them together in another way.
        recent: makes the fourth vector; None, and the vector zeros, where the order of a history says nothing.
    """

    def __init__(
        self,
        roles: Roles,
        graph: TransformGraph,
        config: RankingConfig,
        levels: TargetLevels | None,
        in_order: bool,
    ) -> None:
        """Builds the layers.

        Args:
            roles: of the columns.
            graph: asked for the sizes of vocabularies.
            config: gives the width of the vectors.
            levels: of the target, if there is one.
            in_order: whether the order of a history says something.
        """
        super().__init__()
        self._roles, self._width = roles, config.dimension
        items, users = graph.vocabulary_size(roles.item_id), graph.vocabulary_size(roles.user_id)
        self.history = by_id(RatedHistory(items, config.dimension, levels), roles.item_id)
        self.recent = by_id(RecentPast(items, config.dimension), roles.item_id) if in_order else None
        self._id = by_id(IdEmbedding(users, config.dimension, config.user_id_dropout), roles.user_id)
        self._features = QueryFeatures(roles, graph, config.dimension)

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """[batch, 4 · dimension + 1] float32 of transformed query columns, [batch, …] each."""
        targets = features[HISTORY_TARGET] if self._roles.target else None
        newest = last_first(features[HISTORY]) if self.recent else None
        return self.encode(features, self.history(features[HISTORY], targets), newest, training=training)

    def encode(
        self, features: Mapping[str, tf.Tensor], sums: tf.Tensor, newest: tf.Tensor | None, training: bool = False
    ) -> tf.Tensor:
        """The same with the sums of the histories [batch, …] and `last_first` of them in place of columns."""
        identity = self._id(features[self._roles.user_id], training=training)
        history, offset = self.history.combine(sums)
        described = self._features(features, training=training)
        recent = self.recent(newest) if self.recent else tf.zeros_like(history)
        return tf.concat([identity, history, described, recent, offset[:, None]], axis=1)
