"""Batches of columns in memory and in files."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from modules.column_store import Columns, joined
from modules.feed import batches

COLUMNS = {"a": np.arange(10), "b": np.arange(20, dtype=np.float32).reshape(10, 2)}
ROWS = np.array([1, 3, 5, 7, 9])


def _epoch(feed: tf.data.Dataset) -> list[list[int]]:
    return [batch["a"].numpy().tolist() for batch in feed]


@pytest.fixture(params=["in memory", "mapped"])
def columns(request: pytest.FixtureRequest) -> Columns:
    return COLUMNS if request.param == "in memory" else joined([COLUMNS], {}, in_memory=0)


def test_in_order_without_a_seed(columns: Columns) -> None:
    feed = batches(columns, ROWS, 2, None)
    assert _epoch(feed) == _epoch(feed) == [[1, 3], [5, 7], [9]]
    np.testing.assert_array_equal(next(iter(feed))["b"], [[2, 3], [6, 7]])


def test_a_seed_shuffles_each_epoch_anew_and_always_alike(columns: Columns) -> None:
    rows = np.arange(10)
    feed, again = batches(columns, rows, 3, 5), batches(columns, rows, 3, 5)
    first, second = _epoch(feed), _epoch(feed)
    assert first != second
    for epoch in (first, second):
        assert sorted(row for batch in epoch for row in batch) == rows.tolist()
    assert [_epoch(again), _epoch(again)] == [first, second]
    assert [len(batch) for batch in first] == [3, 3, 3, 1]
