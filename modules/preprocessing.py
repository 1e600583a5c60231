"""The Transform graph: raw columns → numbers, the same in training and in serving.

Every raw column comes as a SparseTensor [batch, values]: a cell may be empty, hold one value or, for a list, several.
Every output is dense but the history's, and named like its column.

    ids, categorical      int64 index in a vocabulary of the train split; one more index for values it does not hold
        of a list         [batch, LIST_VALUES], -1 where a cell has fewer values
    text                  [batch, TEXT_TOKENS] int64 indices of the first words, -1 pads
    continuous            [batch] float32, standardised, 0 where missing; of a list its mean
    image                 [batch, IMAGE_PIXELS, IMAGE_PIXELS, 3] float32 in [0, 1], black where missing
    time                  `TIME_FEATURES` [batch, 4] float32: hour of the day and day of the week on the circle
    history               SparseTensor [batch, values] int64 item indices, oldest first
    history_target        SparseTensor [batch, values] float32, NaN where unknown
    target, weight        [batch] float32 as they are
"""

from __future__ import annotations

import math
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from modules.roles import HISTORY, HISTORY_TARGET, WEIGHT, Column, Encoding, Roles, parse_roles

TIME_FEATURES = "time_features"
LIST_VALUES = 20
TEXT_TOKENS = 40
TEXT_VOCABULARY = 20_000
IMAGE_PIXELS = 16
_DAY, _WEEK = 86_400, 7 * 86_400

Inputs = dict[str, tf.SparseTensor]
Outputs = dict[str, tf.Tensor]


def preprocessing_fn(inputs: Inputs, custom_config: dict[str, Any]) -> Outputs:
    """TFX Transform's entry point.

    Args:
        inputs: the raw columns of `table_schemas.transform_schema`.
        custom_config: "schema", the text of the annotated schema.
    """
    roles = parse_roles(custom_config["schema"])
    outputs = _ids_and_history(inputs, roles)
    for column in roles.features():
        assert column.encoding is not None  # that is what makes it a feature
        outputs[column.name] = _ENCODERS[column.encoding](inputs[column.name], column)
    if roles.time:
        outputs[TIME_FEATURES] = _on_the_circle(_single(inputs[roles.time], -1))
    if roles.target:
        outputs[roles.target] = _single(inputs[roles.target], 0.0)
    outputs[WEIGHT] = _single(inputs[WEIGHT], 0.0)
    return outputs


def _ids_and_history(inputs: Inputs, roles: Roles) -> Outputs:
    """The two ids, and the history in the item's vocabulary."""
    users = tft.compute_and_apply_vocabulary(inputs[roles.user_id], num_oov_buckets=1, vocab_filename=roles.user_id)
    vocabulary = tft.vocabulary(inputs[roles.item_id], vocab_filename=roles.item_id)
    items, history = (
        tft.apply_vocabulary(inputs[name], vocabulary, num_oov_buckets=1) for name in (roles.item_id, HISTORY)
    )
    outputs = {
        roles.user_id: _single(users, -1),
        roles.item_id: _single(items, -1),
        HISTORY: history,
    }
    if HISTORY_TARGET in inputs:
        outputs[HISTORY_TARGET] = tf.identity(inputs[HISTORY_TARGET])  # an output of its own
    return outputs


def _categorical(values: tf.SparseTensor, column: Column) -> tf.Tensor:
    indices = tft.compute_and_apply_vocabulary(values, num_oov_buckets=1, vocab_filename=column.name)
    return _padded(indices, -1, LIST_VALUES) if column.is_list else _single(indices, -1)


def _text(values: tf.SparseTensor, column: Column) -> tf.Tensor:
    lines = tf.strings.reduce_join(tf.RaggedTensor.from_sparse(values), axis=1, separator=" ")
    words = tf.strings.split(tf.strings.regex_replace(tf.strings.lower(lines, "utf-8"), r"[^\p{L}\p{N}]+", " "))
    indices = tft.compute_and_apply_vocabulary(
        words.to_sparse(), top_k=TEXT_VOCABULARY, num_oov_buckets=1, vocab_filename=column.name
    )
    return _padded(indices, -1, TEXT_TOKENS)


def _continuous(values: tf.SparseTensor, column: Column) -> tf.Tensor:
    del column
    numbers = tf.cast(values, tf.float32)
    mean = _few_digits(tft.mean(numbers.values))
    deviation = _few_digits(tf.sqrt(tft.var(numbers.values)))
    lengths = tf.sparse.reduce_sum(numbers.with_values(tf.ones_like(numbers.values)), axis=1)
    cells = tf.math.divide_no_nan(tf.sparse.reduce_sum(numbers, axis=1), lengths)
    standardised = tf.math.divide_no_nan(cells - mean, deviation)
    # Values far outside what was seen in training must not drown the other features.
    clipped = tf.clip_by_value(standardised, -5.0, 5.0)
    return tf.ensure_shape(tf.where(lengths > 0, clipped, tf.zeros_like(clipped)), [None])


def _image(values: tf.SparseTensor, column: Column) -> tf.Tensor:
    del column
    black = tf.zeros([IMAGE_PIXELS, IMAGE_PIXELS, 3])

    def pixels(encoded: tf.Tensor) -> tf.Tensor:
        image = tf.io.decode_image(encoded, channels=3, expand_animations=False)
        return tf.image.resize(tf.ensure_shape(image, [None, None, 3]), [IMAGE_PIXELS, IMAGE_PIXELS]) / 255.0

    def pixels_or_black(encoded: tf.Tensor) -> tf.Tensor:
        return tf.cond(tf.strings.length(encoded) > 0, lambda: pixels(encoded), lambda: black)

    return tf.map_fn(pixels_or_black, _single(values, ""), fn_output_signature=tf.TensorSpec(black.shape, tf.float32))


_ENCODERS = {
    Encoding.CATEGORICAL: _categorical,
    Encoding.TEXT: _text,
    Encoding.CONTINUOUS: _continuous,
    Encoding.IMAGE: _image,
}


def _few_digits(value: tf.Tensor) -> tf.Tensor:
    """Five significant digits: sums in another order, as Beam may form them, then give the same graph."""
    scale = tf.pow(10.0, 4.0 - tf.floor(tf.math.log(tf.maximum(tf.abs(value), 1e-30)) / math.log(10.0)))
    return tf.round(value * scale) / scale


def _on_the_circle(seconds: tf.Tensor) -> tf.Tensor:
    """[batch, 4] sine and cosine of the hour of day and of the day of week; zeros where the time is unknown (< 0)."""
    angles = [2 * math.pi * tf.cast(seconds % period, tf.float32) / period for period in (_DAY, _WEEK)]
    features = tf.stack([function(angle) for angle in angles for function in (tf.sin, tf.cos)], axis=1)
    return tf.where((seconds >= 0)[:, None], features, tf.zeros_like(features))


def _single(values: tf.SparseTensor, missing: float | int | str) -> tf.Tensor:
    """[batch] the first value of each cell."""
    return _padded(values, missing, 1)[:, 0]


def _padded(values: tf.SparseTensor, missing: float | int | str, width: int) -> tf.Tensor:
    """[batch, width] the first values of each cell."""
    cut = tf.sparse.slice(values, [0, 0], [values.dense_shape[0], width])
    fixed = tf.SparseTensor(cut.indices, cut.values, tf.stack([values.dense_shape[0], width]))
    dense = tf.sparse.to_dense(fixed, default_value=tf.constant(missing, values.dtype))
    return tf.ensure_shape(dense, [None, width])
