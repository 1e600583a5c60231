"""Batches of whole columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.column_store import Columns


def batches(columns: Columns, rows: npt.NDArray[np.int64], batch_size: int, seed: int | None) -> tf.data.Dataset:
    """Batches of the given rows, gathered from whole columns without parsing anything again.

    A dataset that shuffles row by row feeds two to five times fewer a second.

    Args:
        columns: by name, arrays with a row an example; in memory, or mapped files that need not fit into it.
        rows: [n] which rows to serve.
        batch_size: rows a batch; the last one may be smaller.
        seed: to draw anew each epoch; within a batch, rows stand in order. None keeps the order.

    Returns:
        a dataset of dictionaries of tensors [batch, …].
    """
    rng = np.random.default_rng(seed)

    def epoch() -> Iterator[Columns]:
        order = rows if seed is None else rng.permutation(rows)
        for start in range(0, len(order), batch_size):
            chosen = np.sort(order[start : start + batch_size])
            yield {name: values[chosen] for name, values in columns.items()}

    signature = {
        name: tf.TensorSpec([None, *values.shape[1:]], tf.as_dtype(values.dtype)) for name, values in columns.items()
    }
    return tf.data.Dataset.from_generator(epoch, output_signature=signature).prefetch(2)
