"""Parts of what users took, predicted from the rest."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from modules.item_age import ALWAYS
from modules.objectives.user_sets import ITEM, OWNER, ROW, WEIGHT, UserSets
from modules.retrieval_config import LossName
from modules.retrieval_model import RetrievalModel
from modules.user_sequences import UserSequences
from tests.gadget_run import RETRIEVAL, GadgetRun


def test_each_item_once_and_positives_only() -> None:
    sequences = UserSequences.of(
        users=np.array([0, 0, 0, 0, 1, 2]),
        items=np.array([7, 8, 7, 9, 7, 8]),
        moments=np.array([1, 2, 3, 4, 1, 1]),
        weights=np.array([1, 1, 5, 0, 1, 0], np.float32),
    )
    sets = sequences.distinct_positives()
    assert sets.users.tolist() == [0, 1]
    assert sets.items.tolist() == [8, 7, 7]
    assert sets.weights.tolist() == [1, 5, 1]  # the newest of the two


@pytest.mark.parametrize("loss", ["squared_error", "softmax"])
def test_the_loss_by_hand(gadgets_run: GadgetRun, loss: LossName) -> None:
    """With everything hidden each user is told by nothing, and all items of theirs are wanted, of those anybody met."""
    config = dataclasses.replace(RETRIEVAL, loss=loss, history_dropout=0.999999, item_id_dropout=0.0)
    data = dataclasses.replace(gadgets_run.data, protocol="per_user")
    model = RetrievalModel(data, config, 1)
    objective = model.objective
    assert isinstance(objective, UserSets)
    batch = next(iter(objective.dataset()))
    owner, rows, weights = (batch[name].numpy() for name in (OWNER, ROW, WEIGHT))
    users, items = owner.max() + 1, len(data.catalogue.ids)
    wanted = np.zeros((users, items))
    wanted[owner, rows] = weights
    met = np.unique(data.train["candidate_row"])
    assert len(met) < items
    wanted = wanted[:, met]

    nothing = tf.zeros([users, 8])
    queries = model.query_tower.vectors(nothing, tf.zeros([users, 1]), batch).numpy()
    scores = queries.astype(float) @ model.candidate_vectors(tf.constant(met)).numpy().T
    lengths = np.bincount(owner)
    by_user = np.sqrt(objective._mean_length / lengths)
    if loss == "squared_error":
        errors = ((1 + wanted) * ((wanted > 0) - scores) ** 2).sum(axis=1)
        expected = (by_user * errors).mean()
    else:
        likelihood = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        expected = (-(wanted * likelihood).sum(axis=1) * by_user).mean() / objective._mean_length
    assert float(objective.loss(model, batch, training=False)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("loss", ["squared_error", "softmax"])
def test_what_was_to_come_competes_for_nothing(gadgets_run: GadgetRun, loss: LossName) -> None:
    """The same by hand, where half of the items came while the users chose."""
    times = gadgets_run.data.train["moment"]
    releases = np.where(np.arange(24) % 2 == 0, ALWAYS, np.linspace(times.min(), times.max(), 24).astype(np.int64))
    data = dataclasses.replace(gadgets_run.data, protocol="next_item", releases=releases)
    config = dataclasses.replace(RETRIEVAL, loss=loss, history_dropout=0.999999, item_id_dropout=0.0)
    model = RetrievalModel(data, config, 1)
    assert isinstance(model.objective, UserSets)
    batch = next(iter(model.objective.dataset()))
    owner, rows, weights = (batch[name].numpy() for name in (OWNER, ROW, WEIGHT))
    age, met, users = data.ages, data.met_rows(), owner.max() + 1
    assert age
    moment = {
        (user, row): at  # the newest, as in the sets
        for user, row, at in sorted(
            zip(data.train["user_id"], data.train["candidate_row"], times, strict=True), key=lambda one: one[2]
        )
    }
    wanted, exposure = np.zeros((users, 24)), np.zeros((users, 24))
    for place, row, weight in zip(owner, rows, weights, strict=True):
        ages = moment[batch["user_id"][place].numpy(), row] - age.available[:, 0]
        wanted[place, row] = weight
        boosts = age.boost(ages) if loss == "softmax" else 0.0
        exposure[place] += weight * np.where(ages >= 0, np.exp(boosts), 0)
    exposure /= wanted.sum(axis=1, keepdims=True)
    assert (exposure[:, met] < 0.95).any() and (exposure[wanted > 0] > 0).all()

    queries = model.query_tower.vectors(tf.zeros([users, 8]), tf.zeros([users, 1]), batch).numpy()
    scores = queries.astype(float) @ model.candidate_vectors(tf.constant(met)).numpy().T
    wanted, exposure = wanted[:, met], exposure[:, met]
    by_user = np.sqrt(model.objective._mean_length / np.bincount(owner))
    if loss == "squared_error":
        expected = (by_user * ((exposure + wanted) * ((wanted > 0) - scores) ** 2).sum(axis=1)).mean()
    else:
        scores += np.log(np.maximum(exposure, 1e-6))
        likelihood = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        expected = (-(wanted * likelihood).sum(axis=1) * by_user).mean() / model.objective._mean_length
    assert float(model.objective.loss(model, batch, training=False)) == pytest.approx(expected, rel=1e-4)


def test_batches_hold_every_user_once(gadgets_run: GadgetRun) -> None:
    data = dataclasses.replace(gadgets_run.data, protocol="per_user")
    objective = RetrievalModel(data, dataclasses.replace(RETRIEVAL, batch_size=7, loss="squared_error"), 1).objective
    batches = list(objective.dataset())
    assert len(batches) == objective.steps()
    pairs = {
        (int(batch["user_id"][owner]), int(row))
        for batch in batches
        for owner, row in zip(batch[OWNER].numpy(), batch[ROW].numpy(), strict=True)
    }
    positives = data.positives(data.train)
    taken = zip(data.train["user_id"][positives], data.train["candidate_row"][positives], strict=True)
    assert pairs == {(int(user), int(row)) for user, row in taken}
    for batch in batches:
        index = data.catalogue.columns["item_id"][batch[ROW].numpy()]
        assert (batch[ITEM].numpy() == index).all()


def test_biases_begin_with_popularity(gadgets_run: GadgetRun) -> None:
    data = dataclasses.replace(gadgets_run.data, protocol="per_user")
    model = RetrievalModel(data, dataclasses.replace(RETRIEVAL, loss="squared_error"), 1)
    model.candidate_tower.described = None
    assert isinstance(model.objective, UserSets)
    share = model.objective.popularity()
    known = data.catalogue.columns["item_id"] < data.graph.vocabulary_size("item_id")
    np.testing.assert_allclose(model.candidate_vectors(tf.range(24))[:, -1].numpy()[known], share[known], rtol=1e-6)
