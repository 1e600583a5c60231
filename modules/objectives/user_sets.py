"""One part of what a user took, predicted from the other, over all items that anybody met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.exposure import Exposure
from modules.objectives.objective import Towers, adam
from modules.ragged import Ints, flat_indices
from modules.retrieval_plan import RetrievalPlan
from modules.roles import HISTORY, HISTORY_TARGET
from modules.training_data import TrainingData

NOTHING_SHOWN = 0.05  # of the users: those who have no past yet
OWNER, ITEM, ROW, WEIGHT, OLDER = "set_owner", "set_item", "set_row", "set_weight", "set_older"
_LEAST_EXPOSURE = 1e-6
_PLACE = "set_place"  # of an item among those that compete


class UserSets:
    """A random part of each user's items is shown and the rest is predicted, every item that anybody met competing.

    By squared error, positives counting more (Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback
    datasets", ICDM 2008), or by cross-entropy (Liang et al., "Variational autoencoders for collaborative filtering",
    WWW 2018). What is shown is not predicted, as in EASE (Steck, "Embarrassingly shallow autoencoders for sparse data",
    WWW 2019), to which this is a low-rank relative that knows features. Users count the less for each item the more
    they have. Where the ages of items are known, they compete as far as they were there to be chosen, see `Exposure`.
    """

    def __init__(self, data: TrainingData, plan: RetrievalPlan, seed: int) -> None:
        """Collects the set of positives of each user."""
        self._plan, self._seed = plan, seed
        self._items = len(data.catalogue.ids)
        met, age = data.met_rows(), data.ages
        if age and plan.loss == "squared_error":
            age = age.without_boosts()  # what is new is taken more often, but not by more users in the end
        self._met, self._exposure = tf.constant(met), Exposure(age, met) if age else None
        self._vocabulary = data.graph.vocabulary_size(data.roles.item_id)
        self._sets = data.sequences().distinct_positives()
        self._index = data.catalogue.columns[data.roles.item_id].astype(np.int64)
        names = [name for name in data.query_specs() if name not in (HISTORY, HISTORY_TARGET)]
        last = self._sets.rows[self._sets.offsets[1:] - 1]
        self._columns = {name: data.train[name][last] for name in names}
        self._mean_length = float(self._sets.lengths.mean())

    def popularity(self) -> npt.NDArray[np.float32]:
        """[items] share of the users who took each item: what the items' biases begin with."""
        counts = np.bincount(self._sets.items, minlength=self._items)
        return (counts / len(self._sets)).astype(np.float32)

    def dataset(self) -> tf.data.Dataset:
        """Batches of users.

        Their columns, [batch, …], and of each pair of user and item, [pairs]: OWNER, int64 place in the batch; ITEM,
        index in the vocabulary; ROW, row of the catalogue; WEIGHT, float32; and, where the ages of items are known,
        OLDER, [pairs, ages] int64, see `Exposure.older`.
        """
        rng = np.random.default_rng(self._seed)

        def epoch() -> Iterator[dict[str, npt.NDArray[Any]]]:
            order = rng.permutation(len(self._sets))
            for start in range(0, len(order), self._plan.batch_size):
                yield self._batch(np.sort(order[start : start + self._plan.batch_size]))

        specs = {
            name: tf.TensorSpec([None, *values.shape[1:]], tf.as_dtype(values.dtype))
            for name, values in self._batch(np.zeros(1, np.int64)).items()
        }
        return tf.data.Dataset.from_generator(epoch, output_signature=specs).prefetch(2)

    def steps(self) -> int:
        """How many batches an epoch has."""
        return -(-len(self._sets) // self._plan.batch_size)

    def optimizer(self, steps: int) -> tf.keras.optimizers.Optimizer:
        """For a training of so many steps."""
        return adam(self._plan.learning_rate, steps)

    def loss(self, towers: Towers, inputs: dict[str, tf.Tensor], training: bool) -> tf.Tensor:
        """[] float32: mean over the users of the batch."""
        users = tf.shape(inputs[next(iter(self._columns))], tf.int64)[0]
        shown = tf.random.uniform(tf.shape(inputs[OWNER])) >= self._plan.history_dropout
        shown &= tf.gather(tf.random.uniform([users]) >= NOTHING_SHOWN, inputs[OWNER])

        def dense(place: str, chosen: tf.Tensor, values: tf.Tensor | float, width: int) -> tf.Tensor:
            pairs = tf.boolean_mask(tf.stack([inputs[OWNER], inputs[place]], axis=1), chosen)
            masked = tf.boolean_mask(tf.zeros_like(inputs[WEIGHT]) + values, chosen)
            return tf.scatter_nd(pairs, masked, [users, width])

        # An item that the vocabulary lacks is predicted, but shows nothing.
        tower, sets = towers.query_tower, dense(ITEM, shown, 1.0, self._vocabulary + 1)[:, : self._vocabulary]
        evidence = tf.reduce_sum(sets, axis=1, keepdims=True)
        query = tower.vectors(tower.pooling.of_sets(sets), evidence, inputs, training=training)
        scores = tf.matmul(query, towers.candidate_vectors(self._met, training=training), transpose_b=True)
        inputs = inputs | {_PLACE: tf.searchsorted(self._met, inputs[ROW], out_type=tf.int64)}
        known = dense(_PLACE, shown, 1.0, self._met.shape[0])
        wanted = dense(_PLACE, ~shown, inputs[WEIGHT], self._met.shape[0])
        lengths = tf.math.unsorted_segment_sum(tf.ones_like(inputs[WEIGHT]), inputs[OWNER], users)
        by_user = tf.sqrt(self._mean_length / tf.maximum(lengths, 1.0))
        exposure = tf.ones([])
        if self._exposure:
            weights = tf.where(shown, 0.0, inputs[WEIGHT])
            exposure = self._exposure.mean(inputs[OLDER], weights, inputs[OWNER], users)
        if self._plan.loss == "squared_error":
            errors = (exposure + wanted) * (1 - known) * tf.square(tf.sign(wanted) - scores)
            return tf.reduce_mean(by_user * tf.reduce_sum(errors, axis=1))
        likelihood = tf.nn.log_softmax(scores + tf.math.log(tf.maximum(exposure, _LEAST_EXPOSURE)) - 1e9 * known)
        missed = -tf.reduce_sum(tf.where(wanted > 0, wanted * likelihood, 0.0), axis=1)
        return tf.reduce_mean(missed * by_user) / self._mean_length

    def _batch(self, users: Ints) -> dict[str, npt.NDArray[Any]]:
        lengths = self._sets.lengths[users]
        pairs = flat_indices(self._sets.offsets[users], lengths)
        rows = self._sets.items[pairs]
        batch = {name: values[users] for name, values in self._columns.items()}
        owner = np.repeat(np.arange(len(users)), lengths)
        batch |= {OWNER: owner, ITEM: self._index[rows], ROW: rows, WEIGHT: self._sets.weights[pairs]}
        return batch | ({OLDER: self._exposure.older(self._sets.moments[pairs])} if self._exposure else {})
