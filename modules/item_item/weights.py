"""Item-item weights as coordinates of queries and items."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.history import faded, known_positives
from modules.item_item.choice import ItemItemChoice
from modules.roles import HISTORY, HISTORY_TARGET
from modules.training_data import TrainingData

_RIDGE = 0.01  # of the number of items, on columns of unit variance
Floats = npt.NDArray[np.float32]
Encoder = Callable[[Mapping[str, tf.Tensor]], tf.Tensor]


class ItemItem:
    """An item's score is the sum of its weights for the items of the history, over the square root of their number.

    The coordinates of an item that nobody took are what its columns let expect, by a linear regression over the
    others; the mean where there are no columns.

    Attributes:
        recency: how older items of a history fade.
        variables: the tables.
    """

    def __init__(self, data: TrainingData, describe: Encoder | None, choice: ItemItemChoice) -> None:
        """Makes the tables.

        Args:
            data: to learn from.
            describe: columns of items [n, …] → [n, width] float32; None where ids are all there is.
            choice: how the weights are made.
        """
        self._item_id, self._positive_min = data.roles.item_id, data.positive_min
        self._vocabulary = vocabulary = data.graph.vocabulary_size(self._item_id)
        catalogue, spectrum = data.catalogue, data.item_spectrum
        self.recency, self._describe = choice.recency, describe
        shown, wanted = spectrum.weights(choice.regularisation)
        shown, wanted = shown * np.float32(choice.weight / choice.scale), wanted * np.float32(choice.scale)
        index = catalogue.columns[self._item_id].astype(np.int64)
        known = (index < vocabulary) & (spectrum.takers > 0)
        self._shown, self._wanted = (_by_index(table, index, known, vocabulary) for table in (shown, wanted))
        self._known = _by_index(np.ones((len(index), 1), np.float32), index, known, vocabulary)
        described = catalogue.encoded(describe) if describe else np.zeros((len(index), 0), np.float32)
        slopes, level = _regression(described[known], wanted[known])
        self._slopes, self._level = (tf.Variable(values, trainable=False) for values in (slopes, level))
        self.variables = [self._shown, self._wanted, self._known, self._slopes, self._level]

    def query(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """[batch, rank] float32 of transformed columns of queries [batch, …]; zeros for an empty history."""
        history = known_positives(features[HISTORY], features.get(HISTORY_TARGET), self._positive_min)
        present = tf.cast((history >= 0) & (history < self._vocabulary), tf.float32)
        present *= faded(present, self.recency.fading, self.recency.floor)
        places = tf.where(present > 0)
        columns = tf.cast(tf.gather_nd(history, places), tf.int64)
        shape = tf.stack([tf.shape(history, tf.int64)[0], tf.constant(self._vocabulary, tf.int64)])
        sparse = tf.SparseTensor(tf.stack([places[:, 0], columns], axis=1), tf.gather_nd(present, places), shape)
        pooled = tf.sparse.sparse_dense_matmul(sparse, tf.convert_to_tensor(self._shown))
        return pooled / tf.sqrt(tf.reduce_sum(present, axis=1, keepdims=True) + 1e-6)

    def candidate(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """[batch, rank] float32 of transformed columns of items [batch, …]."""
        index = tf.cast(features[self._item_id], tf.int64)
        inside = (index >= 0) & (index < self._vocabulary)
        place = tf.clip_by_value(index, 0, self._vocabulary - 1)
        known = tf.cast(inside, tf.float32)[:, None] * tf.gather(self._known, place)
        expected = tf.zeros_like(known) + self._level
        if self._describe:
            expected += tf.matmul(self._describe(features), self._slopes)
        return known * tf.gather(self._wanted, place) + (1 - known) * expected


def _by_index(table: Floats, index: npt.NDArray[np.int64], known: npt.NDArray[np.bool_], size: int) -> tf.Variable:
    """[size, width] the rows of the known items at their indices in the vocabulary, zeros elsewhere."""
    rows = np.zeros((max(size, 1), table.shape[1]), np.float32)
    rows[index[known]] = table[known]
    return tf.Variable(rows, trainable=False)


def _regression(described: Floats, wanted: Floats) -> tuple[Floats, Floats]:
    """Slopes [width, rank] and level [rank] of a ridge regression on columns of unit variance."""
    if not len(wanted):
        return np.zeros((described.shape[1], wanted.shape[1]), np.float32), np.zeros(wanted.shape[1], np.float32)
    mean, level = described.mean(axis=0, dtype=np.float64), wanted.mean(axis=0, dtype=np.float64)
    spread = np.maximum(described.std(axis=0, dtype=np.float64), 1e-6)
    unit = (described - mean) / spread
    gram = unit.T @ unit + (_RIDGE * len(unit) + 1e-6) * np.eye(unit.shape[1])
    slopes = np.linalg.solve(gram, unit.T @ (wanted - level)) / spread[:, None]
    return slopes.astype(np.float32), (level - mean @ slopes).astype(np.float32)
