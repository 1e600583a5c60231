"""What an objective is, and of what it speaks."""

from __future__ import annotations

from typing import Any, Protocol

import tensorflow as tf


class Towers(Protocol):
    """The model, as an objective sees it."""

    query_tower: Any
    candidate_tower: Any

    def candidate_vectors(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """[n, dimension + 1] float32 vectors of the items in [n] rows of the catalogue."""


class Objective(Protocol):
    """A way to learn: from examples of some kind, by a loss."""

    def dataset(self) -> tf.data.Dataset:
        """An epoch of batches, dictionaries of tensors, in another order each time."""

    def steps(self) -> int:
        """About how many batches an epoch has."""

    def optimizer(self, steps: int) -> tf.keras.optimizers.Optimizer:
        """For a training of so many steps."""

    def loss(self, towers: Towers, inputs: dict[str, tf.Tensor], training: bool) -> tf.Tensor:
        """[] float32 mean loss of a batch."""


def adam(learning_rate: float, steps: int) -> tf.keras.optimizers.Optimizer:
    """Adam whose learning rate falls along a cosine."""
    return tf.keras.optimizers.legacy.Adam(tf.keras.optimizers.schedules.CosineDecay(learning_rate, max(steps, 1)))
