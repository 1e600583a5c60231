"""Which rows are train, eval and test."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.example_gen.splits import EVAL, TEST, TRAIN, SplitKind, SplitPlan, assign, time_boundaries, uniform_of
from modules.ragged import Ints

_NOTHING = np.empty(0)


def _boundaries(rows: dict[int, int]) -> tuple[int, int]:
    """Where eval and test begin, with shares of a tenth, from the number of rows of each time."""
    return time_boundaries(np.array(list(rows)), np.array(list(rows.values())), 0.1, 0.1)


def _by_time(times: list[int], eval_from: int, test_from: int) -> list[int]:
    plan = SplitPlan(SplitKind.TIME, eval_from, test_from)
    return assign(plan, np.zeros(len(times), np.int64), np.array(times), None, _NOTHING).tolist()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (dict.fromkeys(range(10), 1), (8, 9)),
        (dict.fromkeys(range(100, 200), 3), (180, 190)),
        ({1: 80, 2: 10, 3: 10}, (2, 3)),
        ({1: 79, 2: 2, 3: 9, 4: 10}, (3, 4)),  # the time that holds the boundary goes to the older split
        (dict.fromkeys(range(5), 20), (3, 4)),  # five days: the boundaries give way, so that all have rows
        ({1: 75, 2: 20, 3: 5}, (2, 3)),
        ({1: 95, 2: 3, 3: 2}, (2, 3)),
        ({1: 2, 2: 3, 3: 95}, (2, 3)),
        ({1: 50, 2: 50}, (2, 3)),  # two times: no test
        ({1: 100}, (2, 2)),  # one time: train alone
        ({}, (0, 0)),
    ],
)
def test_time_boundaries(rows: dict[int, int], expected: tuple[int, int]) -> None:
    assert _boundaries(rows) == expected


def test_shares_of_ones_own() -> None:
    assert time_boundaries(np.arange(100), np.ones(100, np.int64), 0.2, 0.3) == (50, 70)


@given(st.lists(st.integers(0, 10**9), min_size=50, max_size=300, unique=True))
def test_boundaries_leave_eighty_ten_ten(times: list[int]) -> None:
    eval_from, test_from = _boundaries(dict.fromkeys(sorted(times), 1))
    counts = np.bincount(_by_time(times, eval_from, test_from), minlength=3)
    assert np.all(np.abs(counts - len(times) * np.array([0.8, 0.1, 0.1])) <= 1)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=80))
def test_ties_are_never_parted_and_splits_never_empty(times: list[int]) -> None:
    distinct, counts = np.unique(times, return_counts=True)
    splits = _by_time(times, *time_boundaries(distinct, counts, 0.1, 0.1))
    assert len({*zip(times, splits, strict=True)}) == len(distinct)
    assert len({*splits}) == min(3, len(distinct))
    for (earlier, before), (later, after) in itertools.combinations(zip(times, splits, strict=True), 2):
        assert (earlier - later) * (before - after) >= 0  # the newer, the later the split


def test_the_boundary_itself_is_inside() -> None:
    assert _by_time([9, 10, 19, 20, 21], 10, 20) == [TRAIN, EVAL, EVAL, TEST, TEST]


def test_a_split_column_is_honoured() -> None:
    column = np.array(["train", "eval", "test", "train"], object)
    plan = SplitPlan(SplitKind.COLUMN, set_aside_eval=False)
    assert assign(plan, np.zeros(4, np.int64), None, column, np.zeros(4)).tolist() == [TRAIN, EVAL, TEST, TRAIN]


def test_without_eval_rows_a_tenth_of_train_is_set_aside() -> None:
    column = np.array(["train", "train", "test", "train"], object)
    plan = SplitPlan(SplitKind.COLUMN, set_aside_eval=True)
    uniform = np.array([0.05, 0.1, 0.05, 0.99])
    assert assign(plan, np.zeros(4, np.int64), None, column, uniform).tolist() == [EVAL, TRAIN, TEST, TRAIN]


def test_the_tenth_is_a_tenth() -> None:
    users = np.repeat(np.arange(100), 100).astype(str).astype(object)
    items = np.tile(np.arange(100), 100).astype(str).astype(object)
    shares = [(uniform_of(users, items, seed) < 0.1).mean() for seed in range(5)]
    assert np.allclose(shares, 0.1, atol=0.01) and len({*shares}) == 5


def test_uniform_depends_on_the_ids_and_the_seed_alone() -> None:
    users, items = np.array(["a", "a", "b"], object), np.array(["x", "y", "x"], object)
    found = uniform_of(users, items, 7)
    assert len({*found}) == 3 and np.all((found >= 0) & (found < 1))
    assert uniform_of(users[::-1], items[::-1], 7)[::-1].tolist() == found.tolist()
    assert uniform_of(users[1:2], items[1:2], 7).tolist() == [found[1]]
    assert not np.any(uniform_of(users, items, 8) == found)
    assert not np.any(uniform_of(items, users, 7)[:2] == found[:2])  # a pair has an order


def _at_random(sizes: list[int], seed: int = 0) -> tuple[Ints, npt.NDArray[np.int8]]:
    """Codes of users with so many rows, and the splits of these."""
    codes = np.repeat(np.arange(len(sizes)), sizes)
    items = np.concatenate([np.arange(size) for size in sizes] or [codes]).astype(str).astype(object)
    uniform = uniform_of(codes.astype(str).astype(object), items, seed)
    return codes, assign(SplitPlan(SplitKind.RANDOM), codes, None, None, uniform)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.integers(0, 5))
def test_every_user_keeps_a_row_to_train_on(sizes: list[int], seed: int) -> None:
    codes, splits = _at_random(sizes, seed)
    counts = np.array([np.bincount(splits[codes == user], minlength=3) for user in range(len(sizes))])
    assert counts[:, TRAIN].min() >= 1
    shares = np.array(sizes)[:, None] * 0.1
    assert np.all(np.abs(counts[:, [EVAL, TEST]] - shares) <= 1)


def test_users_of_one_row_are_never_held_out() -> None:
    codes, splits = _at_random([1] * 500 + [2] * 500)
    assert {*splits[:500]} == {TRAIN}
    assert {*np.bincount(codes[500:], splits[500:] == TRAIN)[500:]} == {1, 2}


@given(st.lists(st.integers(1, 20), min_size=1, max_size=10), st.randoms())
def test_random_splits_do_not_depend_on_the_order_of_rows(sizes: list[int], random: object) -> None:
    codes, splits = _at_random(sizes)
    order = np.array(random.sample(range(len(codes)), len(codes)))  # type: ignore[attr-defined]
    order = order[np.argsort(codes[order], kind="stable")]  # rows of a user stand together
    items = np.concatenate([np.arange(size) for size in sizes]).astype(str).astype(object)
    uniform = uniform_of(codes[order].astype(str).astype(object), items[order], 0)
    assert assign(SplitPlan(SplitKind.RANDOM), codes[order], None, None, uniform).tolist() == splits[order].tolist()


def test_random_shares_over_all_users() -> None:
    _, splits = _at_random([3, 7, 20] * 400)
    # A user of 3 rows has one for test with a probability of 0.3, and so on.
    assert np.allclose(np.bincount(splits) / len(splits), [0.8, 0.1, 0.1], atol=0.01)
    assert not np.array_equal(splits, _at_random([3, 7, 20] * 400, seed=1)[1])


def test_no_rows() -> None:
    assert _at_random([])[1].tolist() == []
