"""The categories of items, of the items of an answer and of a history."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from modules.serving.calibration import Calibration
from modules.serving.ragged_table import RaggedArray, RaggedTable


def category_codes(values: RaggedArray) -> RaggedArray:
    """The values of a column as numbers from 0 (int32), each once in a row; an empty text is no value."""
    filled = np.array([value != b"" for value in values.values], bool)
    rows = np.repeat(np.arange(len(values)), np.diff(values.row_splits))[filled]
    distinct, codes = np.unique(values.values[filled], return_inverse=True)
    pairs = np.unique(rows * max(len(distinct), 1) + codes)
    rows, codes = np.divmod(pairs, max(len(distinct), 1))
    splits = np.zeros(len(values) + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=len(values)), out=splits[1:])
    return RaggedArray(codes.astype(np.int32), splits)


class CategoryMix(tf.Module):
    """A categorical column of the N items, for `Calibration`. Having no value counts as one more category."""

    def __init__(self, values: RaggedArray) -> None:
        """Puts the column into variables; `values` are N rows of bytes."""
        super().__init__(name="category_mix")
        codes = category_codes(values)
        lengths = np.diff(codes.row_splits)
        self._categories = int(codes.values.max(initial=-1)) + 2
        filled = np.insert(codes.values, codes.row_splits[:-1][lengths == 0], self._categories - 1)
        splits = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.maximum(lengths, 1))])
        self._codes = RaggedTable(RaggedArray(filled.astype(np.int32), splits), tf.int32, name="calibrated")

    def calibration(self, strength: float, history: tf.RaggedTensor, positions: tf.Tensor) -> Calibration:
        """Candidates [B, K] int32 that are to be mixed like the histories, [B, None] int32; negative = no item."""
        shape = tf.shape(positions)
        codes = self._codes.gather(tf.reshape(positions, [-1])).to_tensor(-1)
        codes = tf.reshape(codes, [shape[0], shape[1], tf.shape(codes)[1]])
        return Calibration(strength, self.of(history), codes)

    def of(self, history: tf.RaggedTensor) -> tf.Tensor:
        """[B, G] float32: the share of each category, each item spreading 1 evenly; zeros without a known item."""
        codes = self._codes.gather(history.values)
        lengths = codes.row_lengths()
        shares = tf.repeat(tf.math.reciprocal_no_nan(tf.cast(lengths, tf.float32)), lengths)
        owners = tf.repeat(history.value_rowids(), lengths)
        places = owners * self._categories + tf.cast(codes.values, tf.int64)
        total = tf.math.unsorted_segment_sum(shares, places, history.nrows() * self._categories)
        total = tf.reshape(total, [-1, self._categories])
        return tf.math.divide_no_nan(total, tf.reduce_sum(total, axis=1, keepdims=True))
