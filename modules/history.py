"""The user's past as a vector."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.ragged import Ints


@dataclasses.dataclass(frozen=True)
class Recency:
    """How the weight of a past item falls with the number of newer ones: floor + (1 - floor) exp(-newer / fading).

    Attributes:
        fading: in items; infinite where the order says nothing.
        floor: weight of what is long past, 0 to 1.
    """

    fading: float = float("inf")
    floor: float = 1.0


class FadingLayer(tf.keras.layers.Layer):
    """A layer that reads a history, in which older items may count for less; none do before `recency` is set."""

    def __init__(self) -> None:
        """Makes the variables, which no training changes."""
        super().__init__()
        self._fading = self.add_weight("fading", [], initializer=_constant(float("inf")), trainable=False)
        self._floor = self.add_weight("floor", [], initializer=_constant(1.0), trainable=False)

    @property
    def recency(self) -> Recency:
        """How much the order counts."""
        return Recency(float(self._fading.numpy()), float(self._floor.numpy()))

    @recency.setter
    def recency(self, recency: Recency) -> None:
        self._fading.assign(recency.fading)
        self._floor.assign(recency.floor)

    def faded(self, present: tf.Tensor) -> tf.Tensor:
        """[batch, length] float32, see `faded`."""
        return faded(present, self._fading, self._floor)


class HistoryPooling(FadingLayer):
    """Sum of the embeddings of the past items over the square root of their number.

    The square root (rather than the mean) keeps more evidence louder, as in SVD++ (Koren, "Factorization meets the
    neighborhood", KDD 2008). While training, a random part of the history is hidden, so that no single item is relied
    upon (as in CDAE: Wu et al., "Collaborative denoising auto-encoders", WSDM 2016). Older items may count for less,
    see `Recency`; the sum of their weights then stands for their number.
    """

    def __init__(self, items: int, dimension: int, hidden_share: float) -> None:
        """Builds the table.

        Args:
            items: size of the item vocabulary; greater indices and -1 count as absent.
            dimension: width of the result.
            hidden_share: of the history, while training.
        """
        super().__init__()
        self._items, self._hidden_share = items, hidden_share
        self._embedding = tf.keras.layers.Embedding(
            items, dimension, embeddings_initializer=tf.keras.initializers.RandomNormal(stddev=0.3 / dimension**0.5)
        )
        self._embedding.build([])

    def call(self, history: tf.Tensor, weights: tf.Tensor | None = None, training: bool = False) -> tf.Tensor:
        """Pools a batch.

        Args:
            history: [batch, length] int indices of items, -1 pads.
            weights: [batch, length] float32 that multiply each item's embedding, or None for ones.
            training: whether to hide a part.

        Returns:
            [batch, dimension] float32; zeros for an empty history.
        """
        return self.with_evidence(history, weights, training)[0]

    def with_evidence(
        self, history: tf.Tensor, weights: tf.Tensor | None = None, training: bool = False
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """As `call`, and [batch, 1] float32: how many items were pooled, older ones counting for less."""
        present = tf.cast((history >= 0) & (history < self._items), tf.float32)
        present *= self.faded(present)
        if training and self._hidden_share:
            present *= tf.cast(tf.random.uniform(tf.shape(present)) >= self._hidden_share, tf.float32)
        factors = present if weights is None else present * weights
        vectors = self._embedding(tf.clip_by_value(history, 0, self._items - 1))
        evidence = tf.reduce_sum(present, axis=1, keepdims=True)
        return tf.reduce_sum(vectors * factors[:, :, None], axis=1) / tf.sqrt(evidence + 1e-6), evidence

    def of_sets(self, sets: tf.Tensor) -> tf.Tensor:
        """Pools sets in which no item is newer than another: the same as `call`, faster where there are few items.

        Args:
            sets: [batch, items] float32, 1 for the items of the set.

        Returns:
            [batch, dimension] float32.
        """
        return tf.matmul(sets, self._embedding.embeddings) / tf.sqrt(tf.reduce_sum(sets, axis=1, keepdims=True) + 1e-6)


def faded(present: tf.Tensor, fading: tf.Tensor | float, floor: tf.Tensor | float) -> tf.Tensor:
    """Weight of each place of a history, by how many present items come after it.

    Args:
        present: [batch, length] float32, 1 where there is an item.
        fading, floor: see `Recency`.

    Returns:
        [batch, length] float32.
    """
    newer = tf.cumsum(present, axis=1, exclusive=True, reverse=True)
    return floor + (1 - floor) * tf.exp(-newer / fading)


def known_positives(history: tf.Tensor, targets: tf.Tensor | None, positive_min: float | None) -> tf.Tensor:
    """A history without the items that are known to have been disliked.

    Args:
        history: [batch, length] int indices of items.
        targets: [batch, length] float32, NaN where unknown; None without targets.
        positive_min: a target below it is no positive; None where targets do not decide.

    Returns:
        [batch, length]: `history` with -1 in place of them.
    """
    if targets is None or positive_min is None:
        return history
    return tf.where(targets < positive_min, -tf.ones_like(history), history)


def _constant(value: float) -> tf.keras.initializers.Initializer:
    return tf.keras.initializers.Constant(value)


class IdEmbedding(tf.keras.layers.Layer):
    """Embedding of an id, in which unknown ids are zero and known ones are sometimes treated as unknown.

    Without that dropout the features beside the id would never have to carry the prediction alone, as they must for
    new users and items (Volkovs et al., "DropoutNet", NeurIPS 2017).
    """

    def __init__(self, ids: int, dimension: int, dropout: float) -> None:
        """Builds the table.

        Args:
            ids: size of the vocabulary; greater indices and -1 are unknown.
            dimension: width of the result.
            dropout: share of ids that are treated as unknown while training.
        """
        super().__init__()
        self._ids, self._dropout = ids, dropout
        self._embedding = tf.keras.layers.Embedding(
            max(ids, 1),
            dimension,
            embeddings_initializer=tf.keras.initializers.RandomNormal(stddev=0.3 / dimension**0.5),
        )
        self._embedding.build([])

    def begin_last_coordinate(self, indices: Ints, values: npt.NDArray[np.float32]) -> None:
        """Sets the last coordinate of some ids' embeddings.

        Args:
            indices: [n] int; unknown ones are skipped.
            values: [n] float32.
        """
        known = indices < self._ids
        table = self._embedding.embeddings.numpy()
        table[indices[known], -1] = values[known]
        self._embedding.embeddings.assign(table)

    def call(self, indices: tf.Tensor, training: bool = False) -> tf.Tensor:
        """[batch, dimension] float32 of [batch] int indices."""
        known = (indices >= 0) & (indices < self._ids)
        if training and self._dropout:
            known &= tf.random.uniform(tf.shape(indices)) >= self._dropout
        vectors = self._embedding(tf.clip_by_value(indices, 0, max(self._ids, 1) - 1))
        return vectors * tf.cast(known, tf.float32)[:, None]
