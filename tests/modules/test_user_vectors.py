"""A vector for each user."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from modules.exposure import Exposure
from modules.item_age import ALWAYS, ItemAge
from modules.late_decay import LateDecay
from modules.objectives.user_sets import OWNER, ROW, WEIGHT
from modules.objectives.user_vectors import USER, UserVectors, open_shares
from modules.query_towers.fold_in import FoldInTower
from modules.retrieval_model import RetrievalModel
from modules.user_sequences import UserSequences
from modules.user_table import OWN
from tests.gadget_run import RETRIEVAL, GadgetRun

FOLD_IN = dataclasses.replace(RETRIEVAL, loss="fold_in", dimension=3, batch_size=1000)


@pytest.mark.parametrize("released", [False, True])
def test_the_loss_by_hand(gadgets_run: GadgetRun, released: bool) -> None:
    """Each choice is one among what was not taken, as far as it was there, and every weight has a prior."""
    times, items = gadgets_run.data.train["moment"], len(gadgets_run.data.catalogue.ids)
    late = np.linspace(times.min(), times.max(), items).astype(np.int64)
    releases = np.where(np.arange(items) % 2 == 0, ALWAYS, late) if released else None
    data = dataclasses.replace(gadgets_run.data, protocol="next_item", releases=releases)
    model = RetrievalModel(data, FOLD_IN, 1)
    objective, tower = model.objective, model.query_tower
    assert isinstance(objective, UserVectors) and isinstance(tower, FoldInTower)
    batch = next(iter(objective.dataset()))
    owner, rows, weights = (batch[name].numpy() for name in (OWNER, ROW, WEIGHT))
    users, met, sets = owner.max() + 1, data.met_rows(), objective._sets
    assert weights.mean() == pytest.approx(1)

    loss = float(objective.loss(model, batch, training=True))
    own = objective.table.own.numpy()[batch[USER].numpy()]
    vectors = tower.prior_mean(batch).numpy() + OWN * own
    table = model.candidate_vectors(tf.constant(met)).numpy()
    scores = vectors @ table[:, :-1].T + table[:, -1]
    expected = 0.0
    for user in range(users):
        mine = np.flatnonzero(owner == user)
        start = sets.offsets[np.flatnonzero(sets.users == batch[USER].numpy()[user])[0]]
        moments, share = sets.moments[start : start + len(mine)], weights[mine]
        exposure = np.ones((len(mine), len(met)))
        if released:
            assert data.ages
            ages = moments[:, None] - data.ages.available[met, 0]
            exposure = np.where(ages >= 0, np.exp(data.ages.boost(ages)), 0.0)
        place = np.searchsorted(met, rows[mine])
        for number, taken in enumerate(place):
            exposure[number + 1 :, taken] = 0
        logits = scores[user] + np.log(np.maximum(share @ exposure / share.sum(), 1e-3))
        expected -= share @ (logits[place] - np.log(np.exp(logits).sum()))
    layers = [model.candidate_tower, tower]
    priors = [own, *(weight.numpy() for layer in layers for weight in layer.trainable_variables)]
    expected += sum(np.square(weight).sum() for weight in priors) / 2
    assert loss == pytest.approx(expected / users / objective._mean_length, rel=1e-4)


def test_how_exposed_an_item_was_until_it_was_taken() -> None:
    one = np.ones(3, np.int64)
    sets = UserSequences.of(0 * one, np.array([0, 1, 2]), np.array([10, 20, 30]), np.array([1, 2, 1], np.float32))
    place = np.arange(3)
    assert open_shares(sets, place, None).tolist() == [0.25, 0.75, 1.0]
    available = np.repeat([[ALWAYS], [15], [29]], 3, axis=1)
    age = ItemAge(available, np.array([5]), np.array([np.log(2), 0], np.float32))
    # The second is new when it is taken, at 20; the last one comes at 29 and is new at 30.
    assert open_shares(sets, place, Exposure(age, place)).tolist() == [0.25, 1.0, 0.5]


def test_what_is_known_of_a_user_is_as_wide_as_the_curvature(gadgets_run: GadgetRun) -> None:
    """Between the prior and certainty: the more somebody took, the surer."""
    model = RetrievalModel(gadgets_run.data, FOLD_IN, 1)
    objective = model.objective
    assert isinstance(objective, UserVectors)
    objective.settle(model, warm=False)
    assert not objective.table.spread.numpy().any()
    model.candidate_tower.item_id._embedding.embeddings.assign_add(
        tf.random.stateless_normal(model.candidate_tower.item_id._embedding.embeddings.shape, [1, 2])
    )
    objective.settle(model, warm=True)
    spread = objective.table.spread.numpy()[objective._sets.users]
    variances = np.einsum("uij,uij->u", spread, spread) / 3
    assert (variances > 0).all() and (variances < OWN**2).all()
    lengths = objective._sets.lengths
    assert (
        variances[lengths >= np.quantile(lengths, 0.8)].mean() < variances[lengths <= np.quantile(lengths, 0.2)].mean()
    )
    drawn = np.stack([objective.table.draw(tf.constant([0])).numpy()[0] for _ in range(400)])
    factor = objective.table.spread.numpy()[0]
    np.testing.assert_allclose(np.cov(drawn.T), factor @ factor.T, atol=0.15)


def test_the_learning_rate_falls_late() -> None:
    falling = tf.keras.optimizers.schedules.PolynomialDecay(1.0, 10, 0.0)
    rate = LateDecay(falling, 10)
    assert [round(float(rate(step)), 3) for step in (0, 10, 15, 20, 30)] == [1, 1, 0.5, 0, 0]
