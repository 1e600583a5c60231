"""Flat indices of ragged rows."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from modules.ragged import flat_indices, offsets_of


def test_by_hand() -> None:
    assert flat_indices(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]
    assert offsets_of(np.array([2, 0, 3])).tolist() == [0, 2, 2, 5]


def test_no_rows() -> None:
    nothing = np.empty(0, np.int64)
    assert flat_indices(nothing, nothing).tolist() == []
    assert offsets_of(nothing).tolist() == [0]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5))))
def test_equals_the_loop(rows: list[tuple[int, int]]) -> None:
    starts = np.array([start for start, _ in rows], np.int64)
    lengths = np.array([length for _, length in rows], np.int64)
    expected = [index for start, length in rows for index in range(start, start + length)]
    found = flat_indices(starts, lengths)
    assert found.dtype == np.int64 and found.tolist() == expected
    offsets = offsets_of(lengths)
    assert [found[a:b].tolist() for a, b in itertools.pairwise(offsets)] == [
        list(range(start, start + length)) for start, length in rows
    ]
