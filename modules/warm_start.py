"""A training that goes on from the last published model instead of from nothing."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

import tensorflow as tf
from absl import logging

from modules.late_decay import LateDecay
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

    def begin(self, model: tf.keras.Model, graph: Vocabularies, batch: Mapping[str, tf.Tensor]) -> None:
        """Puts the state into a compiled model.

        Args:
            model: its weights are made by a first look at `batch`.
            graph: with the vocabularies of the model.
            batch: of training examples.
        """
        model.compute_loss(batch, training=True)
        self.state.restore(model, graph)
        # The optimizer counts on, but its learning rate goes its whole way down again.
        model.optimizer.learning_rate = LateDecay(model.optimizer.learning_rate, self.state.iterations)


def schema_digest(path: str) -> str:
    """Short hex digest of the schema's file."""
    with tf.io.gfile.GFile(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:16]
