"""The losses of ranking by hand, on a single interaction and on a few."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from modules.negatives import HAS_NEGATIVES, NEGATIVES, with_negatives
from modules.ranking import save
from modules.ranking_config import RankingConfig
from modules.ranking_model import RankingModel
from modules.ranking_rows import RankingRows
from modules.retrieval import CURVES_FILE
from modules.roles import HISTORY, HISTORY_TARGET, WEIGHT, Part, Roles
from modules.training_data import CANDIDATE_ROW, TrainingData
from tests.gadget_run import RANKING, GadgetRun
from tests.modules.examples import example

Batch = dict[str, tf.Tensor]


def _batch(data: TrainingData, rows: Any, negatives: Any, **columns: Any) -> Batch:
    """Interactions of train with negatives of our choice."""
    batch = {name: tf.constant(values[rows]) for name, values in data.train.items()}
    batch |= {NEGATIVES: tf.constant(negatives, tf.int32), HAS_NEGATIVES: tf.ones(len(rows))}
    return batch | {name: tf.constant(values, tf.float32) for name, values in columns.items()}


def _model(data: TrainingData, config: RankingConfig) -> RankingModel:
    """A model with weights all over the place, as after a long training."""
    model = RankingModel(data, RankingRows.of(data, config, 1), config)
    model.compute_loss(_batch(data, [0], [[1, 2, 3]]))
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(scale=0.2, size=weight.shape) for weight in model.get_weights()])
    return model


def _judged(model: RankingModel, batch: Batch, rows: Any) -> dict[str, Any]:
    judged = model.judge(model.query_encoder(batch), model.encode_items(tf.constant(rows)))
    return {name: values.numpy().astype(float) for name, values in judged.items()}


def test_all_losses_of_one_interaction(gadgets_run: GadgetRun) -> None:
    config = dataclasses.replace(RANKING, taken_weight=0.5, shown_weight=0.25, target_weight=2.0)
    model = _model(gadgets_run.data, config)
    batch = _batch(gadgets_run.data, [5], [[2, 7, 11]], **{WEIGHT: [3.0], "stars": [4.0]})
    own = int(batch[CANDIDATE_ROW][0])
    judged = _judged(model, batch, [[own, 2, 7, 11]])
    positive, *others = judged["taken"][0]
    softmax = -np.log(np.exp(positive) / (np.exp(positive) + np.exp(others).sum()))
    logistic = np.log1p(np.exp(-positive))
    expected = 0.5 * 3.0 * softmax + 0.25 * logistic + 2.0 * (judged["target"][0, 0] - 4.0) ** 2
    assert float(model.compute_loss(batch)) == pytest.approx(expected, rel=1e-4)


def test_what_was_not_taken_is_not_compared(gadgets_run: GadgetRun) -> None:
    """It teaches the target and, where the weight is 0, that it was shown in vain."""
    model = _model(gadgets_run.data, dataclasses.replace(RANKING, shown_weight=0.5))
    batch = _batch(gadgets_run.data, [5, 6], [[2, 7, 11], [2, 7, 12]], stars=[1.0, 5.0])
    judged = _judged(model, batch, batch[CANDIDATE_ROW].numpy()[:, None])
    errors, taken = judged["target"][:, 0] - [1.0, 5.0], judged["taken"][:, 0]
    for weight, has_negatives, sign in ((tf.zeros(2), tf.ones(2), 1), (tf.ones(2), tf.zeros(2), -1)):
        expected = np.mean(errors**2) + 0.5 * np.mean(np.log1p(np.exp(sign * taken)))
        found = model.compute_loss(
            batch | {WEIGHT: weight, HAS_NEGATIVES: has_negatives * tf.cast(weight > 0, tf.float32)}
        )
        assert float(found) == pytest.approx(expected, rel=1e-4)


def test_where_nothing_was_shown_in_vain_there_is_nothing_to_tell(gadgets_run: GadgetRun) -> None:
    data = gadgets_run.data
    all_taken = dataclasses.replace(data, train=data.train | {WEIGHT: np.ones_like(data.train[WEIGHT])})
    weights = [_losses_of(dataclasses.replace(RANKING, shown_weight=weight), all_taken) for weight in (0.0, 1.0)]
    assert weights[0] == weights[1]


def _losses_of(config: RankingConfig, data: TrainingData) -> float:
    return float(_model(data, config).compute_loss(_batch(data, [5], [[2, 7, 11]])))


def test_the_loss_is_a_mean_over_the_batch(gadgets_run: GadgetRun) -> None:
    model = _model(gadgets_run.data, RANKING)
    rows, negatives = [5, 6, 9], [[2, 7, 11], [3, 8, 12], [0, 1, 20]]
    single = [
        float(model.compute_loss(_batch(gadgets_run.data, [row], [n]))) for row, n in zip(rows, negatives, strict=True)
    ]
    together = _batch(gadgets_run.data, rows, negatives)
    assert float(model.compute_loss(together)) == pytest.approx(np.mean(single), rel=1e-4)


def test_without_a_target(gadgets_run: GadgetRun) -> None:
    roles = Roles(tuple(column for column in gadgets_run.roles.columns if column.part is not Part.TARGET))
    data = dataclasses.replace(gadgets_run.data, roles=roles)
    model = _model(data, dataclasses.replace(RANKING, taken_weight=1.0, shown_weight=0.0))
    batch = _batch(data, [5], [[2, 7, 13]], **{WEIGHT: [1.0]})
    judged = _judged(model, batch, [[int(batch[CANDIDATE_ROW][0]), 2, 7, 13]])
    assert set(judged) == {"taken"}
    expected = np.log(np.exp(judged["taken"][0] - judged["taken"][0, 0]).sum())
    assert expected > 0.01  # a loss to speak of
    assert float(model.compute_loss(batch)) == pytest.approx(expected, rel=1e-4)


def test_negatives_are_drawn_in_training_and_spread_in_evaluation(gadgets_run: GadgetRun) -> None:
    """Of a pool of six, evaluation takes places 0, 2 and 4; training any of them."""
    model = _model(gadgets_run.data, dataclasses.replace(RANKING, target_weight=0.0, taken_weight=1.0))
    pool = [2, 7, 11, 13, 4, 9]
    expected = float(model.compute_loss(_batch(gadgets_run.data, [5], [[2, 11, 4]])))
    assert float(model.compute_loss(_batch(gadgets_run.data, [5], [pool]))) == pytest.approx(expected, rel=1e-5)
    tf.keras.utils.set_random_seed(1)
    drawn = {float(model.compute_loss(_batch(gadgets_run.data, [5], [pool]), training=True)) for _ in range(4)}
    assert len(drawn) == 4


def test_only_positives_get_negatives(gadgets_run: GadgetRun) -> None:
    data, rng = gadgets_run.data, np.random.default_rng(1)
    model = gadgets_run.model("Trainer.retrieval")
    found = with_negatives(data, data.train, model, RANKING, rng)
    np.testing.assert_array_equal(found[HAS_NEGATIVES] > 0, data.train[WEIGHT] > 0)
    assert found[NEGATIVES].shape == (len(data.train[WEIGHT]), RANKING.mined)
    some = with_negatives(data, data.train, model, dataclasses.replace(RANKING, mined_rows=20), rng)
    assert some[HAS_NEGATIVES].sum() == 20 and (data.train[WEIGHT][some[HAS_NEGATIVES] > 0] > 0).all()


def test_the_first_guess_is_what_is_usual(gadgets_run: GadgetRun) -> None:
    """Mean and item's offset, as long as nothing is known of the user, and hardly more to begin with."""
    data = gadgets_run.data
    rows = RankingRows.of(data, RANKING, 1)
    assert rows.levels
    model = RankingModel(data, rows, RANKING)
    batch = _batch(data, [0, 1], [[0]] * 2) | {HISTORY: tf.fill([2, 1], tf.constant(-1, tf.int64))}
    batch |= {HISTORY_TARGET: tf.fill([2, 1], np.float32("nan"))}
    judged = _judged(model, batch, [[3, 4], [5, 6]])
    usual = rows.levels.mean + rows.levels.items[data.catalogue.columns["item_id"][[[3, 4], [5, 6]]]]
    np.testing.assert_allclose(judged["target"], usual, atol=0.3)


