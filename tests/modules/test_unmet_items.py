"""Items that nobody met in train compete for nothing, whatever retrieval learns by."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from modules.retrieval_model import RetrievalModel
from modules.sampled_softmax import SampledSoftmax
from modules.training_data import CANDIDATE_ROW, TrainingData
from tests.gadget_run import RETRIEVAL, GadgetRun

UNMET, MET = 5, 6


class Lifted:
    """Towers that give all vectors of one item another bias, as if it fitted everybody's taste."""

    def __init__(self, model: RetrievalModel, row: int) -> None:
        self.query_tower: Any = model.query_tower
        self.candidate_tower: Any = model.candidate_tower
        self._model, self._row = model, row

    def candidate_vectors(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        vectors = self._model.candidate_vectors(rows, training)
        return vectors + 3 * tf.cast(rows == tf.cast(self._row, rows.dtype), tf.float32)[:, None]


def _without(data: TrainingData, row: int) -> TrainingData:
    """As if nobody had met the item."""
    kept = data.train[CANDIDATE_ROW] != row
    return dataclasses.replace(data, train={name: values[kept] for name, values in data.train.items()})


@pytest.mark.parametrize(
    ("settings", "protocol"),
    [
        ({"loss": "in_batch", "uniform_negatives": 200}, "next_item"),
        ({"loss": "softmax"}, "per_user"),
        ({"loss": "squared_error"}, "per_user"),
        ({"loss": "fold_in"}, "next_item"),
        ({"query_tower": "gru", "loss": "softmax"}, "next_item"),
        ({"query_tower": "gru", "loss": "in_batch"}, "next_item"),
    ],
)
def test_they_move_no_loss(gadgets_run: GadgetRun, settings: dict[str, Any], protocol: str) -> None:
    whole = dataclasses.replace(gadgets_run.data, protocol=protocol)
    data = _without(whole, UNMET)
    assert UNMET in whole.met_rows() and UNMET not in data.met_rows() and MET in data.met_rows()
    model = RetrievalModel(data, dataclasses.replace(RETRIEVAL, item_id_dropout=0.0, **settings), 1)
    batch = next(iter(model.objective.dataset()))

    def loss(row: int) -> float:
        tf.random.set_seed(4)
        return float(model.objective.loss(Lifted(model, row), batch, training=False))

    nobody = loss(-1)
    assert loss(UNMET) == nobody != loss(MET)


def test_a_draw_among_some() -> None:
    """Two draws from two competitors are expected to hold each once; the item between them is never drawn."""
    softmax = SampledSoftmax(np.array([5, 0, 5]), negatives=2, among=np.array([0, 2]))
    items, target = tf.constant([[1.0], [50.0], [3.0]]), tf.zeros([1], tf.int64)
    losses = {
        round(float(softmax(tf.ones([1, 1]), lambda rows: tf.gather(items, rows), target, tf.ones([1]))), 3)
        for _ in range(20)
    }
    assert losses == {0.0, round(float(np.log1p(np.exp(3 - 1))), 3)}


def test_a_catalogue_of_which_one_item_was_met(gadgets_run: GadgetRun) -> None:
    kept = gadgets_run.data.train[CANDIDATE_ROW] == MET
    train = {name: values[kept] for name, values in gadgets_run.data.train.items()}
    data = dataclasses.replace(gadgets_run.data, train=train, protocol="per_user")
    assert data.met_rows().tolist() == [MET]
    for name in ("softmax", "squared_error", "in_batch", "fold_in"):
        model = RetrievalModel(data, dataclasses.replace(RETRIEVAL, loss=name), 1)
        assert np.isfinite(float(model.compute_loss(next(iter(model.objective.dataset())), training=True)))
