"""Where the next item stands in the catalogue."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from modules.next_item import NextItemRank
from modules.training_data import CANDIDATE_ROW
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

    def query_tower(self, features: dict[str, tf.Tensor]) -> tf.Tensor:
        """[batch, 1] ones."""
        return tf.ones([len(features["user_id"]), 1])


def _logs(run: GadgetRun, scores: Any) -> Logs:
    callback = NextItemRank(run.data, seed=1)
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


@pytest.mark.parametrize("score", [0.0, math.nan])
def test_a_model_that_tells_nothing_apart_is_not_the_best(gadgets_run: GadgetRun, score: float) -> None:
    assert _logs(gadgets_run, [score] * 24)[NextItemRank.NDCG] == 0
