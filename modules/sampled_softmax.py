"""Softmax over a sample of a catalogue that is too large to score whole."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.ragged import Ints


class SampledSoftmax:
    """Cross-entropy of each query's target against negatives that all queries of a batch share.

    Half of the negatives are drawn uniformly from the items that compete, half from the batch's targets, that is by
    popularity (mixed negative sampling: Yang et al., "Mixed negative sampling for learning two-tower neural networks",
    WWW 2020). The logarithm of how often an item is expected among them is subtracted from its logit as a negative, so
    that the softmax estimates that over all competitors (Bengio and Senécal, "Adaptive importance sampling to
    accelerate training of a neural probabilistic language model", 2008; logQ in Yi et al., RecSys 2019).
    """

    def __init__(self, counts: npt.NDArray[np.int64], negatives: int = 2048, among: Ints | None = None) -> None:
        """Prepares the draw.

        Args:
            counts: [num_items] how often each item is a target in the data.
            negatives: how many a batch draws, an even number.
            among: [n] rows of the items that compete, all targets among them; None: all.
        """
        among = np.arange(len(counts)) if among is None else among
        self._half, self._among = negatives // 2, tf.constant(among, tf.int64)
        share = counts / max(counts.sum(), 1)
        self._log_expected = tf.constant(np.log(self._half * (share + 1 / len(among))), tf.float32)

    def __call__(
        self,
        queries: tf.Tensor,
        vectors_of: Callable[[tf.Tensor], tf.Tensor],
        targets: tf.Tensor,
        weights: tf.Tensor,
    ) -> tf.Tensor:
        """Weighted sum of the cross-entropies.

        Args:
            queries: [n, width] float32.
            vectors_of: [m] rows of the catalogue → [m, width] float32.
            targets: [n] int64 rows of the catalogue.
            weights: [n] float32 of each query.

        Returns:
            [] float32.
        """
        uniform = tf.gather(self._among, tf.random.uniform([self._half], 0, tf.size(self._among, tf.int64), tf.int64))
        popular = tf.gather(targets, tf.random.uniform([self._half], 0, tf.size(targets), tf.int32))
        drawn = tf.concat([uniform, popular], axis=0)
        vectors = vectors_of(tf.concat([drawn, targets], axis=0))
        negatives, own = vectors[: 2 * self._half], vectors[2 * self._half :]

        logits = tf.matmul(queries, negatives, transpose_b=True) - tf.gather(self._log_expected, drawn)
        logits = tf.where(drawn == targets[:, None], -np.inf, logits)  # what came next is no negative
        own_logits = tf.reduce_sum(queries * own, axis=1)
        every = tf.reduce_logsumexp(tf.concat([own_logits[:, None], logits], axis=1), axis=1)
        return tf.reduce_sum(weights * (every - own_logits))
