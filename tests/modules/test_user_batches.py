"""Batches of whole users."""

from __future__ import annotations

import numpy as np
import pytest

from modules import user_batches
from modules.column_store import Columns
from modules.user_batches import FIRST, IS_OWN, LAST, NEWEST, UserBatches
from modules.user_sequences import UserSequences

USERS = np.array([3, 5, 3, 3, 5, 9])
MOMENTS = np.array([20, 7, 10, 20, 8, 1])
COLUMNS = {"place": np.arange(6), "user": USERS, "moment": MOMENTS}
SEQUENCES = UserSequences.of(USERS, np.arange(6), MOMENTS, np.ones(6, np.float32))


def _epoch(feed: UserBatches) -> list[Columns]:
    return [{name: values.numpy() for name, values in batch.items()} for batch in feed.dataset()]


@pytest.mark.parametrize("batch_size", [1, 2, 4, 100])
@pytest.mark.parametrize("past_only", [True, False])
def test_every_row_once_with_its_history(batch_size: int, past_only: bool) -> None:
    feed = UserBatches(COLUMNS, SEQUENCES, past_only, batch_size, 1)
    for _ in range(2):
        batches = _epoch(feed)
        assert sorted(np.concatenate([batch["place"] for batch in batches])) == list(range(6))
        for batch in batches:
            for row, place in enumerate(batch["place"]):
                history = batch["place"][batch[FIRST][row] : batch[LAST][row]].tolist()
                if batch[IS_OWN][row]:
                    history.remove(place)
                others = (USERS[place] == USERS) & (np.arange(6) != place)
                assert set(history) == set(np.flatnonzero(others & ((MOMENTS[place] > MOMENTS) | (not past_only))))


def test_batches_are_as_large_as_wanted() -> None:
    users = np.repeat(np.arange(50), 4)
    sequences = UserSequences.of(users, users, np.arange(200), np.ones(200, np.float32))
    batches = _epoch(UserBatches({"user": users}, sequences, True, 20, 1))
    assert [len(batch["user"]) for batch in batches] == [20] * 10
    assert all(len(set(batch["user"])) == 5 for batch in batches)


def test_another_order_each_time() -> None:
    users = np.arange(30)
    feed = UserBatches({"user": users}, UserSequences.of(users, users, users, np.ones(30, np.float32)), True, 100, 1)
    (first,), (second,) = _epoch(feed), _epoch(feed)
    assert first["user"].tolist() != second["user"].tolist()


def test_a_long_user_counts_as_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_batches, "LONGEST", 3)
    users = np.zeros(8, int)
    sequences = UserSequences.of(users, users, np.arange(8), np.ones(8, np.float32))
    batches = _epoch(UserBatches({"moment": np.arange(8)}, sequences, False, 1, 1))
    assert sorted(batch["moment"].tolist() for batch in batches) == [[0, 1, 2], [3, 4, 5], [6, 7]]
    assert all((batch[LAST] - batch[FIRST] == len(batch["moment"])).all() for batch in batches)


@pytest.mark.parametrize("batch_size", [1, 100])
def test_the_newest_rows(batch_size: int) -> None:
    # The first user's rows by time: 2 (at 10), then 0 and 3 (both at 20); the second one's: 1, then 4.
    expected = {0: [2, -1], 1: [-1, -1], 2: [-1, -1], 3: [2, -1], 4: [1, -1], 5: [-1, -1]}
    for batch in _epoch(UserBatches(COLUMNS, SEQUENCES, True, batch_size, 1, newest=2)):
        for place, newest in zip(batch["place"], batch[NEWEST], strict=True):
            assert [batch["place"][row] if row >= 0 else -1 for row in newest] == expected[place]


def test_rows_that_are_not_remembered() -> None:
    users, moments = np.zeros(6, int), np.arange(6)
    sequences = UserSequences.of(users, users, moments, np.ones(6, np.float32))
    remembered = np.array([True, True, False, True, False, True])
    feed = UserBatches({"moment": moments}, sequences, True, 100, 1, newest=2, remembered=remembered)
    (batch,) = _epoch(feed)
    assert batch[NEWEST].tolist() == [[-1, -1], [0, -1], [1, 0], [1, 0], [3, 1], [3, 1]]
