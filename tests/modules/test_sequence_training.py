"""What is predicted from what, and that it can be learned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from modules.query_towers.recurrent import RecurrentEncoder
from modules.query_towers.transformer import TransformerEncoder
from modules.roles import HISTORY, WEIGHT
from modules.sequence_training import PLACE, SEQUENCE, NextItemLoss, SequenceBatches, WarmUpThenCosine, optimizer
from modules.training_data import CANDIDATE_ROW, TrainingData
from tests.modules.walks import WalkModel, walks

ITEMS, LENGTH = 30, 8


def _predictions(batch: dict[str, Any]) -> list[tuple[tuple[int, ...], int]]:
    """What was read before each prediction, as rows of the catalogue, and what is predicted."""
    states = batch[SEQUENCE].shape[1] + 1
    found = []
    for place, item in zip(batch[PLACE], batch[CANDIDATE_ROW], strict=True):
        row, read = divmod(int(place), states)
        sequence = batch[SEQUENCE][row]
        assert (sequence[:read] >= 0).all()
        found.append((tuple(int(9 - index) for index in sequence[:read]), int(item)))
    return found


def _of(data: TrainingData, length: int = 4) -> list[tuple[tuple[int, ...], int]]:
    batches = SequenceBatches(data, length, places=20, seed=1).dataset()
    return sorted(pair for batch in batches.as_numpy_iterator() for pair in _predictions(batch))


def test_each_item_is_predicted_from_those_before() -> None:
    data = walks([[5, 6, 7], [9], [1, 0]], items=10)
    assert _of(data) == [((), 1), ((), 5), ((), 9), ((1,), 0), ((5,), 6), ((5, 6), 7)]


def test_items_of_the_same_moment_do_not_tell_of_each_other() -> None:
    data = walks([[5, 6, 7, 8]], items=10, moments=[[1, 2, 2, 3]])
    assert _of(data) == [((), 5), ((5,), 6), ((5,), 7), ((5, 6, 7), 8)]


def test_what_is_not_positive_is_neither_read_nor_predicted() -> None:
    data = walks([[5, 6, 7]], items=10)
    data.train[WEIGHT][1] = 0
    assert _of(data) == [((), 5), ((5,), 7)]


def test_features_are_those_of_the_predicted_interaction() -> None:
    data = walks([[5, 6], [7]], items=10)
    data.train["mood"][:] = [0, 1, 1]
    (batch,) = SequenceBatches(data, 4, 20, seed=1).dataset().as_numpy_iterator()
    assert HISTORY not in batch
    assert dict(zip(batch[CANDIDATE_ROW].tolist(), batch["mood"].tolist(), strict=True)) == {5: 0, 6: 1, 7: 1}


def test_long_sequences_are_cut_anew_each_epoch_in_the_same_way_each_time() -> None:
    data = walks([range(10)], items=10)
    dataset = [SequenceBatches(data, 3, 20, seed=1).dataset() for _ in range(2)]
    epochs = [[[*each.as_numpy_iterator()] for _ in range(4)] for each in dataset]
    read = [[str(batch[SEQUENCE].tolist()) for batch in epoch] for epoch in epochs[0]]
    assert len({str(each) for each in read}) > 1
    assert read == [[str(batch[SEQUENCE].tolist()) for batch in epoch] for epoch in epochs[1]]
    for epoch in epochs[0]:
        assert sorted(item for batch in epoch for item in batch[CANDIDATE_ROW].tolist()) == [*range(10)]


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [float(WarmUpThenCosine(2.0, 100, rising=0.1)(tf.constant(step))) for step in (0, 4, 49, 99, 200)]
    assert rates == pytest.approx([0.2, 1.0, 1.0, 0.0, 0.0], abs=1e-6)


@pytest.mark.parametrize(
    ("encoder", "whole"),
    [
        (TransformerEncoder(16, LENGTH, blocks=1, dropout=0.0), True),
        (TransformerEncoder(16, LENGTH, blocks=1, dropout=0.0), False),
        (RecurrentEncoder("gru", 16, dropout=0.0), True),
        (RecurrentEncoder("lstm", 16, dropout=0.0), True),
    ],
    ids=["transformer", "transformer, sampled", "gru", "lstm"],
)
def test_it_learns_that_an_item_follows_the_other(encoder: Any, whole: bool) -> None:
    """Item i is followed by i + 1: in held-out walks the next item is first in the whole catalogue."""
    tf.keras.utils.set_random_seed(3)
    rng = np.random.default_rng(3)
    users = [(start + np.arange(count)) % ITEMS for start, count in rng.integers((0, 2), (ITEMS, 12), (200, 2))]
    data = walks(users, ITEMS)
    model = WalkModel(data, encoder, 16, LENGTH, NextItemLoss(data, whole, negatives=32))
    batches = SequenceBatches(data, LENGTH, places=200, seed=3)
    model.compile(optimizer(0.02, 15 * batches.steps()))
    losses = model.fit(batches.dataset(), epochs=15, verbose=0).history["mean_loss"]
    assert losses[-1] < losses[0]

    starts = np.arange(ITEMS)
    history = ITEMS - 1 - (starts[:, None] + np.arange(5)) % ITEMS
    queries = {
        HISTORY: tf.constant(history),
        "mood": tf.zeros([ITEMS], tf.int64),
        "time_features": tf.zeros([ITEMS, 4]),
    }
    scores = tf.matmul(model.query_tower(queries), model.candidate_vectors(tf.range(ITEMS)), transpose_b=True)
    assert (np.argmax(scores, axis=1) == (starts + 5) % ITEMS).mean() > 0.9
