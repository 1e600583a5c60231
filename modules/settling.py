"""Gives the query tower what was learned of users and items, whenever somebody is about to ask."""

from __future__ import annotations

import tensorflow as tf

from modules.objectives.user_vectors import WARM, UserVectors


class Settling(tf.keras.callbacks.Callback):
    """Settles a model that solves for users, see `UserVectors.settle`, after some epochs and the last one."""

    def __init__(self, objective: UserVectors, epochs: int, planned: int, every: int = 1) -> None:
        """Waits for the epochs.

        Args:
            objective: of the model.
            epochs: of the training.
            planned: epochs that the learning rate's way down was laid out for.
            every: how many epochs it lets pass.
        """
        super().__init__()
        self._objective, self._epochs, self._planned, self._every = objective, epochs, planned, every

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Called by Keras."""
        done = epoch + 1
        if done % self._every == 0 or done == self._epochs:
            self._objective.settle(self.model, warm=done >= WARM * self._planned)
