"""The popularity baseline."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.metrics.popularity import popular


def test_by_hand() -> None:
    counts = np.array([3, 9, 0, 3])  # order: 1, then 0 before 3 (tie), then 2
    nothing = np.array([], dtype=int)
    lists = popular(counts, [nothing, np.array([1]), np.array([0, 1, 3])], k=3)
    assert lists.tolist() == [[1, 0, 3], [0, 3, 2], [2, -1, -1]]
    assert popular(counts, [nothing], k=6).tolist() == [[1, 0, 3, 2, -1, -1]]
    assert popular(counts, [], k=2).shape == (0, 2)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=12),
    st.lists(st.integers(0, 11), max_size=20),
    st.integers(1, 15),
)
def test_against_sorting(counts: list[int], seen: list[int], k: int) -> None:
    seen = [item % len(counts) for item in seen]
    left = [item for item in range(len(counts)) if item not in seen]
    expected = sorted(left, key=lambda item: (-counts[item], item))[:k]
    [row] = popular(np.array(counts), [np.array(seen, dtype=int)], k).tolist()
    assert row == expected + [-1] * (k - len(expected))
