"""At every place of a user's sequence, the item that came next."""

from __future__ import annotations

import tensorflow as tf

from modules.objectives.objective import Towers
from modules.retrieval_plan import RetrievalPlan
from modules.sequence_training import NextItemLoss, SequenceBatches, optimizer
from modules.training_data import TrainingData


class Sequences:
    """Softmax over the catalogue at each place, for towers that read the history in order."""

    def __init__(self, data: TrainingData, plan: RetrievalPlan, seed: int) -> None:
        """Prepares the sequences of train."""
        self._plan = plan
        self._batches = SequenceBatches(data, plan.history_length, plan.batch_size, seed)
        self._loss = NextItemLoss(data, whole=plan.loss == "softmax")

    def dataset(self) -> tf.data.Dataset:
        """See `SequenceBatches.dataset`."""
        return self._batches.dataset()

    def steps(self) -> int:
        """About how many batches an epoch has."""
        return self._batches.steps()

    def optimizer(self, steps: int) -> tf.keras.optimizers.Optimizer:
        """For a training of so many steps."""
        return optimizer(self._plan.learning_rate, steps)

    def loss(self, towers: Towers, inputs: dict[str, tf.Tensor], training: bool) -> tf.Tensor:
        """[] float32 mean loss of a batch."""
        return self._loss(towers, inputs, training=training)
