"""A training that goes on from the last published model instead of from nothing."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

import tensorflow as tf
from absl import logging

from modules.progress import PROGRESS_PREFIX
from modules.training_state import TrainingState, Vocabularies
from modules.typed_config import from_mapping
from modules.warm_start_config import WarmStartConfig


@dataclasses.dataclass(frozen=True)
class WarmStart:
    """Where a training begins.

    Attributes:
        state: of the published model.
        config: how much shorter the training is.
    """

    state: TrainingState
    config: WarmStartConfig

    @classmethod
    def of(cls, what: str, given: Mapping[str, Any]) -> WarmStart | None:
        """What a Trainer was given to go on from; None if nothing, with a line that says so where it was asked for.

        Args:
            what: "retrieval" or "ranking".
            given: a Trainer's custom config: "warm_start" is a `WarmStartConfig`, "previous" the folder of the state.

        Raises:
            InputError: the state is broken.
        """
        config = from_mapping(WarmStartConfig, given.get("warm_start", {}), "config [warm_start]")
        if config.enabled and given.get("previous"):
            return cls(TrainingState.read(given["previous"]), config)
        if config.enabled:
            logging.info("%s%s begins from nothing: there is no published state of it", PROGRESS_PREFIX, what)
        return None

    def fitting(self, what: str, architecture: Mapping[str, Any]) -> WarmStart | None:
        """Itself, for a model of this architecture; None, with a line that says why, if it cannot take the weights."""
        why = self.state.difference(architecture)
        says = f"begins from nothing: {why}" if why else "goes on from the published model"
        logging.info("%s%s %s", PROGRESS_PREFIX, what, says)
        return None if why else self

    def whole(self, steps: int) -> int:
        """How many steps a training has of which `steps` are the last part."""
        return round(steps / self.config.epochs_share)

    def begin(self, model: tf.keras.Model, graph: Vocabularies, batch: Mapping[str, tf.Tensor], steps: int) -> None:
        """Puts the state into a compiled model.

        Args:
            model: its weights are made by a first look at `batch`.
            graph: with the vocabularies of the model.
            batch: of training examples.
            steps: of this training; the optimizer was made for the `whole` of them, of which this is the last part.
        """
        model.compute_loss(batch, training=True)
        self.state.restore(model, graph)
        skipped = self.whole(steps) - steps
        rate = model.optimizer.learning_rate
        model.optimizer.learning_rate = LaterPart(rate, skipped - self.state.iterations)


class LaterPart(tf.keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate schedule, displaced."""

    def __init__(self, whole: tf.keras.optimizers.schedules.LearningRateSchedule, displaced: int) -> None:
        """Keeps the schedule; step n here is step n + `displaced` there."""
        super().__init__()
        self._whole, self._displaced = whole, displaced

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        """[] float32."""
        return self._whole(tf.cast(step, tf.int64) + self._displaced)

    def get_config(self) -> dict[str, Any]:
        """See Keras."""
        return {"whole": self._whole, "displaced": self._displaced}


def schema_digest(path: str) -> str:
    """Short hex digest of the schema's file."""
    with tf.io.gfile.GFile(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:16]
