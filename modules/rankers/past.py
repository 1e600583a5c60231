"""What each row of a batch knows of its user's other rows in it."""

from __future__ import annotations

import tensorflow as tf


def sums_of_past(terms: tf.Tensor, first: tf.Tensor, last: tf.Tensor, is_own: tf.Tensor) -> tf.Tensor:
    """Sums of the terms of other rows, all rows at once.

    Args:
        terms: [rows, width] float32 of each row.
        first, last: [rows] int: the rows from `first` up to, not including, `last` are summed up for a row.
        is_own: [rows] float32: 1 where the row itself lies among these and must be left out, else 0.

    Returns:
        [rows, width] float32.
    """
    running = tf.pad(tf.cumsum(terms), [[1, 0], [0, 0]])
    return tf.gather(running, last) - tf.gather(running, first) - terms * is_own[:, None]
