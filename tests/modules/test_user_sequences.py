"""Interactions regrouped by user."""

from __future__ import annotations

import numpy as np

from modules.user_sequences import UserSequences

# Users 3, 1, 3, 1, 3; the two of user 1 fall in the same second.
_SEQUENCES = UserSequences.of(
    users=np.array([3, 1, 3, 1, 3]),
    items=np.array([10, 11, 12, 13, 14]),
    moments=np.array([300, 50, 100, 50, 200]),
    weights=np.array([1, 0, 1, 2, 0], np.float32),
    targets=np.array([5, 1, 4, 3, 2], np.float32),
)


def test_each_user_is_a_run_in_the_order_of_time() -> None:
    assert _SEQUENCES.users.tolist() == [1, 3]
    assert _SEQUENCES.offsets.tolist() == [0, 2, 5]
    assert _SEQUENCES.items.tolist() == [11, 13, 12, 14, 10]
    assert _SEQUENCES.moments.tolist() == [50, 50, 100, 200, 300]
    assert _SEQUENCES.rows.tolist() == [1, 3, 2, 4, 0]
    assert _SEQUENCES.targets.tolist() == [1, 3, 4, 2, 5]
    assert len(_SEQUENCES) == 2


def test_users_with_nothing_left_are_gone() -> None:
    kept = _SEQUENCES.where(np.array([False, False, True, False, True]))
    assert kept.users.tolist() == [3]
    assert kept.offsets.tolist() == [0, 2]
    assert kept.items.tolist() == [12, 10]
    assert kept.weights.tolist() == [1, 1]


def test_without_targets_they_are_unknown() -> None:
    ones = np.ones(2)
    alone = UserSequences.of(np.zeros(2, np.int64), np.arange(2), np.zeros(2, np.int64), ones.astype(np.float32))
    assert np.isnan(alone.targets).all()
