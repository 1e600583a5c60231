"""The loss of retrieval by hand, and what the correction for popularity does."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from modules.next_item import NextItemRank
from modules.objectives.in_batch import sampling_probability
from modules.retrieval import CURVES_FILE, save, train_best
from modules.retrieval_config import RetrievalConfig
from modules.retrieval_model import RetrievalModel
from modules.roles import WEIGHT
from modules.training_data import CANDIDATE_ROW, TrainingData
from tests.gadget_run import RETRIEVAL, GadgetRun

Floats = npt.NDArray[np.float64]


def _batch(data: TrainingData, rows: npt.NDArray[np.int64]) -> dict[str, tf.Tensor]:
    return {name: tf.constant(values[rows]) for name, values in data.train.items()}


def _model(data: TrainingData, config: RetrievalConfig, seed: int = 1) -> RetrievalModel:
    """A model with weights all over the place, as after a long training."""
    model = RetrievalModel(data, config, seed)
    model.compute_loss(_batch(data, np.arange(2)))
    rng = np.random.default_rng(seed)
    for variable in model.trainable_variables:
        variable.assign(rng.normal(scale=0.3, size=variable.shape))
    return model


def test_sampling_probability() -> None:
    found = sampling_probability(np.array([0, 2, 2, 2]), 4)
    np.testing.assert_allclose(found, [1 / 4, 0.5 / 4, 3 / 4, 0.5 / 4])
    # Half as many items drawn uniformly as positives: each of the four adds an eighth.
    mixed = sampling_probability(np.array([0, 2, 2, 2]), 4, uniform_share=0.5)
    np.testing.assert_allclose(mixed, [3 / 8, 2 / 8, 7 / 8, 2 / 8])


@pytest.mark.parametrize(("logq", "temperature"), [(True, 1.0), (True, 0.5), (False, 0.5)])
def test_loss_is_the_sampled_softmax(gadgets_run: GadgetRun, logq: bool, temperature: float) -> None:
    data = gadgets_run.data
    model = _model(data, dataclasses.replace(RETRIEVAL, logq=logq, temperature=temperature, uniform_negatives=0))
    rows = data.positives(data.train)
    items = data.train[CANDIDATE_ROW][rows]
    few = rows[np.isin(items, np.unique(items)[:4])][:12]  # twelve interactions with four items: many accidental hits
    batch = _batch(data, few) | {WEIGHT: tf.linspace(0.5, 2.0, len(few))}
    assert len(set(batch[CANDIDATE_ROW].numpy())) < len(few)

    own = data.train[CANDIDATE_ROW][few]
    queries, vectors = model.query_tower(batch).numpy(), model.candidate_vectors(tf.range(24)).numpy()
    share = np.bincount(items, minlength=24) / len(items)
    losses = []
    for query, item in zip(queries.astype(float), own, strict=True):
        logits = {other: query @ vectors[other] / temperature - logq * np.log(share[other]) for other in own}
        # Its own item counts once, whoever else took it; the others as often as they are in the batch.
        others = sum(np.exp(logits[other] - logits[item]) for other in own if other != item)
        losses.append(np.log1p(others))
    expected = np.mean(np.linspace(0.5, 2.0, len(few)) * losses)
    assert float(model.compute_loss(batch)) == pytest.approx(expected, rel=1e-4)


def test_the_mean_loss_is_that_of_all_batches(gadgets_run: GadgetRun) -> None:
    model = _model(gadgets_run.data, RETRIEVAL)
    model.mean_loss.reset_states()
    losses = [float(model.compute_loss(_batch(gadgets_run.data, rows))) for rows in np.arange(20).reshape(2, 10)]
    assert float(model.mean_loss.result()) == pytest.approx(np.mean(losses))


def test_items_that_a_batch_holds_twice(gadgets_run: GadgetRun) -> None:
    model = _model(gadgets_run.data, RETRIEVAL)
    vectors = model.candidate_vectors(tf.range(24)).numpy()
    rows = [[5, 3, 5], [0, 0, 23]]
    np.testing.assert_allclose(model.candidate_vectors(tf.constant(rows)), vectors[rows], rtol=1e-6)


def _scores_of_popularity(data: TrainingData, logq: bool) -> Floats:
    """Learns from the interactions, of users unknown and without a past: the scores of all items for such a user."""
    tf.keras.utils.set_random_seed(3)
    config = dataclasses.replace(RETRIEVAL, logq=logq, item_id_dropout=0.0, vector_dropout=0.0, uniform_negatives=0)
    model = RetrievalModel(data, config, 3)
    optimizer = tf.keras.optimizers.legacy.Adam(0.04)
    rng = np.random.default_rng(3)
    nobody = {name: values[:1] * 0 - 1 for name, values in data.train.items() if name in ("user_id", "history")}

    def queries(size: int) -> dict[str, tf.Tensor]:
        return {name: tf.constant(np.repeat(values, size, axis=0)) for name, values in nobody.items()}

    model.query_tower._features._parts = []  # ids and items alone
    model.candidate_tower.described = None
    drawn = data.train[CANDIDATE_ROW]
    for _ in range(100):
        rows = rng.choice(drawn, 64)
        with tf.GradientTape() as tape:
            loss = model.compute_loss(
                {**queries(64), CANDIDATE_ROW: tf.constant(rows), WEIGHT: tf.ones(64)}, training=True
            )
        variables = model.trainable_variables
        gradients = tape.gradient(loss, variables)
        optimizer.apply_gradients((g, v) for g, v in zip(gradients, variables, strict=True) if g is not None)
    scores = model.query_tower(queries(1)) @ tf.transpose(model.candidate_vectors(tf.range(24)))
    return scores.numpy()[0].astype(np.float64)


def test_popular_items_are_not_held_down(gadgets_run: GadgetRun) -> None:
    """With the correction a score is the logarithm of how often an item is taken; without it, popularity is lost."""
    rows = np.array([0] * 20 + [1] * 10 + [*range(2, 22)] * 4)
    train = {name: np.resize(values, (len(rows), *values.shape[1:])) for name, values in gadgets_run.data.train.items()}
    train |= {CANDIDATE_ROW: rows, WEIGHT: np.ones(len(rows), np.float32)}
    data = dataclasses.replace(gadgets_run.data, train=train)
    corrected, plain = (_scores_of_popularity(data, logq) for logq in (True, False))
    rare = corrected[2:22].mean(), plain[2:22].mean()
    assert corrected[0] - rare[0] == pytest.approx(np.log(20 / 4), abs=0.4)
    assert corrected[1] - rare[0] == pytest.approx(np.log(10 / 4), abs=0.4)
    assert corrected[:22].argmax() == 0
    assert plain[0] - rare[1] == pytest.approx(0, abs=0.4)


def test_the_written_towers_give_what_the_trained_ones_gave(gadgets_run: GadgetRun, tmp_path: Path) -> None:
    """From raw examples, that is through parsing and transforming, and one by one as in a batch."""
    data = gadgets_run.data
    model = _model(data, RETRIEVAL)
    save(model, data, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    queries, items = gadgets_run.records("interactions", "eval"), gadgets_run.records("candidates", "catalogue")
    trained = model.query_tower({name: tf.constant(data.eval[name]) for name in data.query_specs()}).numpy()
    written = loaded.signatures["serving_default"](examples=tf.constant(queries))["vector"].numpy()
    np.testing.assert_allclose(written, trained, rtol=1e-4, atol=1e-5)
    single = [loaded.signatures["serving_default"](examples=tf.constant([q]))["vector"].numpy()[0] for q in queries[:5]]
    np.testing.assert_allclose(single, trained[:5], rtol=1e-4, atol=1e-5)
    assert written.shape == (len(queries), model.plan.dimension + 1) and (written[:, -1] == 1).all()
    vectors = loaded.signatures["candidates"](examples=tf.constant(items))["vector"].numpy()
    np.testing.assert_allclose(vectors, model.candidate_vectors(tf.range(24)), rtol=1e-4, atol=1e-5)


def test_an_item_that_training_never_saw_is_placed_by_its_features(gadgets_run: GadgetRun) -> None:
    model = _model(gadgets_run.data, RETRIEVAL)
    tower = model.candidate_tower
    features = {name: tf.constant(values[22:24]) for name, values in gadgets_run.data.catalogue.columns.items()}
    assert tower.described is not None
    np.testing.assert_allclose(tower(features), tower._projection(tower.described(features)), rtol=1e-6)


def test_training_learns_who_takes_what(gadgets_run: GadgetRun) -> None:
    """Users of even number take even items: after a few epochs most of the best five are such."""
    folder = gadgets_run.model("Trainer.retrieval")
    curves = json.loads((Path(folder) / "assets.extra" / CURVES_FILE).read_text())
    assert set(curves) == {"mean_loss", "val_ndcg@10", "val_recall@100"}
    assert 1 <= len(curves["mean_loss"]) <= 15
    assert curves["mean_loss"][-1] < curves["mean_loss"][0]
    data = gadgets_run.data
    towers = tf.saved_model.load(folder)
    queries = towers.query.call({name: tf.constant(data.train[name]) for name in data.query_specs()})
    items = towers.candidate.call({name: tf.constant(values) for name, values in data.catalogue.columns.items()})
    best = tf.math.top_k(tf.matmul(queries, items[:22], transpose_b=True), 5).indices.numpy()
    alike = best % 2 == (data.train[CANDIDATE_ROW] % 2)[:, None]
    assert alike.mean() > 0.8


def test_eval_chooses_where_losses_are_open(gadgets_run: GadgetRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some losses are open; the model that stays is the one that eval likes better, with its own settings."""
    data = dataclasses.replace(gadgets_run.data, protocol="per_user")
    found: dict[str, float] = {}
    figures = NextItemRank.figures

    def remembered(rank: NextItemRank, towers: RetrievalModel) -> dict[str, float]:
        of_towers = figures(rank, towers)
        found[towers.plan.loss] = of_towers[NextItemRank.NDCG]
        return of_towers

    monkeypatch.setattr(NextItemRank, "figures", remembered)
    config = dataclasses.replace(RETRIEVAL, loss=None, epochs=2, learning_rate=0.005)
    model, curves, choice = train_best(data, config, 1, None)
    assert found.keys() == {"squared_error", "softmax"}
    assert model.plan.loss == choice.settings["loss"] == max(found, key=lambda loss: found[loss])
    assert len(curves["mean_loss"]) == 2
