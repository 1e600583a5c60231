"""How often items were taken, by hand."""

from __future__ import annotations

import dataclasses
from math import log
from pathlib import Path

import numpy as np
import pytest

from modules.item_age import ItemAge
from modules.item_popularity import ItemPopularity, item_popularity
from modules.taken import NEVER, Taken


def taken(rows: list[int], moments: list[int] | None) -> Taken:
    return Taken(np.array(rows, np.int64), None if moments is None else np.array(moments, np.int64))


SPLITS = [taken([0, 0, 1, 0], [10, 30, 40, 20]), taken([2, 1], [50, 60]), taken([2, 2], [80, 70])]


def test_by_hand() -> None:
    """Half of the events: of train those of 30 and 40, with eval those of 40, 50 and 60, of all 50 to 80."""
    found = item_popularity(SPLITS, 4, 0.5)
    assert found.counts.tolist() == [[3, 3, 3], [1, 2, 2], [0, 1, 3], [0, 0, 0]]
    train = [log(2), log(2)]
    both = [0, log(3), log(2)]
    everything = [0, log(2), log(4)]
    expected = [
        [*train, sum(train) / 2, sum(train) / 2],  # nobody had taken the last two yet: the mean
        [*both, sum(both) / 3],
        [*everything, sum(everything) / 3],
    ]
    np.testing.assert_allclose(found.recent.T, expected, rtol=1e-6)
    assert found.begins.tolist() == [50, 70, 81]
    assert (found.window, found.weight, found.coordinates) == (0.5, 0, 0)


def test_events_of_one_moment_stay_together() -> None:
    found = item_popularity([taken([0, 1, 2], [1, 5, 5]), taken([], []), taken([], [])], 3, 0.01)
    np.testing.assert_allclose(found.recent[:, 0], [0, log(2), log(2)], rtol=1e-6)
    assert found.begins.tolist() == [6, 6, 6]  # nothing is held out


def test_a_split_without_rows_begins_with_the_next() -> None:
    found = item_popularity([SPLITS[0], taken([], []), SPLITS[2]], 4)
    assert found.begins.tolist() == [70, 70, 81] and found.counts[:, 1].tolist() == [3, 1, 0, 0]


@pytest.mark.parametrize(
    "splits",
    [
        [taken([0, 1], None), taken([2], None), taken([1], None)],
        [taken([0, 1], [10, 50]), taken([2], [50]), taken([1], [60])],
        [taken([0, 1], [10, 20]), taken([2, 2], [30, 70]), taken([1], [60])],
        [taken([], []), taken([2], [30]), taken([1], [60])],
    ],
    ids=["no times", "eval begins within train", "test begins within eval", "no train"],
)
def test_without_an_order_in_time_there_is_no_lately(splits: list[Taken]) -> None:
    found = item_popularity(splits, 3, 0.5)
    assert found.begins.tolist() == [NEVER] * 3 and not found.recent.any() and found.window == 0
    assert found.counts[:, 2].sum() == sum(len(split.rows) for split in splits)


def test_coordinates_beside_the_vectors() -> None:
    recent = np.array([[1, 2, 3], [3, 4, 7]], np.float32)
    found = ItemPopularity(np.zeros((2, 3), np.int64), recent, np.zeros(3, np.int64), 0.1, 0.5)
    assert found.coordinates == 3
    assert found.beside(np.zeros((2, 1), np.float32)).tolist() == [[0, 0.5, 1, 1.5], [0, 1.5, 2, 3.5]]
    with_unknown = found.beside(np.ones((3, 1), np.float32))
    assert with_unknown[2].tolist() == [1, 1, 1.5, 2.5] and with_unknown.dtype == np.float32
    vectors = np.ones((3, 1), np.float32)
    assert ItemPopularity.unknown(2).beside(vectors) is vectors


def test_everything_that_the_prior_is_made_of() -> None:
    """Half of recency, 4 less for the second item, which nobody met, and twice the boost of ages at 30, 40, 50."""
    recent = np.array([[1, 2, 3], [3, 4, 7]], np.float32)
    age = ItemAge(np.array([[10] * 3, [35] * 3]), np.array([5, 20]), np.array([3, 1, 0], np.float32), 2.0)
    begins, unmet = np.array([30, 40, 50]), np.array([False, True])
    found = ItemPopularity(np.zeros((2, 3), np.int64), recent, begins, 0.1, 0.5, unmet, -4.0, age)
    expected = [[0.5 + 2, 1, 1.5], [1.5 - 4 + 6, 2 - 4 + 6, 3.5 - 4 + 2]]
    assert found.beside(np.zeros((2, 0), np.float32)).tolist() == expected
    assert found.weights() == {"recent_window": 0.1, "recent_weight": 0.5, "unmet_level": -4.0, "age_weight": 2.0}
    assert dataclasses.replace(ItemPopularity.unknown(2), level=1.0).coordinates == 3
    assert dataclasses.replace(ItemPopularity.unknown(2), age=age).coordinates == 3
    assert ItemPopularity.unknown(2).weights() == {}
    came_later = dataclasses.replace(found, passed=np.array([False, False]))  # there is nothing to be held against it
    assert came_later.beside(np.zeros((2, 0), np.float32)).tolist() == [expected[0], [1.5 + 6, 2 + 6, 3.5 + 2]]
    anew = dataclasses.replace(ItemPopularity.unknown(2), age=dataclasses.replace(age, weight=0.0)).with_chosen(found)
    assert (anew.weight, anew.level, anew.age and anew.age.weight) == (0.5, -4.0, 2.0)


def test_round_trip(tmp_path: Path) -> None:
    age = ItemAge(np.array([[1, 2, 3]] * 4), np.array([5]), np.array([3, 0], np.float32), 2.0)
    whole = dataclasses.replace(item_popularity(SPLITS, 4, 0.5), unmet=np.arange(4) > 2, level=-1.5, age=age)
    whole = dataclasses.replace(whole, passed=np.arange(4) == 3)
    whole.write(str(tmp_path / "whole"))
    found = ItemPopularity.read(str(tmp_path / "whole"))
    assert found.level == -1.5 and found.unmet is not None and found.unmet.tolist() == [False, False, False, True]
    assert found.passed is not None and found.passed.tolist() == [False, False, False, True]
    assert found.age is not None
    for name, value in vars(age).items():
        np.testing.assert_array_equal(getattr(found.age, name), value)
        assert type(getattr(found.age, name)) is type(value)
    for written in (item_popularity(SPLITS, 4, 0.5), ItemPopularity.unknown(3)):
        written.write(str(tmp_path / "folder"))
        found = ItemPopularity.read(str(tmp_path / "folder"))
        for name, value in vars(written).items():
            np.testing.assert_array_equal(getattr(found, name), value)
            assert type(getattr(found, name)) is type(value)
