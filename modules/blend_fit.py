"""How much each stage has to say in the final order: chosen on the eval split."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from modules.serving.config import Blend

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

TAKEN_STEPS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 20.0)
TARGET_STEPS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5)
RECENT_STEPS = (0.0, -0.4, -0.3, -0.2, -0.1, 0.1, 0.2)
K = 10
_DISCOUNTS = 1.0 / np.log2(np.arange(K) + 2.0)


@dataclasses.dataclass(frozen=True)
class StageScores:
    """What the stages say of the same candidates.

    Attributes:
        retrieval: [Q, K] float32.
        taken: [Q, K] float32 logits.
        target: [Q, K] float32, or None without a target.
        recent: [Q, K] float32, how popular the candidates were lately, or None where that is not known. Retrieval may
            have it in its score already; so its weight may come out negative.
        present: [Q, K] bool, whether there is a candidate at all; where not, the scores mean nothing.
        hits: [Q, K] bool, whether the candidate is relevant.
        num_relevant: [Q] int, relevant items of each query, found or not; at least 1.

    Whatever the scores of absent candidates are, they are 0 here.
    """

    retrieval: Floats
    taken: Floats
    target: Floats | None
    present: Bools
    hits: Bools
    num_relevant: npt.NDArray[np.int64]
    recent: Floats | None = None

    def __post_init__(self) -> None:
        for name in ("retrieval", "taken", "target", "recent"):
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, np.where(self.present, values, np.float32(0)))


def fit_blend(scores: StageScores) -> tuple[Blend, float, float]:
    """The weights whose order has the greatest nDCG@10, out of a grid that holds "retrieval alone".

    Weights are tried in units of each stage's typical spread within a query, so that one grid fits all data. A
    combination must beat retrieval alone by more than the standard error of the difference: else the simpler wins.

    Returns:
        the blend, its nDCG@10, and that of retrieval alone; without queries retrieval alone, and 0.
    """
    if not len(scores.num_relevant):
        return Blend(), 0.0, 0.0
    hits = _Hits(scores)
    spread = _spread(scores.retrieval, scores.present)

    def steps(values: Floats | None, shares: tuple[float, ...]) -> list[float]:
        unit = spread / _spread(values, scores.present) if values is not None else 0.0
        return [share * unit for share in shares] if values is not None else [0.0]

    alone = hits.ndcg(Blend())
    best, best_ndcg = Blend(), alone
    for recent in steps(scores.recent, RECENT_STEPS):
        for taken in steps(scores.taken, TAKEN_STEPS):
            for target in steps(scores.target, TARGET_STEPS):
                blend = Blend(1.0, taken, target, recent)
                found = hits.ndcg(blend)
                if found.mean() > best_ndcg.mean():
                    best, best_ndcg = blend, found
    gain = best_ndcg - alone
    if gain.mean() <= gain.std() / np.sqrt(len(gain)):
        best, best_ndcg = Blend(), alone
    return best, float(best_ndcg.mean()), float(alone.mean())


def blended(scores: StageScores, blend: Blend) -> Floats:
    """[Q, K] float32 final scores."""
    final = blend.retrieval * scores.retrieval + blend.taken * scores.taken
    if scores.target is not None:
        final = final + blend.target * scores.target
    if scores.recent is not None:
        final = final + blend.recent * scores.recent
    return final


class _Hits:
    """The relevant candidates and where a blend puts them, without sorting anything."""

    def __init__(self, scores: StageScores) -> None:
        """Keeps the queries that have any."""
        self._queries = len(scores.num_relevant)
        asked = np.flatnonzero((scores.hits & scores.present).any(axis=1))
        kept = {name: values[asked] for name, values in vars(scores).items() if values is not None}
        self._scores = StageScores(**({"target": None} | kept))
        self._owner, self._column = np.nonzero(self._scores.hits & self._scores.present)
        ideal = np.cumsum(_DISCOUNTS)[np.minimum(self._scores.num_relevant, K) - 1]
        self._asked, self._ideal = asked, ideal

    def ndcg(self, blend: Blend) -> npt.NDArray[np.float64]:
        """[Q] nDCG@10 of all queries in the order of a blend; of equals the leftmost comes first."""
        final = np.where(self._scores.present, blended(self._scores, blend), -np.inf)
        rows, own = final[self._owner], final[self._owner, self._column][:, None]
        before = np.arange(final.shape[1])[None, :] < self._column[:, None]
        places = ((rows > own) | ((rows == own) & before)).sum(axis=1)
        gained = np.where(places < K, _DISCOUNTS[np.minimum(places, K - 1)], 0.0)
        result = np.zeros(self._queries)
        result[self._asked] = np.bincount(self._owner, gained, len(self._asked)) / self._ideal
        return result


def _spread(values: Floats, present: Bools) -> float:
    """Mean standard deviation of a stage's scores within a query; 1 where they do not vary."""
    several = present.sum(axis=1) > 1
    if not several.any():
        return 1.0
    spread = float(np.mean(np.std(values[several], axis=1, where=present[several])))
    return spread if spread > 1e-9 else 1.0
