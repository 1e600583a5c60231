"""How the protocols part interactions."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.baselines.log import Ints
from benchmarks.quality.splits import by_time, last_out, random_within_users, stratified
from components.example_gen.splits import time_boundaries

GROUPS = st.lists(st.integers(0, 5), min_size=1, max_size=60).map(np.array)


def test_stratified_by_hand() -> None:
    # RandomState(42) draws .375, .951, .732, .599, .156: of item 7 the order is rows 4, 0, 3, 1, and ¾ of 4 rows are 3.
    # Item 8 has one row: 1 / 1 is above ¾.
    assert stratified(np.array([7, 7, 8, 7, 7]), 0.75, 42).tolist() == ["train", "test", "test", "train", "train"]


@given(GROUPS, st.integers(0, 100))
def test_stratified_shares(groups: Ints, seed: int) -> None:
    split = stratified(groups, 0.75, seed)
    for group in set(groups.tolist()):
        assert (split[groups == group] == "train").sum() == int((groups == group).sum() * 0.75)


@given(GROUPS, st.integers(0, 100))
def test_random_within_users_shares(users: Ints, seed: int) -> None:
    split = random_within_users(users, (0.8, 0.1, 0.1), seed)
    for user in set(users.tolist()):
        own = split[users == user]
        held = max(len(own) // 10, 1)
        assert (own == "test").sum() == (held if len(own) > 1 else 0)
        assert (own == "eval").sum() == (held if len(own) > 2 else 0)
    assert (split == random_within_users(users, (0.8, 0.1, 0.1), seed)).all()


def test_last_out() -> None:
    users = np.array([1, 2, 1, 1, 2, 1])
    moments = np.array([4, 1, 2, 1, 2, 3])
    assert last_out(users, moments).tolist() == ["test", "train", "train", "train", "train", "eval"]


def test_by_time_keeps_a_moment_together() -> None:
    moments = np.array([5, 1, 2, 3, 4, 6, 7, 8, 9, 9])
    assert by_time(moments, (0.8, 0.1, 0.1)).tolist() == ["train"] * 7 + ["eval", "test", "test"]


@given(st.lists(st.integers(0, 30), min_size=10, max_size=80).filter(lambda moments: len(set(moments)) > 2))
def test_by_time_is_the_pipelines_own(moments: list[int]) -> None:
    times, counts = np.unique(moments, return_counts=True)
    eval_from, test_from = time_boundaries(times, counts, 0.1, 0.1)
    split = by_time(np.array(moments), (0.8, 0.1, 0.1))
    expected = ["test" if at >= test_from else "eval" if at >= eval_from else "train" for at in moments]
    assert split.tolist() == expected
