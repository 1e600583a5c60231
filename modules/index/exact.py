"""Exact maximum inner product search in stock TensorFlow ops."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from modules.errors import InputError

BLOCK = 128
"""Scores a block of the two-stage top-k; rows are padded to a multiple of it."""

_NOTHING = float("-inf")


class ExactIndex(tf.Module):
    """Scores every item and keeps the best.

    Attributes:
        size: N, how many items can be found.
        vectors: [at least N, D] float32 variable; rows from N on are never found.
        directions: how many leading coordinates cosines compare.
    """

    def __init__(self, vectors: NDArray[np.float32], size: int | None = None, biases: int = 0) -> None:
        """Args as in `build_index`.

        Raises:
            InputError: no items, or not a matrix.
        """
        super().__init__(name="exact_index")
        vectors = np.asarray(vectors, np.float32)
        if vectors.ndim != 2:
            raise InputError("index", "vectors of shape [items, dim]", list(vectors.shape))
        self.size = len(vectors) if size is None else size
        if not 1 <= self.size <= len(vectors):
            raise InputError("index", f"1 to {len(vectors)} items", self.size)
        self._blocks = -(-len(vectors) // BLOCK)
        padded = np.zeros((self._blocks * BLOCK, vectors.shape[1]), np.float32)
        padded[: len(vectors)] = vectors
        self.directions = vectors.shape[1] - biases
        norms = np.linalg.norm(padded[:, : self.directions], axis=1)
        inverse_norms = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)
        self.vectors = tf.Variable(padded, trainable=False, name="vectors")
        self.inverse_norms = tf.Variable(inverse_norms, trainable=False, name="inverse_norms")

    def search(
        self,
        queries: tf.Tensor,
        blocked: tf.RaggedTensor | None = None,
        allowed_mask: tf.Tensor | None = None,
        k: tf.Tensor | int = 10,
        cosine: bool = False,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The k best items of each query, best first; of equal scores the lower position comes first.

        What is blocked or not allowed is masked before the selection, so k items come back whenever k are eligible.

        Args:
            queries: [B, D] float32.
            blocked: RaggedTensor [B, None] int32 of positions that the row must not get; negative ones mean no item.
            allowed_mask: [N] bool, False = for nobody, or [B, N] bool.
            k: int32 scalar, known at run time only.
            cosine: compare by cosine instead of inner product, without the biases.

        Returns:
            scores [B, k'] float32 and positions [B, k'] int32, k' = min(max(k, 0), N). A slot for which no eligible
            item is left has score -inf and position -1.
        """
        if cosine:
            unit = tf.math.l2_normalize(queries[:, : self.directions], axis=1)
            queries = tf.pad(unit, [[0, 0], [0, self.vectors.shape[1] - self.directions]])
        scores = tf.matmul(queries, self.vectors, transpose_b=True)
        if cosine:
            scores *= self.inverse_norms
        scores = self._masked(scores, blocked, allowed_mask)
        best, positions = self._top(scores, tf.clip_by_value(tf.cast(k, tf.int32), 0, self.size))
        return best, tf.where(best > _NOTHING, positions, -1)

    def _masked(self, scores: tf.Tensor, blocked: tf.RaggedTensor | None, allowed_mask: tf.Tensor | None) -> tf.Tensor:
        """`scores` [B, rows] with -inf at everything that must not be found."""
        rows = self._blocks * BLOCK
        if allowed_mask is not None:
            allowed = allowed_mask if allowed_mask.shape.rank == 2 else allowed_mask[tf.newaxis]
            scores = tf.where(tf.pad(allowed, [[0, 0], [0, rows - self.size]]), scores, _NOTHING)
        batch = tf.range(tf.shape(scores, tf.int64)[0])
        tail = tf.range(self.size, rows, dtype=tf.int64)
        hidden = tf.reshape(tf.stack(tf.meshgrid(batch, tail, indexing="ij"), axis=-1), [-1, 2])
        if blocked is not None:
            positions = tf.cast(blocked.values, tf.int64)
            pairs = tf.stack([tf.cast(blocked.value_rowids(), tf.int64), positions], axis=1)
            known = (positions >= 0) & (positions < self.size)
            hidden = tf.concat([hidden, tf.boolean_mask(pairs, known)], axis=0)
        # Scattering writes into the scores in place: cheaper than another pass over all of them.
        return tf.tensor_scatter_nd_update(scores, hidden, tf.fill(tf.shape(hidden)[:1], _NOTHING))

    def _top(self, scores: tf.Tensor, k: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Values and places of the k best of `scores` [B, rows]."""
        if self._blocks < 2:
            return _plain(scores, k)
        best, positions = tf.cond(self._blocks >= 2 * k, lambda: self._two_stage(scores, k), lambda: _plain(scores, k))
        return best, positions

    def _two_stage(self, scores: tf.Tensor, k: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Top-k inside the k blocks with the greatest maxima, which hold the k best scores for certain.

        A block is left out only if k others have a greater maximum (or an equal one at a lower position).
        """
        batch = tf.shape(scores)[0]
        blocks = tf.reshape(scores, [batch, self._blocks, BLOCK])
        _, chosen = tf.math.top_k(tf.reduce_max(blocks, axis=2), k)
        chosen = tf.sort(chosen, axis=1)  # in order of position, so that ties fall as in a plain top-k
        inside = tf.reshape(tf.gather(blocks, chosen, batch_dims=1), [batch, k * BLOCK])
        best, places = tf.math.top_k(inside, k)
        return best, tf.gather(chosen, places // BLOCK, batch_dims=1) * BLOCK + places % BLOCK


def _plain(scores: tf.Tensor, k: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    best, positions = tf.math.top_k(scores, k)
    return best, positions
