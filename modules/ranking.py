"""Module file of the ranking Trainer: judges the candidates that retrieval returns.

Three tasks share the encodings: was the item taken rather than the ones retrieval would have shown beside it (softmax
over one positive and mined negatives), was it taken when it was shown (logistic, where train says what was shown and
not taken), and with which target (squared error), on TensorFlow Recommenders' `Ranking` task.
"""

from __future__ import annotations

import dataclasses
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
from modules.objectives.objective import adam
from modules.progress import MEAN_LOSS, Curves, EpochProgress, curves_of
from modules.ragged import Ints
from modules.rankers.candidate_encoder import CandidateEncoder
from modules.rankers.judge import Judge
from modules.rankers.past import sums_of_past
from modules.rankers.query_encoder import QueryEncoder
from modules.rankers.recent_past import RECENT_ITEMS
from modules.ranking_config import RankingConfig
from modules.ranking_rows import IN_HISTORY, RankingRows
from modules.retrieval import CURVES_FILE
from modules.roles import HISTORY, HISTORY_TARGET, WEIGHT
from modules.training_choice import TrainingChoice, epochs_kept
from modules.training_data import CANDIDATE_ROW, TrainingData, read_training_data
from modules.training_state import TrainingState
from modules.transform_graph import Columns
from modules.typed_config import as_mapping, from_mapping
from modules.user_batches import FIRST, IS_OWN, LAST, NEWEST, UserBatches
from modules.warm_start import WarmStart, schema_digest

NEGATIVES, HAS_NEGATIVES = "negatives", "has_negatives"
EVAL_ROWS, EVAL_BATCH = 5_000, 512  # an epoch is judged by so many; their histories may be long
HISTORY_DECAY = 160.0  # interactions: as if each row of the tables of histories and raters had been met so often


