"""The questions, and the lists that scores become."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.baselines.log import Log, binary
from benchmarks.baselines.popularity import Popularity
from benchmarks.quality.measure import judged, measure_baselines
from benchmarks.quality.next_items import next_items
from benchmarks.quality.queries import answer, best, queries_of_users
from benchmarks.quality.tables import Tables

KNOWN = Log(np.array([0, 0, 1]), np.array([0, 1, 1]), 3, 4)
HELD_OUT = Log(np.array([0, 0, 1, 2]), np.array([1, 2, 1, 3]), 3, 4)


def test_known_items_are_not_asked_for() -> None:
    queries = queries_of_users(KNOWN, HELD_OUT)
    # User 1 has nothing left to be asked for: item 1 is known already.
    assert queries.users.tolist() == [0, 2]
    assert queries.relevant.toarray().tolist() == [[0, 0, 1, 0], [0, 0, 0, 1]]
    assert queries.histories.toarray().tolist() == [[1, 1, 0, 0], [0, 0, 0, 0]]
    assert queries.num_relevant().tolist() == [1, 1]


def test_best_leaves_blocked_ones_out_and_pads() -> None:
    scores = np.array([[3.0, 1.0, 2.0, 2.0], [0.0, 0.0, 0.0, 1.0]])
    blocked = binary(np.array([0, 1, 1]), np.array([0, 0, 1]), (2, 4))
    assert best(scores, blocked, 3).tolist() == [[2, 3, 1], [3, 2, -1]]


def test_popularity_from_end_to_end() -> None:
    queries = queries_of_users(KNOWN, HELD_OUT)
    baseline = Popularity()
    baseline.fit(KNOWN)
    assert answer(baseline, queries, 3).tolist() == [[2, 3, -1], [1, 0, 2]]
    (row,) = measure_baselines([Popularity()], KNOWN, {"": queries})
    # User 0 finds item 2 at once; user 2 finds item 3 at place 4.
    assert row.metrics["recall@10"] == 1 and row.metrics["ndcg@10"] == pytest.approx((1 + 1 / np.log2(5)) / 2)


def test_a_blocked_item_in_a_list_is_an_error() -> None:
    queries = queries_of_users(KNOWN, HELD_OUT)
    with pytest.raises(ValueError, match="must not be recommended"):
        judged(np.array([[0], [1]]), queries)


def test_next_items_know_what_was_strictly_before() -> None:
    # User 0: items 0, 1 at one moment, 2, then 0 again and 3. User 1 has items in test alone.
    users = np.array([0, 0, 0, 0, 0, 1, 1])
    items = np.array([0, 1, 2, 0, 3, 1, 2])
    moments = np.array([10, 10, 20, 30, 40, 30, 30])
    splits = np.array(["train", "train", "test", "test", "test", "test", "test"], object)
    asked = next_items(Log(users, items, 2, 4, moments), splits, seed=1)
    # Item 0 again is no query. The two of user 1 do not see each other.
    assert asked.rows.tolist() == [2, 4, 5, 6]
    assert [items[past].tolist() for past in asked.pasts] == [[0, 1], [0, 1, 2, 0], [], []]
    assert asked.queries.relevant.toarray().argmax(axis=1).tolist() == [2, 3, 1, 2]
    assert asked.queries.blocked.toarray().tolist() == [[1, 1, 0, 0], [1, 1, 1, 0], [0] * 4, [0] * 4]
    table = {"user_id": users, "item_id": items, "rating": moments / 10, "timestamp": moments}
    tables = Tables(pa.table(table), pa.table({"item_id": np.arange(4)}), None)
    first = asked.chosen(np.array([True, False, False, False])).examples(tables, "rating", ["timestamp"])
    assert first == [
        {
            "user_id": ["0"],
            "history": ["0", "1"],
            "seen_items": ["0", "1"],
            "history_target": [1.0, 1.0],
            "timestamp": [20],
        }
    ]


def test_too_many_next_items_are_drawn_from_by_seed() -> None:
    users = np.arange(50)
    log = Log(users, users % 7, 50, 7, users)
    splits = np.array(["test"] * 50, object)
    few = next_items(log, splits, seed=1, most=10)
    assert len(few.rows) == 10 and (few.rows == next_items(log, splits, seed=1, most=10).rows).all()
    assert len(next_items(log, splits, seed=1, most=None).rows) == 50
