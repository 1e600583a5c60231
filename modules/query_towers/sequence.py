"""The query tower that reads a user's past in order."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from modules.encoders import QueryFeatures
from modules.history import IdEmbedding, known_positives
from modules.id_rows import by_id
from modules.roles import HISTORY, HISTORY_TARGET, Roles
from modules.transform_graph import TransformGraph


class SequenceTower(tf.keras.layers.Layer):
    """The state after the newest item of the history, plus the features of user and context.

    There is no embedding of the user's id: whoever comes with a history is served like everybody else.
    """

    def __init__(
        self,
        roles: Roles,
        graph: TransformGraph,
        encoder: tf.keras.layers.Layer,
        dimension: int,
        length: int,
        item_id: IdEmbedding | None = None,
        positive_min: float | None = None,
    ) -> None:
        """Builds the layers.

        Args:
            roles: of the columns.
            graph: asked for the sizes of vocabularies.
            encoder: vectors [batch, length, dimension] → states of the same shape, state t of vectors 0 to t.
            dimension: width of the vectors that queries and items meet in.
            length: the newest items of a history that are read.
            item_id: the candidate tower's embedding, at least `dimension` wide, to share it; None for one of its own.
            positive_min: items with a target below it are not read; None where targets do not decide.
        """
        super().__init__()
        self._dimension, self._length, self._positive_min = dimension, length, positive_min
        self._item_ids = graph.vocabulary_size(roles.item_id)
        self._item_id = item_id or by_id(IdEmbedding(self._item_ids, dimension, 0.0), roles.item_id)
        self._encoder = encoder
        self._features = QueryFeatures(roles, graph, dimension)
        self._nothing = self.add_weight("nothing", [dimension], initializer="zeros")

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Vectors of a batch of queries.

        Args:
            features: transformed columns of users and context, [batch, …] each, the history among them.
            training: whether dropout applies.

        Returns:
            [batch, dimension + 1] float32, the last coordinate 1.
        """
        history = known_positives(features[HISTORY], features.get(HISTORY_TARGET), self._positive_min)
        items = newest(history, self._length, self._item_ids)
        read = tf.reduce_sum(tf.cast(items >= 0, tf.int32), axis=1)
        states = tf.gather(self.states(items, training=training), read, batch_dims=1)
        return self.vectors(states, features, training=training)

    def states(self, items: tf.Tensor, training: bool = False) -> tf.Tensor:
        """What the tower knows after each item.

        Args:
            items: [batch, length] indices of the item vocabulary, oldest first, then pads of -1.
            training: whether dropout applies.

        Returns:
            [batch, 1 + length, dimension] float32: before the first item, after it, after the second, … Those after
            pads mean nothing.
        """
        batch, length = tf.unstack(tf.shape(items))
        vectors = self._item_id(tf.reshape(items, [-1]))[:, : self._dimension]
        vectors = tf.reshape(vectors, [batch, length, self._dimension]) * self._dimension**0.5
        nothing = tf.tile(self._nothing[None, None], [batch, 1, 1])
        return tf.concat([nothing, self._encoder(vectors, training=training)], axis=1)

    def vectors(self, states: tf.Tensor, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Adds the features.

        Args:
            states: [n, dimension] float32.
            features: transformed columns of users and context, [n, …] each, at least one; the history is not read.
            training: whether a part of the context is hidden.

        Returns:
            [n, dimension + 1] float32, the last coordinate 1.
        """
        vectors = states + self._features(features, training=training)
        return tf.concat([vectors, tf.ones_like(vectors[:, :1])], axis=1)


def newest(history: tf.Tensor, length: int, items: int) -> tf.Tensor:
    """The newest known items of each history.

    Args:
        history: [batch, any length] int indices of items, oldest first; -1 is none.
        length: how many to keep at most.
        items: size of the item vocabulary; greater indices are unknown items, which say nothing.

    Returns:
        [batch, longest] of the same type: what is left of each row, in order, then pads of -1; at least one column,
        because networks want a place to read.
    """
    known = tf.ragged.boolean_mask(history, (history >= 0) & (history < items))
    rows = known[:, -length:].to_tensor(-1)
    return tf.pad(rows, [[0, 0], [0, tf.maximum(1 - tf.shape(rows)[1], 0)]], constant_values=-1)
