"""Batches of whole columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.column_store import Columns


def batches(columns: Columns, rows: npt.NDArray[np.int64], batch_size: int, seed: int | None) -> tf.data.Dataset:
    """Batches of the given rows, gathered from whole columns without parsing anything again.

    Args:
        columns: by name, arrays with a row an example; in memory, or mapped files.
        rows: [n] which rows to serve.
        batch_size: rows a batch; the last one may be smaller.
        seed: to shuffle anew each epoch; None keeps the order.

    Returns:
        a dataset of dictionaries of tensors [batch, …].
    """
    if any(isinstance(values, np.memmap) for values in columns.values()):
        return _from_files(columns, rows, batch_size, seed)
    with tf.device("cpu"):
        tensors = {name: tf.constant(values) for name, values in columns.items()}
    dataset = tf.data.Dataset.from_tensor_slices(rows)
    if seed is not None:
        dataset = dataset.shuffle(max(len(rows), 1), seed=seed)

    def gather(chosen: tf.Tensor) -> dict[str, tf.Tensor]:
        return {name: tf.gather(values, chosen) for name, values in tensors.items()}

    return dataset.batch(batch_size).map(gather, num_parallel_calls=2, deterministic=True).prefetch(2)


def _from_files(columns: Columns, rows: npt.NDArray[np.int64], batch_size: int, seed: int | None) -> tf.data.Dataset:
    """The same, gathered a batch at a time from files that need not fit into memory; in order within a batch."""
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
