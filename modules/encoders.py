"""Transformed feature columns → one dense vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import tensorflow as tf

from modules.id_rows import by_id
from modules.preprocessing import TIME_FEATURES
from modules.roles import Column, Encoding, Roles, Table
from modules.transform_graph import TransformGraph

TEXT_DIMENSION = 32
IMAGE_DIMENSION = 16
USERS_PER_VALUE, FEW_VALUES = 4, 20


def embedding_width(vocabulary: int) -> int:
    """Width of the embedding of a categorical column: grows with the fourth root of its vocabulary, 4 to 32."""
    return int(min(32, max(4, round(4 * vocabulary**0.25))))


class FeatureEncoder(tf.keras.layers.Layer):
    """Concatenates what each column of a table becomes; see `preprocessing` for the inputs' shapes.

    A category or word that the vocabulary lacks counts as missing: no training example has one, so an embedding of it
    would be noise, and the same noise in all that is new.
    """

    def __init__(
        self, columns: Sequence[Column], graph: TransformGraph, with_time: bool = False, hidden_share: float = 0.0
    ) -> None:
        """Builds an embedding a column.

        Args:
            columns: the modelled columns to encode.
            graph: asked for the sizes of vocabularies.
            with_time: whether `TIME_FEATURES` are encoded too.
            hidden_share: of the rows that become zeros while training, for columns that requests often lack.
        """
        super().__init__()
        self._columns, self._with_time, self._hidden_share = list(columns), with_time, hidden_share
        self._layers_by_name: dict[str, tf.keras.layers.Layer] = {}
        self._known: dict[str, int] = {}
        for column in columns:
            if column.encoding in (Encoding.CATEGORICAL, Encoding.TEXT):
                values = graph.vocabulary_size(column.name)
                width = TEXT_DIMENSION if column.encoding is Encoding.TEXT else embedding_width(values + 1)
                embedding = tf.keras.layers.Embedding(max(values, 1), width)
                self._layers_by_name[column.name] = by_id(embedding, column.name)
                self._known[column.name] = values
            elif column.encoding is Encoding.IMAGE:
                self._layers_by_name[column.name] = tf.keras.Sequential(
                    [tf.keras.layers.Flatten(), tf.keras.layers.Dense(IMAGE_DIMENSION, activation="relu")]
                )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to encode."""
        return not self._columns and not self._with_time

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Encodes a batch.

        Args:
            features: by column name, [batch, …]; others are ignored. A missing value is encoded as zeros.
            training: whether rows are hidden.

        Returns:
            [batch, width] float32.
        """
        parts = [self._encode(column, features[column.name]) for column in self._columns]
        if self._with_time:
            parts.append(features[TIME_FEATURES])
        encoded = tf.concat(parts, axis=1)
        if training and self._hidden_share:
            shown = tf.random.uniform(tf.shape(encoded[:, :1])) >= self._hidden_share
            encoded *= tf.cast(shown, tf.float32)
        return encoded

    def _encode(self, column: Column, values: tf.Tensor) -> tf.Tensor:
        if column.encoding is Encoding.CONTINUOUS:
            return values[:, None]
        layer = self._layers_by_name[column.name]
        if column.encoding is Encoding.IMAGE:
            return layer(values)
        values = tf.where(values < self._known[column.name], values, -tf.ones_like(values))
        if values.shape.rank == 1:
            return layer(tf.maximum(values, 0)) * tf.cast(values >= 0, tf.float32)[:, None]
        return mean_of_present(layer, values)


class QueryFeatures(tf.keras.layers.Layer):
    """The columns of a user and of a request's context, each projected to a common width and added up.

    Many requests come without context, so a part of the rows learns to do without.
    """

    CONTEXT_HIDDEN_SHARE = 0.3

    def __init__(self, roles: Roles, graph: TransformGraph, dimension: int, with_context: bool = True) -> None:
        """Builds the encoders.

        Args:
            roles: of the columns.
            graph: asked for the sizes of vocabularies.
            dimension: width of the result.
            with_context: whether the request's columns count beside the user's.
        """
        super().__init__()
        self._dimension = dimension
        user = FeatureEncoder([c for c in roles.features(Table.USER) if not names_users(c, roles, graph)], graph)
        context = FeatureEncoder(
            roles.features(Table.CONTEXT), graph, with_time=bool(roles.time), hidden_share=self.CONTEXT_HIDDEN_SHARE
        )
        self._parts = [
            (encoder, tf.keras.layers.Dense(dimension, use_bias=False))
            for encoder in ((user, context) if with_context else (user,))
            if not encoder.is_empty
        ]

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """[batch, dimension] float32; zeros where there is no such column."""
        total = tf.zeros([tf.shape(next(iter(features.values())))[0], self._dimension])
        for encoder, projection in self._parts:
            total += projection(encoder(features, training=training))
        return total


def names_users(column: Column, roles: Roles, graph: TransformGraph) -> bool:
    """Whether a user column has so many values that it tells who somebody is rather than what they are like."""
    if column.encoding is not Encoding.CATEGORICAL:
        return False
    return graph.vocabulary_size(column.name) > max(graph.vocabulary_size(roles.user_id) / USERS_PER_VALUE, FEW_VALUES)


def mean_of_present(embedding: tf.keras.layers.Embedding, indices: tf.Tensor) -> tf.Tensor:
    """[batch, width] mean embedding of the indices that are not -1; zeros where there is none.

    Args:
        embedding: the table.
        indices: [batch, values] int, -1 pads.
    """
    present = tf.cast(indices >= 0, tf.float32)[:, :, None]
    vectors = embedding(tf.maximum(indices, 0)) * present
    return tf.math.divide_no_nan(tf.reduce_sum(vectors, axis=1), tf.reduce_sum(present, axis=1))
