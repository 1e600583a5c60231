"""Histories: by hand, and against loops that are slow but plain."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from components.example_gen.history import Timeline, Windows
from components.example_gen.splits import EVAL, TEST, TRAIN

_Row = tuple[int, int, int, bool]  # user, time, split, taken
_rows = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 6), st.sampled_from([TRAIN, EVAL, TEST]), st.booleans()), max_size=40
).map(sorted)


def _timeline(rows: Sequence[_Row], timed: bool = True) -> Timeline:
    user, time, split, taken = (
        (np.array(values, np.int64) for values in zip(*rows, strict=True)) if rows else [np.empty(0, np.int64)] * 4
    )
    return Timeline(user, time if timed else None, split.astype(np.int8), taken.astype(bool))


def _lists(windows: Windows) -> list[list[int]]:
    return [windows.rows[start:end].tolist() for start, end in itertools.pairwise(windows.offsets)]


def _before(timeline: Timeline, length: int | None, by_time_only: bool = False) -> list[list[int]]:
    return _lists(timeline.before(np.arange(len(timeline.user)), length, by_time_only))


def _loop(rows: Sequence[_Row], row: int, timed: bool, by_time_only: bool, length: int) -> list[int]:
    """What a row may know, asked of each other row in turn."""
    user, time, split, _ = rows[row]
    known = []
    for other, (its_user, its_time, its_split, its_taken) in enumerate(rows):
        mine = its_user == user and its_taken and other != row
        earlier = its_time < time if timed else True
        visible = by_time_only or its_split == TRAIN or (split == TEST and its_split == EVAL)
        if mine and earlier and visible:
            known.append(other)
    return known[-length:]


def test_by_hand() -> None:
    rows = [(0, 10, TRAIN, True), (0, 10, TRAIN, True), (0, 20, TRAIN, False), (0, 30, EVAL, True), (0, 40, TEST, True)]
    rows += [(1, 5, TRAIN, True), (1, 50, TRAIN, True)]
    timeline = _timeline(rows)
    # Rows of one second don't see each other, what was only shown is no history, other users' rows are not one's own.
    assert _before(timeline, 9, by_time_only=True) == [[], [], [0, 1], [0, 1], [0, 1, 3], [], [5]]
    assert _before(timeline, 2, by_time_only=True) == [[], [], [0, 1], [0, 1], [1, 3], [], [5]]
    assert _lists(timeline.before(np.array([6, 4, 4]), 1, True)) == [[5], [3], [3]]


def test_splits_of_ones_own() -> None:
    rows = [(0, 1, EVAL, True), (0, 2, TRAIN, True), (0, 3, TEST, True), (0, 4, EVAL, True), (0, 5, TRAIN, True)]
    rows += [(0, 6, TEST, True)]
    # Train sees train, eval sees train, test sees train and eval; always what came before alone.
    assert _before(_timeline(rows), None) == [[], [], [0, 1], [1], [1], [0, 1, 3, 4]]


def test_without_times_a_row_sees_the_others() -> None:
    rows = [(0, 0, TRAIN, True), (0, 0, TRAIN, True), (0, 0, TRAIN, False), (0, 0, EVAL, True), (0, 0, TEST, True)]
    rows += [(1, 0, TRAIN, True)]
    timeline = _timeline(rows, timed=False)
    assert _before(timeline, None) == [[1], [0], [0, 1], [0, 1], [0, 1, 3], []]
    assert _before(timeline, 1) == [[1], [0], [1], [1], [3], []]


def test_until_the_end_of_a_split() -> None:
    rows = [(0, 1, TRAIN, True), (0, 2, EVAL, True), (0, 3, TEST, True), (0, 4, TRAIN, False), (2, 1, EVAL, True)]
    timeline, everybody = _timeline(rows), np.arange(3)
    assert _lists(timeline.until(TRAIN, everybody, None)) == [[0], [], []]
    assert _lists(timeline.until(EVAL, everybody, None)) == [[0, 1], [], [4]]
    assert _lists(timeline.until(TEST, everybody, None)) == [[0, 1, 2], [], [4]]
    assert _lists(timeline.until(TEST, np.array([2, 0]), 1)) == [[4], [2]]


@given(_rows, st.booleans(), st.integers(1, 4))
def test_equals_the_loop(rows: list[_Row], timed: bool, length: int) -> None:
    timeline = _timeline(rows, timed)
    for by_time_only in (False, True) if timed else (False,):
        expected = [_loop(rows, row, timed, by_time_only, length) for row in range(len(rows))]
        assert _before(timeline, length, by_time_only) == expected
        everything = [_loop(rows, row, timed, by_time_only, len(rows) + 1) for row in range(len(rows))]
        assert _before(timeline, None, by_time_only) == everything


@given(_rows, st.integers(1, 60))
def test_nothing_of_the_moment_or_after_it(rows: list[_Row], length: int) -> None:
    for by_time_only in (False, True):
        for row, window in enumerate(_before(_timeline(rows), length, by_time_only)):
            assert all(rows[other][1] < rows[row][1] and rows[other][0] == rows[row][0] for other in window)
            assert window == sorted(window) and len(window) <= length


@given(_rows, st.data())
def test_the_future_changes_nothing(rows: list[_Row], data: st.DataObject) -> None:
    moment = data.draw(st.integers(0, 6))
    past = [row for row in rows if row[1] <= moment]
    places = [place for place, row in enumerate(rows) if row[1] <= moment]
    found = _before(_timeline(past), 3, True)
    whole = _before(_timeline(rows), 3, True)
    assert [[places[other] for other in window] for window in found] == [whole[place] for place in places]


@given(_rows, st.sampled_from([TRAIN, EVAL, TEST]), st.sampled_from([None, 1, 3]))
def test_until_equals_the_loop(rows: list[_Row], split: int, length: int | None) -> None:
    expected = [
        [place for place, row in enumerate(rows) if row[0] == user and row[2] <= split and row[3]][-(length or 99) :]
        for user in range(4)
    ]
    assert _lists(_timeline(rows).until(split, np.arange(4), length)) == expected
