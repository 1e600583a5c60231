"""Module file of the ranking Trainer: judges the candidates that retrieval returns.

Two tasks share the encodings: was the item taken rather than the ones retrieval would have shown beside it (softmax
over one positive and mined negatives), and with which target (squared error), after Covington et al., "Deep neural
networks for YouTube recommendations" (RecSys 2016), on TensorFlow Recommenders' `Ranking` task.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

from modules.catalogue_model import CatalogueModel
from modules.exported_ranker import ExportedRanker
from modules.feed import batches
from modules.negatives import mine
from modules.progress import MEAN_LOSS, EpochProgress, curves_of
from modules.ragged import Ints
from modules.ranker import CandidateEncoder, Judge, QueryEncoder
from modules.ranking_config import RankingConfig
from modules.retrieval import CURVES_FILE
from modules.roles import WEIGHT
from modules.training_data import CANDIDATE_ROW, TrainingData, read_training_data
from modules.transform_graph import Columns
from modules.typed_config import from_mapping

NEGATIVES, HAS_NEGATIVES = "negatives", "has_negatives"
Curves = dict[str, list[float]]


def run_fn(fn_args: Any) -> None:
    """TFX Trainer's entry point: trains the ranker and writes it as a SavedModel.

    Args:
        fn_args: TFX's `FnArgs`; `base_model` is the retrieval model; `custom_config` holds "ranking" (a
            `RankingConfig`), "seed" and "candidates".
    """
    config = from_mapping(RankingConfig, fn_args.custom_config["ranking"], "config [ranking]")
    seed = int(fn_args.custom_config["seed"])
    tf.keras.utils.set_random_seed(seed)
    data = read_training_data(fn_args)
    rng = np.random.default_rng(seed)
    train_columns = with_negatives(data, data.train, fn_args.base_model, config, config.mined_rows, rng)
    eval_columns = with_negatives(data, data.eval, fn_args.base_model, config, config.mined_rows // 10, rng)
    model = RankingModel(data, config)
    curves = train(model, train_columns, eval_columns, config, seed, fn_args.model_run_dir)
    save(model, data, fn_args.serving_model_dir)
    with tf.io.gfile.GFile(os.path.join(fn_args.serving_model_dir, "assets.extra", CURVES_FILE), "w") as file:
        file.write(json.dumps(curves))


def with_negatives(
    data: TrainingData,
    columns: Columns,
    retrieval_model: str,
    config: RankingConfig,
    limit: int,
    rng: np.random.Generator,
) -> Columns:
    """Adds to interactions the candidates they are compared with.

    Returns:
        the columns and `NEGATIVES` [rows, mined] int32 rows of the catalogue and `HAS_NEGATIVES` [rows] float32: 1 for
        positives that have some.
    """
    positives = data.positives(columns)
    if len(positives) > limit:
        positives = np.sort(rng.choice(positives, limit, replace=False))
    mined = mine(data, columns, positives, retrieval_model, config.mined)
    negatives = np.zeros((len(columns[WEIGHT]), mined.shape[1]), np.int32)
    negatives[positives] = np.maximum(mined, 0)
    has_negatives = np.zeros(len(negatives), np.float32)
    has_negatives[positives] = mined[:, 0] >= 0
    return {**columns, NEGATIVES: negatives, HAS_NEGATIVES: has_negatives}


class RankingModel(CatalogueModel):
    """The ranker and its two losses.

    Attributes:
        query_encoder, candidate_encoder, judge: see `ranker`.
    """

    def __init__(self, data: TrainingData, config: RankingConfig) -> None:
        """Builds the layers for the columns and vocabularies of the data."""
        super().__init__(data.catalogue)
        self._config, self._target = config, data.roles.target
        mean = float(np.mean(data.train[data.roles.target])) if data.roles.target else None
        self.query_encoder = QueryEncoder(data.roles, data.graph, config, mean or 0.0)
        self.candidate_encoder = CandidateEncoder(data.roles, data.graph, config)
        self.judge = Judge(config, mean)
        self._target_task = tfrs.tasks.Ranking(loss=tf.keras.losses.MeanSquaredError())
        self._taken_task = tfrs.tasks.Ranking(loss=tf.keras.losses.CategoricalCrossentropy(from_logits=True))

    def encode_items(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """[…, dimension + 1] encodings of the items in rows […] of the catalogue."""
        return self.of_items(self.candidate_encoder, rows, training)

    def compute_loss(self, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """The weighted sum of the two losses.

        Args:
            inputs: transformed query columns, `CANDIDATE_ROW`, `NEGATIVES`, `HAS_NEGATIVES`, `WEIGHT` and the target.
            training: whether dropout applies and negatives are drawn at random.
        """
        pool = tf.shape(inputs[NEGATIVES])[1]
        wanted = [tf.shape(inputs[CANDIDATE_ROW])[0], self._config.negatives]
        if training:
            drawn = tf.random.uniform(wanted, 0, pool, tf.int32)
        else:  # every so many places of retrieval's order, the same each time
            step = tf.range(self._config.negatives) * pool // self._config.negatives
            drawn = tf.broadcast_to(step[None, :], wanted)
        negatives = tf.gather(inputs[NEGATIVES], drawn, batch_dims=1)
        rows = tf.concat([tf.cast(inputs[CANDIDATE_ROW], tf.int32)[:, None], negatives], axis=1)
        query = self.query_encoder(inputs, training=training)
        items = self.encode_items(rows, training=training)
        judged = self.judge(query, items, training=training)
        first = tf.one_hot(tf.zeros_like(rows[:, 0]), self._config.negatives + 1)
        loss = self._config.taken_weight * self._taken_task(
            labels=first,
            predictions=judged["taken"],
            sample_weight=inputs[WEIGHT] * inputs[HAS_NEGATIVES],
            compute_metrics=False,
        )
        if self._target:
            loss += self._config.target_weight * self._target_task(
                labels=inputs[self._target], predictions=judged["target"][:, 0], compute_metrics=False
            )
        self.mean_loss.update_state(loss)
        if training:
            squares = tf.reduce_mean(tf.square(query)) + tf.reduce_mean(tf.square(items[:, 0]))
            loss += self._config.embedding_decay * squares
        return loss


def train(
    model: RankingModel,
    train_columns: Columns,
    eval_columns: Columns,
    config: RankingConfig,
    seed: int,
    log_dir: str | None,
) -> Curves:
    """Fits the model until the eval split no longer improves, and keeps its best weights.

    Returns:
        per epoch: "mean_loss" and "val_mean_loss".
    """
    rows: Ints = np.arange(len(train_columns[WEIGHT]))
    feed = batches(train_columns, rows, config.batch_size, seed)
    held_out = batches(eval_columns, np.arange(len(eval_columns[WEIGHT])), 4 * config.batch_size, None)
    steps = -(-len(rows) // config.batch_size) * config.epochs
    model.compile(
        tf.keras.optimizers.legacy.Adam(tf.keras.optimizers.schedules.CosineDecay(config.learning_rate, steps))
    )
    callbacks: list[tf.keras.callbacks.Callback] = [
        EpochProgress("ranking", config.epochs),
        tf.keras.callbacks.EarlyStopping(f"val_{MEAN_LOSS}", patience=config.patience, restore_best_weights=True),
    ]
    if log_dir:
        callbacks.append(tf.keras.callbacks.TensorBoard(log_dir, profile_batch=0, write_graph=False))
    history = model.fit(feed, validation_data=held_out, epochs=config.epochs, callbacks=callbacks, verbose=0)
    return curves_of(history.history)


def save(model: RankingModel, data: TrainingData, folder: str) -> None:
    """Writes the ranker as a SavedModel, see `ExportedRanker`."""
    encodings = model.encode_items(tf.range(len(data.catalogue.ids)))
    with tempfile.TemporaryDirectory() as assets:
        parts = model.query_encoder, model.candidate_encoder, model.judge
        ExportedRanker(*parts, encodings, data, Path(assets)).save(folder)