def test_the_written_ranker_gives_what_the_trained_one_gave(gadgets_run: GadgetRun, tmp_path: Path) -> None:
    """From raw interactions, which do not hold the images of their items, and one by one as in a batch."""
    data = gadgets_run.data
    model = _model(data, RANKING)
    save(model, data, str(tmp_path))
    judge = tf.saved_model.load(str(tmp_path)).signatures["serving_default"]
    records = gadgets_run.records("interactions", "eval")
    found = {name: values.numpy() for name, values in judge(examples=tf.constant(records)).items()}
    batch = {name: tf.constant(values) for name, values in data.eval.items()}
    judged = _judged(model, batch, data.eval[CANDIDATE_ROW][:, None])
    np.testing.assert_allclose(found["target"], judged["target"][:, 0], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found["taken"], tf.sigmoid(judged["taken"][:, 0]), rtol=1e-4, atol=1e-5)
    single = [judge(examples=tf.constant([record]))["target"].numpy()[0] for record in records[:5]]
    np.testing.assert_allclose(single, found["target"][:5], rtol=1e-4, atol=1e-4)


def test_an_item_that_came_after_training_is_judged_by_its_columns(gadgets_run: GadgetRun) -> None:
    judge = tf.saved_model.load(gadgets_run.model("Trainer.ranking")).signatures["serving_default"]
    red = {"user_id": "u01", "item_id": "brand new", "price": 3.5, "genres": ["drama"], "title": "Red"}
    found = judge(examples=tf.constant([example(red), example(red | {"price": 20.0}), example({"user_id": "u01"})]))
    assert len(set(found["target"].numpy().tolist())) == 3


def test_what_the_trainer_leaves(gadgets_run: GadgetRun) -> None:
    curves = json.loads((Path(gadgets_run.model("Trainer.ranking")) / "assets.extra" / CURVES_FILE).read_text())
    assert set(curves) == {"mean_loss", "val_mean_loss"}
    assert 1 <= len(curves["mean_loss"]) <= RANKING.epochs
