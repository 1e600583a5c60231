"""Rows of varying length, kept in variables so that they are stored in a SavedModel's checkpoint, not in its graph."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class RaggedArray:
    """Rows of varying length.

    Attributes:
        values: [V] all rows' values, one after the other; object arrays of bytes for text.
        row_splits: [rows + 1] int64; row i is `values[row_splits[i]:row_splits[i + 1]]`.
    """

    values: NDArray[Any]
    row_splits: NDArray[np.int64]

    def __post_init__(self) -> None:
        splits = self.row_splits
        if len(splits) < 1 or splits[0] != 0 or splits[-1] != len(self.values) or (np.diff(splits) < 0).any():
            raise ValueError("row_splits must rise from 0 to the number of values")

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[object]], dtype: Any) -> RaggedArray:
        """Joins `rows`; `dtype` is a NumPy type, `object` for bytes."""
        rows = list(rows)
        splits = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(row) for row in rows], out=splits[1:])
        values = np.empty(int(splits[-1]), dtype)
        for i, row in enumerate(rows):
            values[splits[i] : splits[i + 1]] = row
        return cls(values, splits)

    def __len__(self) -> int:
        return len(self.row_splits) - 1


class RaggedTable(tf.Module):
    """A `RaggedArray` in the graph: string, int64, int32 or float32 values."""

    def __init__(self, array: RaggedArray, dtype: tf.DType, name: str = "ragged_table") -> None:
        super().__init__(name=name)
        self._empty = len(array)
        # One empty row more than the array has: the one of whoever is unknown.
        splits = np.append(array.row_splits, array.row_splits[-1]).astype(np.int64)
        self._splits = tf.Variable(splits, trainable=False, name="row_splits")
        self._values = tf.Variable(
            tf.constant(array.values.tolist() if dtype == tf.string else array.values, dtype),
            trainable=False,
            name="values",
        )

    def gather(self, rows: tf.Tensor) -> tf.RaggedTensor:
        """The rows numbered `rows` [B] int, as a RaggedTensor [B, None]; a negative number gives an empty row."""
        rows = tf.where(rows < 0, tf.cast(self._empty, rows.dtype), rows)
        places = tf.ragged.range(tf.gather(self._splits, rows), tf.gather(self._splits, rows + 1))
        return places.with_values(tf.gather(self._values, places.values))
