"""The query tower that solves for the user."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.column_vectors import ColumnVectors
from modules.encoders import names_users
from modules.history import FadingLayer, known_positives
from modules.query_towers.sequence import newest
from modules.retrieval_plan import RetrievalPlan
from modules.roles import HISTORY, HISTORY_TARGET, Table
from modules.softmax_mode import Competitors, products_of, softmax_mode
from modules.training_data import TrainingData

OF_COLUMNS = 0.5  # standard deviation of what user columns say of a coordinate
_ABSENT = -1e9
Floats = npt.NDArray[np.float32]


class FoldInTower(FadingLayer):
    """The vector under which the past is likeliest, near what users of such columns are usually like.

    There is no embedding of the user's id and no weight for an item of the past: what a past means follows from the
    vectors of the items alone, see `softmax_mode`. Those are held as a table, for which `settle` asks when they have
    changed.

    Attributes:
        expected: what columns of users say of their vectors; None where there are none.
        rows: [N] int64 of the catalogue, of the items that compete: first those of the vocabulary, by index, with -1
            for what nobody met; then what was met and is not in the vocabulary.
    """

    def __init__(self, data: TrainingData, plan: RetrievalPlan) -> None:
        """Builds the tables.

        Args:
            data: tells the columns, the vocabularies, and which items compete.
            plan: widths and lengths.
        """
        super().__init__()
        roles, graph = data.roles, data.graph
        self._length, self._positive_min, self._width = plan.history_length, data.positive_min, plan.dimension
        self._items = graph.vocabulary_size(roles.item_id)
        columns = [column for column in roles.features(Table.USER) if not names_users(column, roles, graph)]
        self.expected = ColumnVectors(columns, graph, plan.dimension) if columns else None
        self.rows = _rows(data, self._items)
        shapes = {"vectors": [len(self.rows), plan.dimension], "biases": [len(self.rows)]}
        shapes["products"] = [len(self.rows), plan.dimension * (plan.dimension + 1) // 2]
        shapes["precision"] = [plan.dimension] * 2
        self._tables = {
            name: self.add_weight(name, shape, initializer="zeros", trainable=False) for name, shape in shapes.items()
        }

    def settle(self, vectors: Floats, precision: npt.NDArray[np.float64]) -> None:
        """Takes what was learned.

        Args:
            vectors: [number of `rows`, dimension + 1] of the items, the last coordinate the bias; anything for a -1.
            precision: [dimension, dimension] of what users are like beyond their columns.
        """
        own, biases = vectors[:, :-1], np.where(self.rows >= 0, vectors[:, -1], _ABSENT)
        values = {"vectors": own, "biases": biases, "products": products_of(own).numpy(), "precision": precision}
        for name, table in self._tables.items():
            table.assign(values[name].astype(np.float32))

    def call(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Vectors of a batch of queries.

        Args:
            features: transformed columns of users, [batch, …] each, the history among them.
            training: nothing is hidden.

        Returns:
            [batch, dimension + 1] float32, the last coordinate 1.
        """
        del training
        history = known_positives(features[HISTORY], features.get(HISTORY_TARGET), self._positive_min)
        history = newest(history, self._length, self._items)
        places = tf.maximum(history, 0)
        biases = self._tables["biases"]
        present = tf.cast((history >= 0) & (tf.gather(biases, places) > _ABSENT), tf.float32)
        present *= _last_of_each(places, present, len(self.rows))
        evidence = present * self.faded(present)
        items = Competitors(*(tf.convert_to_tensor(self._tables[name]) for name in ("vectors", "products", "biases")))
        vector = softmax_mode(items, places, evidence, self.prior_mean(features), self._tables["precision"])
        return tf.concat([vector, tf.ones_like(vector[:, :1])], axis=1)

    def prior_mean(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """[batch, dimension] float32 of transformed columns of users [batch, …]: what is expected without a past."""
        if self.expected:
            return OF_COLUMNS / self.expected.number**0.5 * self.expected(features)
        return tf.zeros([tf.shape(next(iter(features.values())))[0], self._width])


def _last_of_each(places: tf.Tensor, present: tf.Tensor, items: int) -> tf.Tensor:
    """[batch, length] float32: 1 where a present item [batch, length] is not taken once more later on."""
    rows, length = tf.unstack(tf.shape(places))
    owner = tf.repeat(tf.range(rows)[:, tf.newaxis], length, axis=1)
    number = tf.range(1, length + 1)[tf.newaxis] * tf.cast(present, tf.int32)
    cells = tf.stack([owner, tf.cast(places, tf.int32)], axis=2)
    last = tf.tensor_scatter_nd_max(tf.zeros([rows, items], tf.int32), cells, number)
    return tf.cast(tf.gather(last, places, batch_dims=1) == number, tf.float32)


def _rows(data: TrainingData, vocabulary: int) -> npt.NDArray[np.int64]:
    """As in `FoldInTower`."""
    met = data.met_rows()
    index = data.catalogue.columns[data.roles.item_id].astype(np.int64)[met]
    known = (index >= 0) & (index < vocabulary)
    rows = np.full(vocabulary, -1, np.int64)
    rows[index[known]] = met[known]
    return np.concatenate([rows, met[~known]])
