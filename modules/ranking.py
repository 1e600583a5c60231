"""Module file of the ranking Trainer: judges the candidates that retrieval returns."""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from modules.column_store import Columns
from modules.distribution import fed, shared_steps, training_on
from modules.exported_ranker import ExportedRanker
from modules.feed import batches
from modules.negatives import with_negatives
from modules.objectives.objective import adam
from modules.progress import MEAN_LOSS, Curves, EpochProgress, curves_of
from modules.ragged import Ints
from modules.ranking_config import RankingConfig
from modules.ranking_model import RankingModel, Settle
from modules.ranking_rows import RankingRows, user_batches
from modules.retrieval import CURVES_FILE
from modules.roles import HISTORY, HISTORY_TARGET, WEIGHT
from modules.training_choice import TrainingChoice, epochs_kept
from modules.training_data import TrainingData, read_training_data
from modules.training_state import TrainingState
from modules.typed_config import as_mapping, from_mapping
from modules.warm_start import WarmStart, schema_digest

EVAL_ROWS, EVAL_BATCH = 5_000, 512  # an epoch is judged by so many; their histories may be long


def run_fn(fn_args: Any) -> None:
    """TFX Trainer's entry point: trains the ranker and writes it as a SavedModel.

    Args:
        fn_args: TFX's `FnArgs`; `base_model` is the retrieval model; `custom_config` holds "ranking" (a
            `RankingConfig`), "seed" and what `read_training_data` and `WarmStart` read; "state", the folder for what
            the training leaves to later ones; and, in a refit, "chosen", that folder of the evaluated training. Also
            what `training_on` reads.
    """
    with training_on(fn_args) as (own_args, scope):
        _train_and_save(own_args, scope)


def _train_and_save(fn_args: Any, scope: AbstractContextManager[None]) -> None:
    config = from_mapping(RankingConfig, fn_args.custom_config["ranking"], "config [ranking]")
    seed = int(fn_args.custom_config["seed"])
    tf.keras.utils.set_random_seed(seed)
    data = read_training_data(fn_args)
    rng = np.random.default_rng(seed)
    schema = schema_digest(fn_args.schema_path)
    warm = WarmStart.of("ranking", fn_args.custom_config)
    warm = warm and warm.fitting("ranking", config.architecture(schema))
    if warm:
        config = dataclasses.replace(config, epochs=warm.config.epochs(config.epochs))
    choice = None
    if chosen := fn_args.custom_config.get("chosen"):
        choice = TrainingChoice.read(chosen)
        config = from_mapping(RankingConfig, choice.settings, chosen)
    rows = RankingRows.of(data, config, seed)
    train_columns = with_negatives(data, rows.columns, fn_args.base_model, config, rng)
    held_out: Columns = {}
    if choice is None:
        held_out = some_rows(data.eval, EVAL_ROWS, rng)
        held_out = with_negatives(data, held_out, fn_args.base_model, config, rng)
    with scope:
        model = RankingModel(data, rows, config)
        if choice:
            curves = retrain(model, data, train_columns, config, seed, choice, warm)
        else:
            curves, choice = train(model, data, train_columns, held_out, config, seed, fn_args.model_run_dir, warm)
    state = fn_args.custom_config["state"]
    choice.write(state)
    TrainingState.of(model, data.graph, config.architecture(schema)).write(state)
    save(model, data, fn_args.serving_model_dir)
    with tf.io.gfile.GFile(os.path.join(fn_args.serving_model_dir, "assets.extra", CURVES_FILE), "w") as file:
        file.write(json.dumps(curves))


def some_rows(columns: Columns, most: int, rng: np.random.Generator) -> Columns:
    """At most so many rows of the columns, drawn at random, in order."""
    rows = len(columns[WEIGHT])
    if rows <= most:
        return columns
    chosen = np.sort(rng.choice(rows, most, replace=False))
    return {name: values[chosen] for name, values in columns.items()}


def train(
    model: RankingModel,
    data: TrainingData,
    train_columns: Columns,
    eval_columns: Columns,
    config: RankingConfig,
    seed: int,
    log_dir: str | None,
    start: WarmStart | None = None,
) -> tuple[Curves, TrainingChoice]:
    """Fits the model until the eval split no longer improves, and keeps its best weights.

    Returns:
        per epoch: "mean_loss" and "val_mean_loss"; and what was chosen.
    """
    batch_size = config.batch_for(len(train_columns[WEIGHT]))
    feed = _feed(data, train_columns, batch_size, seed)
    held_out = batches(eval_columns, np.arange(len(eval_columns[WEIGHT])), EVAL_BATCH, None)
    steps = -(-len(train_columns[WEIGHT]) // batch_size)
    _compile(model, data, config.learning_rate, shared_steps(steps) * config.epochs, feed, start)
    stopping = tf.keras.callbacks.EarlyStopping(f"val_{MEAN_LOSS}", patience=config.patience, restore_best_weights=True)
    callbacks: list[tf.keras.callbacks.Callback] = [Settle(), EpochProgress("ranking", config.epochs), stopping]
    if log_dir:
        callbacks.append(tf.keras.callbacks.TensorBoard(log_dir, profile_batch=0, write_graph=False))
    history = model.fit(
        **fed(feed, 1, steps), validation_data=held_out, epochs=config.epochs, callbacks=callbacks, verbose=0
    )
    settings = as_mapping(dataclasses.replace(config, batch_size=batch_size))
    passes = epochs_kept(stopping, len(history.epoch))
    return curves_of(history.history), TrainingChoice(passes, config.epochs, settings)


def retrain(
    model: RankingModel,
    data: TrainingData,
    columns: Columns,
    config: RankingConfig,
    seed: int,
    choice: TrainingChoice,
    start: WarmStart | None = None,
) -> Curves:
    """Fits the model as long as an earlier one was best, with nothing to look at.

    Returns:
        per epoch: "mean_loss".
    """
    batch_size = config.batch_for(len(columns[WEIGHT]))
    feed = _feed(data, columns, batch_size, seed)
    steps = -(-len(columns[WEIGHT]) // batch_size)
    _compile(model, data, config.learning_rate, shared_steps(steps) * choice.planned, feed, start)
    callbacks = [EpochProgress("ranking again", choice.passes)]
    return curves_of(model.fit(**fed(feed, 1, steps), epochs=choice.passes, callbacks=callbacks, verbose=0).history)


def _compile(
    model: RankingModel,
    data: TrainingData,
    learning_rate: float,
    steps: int,
    feed: tf.data.Dataset,
    start: WarmStart | None,
) -> None:
    """Gives the model its optimizer and, if there is a published one to go on from, the state of that."""
    model.compile(adam(learning_rate, steps))
    if start:
        start.begin(model, data.graph, next(iter(feed)))


def _feed(data: TrainingData, train_columns: Columns, batch_size: int, seed: int) -> tf.data.Dataset:
    columns = {name: values for name, values in train_columns.items() if name not in (HISTORY, HISTORY_TARGET)}
    return user_batches(data, columns, batch_size, seed).dataset()


def save(model: RankingModel, data: TrainingData, folder: str) -> None:
    """Writes the ranker as a SavedModel, see `ExportedRanker`."""
    model.candidate_encoder.raters.settle()
    rows: Ints = np.arange(len(data.catalogue.ids))
    encodings = model.encode_items(tf.constant(rows))
    with tempfile.TemporaryDirectory() as assets:
        parts = model.query_encoder, model.candidate_encoder, model.judge
        ExportedRanker(*parts, encodings, data, Path(assets)).save(folder)
