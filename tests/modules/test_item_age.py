"""What ages say, by hand."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from modules.item_age import ALWAYS, ItemAge, boosts_by_age, item_age, read_releases
from modules.taken import NEVER, Taken
from tests.gadget_run import GadgetRun
from tests.modules.examples import values


def taken(*pairs: tuple[int, int], timed: bool = True) -> Taken:
    """(row, moment) of each interaction."""
    rows, moments = np.array(pairs, np.int64).reshape(-1, 2).T
    return Taken(rows, moments if timed else None)


def test_boosts_by_hand() -> None:
    """Ages up to 20, up to 60 and above, of items released at 0, at 50, and one that has always been there.

    Of the first range two were taken, of 3 that could have been; of the second, 1 of 1 + 2 + 2; of the third, 2 of 8.
    Of all 5 of 16. The take in the second of the release is none of them.
    """
    available = np.array([0, 50, ALWAYS])
    train = taken((0, 10), (1, 50), (1, 60), (2, 60), (0, 100), (1, 100))
    found = boosts_by_age(available, train, np.array([20, 60]))
    takes, exposures = [2, 1, 2], [3, 5, 8]
    boosts = [log((5 + t) / (5 + e * 5 / 16)) for t, e in zip(takes, exposures, strict=True)]
    np.testing.assert_allclose(found, [boosts[0] - boosts[2], boosts[1] - boosts[2], 0], rtol=1e-5)


def test_an_age_on_the_edge_belongs_to_the_younger() -> None:
    age = ItemAge(np.zeros((1, 3), np.int64), np.array([20, 60]), np.array([3, 2, 0], np.float32))
    assert age.boost(np.array([-5, 0, 20, 21, 60, 61, 2**62])).tolist() == [3, 3, 3, 2, 2, 0, 0]


def test_ages_when_the_snapshots_begin() -> None:
    """What comes later is as good as new; what has always been there is old; without an order in time, all is."""
    available = np.array([[100] * 3, [ALWAYS] * 3])
    age = ItemAge(available, np.array([20]), np.array([3, 0], np.float32))
    assert age.boosts_at(np.array([90, 120, 121])).tolist() == [[3, 3, 0], [0, 0, 0]]
    assert age.boosts_at(np.full(3, NEVER)).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_ranges_follow_the_time_that_train_spans() -> None:
    """A quarter of it, and half an octave less each time, down to a thousandth."""
    found = item_age(np.array([0]), [taken((0, 10), (0, 4106)), taken((0, 5000)), taken((0, 6000))])
    assert found.edges[[0, 2, -2, -1]].tolist() == [4, 8, 724, 1024] and len(found.edges) == 17
    assert len(found.boosts) == 18 and found.weight == 0


def test_an_item_is_there_when_it_is_first_taken() -> None:
    """As far as is known then."""
    splits = [taken((0, 10), (1, 40)), taken((1, 50), (2, 60)), taken((2, 80), (2, 70))]
    found = item_age(np.array([30, 30, 90, ALWAYS]), splits)
    assert found.available.tolist() == [[10] * 3, [30] * 3, [90, 60, 60], [ALWAYS] * 3]


@pytest.mark.parametrize(
    "splits",
    [
        [taken((0, 1), timed=False), taken((0, 1), timed=False), taken((0, 1), timed=False)],
        [taken((0, 10), (0, 50)), taken((0, 40)), taken((0, 60))],
        [taken(), taken((0, 40)), taken((0, 60))],
    ],
    ids=["no times", "no order", "no train"],
)
def test_without_an_order_in_time_ages_say_nothing(splits: list[Taken]) -> None:
    found = item_age(np.array([30]), splits)
    assert len(found.edges) == 0 and found.boosts.tolist() == [0]
    assert found.boost(np.array([[5, 10**9]])).tolist() == [[0, 0]]


def test_new_items_by_what_was_chosen_before() -> None:
    old = ItemAge(np.zeros((1, 3), np.int64), np.array([20]), np.array([3, 0], np.float32), 0.5)
    new = ItemAge(np.ones((2, 3), np.int64), np.array([7]), np.array([1, 0], np.float32))
    found = new.with_chosen(old)
    assert (found.available.tolist(), found.edges.tolist(), found.weight) == ([[1] * 3] * 2, [20], 0.5)
    assert new.with_chosen(None).weight == 0


def test_releases(gadgets_run: GadgetRun) -> None:
    """Any column of whole numbers may say when an item came; an item without one has always been there."""
    folder = gadgets_run.split("candidates", "catalogue")
    shelves = [values(record).get("shelf", []) for record in gadgets_run.records("candidates", "catalogue")]
    assert [] in shelves
    assert read_releases(folder, "shelf").tolist() == [shelf[0] if shelf else ALWAYS for shelf in shelves]
