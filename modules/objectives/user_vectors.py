"""A vector for each user, under which all that the user took is likely."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.exposure import Exposure
from modules.id_rows import by_id
from modules.late_decay import LateDecay
from modules.objectives.objective import Towers
from modules.objectives.user_sets import OLDER, OWNER, ROW, WEIGHT, UserSets
from modules.ragged import Ints, flat_indices
from modules.retrieval_plan import RetrievalPlan
from modules.softmax_mode import products_of, square
from modules.training_data import TrainingData
from modules.user_sequences import UserSequences
from modules.user_table import OWN, UserTable

NUMBER, USER, OPEN = "set_number", "set_user", "set_open"
WARM = 0.4  # of a training; from then on vectors are drawn
_LEAST_EXPOSURE, _USERS_AT_ONCE = 1e-3, 256


class UserVectors(UserSets):
    """Maximum a posteriori factors under softmax choice, with normal priors on users, items and columns.

    All that a user took is predicted, by one vector; every item that anybody met competes until the user takes it, as
    far as it was there, see `Exposure`. Once the vectors are nearly where they belong, each step draws those of the
    users from a normal distribution about the modes, by the curvature there (Laplace's approximation): items learn from
    how little a few choices say, and not from a guess taken for certain (Monte Carlo EM: Wei and Tanner, JASA 1990).

    Attributes:
        table: of the users.
    """

    def __init__(self, data: TrainingData, plan: RetrievalPlan, seed: int) -> None:
        """Collects the set of positives of each user."""
        super().__init__(data, plan, seed)
        self._mean_weight = float(self._sets.weights.mean())
        users = max(int(self._sets.users.max()) + 1, data.graph.vocabulary_size(data.roles.user_id))
        self.table = by_id(UserTable(users, plan.dimension), data.roles.user_id)
        place = np.searchsorted(data.met_rows(), self._sets.items)
        self._open = np.log(np.maximum(open_shares(self._sets, place, self._exposure), _LEAST_EXPOSURE))
        self._exposed = self._all_exposures() if self._exposure else None

    def optimizer(self, steps: int) -> tf.keras.optimizers.Optimizer:
        """For a training of so many steps: the learning rate falls in the second half."""
        half = max(steps // 2, 1)
        falling = tf.keras.optimizers.schedules.PolynomialDecay(self._plan.learning_rate, half, 0.0)
        rate = LateDecay(falling, half)
        return tf.keras.optimizers.legacy.Adam(rate, beta_2=0.99, epsilon=1e-12)

    def loss(self, towers: Towers, inputs: dict[str, tf.Tensor], training: bool) -> tf.Tensor:
        """[] float32: what all users' choices and weights fall short of certainty in nats, by choice."""
        batch = tf.cast(tf.size(inputs[USER]), tf.float32)
        missed = self._missed(towers, inputs, self.table.draw(inputs[USER]))
        of_users = tf.nn.l2_loss(tf.gather(self.table.own, inputs[USER]))
        weights = [*towers.candidate_tower.trainable_variables, *towers.query_tower.trainable_variables]
        shared = tf.add_n([tf.nn.l2_loss(weight) for weight in weights])
        return ((missed + of_users) / batch + shared / len(self._sets)) / self._mean_length

    def settle(self, towers: Towers, warm: bool) -> None:
        """Gives the query tower what was learned.

        Args:
            towers: in training, or trained.
            warm: whether the users' vectors are drawn from now on.
        """
        tower = towers.query_tower
        vectors = towers.candidate_vectors(tf.constant(np.maximum(tower.rows, 0))).numpy()
        if warm:
            met = towers.candidate_vectors(self._met)[:, :-1]
            products = products_of(met)
            spread = self.table.spread.numpy()
            for start in range(0, len(self._sets), self._plan.batch_size):
                users = np.arange(start, min(start + self._plan.batch_size, len(self._sets)))
                batch = {name: tf.constant(values) for name, values in self._batch(users).items()}
                spread[self._sets.users[users]] = self._spread(towers, batch, met, products).numpy()
            self.table.spread.assign(spread)
        tower.settle(vectors, np.linalg.inv(self.table.covariance(self._sets.users)))

    def _batch(self, users: Ints) -> dict[str, npt.NDArray[Any]]:
        batch = super()._batch(users)
        batch.pop(OLDER, None)
        batch[WEIGHT] = batch[WEIGHT] / self._mean_weight
        opened = self._open[flat_indices(self._sets.offsets[users], self._sets.lengths[users])]
        return batch | {NUMBER: users, USER: self._sets.users[users], OPEN: opened}

    def _all_exposures(self) -> tf.Tensor:
        """[users, N] float32 logarithms, of what the users did not take."""
        assert self._exposure
        parts = []
        for start in range(0, len(self._sets), _USERS_AT_ONCE):
            batch = super()._batch(np.arange(start, min(start + _USERS_AT_ONCE, len(self._sets))))
            older, weights, owner = (tf.constant(batch[name]) for name in (OLDER, WEIGHT, OWNER))
            parts.append(self._exposure.mean(older, weights, owner, owner[-1] + 1))
        return tf.math.log(tf.maximum(tf.concat(parts, axis=0), _LEAST_EXPOSURE))

    def _logits(self, towers: Towers, inputs: dict[str, tf.Tensor], own: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """[batch, N] float32 logits of the items that compete, and [pairs, 2] int64 the places of what was chosen."""
        cells = tf.stack([inputs[OWNER], tf.searchsorted(self._met, inputs[ROW], out_type=tf.int64)], axis=1)
        vectors = towers.query_tower.prior_mean(inputs) + own
        items = towers.candidate_vectors(self._met, training=True)
        scores = tf.matmul(vectors, items[:, :-1], transpose_b=True) + items[:, -1]
        exposed = tf.zeros_like(scores) if self._exposed is None else tf.gather(self._exposed, inputs[NUMBER])
        return scores + tf.tensor_scatter_nd_update(exposed, cells, inputs[OPEN]), cells

    def _missed(self, towers: Towers, inputs: dict[str, tf.Tensor], own: tf.Tensor) -> tf.Tensor:
        """[] float32 negative log-likelihood of what the users chose."""
        logits, cells = self._logits(towers, inputs, own)
        found = tf.reduce_sum(inputs[WEIGHT] * tf.gather_nd(logits, cells))
        return tf.reduce_sum(_numbers(inputs) * tf.reduce_logsumexp(logits, axis=1)) - found

    def _spread(self, towers: Towers, inputs: dict[str, tf.Tensor], items: tf.Tensor, products: tf.Tensor) -> tf.Tensor:
        """[batch, dimension, dimension] Cholesky factors of the inverse of the curvature at the modes."""
        logits, _ = self._logits(towers, inputs, OWN * tf.gather(self.table.own, inputs[USER]))
        odds, width = tf.nn.softmax(logits), items.shape[1]
        mean = tf.matmul(odds, items)
        second = square(tf.matmul(odds, products), width)
        variance = second - mean[:, :, tf.newaxis] * mean[:, tf.newaxis, :]
        number = _numbers(inputs)[:, tf.newaxis, tf.newaxis]
        return tf.linalg.cholesky(tf.linalg.inv(number * variance + tf.eye(width) / OWN**2))


def open_shares(sets: UserSequences, place: Ints, exposure: Exposure | None) -> npt.NDArray[np.float32]:
    """How exposed each item that a user took was, on average over the user's choices, until it was taken.

    Args:
        sets: what users took, oldest first.
        place: [n] of each item among those of `exposure`.
        exposure: None: everything was there all the time.

    Returns:
        [n] float32.
    """
    found = np.zeros(len(place), np.float32)
    for start, end in zip(sets.offsets, sets.offsets[1:], strict=False):
        weights, moments = sets.weights[start:end], sets.moments[start:end]
        odds = exposure.odds(moments, place[start:end]) if exposure else np.ones([end - start] * 2, np.float32)
        found[start:end] = weights @ np.triu(odds) / weights.sum()
    return found


def _numbers(inputs: dict[str, tf.Tensor]) -> tf.Tensor:
    """[batch] float32 how much each user chose."""
    return tf.math.unsorted_segment_sum(inputs[WEIGHT], inputs[OWNER], tf.size(inputs[USER]))
