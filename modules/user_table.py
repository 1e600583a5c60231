"""What a training that solves for users knows of each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.ragged import Ints

OWN = 0.86  # standard deviation of a coordinate beyond what a user's columns say
_RIDGE = 1e-3


class UserTable(tf.keras.layers.Layer):
    """What is known of each user's vector beyond its columns.

    Attributes:
        own: [users, dimension] float32 trained, in units of `OWN`.
        spread: [users, dimension, dimension] float32 Cholesky factor of the covariance; 0 before it is known.
    """

    def __init__(self, users: int, dimension: int) -> None:
        """Begins with nothing known."""
        super().__init__()
        beginning = tf.keras.initializers.RandomNormal(stddev=0.1)
        self.own = self.add_weight("own", [users, dimension], initializer=beginning)
        self.spread = self.add_weight("spread", [users, dimension, dimension], initializer="zeros", trainable=False)

    def draw(self, users: tf.Tensor) -> tf.Tensor:
        """[n, dimension] float32 of [n] users: the modes, as far as nothing is known of the spread."""
        own = OWN * tf.gather(self.own, users)
        noise = tf.random.normal([*tf.unstack(tf.shape(own)), 1])
        return own + tf.matmul(tf.gather(self.spread, users), noise)[:, :, 0]

    def covariance(self, users: Ints) -> npt.NDArray[np.float64]:
        """[dimension, dimension] of the vectors of [n] users, as far as they are known and as far as they are not."""
        own = OWN * self.own.numpy()[users].astype(np.float64)
        spread = self.spread.numpy()[users].astype(np.float64)
        unknown = np.einsum("nij,nkj->ik", spread, spread)
        return (own.T @ own + unknown) / max(len(users), 1) + _RIDGE * np.eye(own.shape[1])
