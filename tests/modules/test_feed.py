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


def test_in_order_without_a_seed() -> None:
    feed = batches(COLUMNS, ROWS, 2, None)
    assert _epoch(feed) == _epoch(feed) == [[1, 3], [5, 7], [9]]
    np.testing.assert_array_equal(next(iter(feed))["b"], [[2, 3], [6, 7]])


def test_a_seed_shuffles_each_epoch_anew_and_always_alike() -> None:
    rows = np.arange(10)
    feed, again = batches(COLUMNS, rows, 3, 5), batches(COLUMNS, rows, 3, 5)
    first, second = _epoch(feed), _epoch(feed)
    assert first != second
    for epoch in (first, second):
        assert sorted(row for batch in epoch for row in batch) == rows.tolist()
    assert [_epoch(again), _epoch(again)] == [first, second]
    assert [len(batch) for batch in first] == [3, 3, 3, 1]


@pytest.fixture
def mapped() -> Columns:
    return joined([COLUMNS], {}, in_memory=0)


def test_from_files_in_order_without_a_seed(mapped: Columns) -> None:
    feed = batches(mapped, ROWS, 2, None)
    assert _epoch(feed) == _epoch(feed) == [[1, 3], [5, 7], [9]]
    np.testing.assert_array_equal(next(iter(feed))["b"], [[2, 3], [6, 7]])


def test_from_files_each_row_once_an_epoch(mapped: Columns) -> None:
    rows = np.arange(10)
    feed, again = batches(mapped, rows, 3, 5), batches(mapped, rows, 3, 5)
    first, second = _epoch(feed), _epoch(feed)
    assert first != second and [_epoch(again), _epoch(again)] == [first, second]
    for epoch in (first, second):
        assert sorted(row for batch in epoch for row in batch) == rows.tolist()
        assert [len(batch) for batch in epoch] == [3, 3, 3, 1]
