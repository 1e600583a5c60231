"""Transformed feature columns → a sum of vectors, each with a prior of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import tensorflow as tf

from modules.id_rows import by_id
from modules.roles import Column, Encoding
from modules.transform_graph import TransformGraph

BEGINNING = 0.1  # standard deviation of weights whose prior has 1


class ColumnVectors(tf.keras.layers.Layer):
    """A vector for each value of each column, added up.

    Every column says about as much, however many values a cell holds: of a list and of a text, the sum of the vectors
    over the square root of their number; of a number, the vector times the number, which is standardised. So one prior
    does for all weights: they are normal, with mean 0 and a standard deviation of 1. A value that the vocabulary lacks
    counts as missing.

    Attributes:
        number: of columns.
    """

    def __init__(self, columns: Sequence[Column], graph: TransformGraph, width: int) -> None:
        """Builds a table a column.

        Args:
            columns: the modelled columns.
            graph: asked for the sizes of vocabularies.
            width: of the result.
        """
        super().__init__()
        self._columns, self._width, self.number = list(columns), width, len(columns)
        self._tables: dict[str, tf.keras.layers.Layer] = {}
        self._known: dict[str, int] = {}
        for column in columns:
            beginning = tf.keras.initializers.RandomNormal(stddev=BEGINNING)
            if column.encoding in (Encoding.CATEGORICAL, Encoding.TEXT):
                self._known[column.name] = values = graph.vocabulary_size(column.name)
                table = tf.keras.layers.Embedding(max(values, 1), width, embeddings_initializer=beginning)
                self._tables[column.name] = by_id(table, column.name)
            else:
                self._tables[column.name] = tf.keras.layers.Dense(width, use_bias=False, kernel_initializer=beginning)

    def call(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """[batch, width] float32 of columns [batch, …] by name, others are ignored; zeros where all are missing."""
        total = tf.zeros([tf.shape(next(iter(features.values())))[0], self._width])
        for column in self._columns:
            total += self._of(column, features[column.name])
        return total

    def _of(self, column: Column, values: tf.Tensor) -> tf.Tensor:
        table = self._tables[column.name]
        if column.encoding is Encoding.CONTINUOUS:
            return table(values[:, None])
        if column.encoding is Encoding.IMAGE:
            pixels = tf.reshape(values, [tf.shape(values)[0], values.shape[1] * values.shape[2] * values.shape[3]])
            return table(pixels / pixels.shape[1] ** 0.5)
        if values.shape.rank == 1:
            values = values[:, None]
        present = tf.cast((values >= 0) & (values < self._known[column.name]), tf.float32)
        vectors = table(tf.where(present > 0, values, tf.zeros_like(values))) * present[:, :, None]
        number = tf.reduce_sum(present, axis=1, keepdims=True)
        return tf.reduce_sum(vectors, axis=1) / tf.sqrt(tf.maximum(number, 1.0))
