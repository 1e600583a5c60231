"""How far a training is, for people who wait for it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf
from absl import logging

PROGRESS_PREFIX = "progress: "
MEAN_LOSS = "mean_loss"
Curves = dict[str, list[float]]


class EpochProgress(tf.keras.callbacks.Callback):
    """Logs a line an epoch; the local runner shows lines that begin with `PROGRESS_PREFIX`."""

    def __init__(self, what: str, epochs: int) -> None:
        """Names the training."""
        super().__init__()
        self._what, self._epochs, self._began = what, epochs, time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Logs the figures of an epoch."""
        figures = "  ".join(f"{name} {value:.4f}" for name, value in (logs or {}).items() if _is_shown(name))
        seconds = time.monotonic() - self._began
        logging.info(
            "%s%s epoch %d/%d  %s  %.0f s", PROGRESS_PREFIX, self._what, epoch + 1, self._epochs, figures, seconds
        )


def curves_of(history: Mapping[str, Sequence[float]]) -> Curves:
    """The figures of each epoch that are worth keeping, out of what Keras logged."""
    return {name: [float(value) for value in values] for name, values in history.items() if _is_shown(name)}


def _is_shown(name: str) -> bool:
    return MEAN_LOSS in name or "@" in name
