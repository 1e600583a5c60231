"""Where the next item stands in the catalogue."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from modules.item_age import ALWAYS, ItemAge
from modules.next_item import ROWS_AT_ONCE, NextItemRank
from modules.training_data import CANDIDATE_ROW, MOMENT
from tests.gadget_run import GadgetRun

Logs = dict[str, float]


class Scores(tf.keras.Model):
    """A model that scores the items the same for every query."""

    def __init__(self, scores: Any) -> None:
        super().__init__()
        self._scores = tf.constant(scores, tf.float32)[:, None]

    def candidate_vectors(self, rows: tf.Tensor) -> tf.Tensor:
        """[n, 1] scores."""
        return tf.gather(self._scores, rows)

    def query_vectors(self, features: dict[str, tf.Tensor]) -> tf.Tensor:
        """[batch, 1] ones."""
        return tf.ones([len(features["user_id"]), 1])


def _logs(run: GadgetRun, scores: Any) -> Logs:
    callback = NextItemRank(dataclasses.replace(run.data, protocol="next_item"), seed=1)
    callback.set_model(Scores(scores))
    logs: Logs = {}
    callback.on_epoch_end(0, logs)
    return logs


def test_by_hand(gadgets_run: GadgetRun) -> None:
    """Scores fall from item to item: ahead of item n stand the items 0 to n - 1, but for those of the history."""
    data = gadgets_run.data
    rows = data.positives(data.eval)
    gains, found = [], []
    for item, history in zip(data.eval[CANDIDATE_ROW][rows], data.history_rows(data.eval, rows), strict=True):
        rank = item - len({past for past in history if 0 <= past < item})
        gains.append(1 / math.log2(rank + 2) if rank < 10 else 0.0)
        found.append(rank < 100)
    assert 0 < np.mean(gains) < 1
    logs = _logs(gadgets_run, -np.arange(24.0))
    assert logs == {NextItemRank.NDCG: pytest.approx(np.mean(gains)), NextItemRank.RECALL: np.mean(found)}


def test_where_users_are_asked_each_counts_once(gadgets_run: GadgetRun) -> None:
    """Three interactions of a user and one of another: the score of the latter is half of the whole."""
    data = gadgets_run.data
    rows = data.positives(data.eval)[:4]
    few = {name: values[rows].copy() for name, values in data.eval.items()}
    few["user_id"][:] = [0, 0, 0, 1]
    few["history"][:] = -1
    few[CANDIDATE_ROW][:] = [0, 1, 30 % 24, 2]
    score = -np.arange(24.0)  # item n is in place n
    gains = [1.0, 1 / math.log2(3), 1 / math.log2(8), 0.5]
    for protocol, expected in (("next_item", np.mean(gains)), ("per_user", (np.mean(gains[:3]) + gains[3]) / 2)):
        rank = NextItemRank(dataclasses.replace(data, eval=few, protocol=protocol), seed=1)
        assert rank.figures(Scores(score))[NextItemRank.NDCG] == pytest.approx(expected)


def test_among_what_there_was_with_the_boosts_of_ages(gadgets_run: GadgetRun) -> None:
    """Two new items in three, each of a moment of eval: the others of their kind are to come, or are a little older."""
    data = dataclasses.replace(gadgets_run.data, protocol="next_item")
    rows = data.positives(data.eval)
    moments, items = data.eval[MOMENT][rows], data.eval[CANDIDATE_ROW][rows]
    releases = np.where(np.arange(24) % 3 == 0, ALWAYS, np.sort(moments)[np.arange(24) * (len(rows) - 1) // 23])
    data = dataclasses.replace(data, releases=releases)
    age, scores = data.ages, np.linspace(1, -1, 24).astype(np.float32)
    assert age and (age.available[:, 0] > moments.min()).any()
    history = data.history_rows(data.eval, rows)
    expected = []
    for share in (0.0, 0.3, 1.0):
        gains = []
        for moment, item, past in zip(moments, items, history, strict=True):
            ages = moment - age.available[:, 0]
            there = (ages >= 0) & ~np.isin(np.arange(24), past)
            spread = _spread_of_all(scores, moments, history, age)
            final = scores + share * spread * age.boost(ages)
            rivals = there & (np.arange(24) != item)
            rank = np.count_nonzero(final[rivals] >= final[item])
            gains.append(1 / math.log2(rank + 2) if rank < 10 else 0.0)
        expected.append(np.mean(gains))
    rank = NextItemRank(data, seed=1)
    found = rank.figures(Scores(scores))
    assert found[NextItemRank.NDCG] == pytest.approx(max(expected), rel=1e-5)
    assert len(rows) <= ROWS_AT_ONCE  # one spread


def _spread_of_all(scores: Any, moments: Any, history: Any, age: ItemAge) -> float:
    """Mean standard deviation of the scores of what competes in a query."""
    competing = [
        scores[(moment >= age.available[:, 0]) & ~np.isin(np.arange(24), past)]
        for moment, past in zip(moments, history, strict=True)
    ]
    return float(np.mean([np.std(one) for one in competing]))


@pytest.mark.parametrize("score", [0.0, math.nan])
def test_a_model_that_tells_nothing_apart_is_not_the_best(gadgets_run: GadgetRun, score: float) -> None:
    assert _logs(gadgets_run, [score] * 24)[NextItemRank.NDCG] == 0
