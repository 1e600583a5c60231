"""The first stage: which items the ranker gets to see, and the last: which of them are returned."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import tensorflow as tf

from modules.serving.catalogue import Candidates, Catalogue
from modules.serving.config import ServingConfig
from modules.serving.moment import When
from modules.serving.reranking import rerank

_DEEPER = 8
"""Growth of the depth at each search for items that keep the caps."""

_FRESH_CANDIDATES = 5
"""Fresh items that the ranker gets to see for each place that is theirs."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """What the stages need to know of B queries.

    Attributes:
        vectors: [B, D] float32.
        blocked: RaggedTensor [B, None] int32 of positions.
        history: RaggedTensor [B, None] int32 of positions; -1 for what is not in the catalogue.
        when: they were asked.
        k: int32 scalar ≥ 0, how many items to answer with.
    """

    vectors: tf.Tensor
    blocked: tf.RaggedTensor
    history: tf.RaggedTensor
    when: When
    k: tf.Tensor


class CandidateFinder(tf.Module):
    """Pinned items, the nearest others, fresh ones, and what it takes to keep the caps."""

    def __init__(self, catalogue: Catalogue, caps: Mapping[str, int], config: ServingConfig) -> None:
        """Args are the items, the limits (capped column → most items of an answer with the same value) and the rest."""
        super().__init__(name="candidate_finder")
        self._catalogue = catalogue
        self._caps = tuple(caps.items())
        self._config = config

    def find(self, asked: Asked, depth: tf.Tensor) -> Candidates:
        """Candidates for answers of k items; each row is found on its own.

        Args:
            asked: the queries.
            depth: int32 scalar ≥ k, how many of the nearest items are candidates.

        Returns:
            The pinned items first (-1 for whom they are blocked), then the others. Scores are those of retrieval.
        """
        found = self._nearest(asked, depth)
        if self._config.exploration:
            found = _joined(found, self._nearest_fresh(asked))
        return self._widened(found, asked, depth) if self._caps else found

    def inner(self, vectors: tf.Tensor, positions: tf.Tensor, when: When) -> tf.Tensor:
        """Retrieval scores [B, K] of queries [B, D] and the items at positions [B, K]."""
        products, ages = tf.linalg.matvec(self._catalogue.vectors(positions), vectors), self._catalogue.ages
        return products + ages.correction(positions, when) if ages else products

    def order(self, found: Candidates, asked: Asked) -> tf.Tensor:
        """Columns of the k candidates to return (see `rerank`), [B, k] int32."""
        config, catalogue = self._config, self._catalogue
        fresh = None
        if config.exploration:
            fresh = tf.gather(self._fresh(asked), tf.maximum(found.positions, 0), batch_dims=1)
        return rerank(
            self._scores(found),
            catalogue.directions(found.positions) if config.diversity else None,
            catalogue.codes(found.positions),
            asked.k,
            diversity=float(config.diversity),
            caps=dict(self._caps),
            calibration=catalogue.calibration(float(config.calibration), asked.history, found.positions),
            exploration=float(config.exploration),
            fresh=fresh,
        )

    def _scores(self, found: Candidates) -> tf.Tensor:
        """[B, K] float32 as `rerank` takes them: +inf for pinned items, -inf for none."""
        pinned = tf.range(tf.shape(found.scores)[1]) < len(self._catalogue.pins)
        return tf.where(found.positions < 0, float("-inf"), tf.where(pinned, float("inf"), found.scores))

    def _nearest(self, asked: Asked, depth: tf.Tensor) -> Candidates:
        """The pinned items and `depth` others."""
        pins, blocked = self._catalogue.pins, asked.blocked
        found = self._catalogue.search(asked.vectors, blocked, asked.when, depth, pinned=False)
        if not pins:
            return found
        hits = tf.cast(blocked.values[:, tf.newaxis] == tf.constant([pins]), tf.int32)
        hidden = tf.math.unsorted_segment_max(hits, blocked.value_rowids(), blocked.nrows()) > 0
        if ages := self._catalogue.ages:
            hidden |= ~ages.pinned_on_sale(tf.constant(pins), asked.when)
        positions = tf.where(hidden, -1, tf.constant([pins]))
        return _joined(Candidates(positions, self.inner(asked.vectors, positions, asked.when)), found)

    def _fresh(self, asked: Asked) -> tf.Tensor:
        """[B, N] bool: the items that hardly anybody took yet."""
        return self._catalogue.popularity.fresh(asked.when.known, self._config.exploration_below)

    def _nearest_fresh(self, asked: Asked) -> Candidates:
        """The nearest of them: some for each place that is theirs."""
        places = tf.cast(tf.math.ceil(tf.cast(asked.k, tf.float32) * self._config.exploration), tf.int32)
        count = places * _FRESH_CANDIDATES
        fresh = self._fresh(asked)
        return self._catalogue.search(asked.vectors, asked.blocked, asked.when, count, pinned=False, among=fresh)

    def _widened(self, found: Candidates, asked: Asked, depth: tf.Tensor) -> Candidates:
        """Adds items from further away, where those found do not make an answer that keeps the caps.

        A cap must not yield because the nearest items happen to be of one kind. So the search goes deeper until there
        are enough that keep the caps, or no more items. They are taken greedily by nearness, which is sure to find
        them where one column of single values is capped; and going deeper for one row changes nothing for the others.
        """
        wanted = tf.minimum(asked.k, self._catalogue.most_within_caps)

        def keeping(candidates: Candidates) -> Candidates:
            codes = self._catalogue.codes(candidates.positions)
            order = rerank(self._scores(candidates), None, codes, wanted, caps=dict(self._caps), caps_yield=False)
            return candidates.pick(order)

        def lacks(depth: tf.Tensor, positions: tf.Tensor, _: tf.Tensor) -> tf.Tensor:
            return (depth < self._catalogue.size) & tf.reduce_any(positions < 0)

        def deepen(depth: tf.Tensor, *_: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            depth = tf.minimum(depth, self._catalogue.size // _DEEPER + 1) * _DEEPER
            wide = keeping(self._nearest(asked, depth))
            return depth, wide.positions, wide.scores

        start = keeping(found)
        _, positions, scores = tf.while_loop(
            lacks, deepen, (depth, start.positions, start.scores), parallel_iterations=1
        )
        return _joined(found, Candidates(positions, scores))


def _joined(first: Candidates, second: Candidates) -> Candidates:
    """Both, an item that is in both counting where it is first."""
    known = tf.reduce_any(second.positions[:, :, tf.newaxis] == first.positions[:, tf.newaxis, :], axis=2)
    positions = tf.where(known, -1, second.positions)
    return Candidates(tf.concat([first.positions, positions], 1), tf.concat([first.scores, second.scores], 1))
