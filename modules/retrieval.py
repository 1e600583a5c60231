"""Module file of the retrieval Trainer: a two-tower model trained by softmax over the batch.

Yi et al., "Sampling-bias-corrected neural modeling for large corpus item recommendations" (RecSys 2019), on
TensorFlow Recommenders' `Retrieval` task.
"""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tensorflow_recommenders as tfrs

from modules.candidate_tower import CandidateTower
from modules.catalogue_model import CatalogueModel
from modules.exported_function import ExportedFunction
from modules.feed import batches
from modules.next_item import NextItemRank
from modules.progress import EpochProgress, curves_of
from modules.query_tower import QueryTower
from modules.retrieval_config import RetrievalConfig
from modules.roles import WEIGHT, Roles
from modules.training_data import CANDIDATE_ROW, TrainingData, item_inputs, query_inputs, read_training_data
from modules.typed_config import from_mapping

CURVES_FILE = "curves.json"


def run_fn(fn_args: Any) -> None:
    """TFX Trainer's entry point: trains the towers and writes them as a SavedModel.

    Args:
        fn_args: TFX's `FnArgs`; `custom_config` holds "retrieval" (a `RetrievalConfig`), "seed" and "candidates".
    """
    config = from_mapping(RetrievalConfig, fn_args.custom_config["retrieval"], "config [retrieval]")
    seed = int(fn_args.custom_config["seed"])
    tf.keras.utils.set_random_seed(seed)
    data = read_training_data(fn_args)
    model = RetrievalModel(data, config)
    curves = train(model, data, config, seed, fn_args.model_run_dir)
    save(model, data, fn_args.serving_model_dir)
    with tf.io.gfile.GFile(os.path.join(fn_args.serving_model_dir, "assets.extra", CURVES_FILE), "w") as file:
        file.write(json.dumps(curves))


class RetrievalModel(CatalogueModel):
    """The two towers and their loss.

    Attributes:
        query_tower, candidate_tower: the towers.
    """

    def __init__(self, data: TrainingData, config: RetrievalConfig) -> None:
        """Builds the towers for the columns and vocabularies of the data."""
        super().__init__(data.catalogue)
        self.query_tower = QueryTower(data.roles, data.graph, config)
        self.candidate_tower = CandidateTower(data.roles, data.graph, config)
        task = tfrs.tasks.Retrieval(temperature=config.temperature, remove_accidental_hits=True)
        self._softmax = tf.function(task)  # a function of its own, because this part needs AutoGraph
        rows = data.train[CANDIDATE_ROW][data.positives(data.train)]
        self._probability = tf.constant(sampling_probability(rows, len(data.catalogue.ids))) if config.logq else None

    def candidate_vectors(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """[n, dimension + 1] vectors of the items in [n] rows of the catalogue."""
        return self.of_items(self.candidate_tower, rows, training)

    def compute_loss(self, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Mean over the batch of the weighted softmax loss, each interaction's item against those of the others.

        Args:
            inputs: transformed query columns, `CANDIDATE_ROW` and `WEIGHT`, [batch, …] each.
            training: whether dropout applies.
        """
        rows = inputs[CANDIDATE_ROW]
        total = self._softmax(
            self.query_tower(inputs, training=training),
            self.candidate_vectors(rows, training=training),
            sample_weight=inputs[WEIGHT],
            candidate_sampling_probability=None if self._probability is None else tf.gather(self._probability, rows),
            candidate_ids=rows,
            compute_metrics=False,
        )
        loss = total / tf.cast(tf.shape(rows)[0], tf.float32)
        self.mean_loss.update_state(loss)
        return loss


def sampling_probability(rows: npt.NDArray[np.int64], items: int) -> npt.NDArray[np.float32]:
    """How likely each item is to be in a batch beside another: its share of the positives.

    The task subtracts the logarithm of this from the logits (logQ correction), so that popular items are not held
    down merely because they are drawn as negatives more often.

    Args:
        rows: [n] catalogue rows of the positives.
        items: size of the catalogue.

    Returns:
        [items] float32 above 0; an item without positives counts as half a one.
    """
    counts = np.bincount(rows, minlength=items)
    return (np.maximum(counts, 0.5) / max(len(rows), 1)).astype(np.float32)


def train(
    model: RetrievalModel, data: TrainingData, config: RetrievalConfig, seed: int, log_dir: str | None
) -> dict[str, list[float]]:
    """Fits the model until the eval split no longer improves, and keeps its best weights.

    Returns:
        per epoch: "mean_loss", and what `NextItemRank` finds on the eval split.
    """
    positives = data.positives(data.train)
    batch_size = config.batch_for(len(positives))
    columns = {name: values for name, values in data.train.items() if name not in (data.roles.target,)}
    feed = batches(columns, positives, batch_size, seed)
    steps = -(-len(positives) // batch_size) * config.epochs
    model.compile(
        tf.keras.optimizers.legacy.Adam(tf.keras.optimizers.schedules.CosineDecay(config.learning_rate, steps))
    )
    callbacks: list[tf.keras.callbacks.Callback] = [
        NextItemRank(data, seed),
        EpochProgress("retrieval", config.epochs),
        tf.keras.callbacks.EarlyStopping(
            NextItemRank.NDCG, mode="max", patience=config.patience, restore_best_weights=True
        ),
    ]
    if log_dir:
        callbacks.append(tf.keras.callbacks.TensorBoard(log_dir, profile_batch=0, write_graph=False))
    history = model.fit(feed, epochs=config.epochs, callbacks=callbacks, verbose=0)
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
