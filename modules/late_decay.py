"""A learning rate that falls late."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


class LateDecay(tf.keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate schedule that stays at its beginning for some steps, also those of an earlier training."""

    def __init__(self, schedule: tf.keras.optimizers.schedules.LearningRateSchedule, begins: int) -> None:
        """Keeps the schedule; step `begins` here is step 0 there."""
        super().__init__()
        self._schedule, self._begins = schedule, begins

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        """[] float32."""
        return self._schedule(tf.maximum(tf.cast(step, tf.int64) - self._begins, 0))

    def get_config(self) -> dict[str, Any]:
        """See Keras."""
        return {"schedule": self._schedule, "begins": self._begins}