def run_fn(fn_args: Any) -> None:
    """TFX Trainer's entry point: trains the ranker and writes it as a SavedModel.

    Args:
        fn_args: TFX's `FnArgs`; `base_model` is the retrieval model; `custom_config` holds "ranking" (a
            `RankingConfig`), "seed" and what `read_training_data` and `WarmStart` read; "state", the folder for what
            the training leaves to later ones; and, in a refit, "chosen", that folder of the evaluated training.
    """
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
    train_columns = with_negatives(data, rows.columns, fn_args.base_model, config, config.mined_rows, rng)
    model = RankingModel(data, rows, config)
    if choice:
        curves = retrain(model, data, train_columns, config, seed, choice, warm)
    else:
        held_out = some_rows(data.eval, EVAL_ROWS, rng)
        eval_columns = with_negatives(data, held_out, fn_args.base_model, config, config.mined_rows, rng)
        curves, choice = train(model, data, train_columns, eval_columns, config, seed, fn_args.model_run_dir, warm)
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
    """The ranker and its losses.

    Attributes:
        query_encoder, candidate_encoder, judge: see `rankers`.
    """

    def __init__(self, data: TrainingData, rows: RankingRows, config: RankingConfig) -> None:
        """Builds the layers for the columns and vocabularies of the data, and the `rows` of its train split."""
        super().__init__(data.catalogue)
        self._config, self._roles = config, data.roles
        self.query_encoder = QueryEncoder(data.roles, data.graph, config, rows.levels, _in_order(data))
        self.candidate_encoder = CandidateEncoder(data.roles, data.graph, config, rows.levels, rows.raters)
        self.judge = Judge(config, rows.levels)
        weights = data.train[WEIGHT]
        self._tells_shown = bool((weights == 0).any() and (weights > 0).any())
        self._history_decay = HISTORY_DECAY * config.embedding_decay / len(weights)
        losses, total = tf.keras.losses, tf.keras.losses.Reduction.SUM
        self._target_task = tfrs.tasks.Ranking(loss=losses.MeanSquaredError(total))
        self._taken_task = tfrs.tasks.Ranking(loss=losses.CategoricalCrossentropy(from_logits=True, reduction=total))
        self._shown_task = tfrs.tasks.Ranking(loss=losses.BinaryCrossentropy(from_logits=True, reduction=total))

    def encode_items(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """[…, width] encodings of the items in rows […] of the catalogue."""
        return self.of_items(self.candidate_encoder, rows, training)

    def compute_loss(self, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """The weighted sum of the losses, each a mean over the rows.

        Args:
            inputs: transformed query columns, `CANDIDATE_ROW`, `NEGATIVES`, `HAS_NEGATIVES`, `WEIGHT` and the target;
                of the train split also what `UserBatches` and `RankingRows` add, but no histories.
            training: whether dropout applies and negatives are drawn at random.
        """
        config, rows = self._config, tf.shape(inputs[CANDIDATE_ROW])[0]
        query = self._encode_queries(inputs, training)
        compared = tf.where(inputs[HAS_NEGATIVES] > 0)[:, 0]
        negatives = self._draw(tf.gather(inputs[NEGATIVES], compared), training)
        items = tf.concat([tf.cast(inputs[CANDIDATE_ROW], tf.int32), tf.reshape(negatives, [-1])], axis=0)
        encoded = self.encode_items(items, training)
        if FIRST in inputs:
            users = inputs[self._roles.user_id]
            users = tf.concat([users, tf.repeat(tf.gather(users, compared), config.negatives)], axis=0)
            indices = tf.gather(self._items[self._roles.item_id], items)
            encoded = self.candidate_encoder.without_rater(encoded, indices, users)
        own, others = encoded[:rows], encoded[rows:]
        judged = {name: values[:, 0] for name, values in self.judge(query, own[:, None, :], training=training).items()}
        others = tf.reshape(others, [-1, config.negatives, own.shape[-1]])
        rivals = self.judge(tf.gather(query, compared), others, training=training)["taken"]
        logits = tf.concat([tf.gather(judged["taken"], compared)[:, None], rivals], axis=1)
        loss = config.taken_weight * self._taken_task(
            labels=tf.one_hot(tf.zeros_like(compared), config.negatives + 1),
            predictions=logits,
            sample_weight=tf.gather(inputs[WEIGHT], compared),
            compute_metrics=False,
        )
        if self._tells_shown:
            taken = tf.cast(inputs[WEIGHT] > 0, tf.float32)
            loss += config.shown_weight * self._shown_task(
                labels=taken[:, None], predictions=judged["taken"][:, None], compute_metrics=False
            )
        if self._roles.target:
            loss += config.target_weight * self._target_task(
                labels=inputs[self._roles.target][:, None],
                predictions=judged["target"][:, None],
                compute_metrics=False,
            )
        loss /= tf.cast(rows, tf.float32)
        self.mean_loss.update_state(loss)
        return loss + self._decay(query, own) if training else loss

    def _encode_queries(self, inputs: dict[str, tf.Tensor], training: bool) -> tf.Tensor:
        """[rows, width]: of the train split with the rest of the batch for histories."""
        if FIRST not in inputs:
            return self.query_encoder(inputs, training=training)
        targets = inputs[self._roles.target] if self._roles.target else None
        terms = self.query_encoder.history.terms(inputs[self._roles.item_id], targets)
        part = inputs[IN_HISTORY]
        if training and self._config.history_dropout:
            part *= tf.cast(tf.random.uniform(tf.shape(part)) >= self._config.history_dropout, tf.float32)
        sums = sums_of_past(terms * part[:, None], inputs[FIRST], inputs[LAST], inputs[IS_OWN])
        newest = None
        if NEWEST in inputs:
            items = tf.pad(inputs[self._roles.item_id], [[1, 0]], constant_values=-1)
            newest = tf.gather(items, inputs[NEWEST] + 1)
        return self.query_encoder.encode(inputs, sums, newest, training=training)

    def _draw(self, mined: tf.Tensor, training: bool) -> tf.Tensor:
        """[n, negatives] of [n, mined]."""
        count, pool = self._config.negatives, tf.shape(mined)[1]
        wanted = [tf.shape(mined)[0], count]
        if training:
            drawn = tf.random.uniform(wanted, 0, pool, tf.int32)
        else:  # every so many places of retrieval's order, the same each time
            drawn = tf.broadcast_to((tf.range(count) * pool // count)[None, :], wanted)
        return tf.gather(mined, drawn, batch_dims=1)

    def _decay(self, query: tf.Tensor, items: tf.Tensor) -> tf.Tensor:
        """Holds vectors small: those of ids as often as they are met, the tables of histories and raters as a whole."""
        width = self._config.dimension
        vectors = [encoding[:, start : start + width] for encoding in (query, items) for start in (0, 2 * width)]
        met = tf.add_n([tf.reduce_sum(tf.square(part), axis=1) for part in vectors])
        tables = [self.query_encoder.history.table, self.candidate_encoder.raters.table]
        if self.query_encoder.recent:
            tables.append(self.query_encoder.recent.table)
        squares = tf.add_n([tf.reduce_sum(tf.square(table)) for table in tables])
        return self._config.embedding_decay * tf.reduce_mean(met) + self._history_decay * squares


class Settle(tf.keras.callbacks.Callback):
    """Before each evaluation, gives items the raters' vectors of the weights of that moment."""

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called by Keras."""
        self.model.candidate_encoder.raters.settle()


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
    steps = -(-len(train_columns[WEIGHT]) // batch_size) * config.epochs
    _compile(model, data, config.learning_rate, steps, feed, start)
    stopping = tf.keras.callbacks.EarlyStopping(f"val_{MEAN_LOSS}", patience=config.patience, restore_best_weights=True)
    callbacks: list[tf.keras.callbacks.Callback] = [Settle(), EpochProgress("ranking", config.epochs), stopping]
    if log_dir:
        callbacks.append(tf.keras.callbacks.TensorBoard(log_dir, profile_batch=0, write_graph=False))
    history = model.fit(feed, validation_data=held_out, epochs=config.epochs, callbacks=callbacks, verbose=0)
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
    steps = -(-len(columns[WEIGHT]) // batch_size) * choice.planned
    _compile(model, data, config.learning_rate, steps, feed, start)
    callbacks = [EpochProgress("ranking again", choice.passes)]
    return curves_of(model.fit(feed, epochs=choice.passes, callbacks=callbacks, verbose=0).history)


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


def user_batches(data: TrainingData, columns: Columns, batch_size: int, seed: int) -> UserBatches:
    """The train split's `columns` of `RankingRows` and others, users at a time."""
    in_order, remembered = _in_order(data), columns[IN_HISTORY] > 0
    newest = RECENT_ITEMS if in_order else 0
    return UserBatches(columns, data.sequences(), in_order, batch_size, seed, newest, remembered)


def _in_order(data: TrainingData) -> bool:
    """Whether what was taken last says something about what comes next."""
    return data.protocol == "next_item"


def save(model: RankingModel, data: TrainingData, folder: str) -> None:
    """Writes the ranker as a SavedModel, see `ExportedRanker`."""
    model.candidate_encoder.raters.settle()
    rows: Ints = np.arange(len(data.catalogue.ids))
    encodings = model.encode_items(tf.constant(rows))
    with tempfile.TemporaryDirectory() as assets:
        parts = model.query_encoder, model.candidate_encoder, model.judge
        ExportedRanker(*parts, encodings, data, Path(assets)).save(folder)
