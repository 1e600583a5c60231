"""The first stage: which items the ranker gets to see."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from modules.serving.catalogue import Candidates, Catalogue
from modules.serving.reranking import rerank

_DEEPER = 8
"""Growth of the depth at each search for items that keep the caps."""


class CandidateFinder(tf.Module):
    """Pinned items, the nearest others, and what it takes to keep the caps."""

    def __init__(self, catalogue: Catalogue, caps: Mapping[str, int]) -> None:
        """Args are the items and the limits: capped column → most items of an answer with the same value."""
        super().__init__(name="candidate_finder")
        self._catalogue = catalogue
        self._caps = tuple(caps.items())

    def find(self, vectors: tf.Tensor, blocked: tf.RaggedTensor, depth: tf.Tensor, k: tf.Tensor) -> Candidates:
        """Candidates for answers of k items; each row is found on its own.

        Args:
            vectors: [B, D] float32 of the queries.
            blocked: RaggedTensor [B, None] int32 of positions.
            depth: int32 scalar ≥ k, how many of the nearest items are candidates.
            k: int32 scalar ≥ 0.

        Returns:
            The pinned items first (-1 for whom they are blocked), then the others. Scores are inner products.
        """
        found = self._nearest(vectors, blocked, depth)
        return self._widened(found, vectors, blocked, depth, k) if self._caps else found

    def inner(self, vectors: tf.Tensor, positions: tf.Tensor) -> tf.Tensor:
        """Inner products [B, K] of queries [B, D] and the items at positions [B, K]."""
        return tf.linalg.matvec(self._catalogue.vectors(positions), vectors)

    def order(self, found: Candidates, k: tf.Tensor, *, diversity: float = 0.0, caps_yield: bool = True) -> tf.Tensor:
        """Columns of the k candidates to return (see `rerank`), [B, k] int32."""
        pinned = tf.range(tf.shape(found.scores)[1]) < len(self._catalogue.pins)
        scores = tf.where(pinned, float("inf"), found.scores)
        return rerank(
            tf.where(found.positions < 0, float("-inf"), scores),
            self._catalogue.vectors(found.positions) if diversity else None,
            self._catalogue.codes(found.positions),
            k,
            diversity=diversity,
            caps=dict(self._caps),
            caps_yield=caps_yield,
        )

    def _nearest(self, vectors: tf.Tensor, blocked: tf.RaggedTensor, depth: tf.Tensor) -> Candidates:
        """The pinned items and `depth` others."""
        pins = self._catalogue.pins
        found = self._catalogue.search(vectors, blocked, depth, pinned=False)
        if not pins:
            return found
        hits = tf.cast(blocked.values[:, tf.newaxis] == tf.constant([pins]), tf.int32)
        hidden = tf.math.unsorted_segment_max(hits, blocked.value_rowids(), blocked.nrows()) > 0
        positions = tf.where(hidden, -1, tf.constant([pins]))
        scores = self.inner(vectors, positions)
        return Candidates(tf.concat([positions, found.positions], 1), tf.concat([scores, found.scores], 1))

    def _widened(
        self, found: Candidates, vectors: tf.Tensor, blocked: tf.RaggedTensor, depth: tf.Tensor, k: tf.Tensor
    ) -> Candidates:
        """Adds items from further away, where those found do not make an answer that keeps the caps.

        A cap must not yield because the nearest items happen to be of one kind. So the search goes deeper until there
        are enough that keep the caps, or no more items. They are taken greedily by nearness, which is sure to find
        them where one column of single values is capped; and going deeper for one row changes nothing for the others.
        """
        wanted = tf.minimum(k, self._catalogue.most_within_caps)

        def keeping(candidates: Candidates) -> Candidates:
            return candidates.pick(self.order(candidates, wanted, caps_yield=False))

        def lacks(depth: tf.Tensor, positions: tf.Tensor, _: tf.Tensor) -> tf.Tensor:
            return (depth < self._catalogue.size) & tf.reduce_any(positions < 0)

        def deepen(depth: tf.Tensor, *_: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            depth = tf.minimum(depth, self._catalogue.size // _DEEPER + 1) * _DEEPER
            wide = keeping(self._nearest(vectors, blocked, depth))
            return depth, wide.positions, wide.scores

        start = keeping(found)
        _, positions, scores = tf.while_loop(
            lacks, deepen, (depth, start.positions, start.scores), parallel_iterations=1
        )
        known = tf.reduce_any(positions[:, :, tf.newaxis] == found.positions[:, tf.newaxis, :], axis=2)
        positions = tf.where(known, -1, positions)
        return Candidates(tf.concat([found.positions, positions], 1), tf.concat([found.scores, scores], 1))
