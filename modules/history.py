"""The user's past as a vector."""

from __future__ import annotations

import tensorflow as tf


class HistoryPooling(tf.keras.layers.Layer):
    """Sum of the embeddings of the past items over the square root of their number.

    The square root (rather than the mean) keeps more evidence louder, as in SVD++ (Koren, "Factorization meets the
    neighborhood", KDD 2008). While training, a random part of the history is hidden, so that no single item is relied
    upon (as in CDAE: Wu et al., "Collaborative denoising auto-encoders", WSDM 2016).
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

    def call(self, history: tf.Tensor, weights: tf.Tensor | None = None, training: bool = False) -> tf.Tensor:
        """Pools a batch.

        Args:
            history: [batch, length] int indices of items, -1 pads.
            weights: [batch, length] float32 that multiply each item's embedding, or None for ones.
            training: whether to hide a part.

        Returns:
            [batch, dimension] float32; zeros for an empty history.
        """
        present = tf.cast((history >= 0) & (history < self._items), tf.float32)
        if training and self._hidden_share:
            present *= tf.cast(tf.random.uniform(tf.shape(present)) >= self._hidden_share, tf.float32)
        factors = present if weights is None else present * weights
        vectors = self._embedding(tf.clip_by_value(history, 0, self._items - 1))
        total = tf.reduce_sum(vectors * factors[:, :, None], axis=1)
        return total / tf.sqrt(tf.reduce_sum(present, axis=1, keepdims=True) + 1e-6)


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

    def call(self, indices: tf.Tensor, training: bool = False) -> tf.Tensor:
        """[batch, dimension] float32 of [batch] int indices."""
        known = (indices >= 0) & (indices < self._ids)
        if training and self._dropout:
            known &= tf.random.uniform(tf.shape(indices)) >= self._dropout
        vectors = self._embedding(tf.clip_by_value(indices, 0, max(self._ids, 1) - 1))
        return vectors * tf.cast(known, tf.float32)[:, None]
