"""What the two trained models have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf
import tensorflow_recommenders as tfrs

from modules.catalogue import Catalogue
from modules.distribution import scaled
from modules.progress import MEAN_LOSS


class CatalogueModel(tfrs.Model):
    """A model of interactions whose items are rows of a catalogue.

    Attributes:
        mean_loss: of an epoch; TFRS itself reports the loss of the last batch alone.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        """Keeps the transformed columns of every item at hand."""
        super().__init__()
        self.mean_loss = tf.keras.metrics.Mean(MEAN_LOSS)
        self._items = {name: tf.constant(values) for name, values in catalogue.columns.items()}

    def compile(self, optimizer: tf.keras.optimizers.Optimizer) -> None:
        """Takes an optimizer; there are no losses but the model's own."""
        super().compile(scaled(optimizer))

    def of_items(self, encode: Callable[..., tf.Tensor], rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Encodes items by their rows in the catalogue; those that a batch holds many times, once.

        Args:
            encode: transformed item columns [n, …] → [n, width] float32.
            rows: […] int.
            training: passed on.

        Returns:
            […, width] float32.
        """
        distinct, place = tf.unique(tf.reshape(rows, [-1]))
        columns = {name: tf.gather(values, distinct) for name, values in self._items.items()}
        encoded = tf.gather(encode(columns, training=training), place)
        return tf.reshape(encoded, tf.concat([tf.shape(rows), tf.shape(encoded)[1:]], axis=0))

    # No layer here has Python control flow over tensors. Without being told so, AutoGraph rewrites the source of all
    # of Keras before the first step, which takes longer than an epoch of a small data set.

    @tf.autograph.experimental.do_not_convert
    def train_step(self, inputs: dict[str, tf.Tensor]) -> dict[str, Any]:
        """As of `tfrs.Model`, but also with several replicas, whose gradients are added up, and with a scaled loss."""
        with tf.GradientTape() as tape:
            loss = self.compute_loss(inputs, training=True)
            part = loss / self.distribute_strategy.num_replicas_in_sync
            to_derive = self.optimizer.get_scaled_loss(part) if self._scales() else part
        gradients = tape.gradient(to_derive, self.trainable_variables)
        if self._scales():
            gradients = self.optimizer.get_unscaled_gradients(gradients)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        return {metric.name: metric.result() for metric in self.metrics}

    def _scales(self) -> bool:
        """Whether the optimizer wants the loss scaled; see `modules.distribution.scaled`."""
        return isinstance(self.optimizer, tf.keras.mixed_precision.LossScaleOptimizer)

    @tf.autograph.experimental.do_not_convert
    def test_step(self, inputs: dict[str, tf.Tensor]) -> dict[str, Any]:
        """As of `tfrs.Model`, but tells the metrics alone: Keras adds up over the workers whatever else there is."""
        self.compute_loss(inputs, training=False)
        return {metric.name: metric.result() for metric in self.metrics}
