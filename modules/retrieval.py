"""Module file of the retrieval Trainer: a two-tower model on TensorFlow Recommenders."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any

import tensorflow as tf
from absl import logging

from modules.exported_function import ExportedFunction
from modules.fading_fit import BEGINNING, fit_fading
from modules.next_item import NextItemRank
from modules.progress import PROGRESS_PREFIX, Curves, EpochProgress, curves_of
from modules.query_towers.history import HistoryTower
from modules.retrieval_config import RetrievalConfig
from modules.retrieval_model import RetrievalModel, size_of
from modules.retrieval_plan import RetrievalPlan, open_losses
from modules.roles import Roles
from modules.training_choice import TrainingChoice, epochs_kept
from modules.training_data import TrainingData, item_inputs, query_inputs, read_training_data
from modules.tuner_config import tuned
from modules.typed_config import as_mapping, from_mapping

CURVES_FILE = "curves.json"
LOOKS = 25  # at the eval split, in a training of as many epochs or more


def run_fn(fn_args: Any) -> None:
    """TFX Trainer's entry point: trains the towers and writes them as a SavedModel.

    Args:
        fn_args: TFX's `FnArgs`; `hyperparameters` is what a Tuner found, or None; `custom_config` holds "retrieval" (a
            `RetrievalConfig`), "seed" and what `read_training_data` wants; "state", the folder for what the training
            chose; and, in a refit, "chosen", that folder of the training that was evaluated.
    """
    seed = int(fn_args.custom_config["seed"])
    tf.keras.utils.set_random_seed(seed)
    data = read_training_data(fn_args)
    if chosen := fn_args.custom_config.get("chosen"):
        choice = TrainingChoice.read(chosen)
        model = RetrievalModel(data, from_mapping(RetrievalPlan, choice.settings, chosen), seed)
        curves = retrain(model, choice)
    else:
        config = from_mapping(RetrievalConfig, fn_args.custom_config["retrieval"], "config [retrieval]")
        if fn_args.hyperparameters:
            config = tuned(config, fn_args.hyperparameters["values"])
        model, curves, choice = train_best(data, config, seed, fn_args.model_run_dir)
    choice.write(fn_args.custom_config["state"])
    save(model, data, fn_args.serving_model_dir)
    with tf.io.gfile.GFile(os.path.join(fn_args.serving_model_dir, "assets.extra", CURVES_FILE), "w") as file:
        file.write(json.dumps(curves))


def train_best(
    data: TrainingData, config: RetrievalConfig, seed: int, log_dir: str | None
) -> tuple[RetrievalModel, Curves, TrainingChoice]:
    """Trains a model by each loss that is left open.

    Returns:
        of the model whose nDCG@10 on eval is greatest: itself, and what `train` says of it.
    """
    rank, best, best_ndcg = NextItemRank(data, seed), None, -1.0
    for loss in open_losses(config, size_of(data)):
        tf.keras.utils.set_random_seed(seed)
        model = RetrievalModel(data, dataclasses.replace(config, loss=loss), seed)
        trained = model, *train(model, data, seed, log_dir and os.path.join(log_dir, loss))
        ndcg = rank.figures(model).get(NextItemRank.NDCG, 0.0)
        logging.info("%sretrieval by %s: nDCG@10 %.4f on eval", PROGRESS_PREFIX, loss, ndcg)
        if ndcg > best_ndcg:
            best, best_ndcg = trained, ndcg
    assert best is not None  # some loss is always open
    return best


def train(
    model: RetrievalModel, data: TrainingData, seed: int, log_dir: str | None, quiet: bool = False
) -> tuple[Curves, TrainingChoice]:
    """Fits the model until the eval split no longer improves, and keeps its best weights.

    Args:
        model: as it was built.
        data: its train and eval splits.
        seed: chooses which eval interactions are looked at.
        log_dir: for TensorBoard, or None.
        quiet: whether it reports no progress.

    Returns:
        per look at the eval split: "mean_loss", and what `NextItemRank` finds; and what was chosen.
    """
    plan, objective = model.plan, model.objective
    looks = min(plan.epochs, LOOKS)
    epochs = plan.epochs // looks  # between two looks
    rank = NextItemRank(data, seed)
    in_order = isinstance(model.query_tower, HistoryTower) and data.protocol == "next_item" and data.roles.time
    if in_order:
        model.query_tower.pooling.recency = BEGINNING
    model.compile(objective.optimizer(objective.steps() * epochs * looks))
    stopping = tf.keras.callbacks.EarlyStopping(
        NextItemRank.NDCG, mode="max", patience=plan.patience, restore_best_weights=True
    )
    callbacks: list[tf.keras.callbacks.Callback] = [rank, stopping]
    if not quiet:
        callbacks.append(EpochProgress(f"retrieval by {plan.loss}", looks))
    if log_dir:
        callbacks.append(tf.keras.callbacks.TensorBoard(log_dir, profile_batch=0, write_graph=False))
    history = model.fit(objective.dataset().repeat(epochs), epochs=looks, callbacks=callbacks, verbose=0)
    if stopping.best_weights is not None:  # Keras puts them back only where training ended early
        model.set_weights(stopping.best_weights)
    curves = curves_of(history.history)
    recency = fit_fading(model, rank) if in_order else None
    passes = epochs * epochs_kept(stopping, len(history.epoch))
    return curves, TrainingChoice(passes, epochs * looks, as_mapping(plan), recency)


def retrain(model: RetrievalModel, choice: TrainingChoice) -> Curves:
    """Fits the model as long as an earlier one was best, with nothing to look at.

    Returns:
        per pass over the data: "mean_loss".
    """
    if choice.recency:
        model.query_tower.pooling.recency = BEGINNING
    model.compile(model.objective.optimizer(model.objective.steps() * choice.planned))
    callbacks = [EpochProgress("retrieval again", choice.passes)]
    history = model.fit(model.objective.dataset(), epochs=choice.passes, callbacks=callbacks, verbose=0)
    if choice.recency:
        model.query_tower.pooling.recency = choice.recency
    return curves_of(history.history)


def save(model: RetrievalModel, data: TrainingData, folder: str) -> None:
    """Writes the towers, each a restorable function of transformed columns, and signatures of raw examples.

    The SavedModel has `.query.call`, `.candidate.call`; "serving_default" maps serialised interactions to query
    vectors, "candidates" serialised items to candidate vectors.
    """
    root = tf.Module()
    root.graph = data.graph
    root.query = ExportedFunction(
        lambda features: model.query_tower(features), [data.query_specs()], model.query_tower.variables
    )
    root.candidate = ExportedFunction(
        lambda features: model.candidate_tower(features), [data.catalogue.specs()], model.candidate_tower.variables
    )
    roles: Roles = data.roles

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def query_vectors(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"vector": root.query.call(data.graph(data.graph.parse(examples, query_inputs(roles))))}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def candidate_vectors(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"vector": root.candidate.call(data.graph(data.graph.parse(examples, item_inputs(roles))))}

    tf.saved_model.save(root, folder, signatures={"serving_default": query_vectors, "candidates": candidate_vectors})
    tf.io.gfile.makedirs(os.path.join(folder, "assets.extra"))
