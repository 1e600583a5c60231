"""How well retrieval is doing on the eval split, once an epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.distribution import of_chief
from modules.exposure import Exposure
from modules.ragged import Ints
from modules.recency_judge import spread_of_best
from modules.training_data import CANDIDATE_ROW, MOMENT, TrainingData

ROWS, ROWS_AT_ONCE = 3000, 256
MANY_ROWS, MANY_SCORES = 5_000, 20_000_000
SHARES = (0.0, 0.3, 1.0)
"""Of the boosts, in units of the spread of the scores."""

Floats = npt.NDArray[np.float32]


class Retrieving(Protocol):
    """What can be ranked by inner products."""

    def query_vectors(self, features: dict[str, tf.Tensor]) -> tf.Tensor:
        """[n, D] float32 vectors of queries, of transformed columns [n, …]."""

    def candidate_vectors(self, rows: tf.Tensor) -> tf.Tensor:
        """[n, D] float32 vectors of the items in [n] rows of the catalogue."""


class NextItemRank(tf.keras.callbacks.Callback):
    """Adds to the epoch's logs where the items of some eval interactions stand in the whole catalogue.

    Where users are asked about and not moments, the interactions of a user count as one together. Items of the history
    do not compete, as they never will in serving. Where the ages of items are known, nor does what was still to come;
    and their boosts are added by the best of `SHARES`, for that is what serving will do.

    Attributes:
        standard_error: of the last nDCG@10.
    """

    NDCG, RECALL = "val_ndcg@10", "val_recall@100"

    def __init__(self, data: TrainingData, seed: int, most: int = ROWS) -> None:
        """Chooses the eval interactions: all, or `most` of them at random."""
        super().__init__()
        rows = data.positives(data.eval)
        if len(rows) > most:
            rows = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
        self._queries = {name: data.eval[name][rows] for name in data.query_specs()}
        self._items = data.eval[CANDIDATE_ROW][rows]
        self._weights = np.ones(len(rows))
        if data.protocol == "per_user":
            _, asked, counts = np.unique(data.eval[data.roles.user_id][rows], return_inverse=True, return_counts=True)
            self._weights = len(rows) / len(counts) / counts[asked]
        self._history = data.history_rows(data.eval, rows)
        self._catalogue = tf.range(len(data.catalogue.ids))
        self._exposure = Exposure(data.ages, np.arange(len(data.catalogue.ids))) if data.ages else None
        self._moments = data.eval[MOMENT][rows]
        self.standard_error = 0.0

    @classmethod
    def thorough(cls, data: TrainingData, seed: int) -> NextItemRank:
        """Of more interactions, to choose by between models that are nearly as good."""
        return cls(data, seed, max(ROWS, min(MANY_ROWS, MANY_SCORES // len(data.catalogue.ids))))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Ranks the items with the weights of this moment."""
        del epoch
        if logs is not None:
            logs.update(of_chief(self.figures(self.model)))

    def figures(self, towers: Retrieving) -> dict[str, float]:
        """What the towers reach as they are; nothing without eval interactions."""
        ranks = self._best_ranks(
            self.of_queries(towers.query_vectors), towers.candidate_vectors(self._catalogue).numpy()
        )
        if not len(ranks):
            return {}
        gains = self._weights * _gains(ranks)
        self.standard_error = float(gains.std() / len(gains) ** 0.5)
        return {self.NDCG: float(gains.mean()), self.RECALL: float((self._weights * (ranks < 100)).mean())}

    def gains(self, queries: Floats, items: Floats) -> npt.NDArray[np.float64]:
        """[Q] nDCG@10 of each interaction, times its weight; the mean of the weights is 1.

        Args:
            queries: [Q, D] float32, see `of_queries`.
            items: [num_items, D] float32.
        """
        return self._weights * _gains(self._best_ranks(queries, items))

    def of_queries(self, encode: Callable[[dict[str, tf.Tensor]], Any]) -> Floats:
        """[Q, width] float32: the query of each interaction through `encode`, some hundreds at a time."""
        parts = [
            encode({name: tf.constant(values[part]) for name, values in self._queries.items()}).numpy()
            for part in self._parts()
        ]
        return np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)

    def _best_ranks(self, queries: Floats, items: Floats) -> Ints:
        """[Q] by the best of `SHARES`."""
        found = [self._ranks(part, queries[part], items) for part in self._parts()]
        if not found:
            return np.zeros(0, np.int64)
        ranks = np.concatenate(found, axis=1)
        return ranks[int((self._weights * _gains(ranks)).mean(axis=1).argmax())]

    def _parts(self) -> list[slice]:
        return [slice(start, start + ROWS_AT_ONCE) for start in range(0, len(self._items), ROWS_AT_ONCE)]

    def _ranks(self, part: slice, queries: Floats, vectors: Floats) -> Ints:
        """How many items do not score below the one that came next, [shares, rows]; one share without ages.

        So a model that tells nothing apart, or whose scores are no numbers any more, comes last and not first.
        """
        scores: Floats = queries @ vectors.T
        items, history = self._items[part], self._history[part]
        out = np.zeros(scores.shape, bool)
        row, column = np.nonzero(history >= 0)
        out[row, history[row, column]] = True
        if self._exposure is None:
            return np.stack([_places(scores, items, out)])
        odds = self._odds(self._exposure, self._moments[part])
        out |= odds == 0
        boosts = np.log(np.where(odds > 0, odds, self._exposure.newest))
        boosts *= spread_of_best(np.where(out, -np.inf, scores))
        return np.stack([_places(scores + share * boosts, items, out) for share in SHARES])

    @staticmethod
    def _odds(exposure: Exposure, moments: Ints) -> Floats:
        """[rows, items] at single moments."""
        rows = tf.range(len(moments), dtype=tf.int64)
        odds: Floats = exposure.mean(
            tf.constant(exposure.older(moments)), tf.ones(len(moments)), rows, tf.size(rows, tf.int64)
        ).numpy()
        return odds


def _gains(ranks: Ints) -> npt.NDArray[np.float64]:
    """nDCG@10 of single items by their places from 0."""
    gains: npt.NDArray[np.float64] = np.where(ranks < 10, 1 / np.log2(ranks + 2), 0)
    return gains


def _places(scores: Floats, items: Ints, out: npt.NDArray[np.bool_]) -> Ints:
    """[rows] places from 0 of items [rows] among all but those that are `out`, [rows, items]; themselves never are."""
    own = scores[np.arange(len(scores)), items][:, None]
    out[np.arange(len(scores)), items] = False
    return np.count_nonzero(~(scores < own) & ~out, axis=1) - 1
