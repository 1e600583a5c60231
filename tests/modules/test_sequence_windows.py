"""Cutting sequences into windows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from modules.sequence_windows import cut, grouped, strictly_before
from modules.user_sequences import UserSequences

LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=8)


def _predicted(user: int, first: int, end: int) -> list[tuple[int, int]]:
    return [(user, place) for place in range(first + (first > 0), end + 1)]


@given(LENGTHS, st.integers(1, 12), st.integers(0, 99))
def test_each_item_is_predicted_once(lengths: list[int], length: int, seed: int) -> None:
    windows = cut(np.array(lengths), length, np.random.default_rng(seed))
    found = [
        place
        for window in zip(windows.user.tolist(), windows.first.tolist(), windows.end.tolist(), strict=True)
        for place in _predicted(*window)
    ]
    assert sorted(found) == [(user, place) for user, taken in enumerate(lengths) for place in range(taken)]
    assert (windows.widths <= length).all() and (windows.widths >= 0).all()


def test_what_fits_is_not_cut() -> None:
    windows = cut(np.array([1, 4, 5]), 4, np.random.default_rng(0))
    assert windows.first.tolist() == [0, 0, 0]
    assert windows.end.tolist() == [0, 3, 4]


@given(LENGTHS, st.integers(1, 12), st.integers(1, 50), st.integers(0, 99))
def test_batches_hold_each_window_once(lengths: list[int], length: int, places: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    windows = cut(np.array(lengths), length, rng)
    batches = [*grouped(windows, places, rng)]
    found = sorted(triple for batch in batches for triple in zip(batch.user, batch.first, batch.end, strict=True))
    assert found == sorted(zip(windows.user, windows.first, windows.end, strict=True))
    for batch in batches:
        assert len(batch.user) == 1 or len(batch.user) * (1 + batch.widths.max()) <= places


def test_strictly_before() -> None:
    moments = np.array([1, 1, 2, 2, 2, 3, 3, 5])
    users = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    sequences = UserSequences.of(users, np.arange(8), moments, np.ones(8, np.float32))
    assert strictly_before(sequences, ordered_by_moment=True).tolist() == [0, 0, 2, 2, 2, 5, 0, 1]
    assert strictly_before(sequences, ordered_by_moment=False).tolist() == [0, 1, 2, 3, 4, 5, 0, 1]
