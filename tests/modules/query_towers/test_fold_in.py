"""The query tower that solves for the user."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from modules.history import Recency
from modules.query_towers.fold_in import FoldInTower
from modules.retrieval import retrain, save, train
from modules.retrieval_model import RetrievalModel
from modules.roles import HISTORY, HISTORY_TARGET
from tests.gadget_run import RETRIEVAL, GadgetRun

FOLD_IN = dataclasses.replace(RETRIEVAL, loss="fold_in", dimension=4, epochs=10, batch_size=100, learning_rate=0.05)


@pytest.fixture(scope="module")
def model(gadgets_run: GadgetRun) -> RetrievalModel:
    tf.keras.utils.set_random_seed(1)
    found = RetrievalModel(gadgets_run.data, FOLD_IN, 1)
    train(found, gadgets_run.data, 1, None, quiet=True)
    found.query_tower.recency = Recency()
    return found


def _queries(run: GadgetRun, histories: list[list[int]]) -> dict[str, tf.Tensor]:
    """Of one user, with other pasts."""
    queries = {
        name: tf.constant(np.repeat(run.data.eval[name][:1], len(histories), axis=0)) for name in run.data.query_specs()
    }
    past = tf.ragged.constant(histories, tf.int64, ragged_rank=1).to_tensor(-1)
    queries[HISTORY] = tf.cast(past, queries[HISTORY].dtype)
    if HISTORY_TARGET in queries:
        queries[HISTORY_TARGET] = tf.fill(past.shape, float("nan"))
    return queries


def test_what_says_nothing_leaves_the_mean_of_the_prior(gadgets_run: GadgetRun, model: RetrievalModel) -> None:
    tower, unknown = model.query_tower, gadgets_run.graph.vocabulary_size("item_id")
    assert isinstance(tower, FoldInTower)
    queries = _queries(gadgets_run, [[-1, -1], [unknown, -1], [unknown + 7, unknown]])
    vectors, mean = tower(queries).numpy(), tower.prior_mean(queries).numpy()
    np.testing.assert_allclose(vectors[:, :-1], mean, rtol=1e-5)
    assert (vectors[:, -1] == 1).all()


def test_an_item_speaks_for_its_like_and_only_once(gadgets_run: GadgetRun, model: RetrievalModel) -> None:
    rows = model.query_tower.rows
    first, second = np.flatnonzero(rows >= 0)[:2].tolist()
    vectors = model.query_tower(_queries(gadgets_run, [[-1], [first], [first, first], [second, first]])).numpy()
    likelihood = tf.nn.log_softmax(vectors @ model.candidate_vectors(tf.constant(rows[rows >= 0])).numpy().T)
    assert likelihood[1, 0] > likelihood[0, 0]  # the first of those that are there
    np.testing.assert_allclose(vectors[1], vectors[2], rtol=1e-5)
    assert not np.allclose(vectors[1], vectors[3])


def test_older_items_may_say_less(gadgets_run: GadgetRun, model: RetrievalModel) -> None:
    tower = model.query_tower
    first, second = np.flatnonzero(tower.rows >= 0)[:2].tolist()
    queries = _queries(gadgets_run, [[first, second], [-1, second]])
    tower.recency = Recency(fading=1e-3, floor=0.0)
    faded = tower(queries).numpy()
    tower.recency = Recency()
    np.testing.assert_allclose(faded[0], faded[1], rtol=1e-5)
    assert not np.allclose(tower(queries).numpy()[0], faded[0])


def test_the_saved_model_answers_alike(gadgets_run: GadgetRun, model: RetrievalModel, tmp_path: Path) -> None:
    save(model, gadgets_run.data, str(tmp_path / "model"))
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    queries = {name: tf.constant(gadgets_run.data.eval[name][:20]) for name in gadgets_run.data.query_specs()}
    np.testing.assert_allclose(loaded.query.call(queries), model.query_vectors(queries), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("protocol", ["next_item", "per_user"])
def test_the_same_seed_learns_the_same_once_more(gadgets_run: GadgetRun, protocol: str) -> None:
    """With nothing to look at, as in a refit."""
    data = dataclasses.replace(gadgets_run.data, protocol=protocol)
    tf.keras.utils.set_random_seed(1)
    first = RetrievalModel(data, dataclasses.replace(FOLD_IN, patience=100), 1)
    _, choice = train(first, data, 1, None, quiet=True)
    assert choice.passes == 10
    tf.keras.utils.set_random_seed(1)
    again = RetrievalModel(data, dataclasses.replace(FOLD_IN, patience=100), 1)
    retrain(again, data, choice, None)
    found = [model.candidate_vectors(tf.range(24)).numpy() for model in (first, again)]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-4, atol=1e-5)
