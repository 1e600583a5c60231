"""What is too much for one request."""

from __future__ import annotations

import pytest
import tensorflow as tf

from modules.serving.limits import MOST_ANSWERS, most_requests, within_limits


def test_catalogues_of_any_size_leave_room_for_a_batch() -> None:
    # A float for each item and 500 for each candidate of a request, 2³¹ in all.
    assert most_requests(items=1682, depth=200) == 21_119
    assert most_requests(items=1_000_000, depth=200) == 1_952
    assert most_requests(items=30, depth=30) == 142_879


@tf.function(input_signature=[tf.TensorSpec([None], tf.string), tf.TensorSpec([], tf.int32)], autograph=False)
def asked(requests: tf.Tensor, k: tf.Tensor) -> tf.Tensor:
    with tf.control_dependencies(within_limits(requests, 3, k)):
        return tf.shape(requests)[0]


@pytest.mark.parametrize(
    ("requests", "k", "refusal"),
    [
        (3, 10, None),
        (4, 10, "a batch may have 3 requests at most"),
        (0, 2**31 - 1, None),
        (1, MOST_ANSWERS, None),
        (1, MOST_ANSWERS + 1, "k times the requests of a batch may be 16777216 at most"),
        (2, 2**31 - 1, "k times the requests"),
        (2, -(2**31), None),
    ],
)
def test_refusals(requests: int, k: int, refusal: str | None) -> None:
    if refusal is None:
        assert asked(tf.fill([requests], "u"), tf.constant(k)).numpy() == requests
    else:
        with pytest.raises(tf.errors.InvalidArgumentError, match=refusal):
            asked(tf.fill([requests], "u"), tf.constant(k))
