"""Module file of the retrieval Trainer: a two-tower model on TensorFlow Recommenders."""

from __future__ import annotations

import dataclasses
import json
import os
from contextlib import AbstractContextManager
from typing import Any

import tensorflow as tf
from absl import logging

from modules.best_look import BestLook
from modules.catalogue import item_inputs
from modules.distribution import fed, shared_steps, training_on
from modules.exported_function import ExportedFunction
from modules.fading_fit import BEGINNING, fit_fading
from modules.item_item.beside import choose_item_item
from modules.met_items import write_met_items
from modules.next_item import NextItemRank
from modules.objectives.user_vectors import UserVectors
from modules.progress import PROGRESS_PREFIX, Curves, EpochProgress, curves_of
from modules.query_towers.fold_in import FoldInTower
from modules.query_towers.history import HistoryTower
from modules.retrieval_config import RetrievalConfig
from modules.retrieval_model import RetrievalModel, size_of
from modules.retrieval_plan import RetrievalPlan, open_losses
from modules.roles import Roles
from modules.settling import Settling
from modules.training_choice import TrainingChoice, epochs_kept
from modules.training_data import TrainingData, query_inputs, read_training_data
from modules.training_state import TrainingState
from modules.tuner_config import tuned
from modules.typed_config import as_mapping, from_mapping
from modules.warm_start import WarmStart, schema_digest

CURVES_FILE = "curves.json"
LOOKS, SOLVED_LOOKS = 25, 10  # at the eval split, in a training of as many epochs or more


def run_fn(fn_args: Any) -> None:
    """TFX Trainer's entry point: trains the towers and writes them as a SavedModel.

    Args:
        fn_args: TFX's `FnArgs`; `hyperparameters` is what a Tuner found, or None; `custom_config` holds "retrieval" (a
            `RetrievalConfig`), "seed" and what `read_training_data` and `WarmStart` want; "state", the folder for what
            the training leaves to later ones; and, in a refit, "chosen", that folder of the evaluated training. Also
            what `training_on` reads.
    """
    with training_on(fn_args) as (own_args, scope):
        _train_and_save(own_args, scope)


def _train_and_save(fn_args: Any, scope: AbstractContextManager[None]) -> None:
    seed = int(fn_args.custom_config["seed"])
    tf.keras.utils.set_random_seed(seed)
    data = read_training_data(fn_args)
    schema = schema_digest(fn_args.schema_path)
    warm = WarmStart.of("retrieval", fn_args.custom_config)
    if chosen := fn_args.custom_config.get("chosen"):
        choice = TrainingChoice.read(chosen)
        plan = from_mapping(RetrievalPlan, choice.settings, chosen)
        start = warm and warm.fitting("retrieval again", plan.architecture(schema))
        with scope:
            model = RetrievalModel(data, plan, seed)
            curves = retrain(model, data, choice, start)
    else:
        config = from_mapping(RetrievalConfig, fn_args.custom_config["retrieval"], "config [retrieval]")
        if fn_args.hyperparameters:
            config = tuned(config, fn_args.hyperparameters["values"])
        with scope:
            model, curves, choice = train_best(data, config, seed, fn_args.model_run_dir, schema, warm)
    state = fn_args.custom_config["state"]
    choice.write(state)
    TrainingState.of(model, data.graph, model.plan.architecture(schema)).write(state)
    save(model, data, fn_args.serving_model_dir)
    write_met_items(fn_args.serving_model_dir, data.catalogue, data.met_rows())
    with tf.io.gfile.GFile(os.path.join(fn_args.serving_model_dir, "assets.extra", CURVES_FILE), "w") as file:
        file.write(json.dumps(curves))


def train_best(
    data: TrainingData,
    config: RetrievalConfig,
    seed: int,
    log_dir: str | None,
    schema: str = "",
    warm: WarmStart | None = None,
) -> tuple[RetrievalModel, Curves, TrainingChoice]:
    """Trains a model by each loss that is left open, or by the one alone that the published model was trained by.

    Args:
        data: to learn from, and to choose by.
        config: of the models.
        seed: of each training.
        log_dir: for TensorBoard, or None.
        schema: its digest.
        warm: the published model.

    Returns:
        of the model whose nDCG@10 on eval is greatest: itself, and what `train` says of it.
    """
    rank, best, best_ndcg = NextItemRank.thorough(data, seed), None, -1.0
    losses = open_losses(config, size_of(data))
    published = [loss for loss in losses if warm and warm.state.architecture.get("loss") == loss]
    for loss in published or losses:
        tf.keras.utils.set_random_seed(seed)
        plan = RetrievalPlan.of(dataclasses.replace(config, loss=loss), size_of(data))
        start = warm and warm.fitting(f"retrieval by {loss}", plan.architecture(schema))
        if start:
            plan = dataclasses.replace(plan, epochs=start.config.epochs(plan.epochs))
        model = RetrievalModel(data, plan, seed)
        trained = model, *train(model, data, seed, log_dir and os.path.join(log_dir, loss), start=start)
        ndcg = rank.figures(model).get(NextItemRank.NDCG, 0.0)
        logging.info("%sretrieval by %s: nDCG@10 %.4f on eval", PROGRESS_PREFIX, loss, ndcg)
        if ndcg > best_ndcg:
            best, best_ndcg = trained, ndcg
    assert best is not None  # some loss is always open
    return best


