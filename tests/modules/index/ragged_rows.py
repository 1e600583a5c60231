"""Rows of varying length as the searches take them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import tensorflow as tf


def ragged(rows: Sequence[Collection[int]]) -> tf.RaggedTensor:
    return tf.RaggedTensor.from_row_splits(
        tf.constant([one for row in rows for one in row], tf.int32),
        tf.constant(np.cumsum([0, *map(len, rows)]), tf.int64),
    )
