"""What evaluation queries say of a prior of retrieval."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from modules.item_age import LATEST, ItemAge
from modules.item_popularity import ItemPopularity
from modules.metrics.ranked import ndcg
from modules.ragged import Ints
from modules.taken import NEVER

K = 10
_SHORTLIST = 200
Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class Questions:
    """B evaluation queries.

    Attributes:
        vectors: [B, D] float32.
        seen: of each query, the rows of the items that are nobody's answer.
        relevant: the rows of those that are.
        moments: [B] int64 seconds since the epoch; `NEVER` for one without a moment.
    """

    vectors: Floats
    seen: Sequence[Ints]
    relevant: Sequence[Ints]
    moments: Ints


@dataclasses.dataclass(frozen=True)
class Prior:
    """Weights in units of the spread of retrieval's scores; of recent popularity, over its own spread."""

    window: float
    recent: float = 0.0
    age: float = 0.0
    level: float = 0.0


@dataclasses.dataclass
class RecencyJudge:
    """The questions, and what priors are made of.

    Attributes:
        counted: popularity by window.
        spread: mean standard deviation of the best scores of retrieval within a query.
    """

    counted: dict[float, ItemPopularity]
    vectors: Floats
    questions: list[Questions]
    unmet: Bools | None
    age: ItemAge | None
    spread: float = 1.0

    def __post_init__(self) -> None:
        if self.questions:
            self.spread = spread_of_best(self._scores(self.questions[0]))

    def ndcg(self, priors: Sequence[Prior]) -> npt.NDArray[np.float64]:
        """[priors, queries] nDCG@10, without the queries that nothing is relevant to."""
        parts = []
        for asked in self.questions:
            scores, boosts = self._scores(asked), self._boosts(asked)
            wanted = [set(rows.tolist()) for rows in asked.relevant]
            parts.append([_ndcg(scores + self.spread * self._added(prior, boosts), wanted) for prior in priors])
        return np.concatenate(parts, axis=1) if parts else np.zeros((len(priors), 0))

    def _added(self, prior: Prior, boosts: Floats | None) -> Floats:
        """[num_items] or [B, num_items] float32, in units of the spread."""
        added = np.zeros(len(self.vectors), np.float32)
        if prior.recent:
            recent = self.counted[prior.window].recent[:, 0]
            added += np.float32(prior.recent / float(recent.std())) * recent
        if prior.level and self.unmet is not None:
            added += np.float32(prior.level) * self.unmet
        return added + np.float32(prior.age) * boosts if prior.age and boosts is not None else added

    def _scores(self, asked: Questions) -> Floats:
        """[B, num_items] inner products, -inf for what was seen or is still to come."""
        scores: Floats = asked.vectors @ self.vectors.T
        for row, items in enumerate(asked.seen):
            scores[row, items] = -np.inf
        if self.age is not None:
            scores[self.age.available[None, :, 0] > self._moments(asked)] = -np.inf
        return scores

    def _boosts(self, asked: Questions) -> Floats | None:
        """[B, num_items] float32 of the ages at the moments of the queries."""
        if self.age is None or not self.age.boosts.any():
            return None
        return self.age.boost(self._moments(asked) - self.age.available[None, :, 0])

    def _moments(self, asked: Questions) -> Ints:
        """[B, 1] int64; as in serving, a query without a moment is asked when train is over."""
        begin = next(iter(self.counted.values())).begins[0]
        return np.minimum(np.where(asked.moments == NEVER, begin, asked.moments), LATEST)[:, None]


def spread_of_best(scores: Floats) -> float:
    """Mean standard deviation of the best scores within a query; 1 where they do not vary."""
    width = min(_SHORTLIST, scores.shape[1])
    best = -np.partition(-scores, width - 1, axis=1)[:, :width]
    finite = np.isfinite(best)
    rows = finite.sum(axis=1) > 1
    spread = float(np.mean(np.std(best[rows], axis=1, where=finite[rows]))) if rows.any() else 0.0
    return spread if spread > 1e-9 else 1.0


def _ndcg(scores: Floats, wanted: Sequence[set[int]]) -> npt.NDArray[np.float64]:
    """[B] nDCG@10, without the queries that nothing is relevant to."""
    width = min(K, scores.shape[1])
    top = np.argpartition(-scores, width - 1, axis=1)[:, :width]
    values = np.take_along_axis(scores, top, axis=1)
    top = np.take_along_axis(top, np.argsort(-values, axis=1, kind="stable"), axis=1)
    asked = [row for row, items in enumerate(wanted) if items]
    hits = np.array([[item in wanted[row] for item in top[row].tolist()] for row in asked], bool).reshape(-1, width)
    return ndcg(hits, np.array([len(wanted[row]) for row in asked], np.int64), K)
