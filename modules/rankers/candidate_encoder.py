"""An item, for the ranker."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from modules.encoders import FeatureEncoder
from modules.history import IdEmbedding
from modules.id_rows import by_id
from modules.rankers.raters import Raters, RatersOfItems, without_one
from modules.rankers.target_levels import TargetLevels
from modules.ranking_config import RankingConfig
from modules.roles import Roles, Table
from modules.transform_graph import TransformGraph

CANDIDATE_FIELDS = 3


class CandidateEncoder(tf.keras.layers.Layer):
    """Three vectors, of the id, the raters and the features, two biases and the number of raters.

    Of a part of the items in a batch id, raters and biases are hidden while training, so that the features learn to
    speak for new ones.

    Attributes:
        raters: the users who took each item.
    """

    def __init__(
        self,
        roles: Roles,
        graph: TransformGraph,
        config: RankingConfig,
        levels: TargetLevels | None,
        raters: RatersOfItems,
    ) -> None:
        """Builds the layers for the item columns of `roles`."""
        super().__init__()
        self._item_id, self._width, self._hidden_share = roles.item_id, config.dimension, config.item_id_dropout
        self._items = graph.vocabulary_size(roles.item_id)
        self._id = by_id(IdEmbedding(self._items, config.dimension, 0.0), roles.item_id)
        self.raters = by_id(Raters(graph.vocabulary_size(roles.user_id), config.dimension, raters), roles.user_id)
        biases = np.zeros((self._items + 1, 2), np.float32)  # the last row, of unknown items, stays zero
        if levels:
            biases[: self._items, 1] = levels.items
        self._biases = self.add_weight("biases", biases.shape, initializer=tf.keras.initializers.Constant(biases))
        by_id(self._biases, roles.item_id)
        encoder = FeatureEncoder(roles.features(Table.ITEM), graph)
        self._features = None if encoder.is_empty else encoder
        self._projection = tf.keras.layers.Dense(config.dimension, use_bias=False)

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Encodes a batch of items.

        Args:
            features: transformed item columns, [n, …] each.
            training: whether ids are hidden, and the raters are summed up anew instead of as they settled.

        Returns:
            [n, 3 · dimension + 3] float32: the vectors, the biases of being taken and of the target, and the number of
            raters.
        """
        ids = tf.cast(features[self._item_id], tf.int64)
        known = (ids >= 0) & (ids < self._items)
        if training and self._hidden_share:
            known &= tf.random.uniform(tf.shape(ids)) >= self._hidden_share
        ids = tf.where(known, ids, self._items)
        identity, raters = self._id(ids), self.raters(ids, training=training)
        described = self._projection(self._features(features)) if self._features else tf.zeros_like(identity)
        biases = tf.gather(self._biases, ids) * tf.cast(known, tf.float32)[:, None]
        return tf.concat([identity, raters, described, biases, self.raters.counts(ids)[:, None]], axis=1)

    def without_rater(self, encodings: tf.Tensor, items: tf.Tensor, users: tf.Tensor) -> tf.Tensor:
        """Encodings as if a certain user had not been among the raters of each item.

        An example that is itself among the raters of its item would give its own target away.

        Args:
            encodings: [n, …] of `call`.
            items, users: [n] indices of the vocabularies.
        """
        width, counts = self._width, encodings[:, -1]
        is_rater, residuals = self.raters.found(items, users)
        is_rater *= tf.cast(counts > 0, tf.float32)  # of a hidden item there are none
        own = self.raters.terms(users, residuals)
        rest = without_one(encodings[:, width : 2 * width], counts, own, is_rater)
        last = (counts - is_rater)[:, None]
        return tf.concat([encodings[:, :width], rest, encodings[:, 2 * width : -1], last], axis=1)
