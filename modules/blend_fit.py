"""How much each stage has to say in the final order: chosen on the eval split."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import numpy.typing as npt

from modules.metrics.ranked import ndcg
from modules.serving.config import Blend

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

TAKEN_STEPS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 20.0)
TARGET_STEPS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5)
K = 10


@dataclasses.dataclass(frozen=True)
class StageScores:
    """What the stages say of the same candidates.

    Attributes:
        retrieval: [Q, K] float32.
        taken: [Q, K] float32 logits.
        target: [Q, K] float32, or None without a target.
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

    def __post_init__(self) -> None:
        for name in ("retrieval", "taken", "target"):
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
    spread = _spread(scores.retrieval, scores.present)
    taken_unit = spread / _spread(scores.taken, scores.present)
    target_unit = spread / _spread(scores.target, scores.present) if scores.target is not None else 0.0
    steps = itertools.product(TAKEN_STEPS, TARGET_STEPS if scores.target is not None else (0.0,))
    alone = _ndcg(scores, Blend())
    best, best_ndcg = Blend(), alone
    for taken, target in steps:
        blend = Blend(1.0, taken * taken_unit, target * target_unit)
        found = _ndcg(scores, blend)
        if found.mean() > best_ndcg.mean():
            best, best_ndcg = blend, found
    gain = best_ndcg - alone
    if gain.mean() <= gain.std() / np.sqrt(len(gain)):
        best, best_ndcg = Blend(), alone
    return best, float(best_ndcg.mean()), float(alone.mean())


def _ndcg(scores: StageScores, blend: Blend) -> npt.NDArray[np.float64]:
    """[Q] nDCG@10 of the candidates in the order of a blend."""
    final = blend.retrieval * scores.retrieval + blend.taken * scores.taken
    if scores.target is not None:
        final = final + blend.target * scores.target
    final = np.where(scores.present, final, -np.inf)
    width = min(K, final.shape[1])
    top = np.argsort(-final, axis=1, kind="stable")[:, :width]
    return ndcg(np.take_along_axis(scores.hits, top, axis=1), scores.num_relevant, K)


def _spread(values: Floats, present: Bools) -> float:
    """Mean standard deviation of a stage's scores within a query; 1 where they do not vary."""
    several = present.sum(axis=1) > 1
    if not several.any():
        return 1.0
    spread = float(np.mean(np.std(values[several], axis=1, where=present[several])))
    return spread if spread > 1e-9 else 1.0
