"""How much may be asked for at once: more would take the server's memory, and everybody's answers with it."""

from __future__ import annotations

import tensorflow as tf

MOST_NUMBERS = 2**31
"""Held for a batch at the same time, 4 bytes each."""

NUMBERS_A_CANDIDATE = 500
"""About as many while one is ranked: its encoding and what the layers make of it."""

MOST_ANSWERS = 2**24
"""Items of all rows of an answer, pads included."""


def most_requests(items: int, depth: int) -> int:
    """How many requests a batch may have.

    Args:
        items: of the catalogue, each of which is scored.
        depth: candidates that are ranked.
    """
    return MOST_NUMBERS // (items + NUMBERS_A_CANDIDATE * depth)


def within_limits(requests: tf.Tensor, most: int, k: tf.Tensor | None = None) -> list[tf.Operation]:
    """Operations of a graph that fail (InvalidArgument) where too much is asked for.

    Whatever takes memory must depend on them: TensorFlow would do both at once.

    Args:
        requests: [B, …].
        most: requests of a batch.
        k: int32 scalar, items that each asks for.
    """
    size = tf.shape(requests, tf.int64)[0]
    said = f"a batch may have {most} requests at most"
    checks = [tf.debugging.assert_less_equal(size, tf.constant(most, tf.int64), said)]
    if k is not None:
        said = f"k times the requests of a batch may be {MOST_ANSWERS} at most"
        answers = size * tf.cast(k, tf.int64)
        checks.append(tf.debugging.assert_less_equal(answers, tf.constant(MOST_ANSWERS, tf.int64), said))
    return checks
