"""Serialised tf.Examples in requests."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from modules.roles import SEEN
from modules.serving.query import Request, unknown
from modules.serving.tables import Names


def parse_items(examples: tf.Tensor, inputs: Mapping[str, tf.DType]) -> dict[str, tf.SparseTensor]:
    """The raw item columns of `examples` [B]: SparseTensors [B, n], n ≥ 1."""
    parsed = tf.io.parse_example(examples, {name: tf.io.VarLenFeature(dtype) for name, dtype in inputs.items()})
    return {
        name: tf.SparseTensor(sparse.indices, sparse.values, tf.maximum(sparse.dense_shape, [0, 1]))
        for name, sparse in parsed.items()
    }


def parse_request(
    examples: tf.Tensor, inputs: Mapping[str, tf.DType], names: Names, stored_history: bool = True
) -> Request:
    """The request that `examples` [B] make; what they do not say is taken from the stored user.

    Items in their column `seen_items`, if they have it, are not returned: evaluation queries say so what was seen
    before the newest `history_length` items.
    """
    types = {names.user_id: tf.string, names.history: tf.string, SEEN: tf.string, **dict(inputs)}
    parsed = tf.io.parse_example(
        examples, {name: tf.io.RaggedFeature(dtype, row_splits_dtype=tf.int64) for name, dtype in types.items()}
    )
    user_ids = parsed.pop(names.user_id).to_tensor("", shape=[None, 1])[:, 0]
    seen = parsed.pop(SEEN)
    history, targets = parsed.pop(names.history), parsed.pop(names.history_target, None)
    named = tf.not_equal(history, "")
    return Request(
        user_id=user_ids,
        history=tf.ragged.boolean_mask(history, named),
        exclude=seen,
        stored_history=stored_history,
        columns=parsed,
        history_target=None if targets is None else tf.ragged.boolean_mask(_aligned(targets, history), named),
    )


def _aligned(targets: tf.RaggedTensor, history: tf.RaggedTensor) -> tf.RaggedTensor:
    """`targets` with as many values as `history` in each row: cut, or unknown (NaN) where there are too few."""
    padded = tf.concat([targets, unknown(history)], axis=1)
    starts = padded.row_starts()
    places = tf.ragged.range(starts, starts + history.row_lengths())
    return places.with_values(tf.gather(padded.values, places.values))
