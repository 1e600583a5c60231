"""Each interaction's item against those of the other interactions of its batch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.catalogue_softmax import catalogue_softmax
from modules.feed import batches
from modules.objectives.objective import Towers, adam
from modules.retrieval_plan import RetrievalPlan
from modules.roles import WEIGHT
from modules.training_data import CANDIDATE_ROW, TrainingData

_LEAST_PROBABILITY = 1e-6


class InBatchSoftmax:
    """Softmax over the batch, corrected for how often items are in it.

    The loss of TensorFlow Recommenders' `Retrieval` task with `remove_accidental_hits`, but that an item is scored once
    however often a batch holds it, and that all logits are never there at once: the same in a fraction of the time.

    Yi et al., "Sampling-bias-corrected neural modeling for large corpus item recommendations" (RecSys 2019). Items
    drawn uniformly from those that anybody met join the batch's, so that items which are rarely taken are compared too
    (Yang et al., "Mixed negative sampling for learning two-tower neural networks", WWW 2020).
    """

    def __init__(self, data: TrainingData, plan: RetrievalPlan, seed: int) -> None:
        """Prepares the positives of train."""
        self._plan, self._seed = plan, seed
        self._positives = data.positives(data.train)
        self._columns = {name: values for name, values in data.train.items() if name != data.roles.target}
        items, met = len(data.catalogue.ids), data.met_rows()
        rows = data.train[CANDIDATE_ROW][self._positives]
        among = sampling_probability(rows, items, plan.uniform_negatives / plan.batch_size, len(met))
        self._met = tf.constant(met)
        self._correction = -tf.math.log(tf.maximum(among, _LEAST_PROBABILITY)) if plan.logq else tf.zeros(items)

    def dataset(self) -> tf.data.Dataset:
        """Transformed query columns, `CANDIDATE_ROW` and `WEIGHT`, [batch, …] each."""
        return batches(self._columns, self._positives, self._plan.batch_size, self._seed)

    def steps(self) -> int:
        """How many batches an epoch has."""
        return -(-len(self._positives) // self._plan.batch_size)

    def optimizer(self, steps: int) -> tf.keras.optimizers.Optimizer:
        """For a training of so many steps."""
        return adam(self._plan.learning_rate, steps)

    def loss(self, towers: Towers, inputs: dict[str, tf.Tensor], training: bool) -> tf.Tensor:
        """[] float32: mean over the batch of the weighted cross-entropies."""
        own = inputs[CANDIDATE_ROW]
        drawn = tf.random.uniform([self._plan.uniform_negatives], 0, tf.size(self._met, own.dtype), own.dtype)
        rows = tf.concat([own, tf.gather(self._met, drawn)], axis=0)
        distinct, place, counts = tf.unique_with_counts(rows)
        # The correction is a coordinate more, of the queries always 1.
        queries = towers.query_tower(inputs, training=training) / self._plan.temperature
        queries = tf.concat([queries, tf.ones_like(queries[:, :1])], axis=1)
        items = towers.candidate_vectors(distinct, training=training)
        items = tf.concat([items, tf.gather(self._correction, distinct)[:, tf.newaxis]], axis=1)
        batch = tf.shape(own)[0]
        total = catalogue_softmax(queries, items, place[:batch], inputs[WEIGHT], tf.cast(counts, tf.float32))
        return total / tf.cast(batch, tf.float32)


def sampling_probability(
    rows: npt.NDArray[np.int64], items: int, uniform_share: float = 0.0, drawn_from: int | None = None
) -> npt.NDArray[np.float32]:
    """How likely each item is to be compared with another: its share of what a batch holds.

    The loss subtracts the logarithm of this from the logits (logQ correction), so that popular items are not held
    down merely because they are drawn as negatives more often.

    Args:
        rows: [n] catalogue rows of the positives.
        items: size of the catalogue.
        uniform_share: items drawn uniformly, for each positive of a batch.
        drawn_from: how many items these are drawn from; None: all.

    Returns:
        [items] float32 above 0; an item without positives counts as half a one.
    """
    counts = np.bincount(rows, minlength=items)
    by_popularity = np.maximum(counts, 0.5) / max(len(rows), 1)
    return (by_popularity + uniform_share / (drawn_from or items)).astype(np.float32)
