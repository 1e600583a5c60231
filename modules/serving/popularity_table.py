"""What the graph knows of the items' popularity."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from modules.item_popularity import SNAPSHOTS, ItemPopularity
from modules.serving.moment import When


class PopularityTable(tf.Module):
    """`ItemPopularity` in the graph: which snapshot a query may know, and what that says of items."""

    def __init__(self, popularity: ItemPopularity, served: str = "all") -> None:
        """Puts it into variables.

        Args:
            popularity: of the N items.
            served: the snapshot for requests, one of `SNAPSHOTS`.
        """
        super().__init__(name="popularity")
        self._served = SNAPSHOTS.index(served)
        self._has_prior = bool(popularity.coordinates)
        self._begins = tf.constant(popularity.begins)
        recent = np.vstack([popularity.recent, popularity.recent.mean(axis=0)])
        self._recent = tf.Variable(recent, trainable=False, name="recent")
        unmet = np.zeros(len(popularity.counts), bool) if popularity.unmet is None else popularity.unmet
        self._unmet = tf.Variable(np.append(unmet, True), trainable=False, name="unmet", dtype=tf.float32)
        counts = np.minimum(popularity.counts, np.iinfo(np.int32).max).astype(np.int32)
        self._counts = tf.Variable(counts, trainable=False, name="counts")

    def served(self, like: tf.Tensor) -> tf.Tensor:
        """[B] int32: the snapshot for requests, as often as `like` has rows."""
        return tf.fill(tf.shape(like)[:1], self._served)

    def known_at(self, moments: tf.RaggedTensor) -> tf.Tensor:
        """The newest snapshot that is of the past at a moment; train's, if none is.

        Args:
            moments: RaggedTensor [B, 0 or 1] int64 seconds since the epoch.

        Returns:
            [B] int32.
        """
        first = moments.to_tensor(-1, shape=[None, 1])
        return tf.maximum(tf.reduce_sum(tf.cast(self._begins <= first, tf.int32), axis=1) - 1, 0)

    def when(self, known: tf.Tensor, moments: tf.RaggedTensor) -> When:
        """Queries that know a snapshot [B], and their moments, RaggedTensor [B, 0 or 1], as far as they have one."""
        first = moments.to_tensor(-1, shape=[None, 1])[:, 0]
        return When(known, tf.where(moments.row_lengths() > 0, first, tf.gather(self._begins, known)))

    def beside(self, vectors: tf.Tensor, known: tf.Tensor) -> tf.Tensor:
        """Vectors of queries [B, D] with the counterpart of what `ItemPopularity.beside` adds to those of items."""
        if not self._has_prior:
            return vectors
        return tf.concat([vectors, tf.one_hot(known, len(SNAPSHOTS))], axis=1)

    def recent(self, positions: tf.Tensor, known: tf.Tensor) -> tf.Tensor:
        """[B, K] float32: how popular items at `positions` [B, K] were lately; the mean for negative ones."""
        return tf.gather(tf.gather(self._recent, self._rows(positions)), known, batch_dims=1, axis=2)

    def unmet(self, positions: tf.Tensor) -> tf.Tensor:
        """[B, K] float32: 1 for items at `positions` [B, K] that nobody had taken in train and for negative ones."""
        return tf.gather(self._unmet, self._rows(positions))

    def fresh(self, known: tf.Tensor, below: int) -> tf.Tensor:
        """[B, N] bool: the items that were taken fewer than `below` times."""
        return tf.gather(tf.transpose(self._counts) < below, known)

    def _rows(self, positions: tf.Tensor) -> tf.Tensor:
        """Rows of the tables that have one more, for negative positions."""
        return tf.where(positions < 0, tf.shape(self._counts)[0], positions)
