"""The candidate tower whose every weight has a prior: an item → a vector."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from modules.column_vectors import ColumnVectors
from modules.history import IdEmbedding
from modules.id_rows import by_id
from modules.roles import Roles, Table
from modules.transform_graph import TransformGraph

OWN, OF_A_COLUMN, OWN_BIAS = 0.25, 0.5, 0.8
"""Standard deviations of an item's coordinates, where there are twelve, and of its bias."""

_ALONE = 0.75  # of the coordinates where no column says what an item is like
_WIDTH = 12


class LinearCandidateTower(tf.keras.layers.Layer):
    """Own vectors of items plus vectors of the values of their columns, and biases made the same way.

    The weights are normal before anything is learned, with mean 0 and a standard deviation of 1; what they are
    multiplied by says how far an item may be from what its columns let expect. The more coordinates there are, the less
    each says, so that the scores spread alike.

    Attributes:
        described: sums up the vectors of the columns' values; None where there are none.
    """

    def __init__(self, roles: Roles, graph: TransformGraph, dimension: int) -> None:
        """Builds the tables for the item columns of `roles`."""
        super().__init__()
        self._item_id = roles.item_id
        ids = IdEmbedding(graph.vocabulary_size(roles.item_id), dimension + 1, 0.0)
        self.item_id = by_id(ids, roles.item_id)
        columns = roles.features(Table.ITEM)
        self.described = ColumnVectors(columns, graph, dimension + 1) if columns else None
        narrower = (_WIDTH / dimension) ** 0.5
        column = min(OF_A_COLUMN, max(len(columns), 1) ** -0.5)
        own = max(OWN**2, _ALONE**2 - len(columns) * column**2) ** 0.5
        self._own = tf.constant([own * narrower] * dimension + [OWN_BIAS])
        self._column = tf.constant([column * narrower] * dimension + [column])

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Vectors of a batch of items.

        Args:
            features: transformed columns of items, [batch, …] each.
            training: nothing is hidden.

        Returns:
            [batch, dimension + 1] float32; the last coordinate is the item's bias.
        """
        vector = self.item_id(features[self._item_id], training=training) * self._own
        if self.described:
            vector += self.described(features) * self._column
        return vector
