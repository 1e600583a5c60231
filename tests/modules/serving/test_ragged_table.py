"""Ragged rows in the graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from modules.serving.ragged_table import RaggedArray, RaggedTable


@pytest.mark.parametrize(
    ("dtype", "numpy_dtype", "rows"),
    [
        (tf.string, object, [[b"a", b"b"], [], ["ü\n".encode()]]),
        (tf.int64, np.int64, [[1, 2**40], [], [-3]]),
        (tf.int32, np.int32, [[1, 2], [], [-3]]),
        (tf.float32, np.float32, [[0.5, 2], [], [-3]]),
    ],
)
def test_gather(dtype: tf.DType, numpy_dtype: Any, rows: list[list[Any]]) -> None:
    table = RaggedTable(RaggedArray.from_rows(rows, numpy_dtype), dtype)
    gathered = table.gather(tf.constant([2, -1, 0, 0, 1]))
    assert gathered.dtype == dtype
    assert gathered.to_list() == [rows[2], [], rows[0], rows[0], []]


def test_without_rows() -> None:
    table = RaggedTable(RaggedArray.from_rows([], np.int32), tf.int32)
    assert table.gather(tf.constant([-1])).to_list() == [[]]
    assert table.gather(tf.constant([], tf.int32)).to_list() == []


def test_text_may_come_as_a_list_of_bytes() -> None:
    table = RaggedTable(RaggedArray(np.array([b"ab", b""], object), np.array([0, 1, 2])), tf.string)
    assert table.gather(tf.constant([1, 0])).to_list() == [[b""], [b"ab"]]


@pytest.mark.parametrize("splits", [[], [1, 2], [0, 1], [0, 3, 2]])
def test_refuses_splits_that_do_not_fit(splits: list[int]) -> None:
    with pytest.raises(ValueError, match="row_splits"):
        RaggedArray(np.array([1, 2]), np.array(splits, np.int64))
