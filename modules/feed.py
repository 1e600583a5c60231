"""Batches of columns that are already in memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.transform_graph import Columns


def batches(columns: Columns, rows: npt.NDArray[np.int64], batch_size: int, seed: int | None) -> tf.data.Dataset:
    """Batches of the given rows, gathered from whole columns without parsing anything again.

    Args:
        columns: by name, arrays with a row an example.
        rows: [n] which rows to serve.
        batch_size: rows a batch; the last one may be smaller.
        seed: to shuffle anew each epoch; None keeps the order.

    Returns:
        a dataset of dictionaries of tensors [batch, …].
    """
    with tf.device("cpu"):
        tensors = {name: tf.constant(values) for name, values in columns.items()}
    dataset = tf.data.Dataset.from_tensor_slices(rows)
    if seed is not None:
        dataset = dataset.shuffle(max(len(rows), 1), seed=seed)

    def gather(chosen: tf.Tensor) -> dict[str, tf.Tensor]:
        return {name: tf.gather(values, chosen) for name, values in tensors.items()}

    return dataset.batch(batch_size).map(gather, num_parallel_calls=2, deterministic=True).prefetch(2)
