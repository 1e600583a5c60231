"""The candidate tower of retrieval: an item → a vector."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.encoders import FeatureEncoder
from modules.history import IdEmbedding
from modules.id_rows import by_id
from modules.ragged import Ints
from modules.retrieval_plan import RetrievalPlan
from modules.roles import Roles, Table
from modules.transform_graph import TransformGraph


class CandidateTower(tf.keras.layers.Layer):
    """Embedding of the id plus a projection of the features, and a bias made the same way.

    An item that training never saw has no id embedding and is placed by its features alone.

    Attributes:
        item_id: the embedding of ids, [dimension + 1] wide.
        described: encodes the columns beside the id; None where there are none.
    """

    def __init__(self, roles: Roles, graph: TransformGraph, plan: RetrievalPlan) -> None:
        """Builds the layers for the item columns of `roles`."""
        super().__init__()
        self._item_id = roles.item_id
        items = graph.vocabulary_size(roles.item_id)
        self.item_id = by_id(IdEmbedding(items, plan.dimension + 1, plan.item_id_dropout), roles.item_id)
        encoder = FeatureEncoder(roles.features(Table.ITEM), graph)
        self.described = None if encoder.is_empty else encoder
        # Features begin without a say: what they add has to be learned, and does not blur who takes what before it is.
        self._projection = tf.keras.layers.Dense(plan.dimension + 1, kernel_initializer="zeros")

    def begin_biases(self, indices: Ints, biases: npt.NDArray[np.float32]) -> None:
        """Sets the biases that training begins with.

        Args:
            indices: [num_items] of the catalogue's items in the vocabulary; greater ones are unknown.
            biases: [num_items] float32.
        """
        self.item_id.begin_last_coordinate(indices, biases)

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Vectors of a batch of items.

        Args:
            features: transformed columns of items, [batch, …] each.
            training: whether dropout applies.

        Returns:
            [batch, dimension + 1] float32; the last coordinate is the item's bias.
        """
        vector = self.item_id(features[self._item_id], training=training)
        if self.described:
            vector += self._projection(self.described(features))
        return vector