def train(
    model: RetrievalModel,
    data: TrainingData,
    seed: int,
    log_dir: str | None,
    quiet: bool = False,
    start: WarmStart | None = None,
) -> tuple[Curves, TrainingChoice]:
    """Fits the model until the eval split no longer improves, and keeps the weights that `BestLook` finds best.

    Args:
        model: as it was built.
        data: its train and eval splits.
        seed: chooses which eval interactions are looked at.
        log_dir: for TensorBoard, or None.
        quiet: whether it reports no progress.
        start: the published model, to go on from.

    Returns:
        per look at the eval split: "mean_loss", and what `NextItemRank` finds; and what was chosen.
    """
    plan, objective = model.plan, model.objective
    looks = min(plan.epochs, SOLVED_LOOKS if plan.solves_for_users else LOOKS)
    epochs = plan.epochs // looks  # between two looks
    rank = NextItemRank(data, seed)
    fades = isinstance(model.query_tower, (HistoryTower, FoldInTower))
    in_order = fades and data.protocol == "next_item" and data.roles.time
    _compile(model, data, epochs * looks, start)
    if in_order and not plan.solves_for_users:
        model.query_tower.recency = BEGINNING
    stopping = BestLook(rank, plan.patience)
    callbacks: list[tf.keras.callbacks.Callback] = [rank, stopping]
    if isinstance(objective, UserVectors):
        callbacks.insert(0, Settling(objective, looks, looks))
    if not quiet:
        callbacks.append(EpochProgress(f"retrieval by {plan.loss}", looks))
    if log_dir:
        callbacks.append(tf.keras.callbacks.TensorBoard(log_dir, profile_batch=0, write_graph=False))
    feed = fed(objective.dataset(), epochs, objective.steps())
    history = model.fit(**feed, epochs=looks, callbacks=callbacks, verbose=0)
    curves = curves_of(history.history)
    recency = fit_fading(model, rank) if in_order else None
    item_item = choose_item_item(model, data, seed) if plan.item_item else None
    if item_item:
        model.put_beside(data, item_item)
    passes = epochs * epochs_kept(stopping, len(history.epoch))
    return curves, TrainingChoice(passes, epochs * looks, as_mapping(plan), recency, item_item)


def retrain(model: RetrievalModel, data: TrainingData, choice: TrainingChoice, start: WarmStart | None) -> Curves:
    """Fits the model as long as an earlier one was best, with nothing to look at.

    Returns:
        per pass over the data: "mean_loss".
    """
    _compile(model, data, choice.planned, start)
    if choice.recency and not model.plan.solves_for_users:
        model.query_tower.recency = BEGINNING
    callbacks: list[tf.keras.callbacks.Callback] = [EpochProgress("retrieval again", choice.passes)]
    if isinstance(model.objective, UserVectors):
        every = max(1, choice.planned // SOLVED_LOOKS)
        callbacks.append(Settling(model.objective, choice.passes, choice.planned, every))
    feed = fed(model.objective.dataset(), 1, model.objective.steps())
    history = model.fit(**feed, epochs=choice.passes, callbacks=callbacks, verbose=0)
    if choice.recency:
        model.query_tower.recency = choice.recency
    if choice.item_item:
        model.put_beside(data, choice.item_item)
    return curves_of(history.history)


def _compile(model: RetrievalModel, data: TrainingData, passes: int, start: WarmStart | None) -> None:
    """Gives the model its optimizer and, if there is a published one to go on from, the state of that."""
    model.compile(model.objective.optimizer(shared_steps(model.objective.steps()) * passes))
    if start:
        start.begin(model, data.graph, next(iter(model.objective.dataset())))


def save(model: RetrievalModel, data: TrainingData, folder: str) -> None:
    """Writes the towers, each a restorable function of transformed columns, and signatures of raw examples.

    The SavedModel has `.query.call`, `.candidate.call`; "serving_default" maps serialised interactions to query
    vectors, "candidates" serialised items to candidate vectors.
    """
    root = tf.Module()
    root.graph = data.graph
    beside = model.item_item.variables if model.item_item else []
    root.query = ExportedFunction(model.query_vectors, [data.query_specs()], [*model.query_tower.variables, *beside])
    root.candidate = ExportedFunction(
        model.candidates, [data.catalogue.specs()], [*model.candidate_tower.variables, *beside]
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
